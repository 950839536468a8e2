/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef POLICY_SYNTAX_H
#define POLICY_SYNTAX_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/span.h"

struct arena;

#define SYNTAX_SET_MAX 8
#define SYNTAX_ENDLESS UINT32_MAX

enum node_kind {
	NODE_EMPTY,	/* consumes nothing: an anchor, flags */
	NODE_LOOK,	/* consumes nothing, whatever its child says */
	NODE_SET,	/* one character */
	NODE_ANY,	/* any number of any characters */
	NODE_SEQUENCE,
	NODE_CHOICE,
	NODE_REPEAT,	/* of its only child */
};

/* A pattern as a tree.  Children hang on ${first} and on each other's ${next}. */
struct node {
	enum node_kind kind;
	uint32_t codes[SYNTAX_SET_MAX];	/* of NODE_SET: all it may be, folded */
	size_t code_count;		/* 0: one of many */
	struct span source;		/* as written */
	uint32_t least, most;		/* of NODE_REPEAT */
	bool is_atomic;			/* gives nothing back */
	struct node *first, *next;
};

/**
 * syntax_parse(a, pattern, flags):
 * The tree, in ${a}, of ${pattern}, which must have compiled with ${flags}
 * (enum regex_flag).  NULL if anything in it is not understood, or may mean
 * something else to another version of PCRE2: verbs, callouts, recursion,
 * conditions, back references, octal, \Q, \K, comments, flags but i m s.
 * ${pattern} must outlive the tree.
 */
struct node *syntax_parse(struct arena *a, struct span pattern, unsigned flags);

#endif /* !POLICY_SYNTAX_H */
