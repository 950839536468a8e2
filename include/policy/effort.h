/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef POLICY_EFFORT_H
#define POLICY_EFFORT_H

#include "base/span.h"

struct arena;

/* How the work of one attempt to match grows with the length of a hostile text. */
enum growth { GROWTH_LINEAR, GROWTH_QUADRATIC, GROWTH_CUBIC, GROWTH_EXPONENTIAL };

struct effort {
	enum growth growth;	/* GROWTH_CUBIC: or more, but no doubling */
	struct span where;	/* the repeat in the pattern; all of it if not known */
	struct span word;	/* that a hostile text repeats; empty if linear */
};

/**
 * effort_probe(a, pattern, flags, e):
 * What a text can make of ${pattern}, which compiled with ${flags} (enum
 * regex_flag).  The pattern's syntax gives the words that more than one way
 * through its repeats can read; texts that repeat them are matched, and PCRE2's
 * own steps counted: no clock.  A pattern that has no such word, which is nearly
 * every one, is not run at all.  What is exponential in its syntax counts as
 * exponential even if nothing that follows can fail today.  ${e} lives in ${a} and
 * in ${pattern}.
 */
void effort_probe(struct arena *a, struct span pattern, unsigned flags,
    struct effort *e);

#endif /* !POLICY_EFFORT_H */
