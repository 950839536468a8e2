/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef T_POLICY_RANDOM_H
#define T_POLICY_RANDOM_H

#include "base/buffer.h"

/* Numbers that look random and are the same in every run. */
struct random {
	uint64_t state;		/* never 0 */
};

/** random_below(r, n): One of 0 to ${n} - 1. */
size_t random_below(struct random *r, size_t n);

/**
 * random_pattern(r, pattern, sample):
 * Append a pattern of PCRE2, most of what its syntax has, and a text that was
 * made to match it and mostly does: other case, other blanks, long s and Kelvin
 * sign included.
 */
void random_pattern(struct random *r, struct buffer *pattern, struct buffer *sample);

/** random_prose(r, b): Append some words, decomposed or in Cyrillic now and then. */
void random_prose(struct random *r, struct buffer *b);

#endif /* !T_POLICY_RANDOM_H */
