/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef POLICY_LITERAL_H
#define POLICY_LITERAL_H

#include <stddef.h>
#include <stdint.h>

#include "base/span.h"

struct arena;

#define LITERALS_MAX 64		/* of one pattern */
#define LITERAL_BYTES_MAX 96

/*
 * What a pattern's text alone says about its matches.
 *
 * Literals are compared folded (literal_fold): case does not count, and a run
 * of blanks is one blank.  Folding is coarser than any way in which PCRE2 lets
 * one character stand for another, so that the flags i, m, s need no attention.
 */
struct literals {
	const struct span *list;	/* folded UTF-8, no blank at either end */
	size_t count;			/* 0: nothing is sure */
};

/**
 * literal_fold(code):
 * ${code} as literals have it: unicode_caseless, and one blank for everything
 * that \s, \h, \v or \R may match.
 */
uint32_t literal_fold(uint32_t code);

/**
 * literals_read(a, pattern, flags, l):
 * Strings of which every match of ${pattern} contains at least one, as far as
 * its syntax shows.  ${pattern} must have compiled with ${flags} (enum
 * regex_flag).  Sound rather than clever: what is consumed by a sequence is the
 * joining of what its items consume, by a choice what one of its branches does,
 * and by a lookaround nothing; one construct that is not understood (verbs,
 * recursion, conditions, back references, \Q, \K, (?x), ...) leaves ${l} empty.
 * The strings live in ${a}.
 */
void literals_read(struct arena *a, struct span pattern, unsigned flags,
    struct literals *l);

#endif /* !POLICY_LITERAL_H */
