/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef SYNTAX_INTERNAL_H
#define SYNTAX_INTERNAL_H

#include "base/arena.h"
#include "policy/syntax.h"

/* A pattern being read. */
struct syntax {
	struct arena *arena;
	struct span text;
	size_t at;
	size_t depth;
	bool is_extended;
	bool is_lost;	/* something was not understood: no tree */
};

/** syntax_lose(s): Give up: the rest of the pattern is skipped. */
void syntax_lose(struct syntax *s);

/** syntax_peek(s): The next character, 0 at the end. */
uint32_t syntax_peek(const struct syntax *s);

/** syntax_take(s): The same, and go behind it. */
uint32_t syntax_take(struct syntax *s);

/** syntax_node(s, kind, start): A new node whose source began at ${start}. */
struct node *syntax_node(struct syntax *s, enum node_kind kind, size_t start);

/** syntax_character(node, code): Add a character to the set ${node}; too many make it one of many. */
void syntax_character(struct node *node, uint32_t code);

/** syntax_escape(s): What stands behind a backslash outside of a class. */
struct node *syntax_escape(struct syntax *s);

/** syntax_class(s): A class, behind its "[". */
struct node *syntax_class(struct syntax *s);

#endif /* !SYNTAX_INTERNAL_H */
