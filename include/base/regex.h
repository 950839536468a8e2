/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef BASE_REGEX_H
#define BASE_REGEX_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/span.h"

struct err;

/* The one door to PCRE2.  Patterns are always UTF and UCP, compiled with JIT. */

enum regex_flag {
	REGEX_CASELESS = 1,	/* i */
	REGEX_MULTILINE = 2,	/* m */
	REGEX_DOTALL = 4,	/* s */
	REGEX_EXTENDED = 8,	/* x */
};

struct regex;		/* immutable: any number of threads */
struct regex_scratch;	/* one running match: make it per message */

struct regex_hit {
	size_t start;		/* bytes into the subject */
	size_t length;
};

/**
 * regex_compile(pattern, flags, offset, e):
 * Compile ${pattern}.  Return it; or NULL with PCRE2's reason in ${e} and the
 * byte it points at in ${offset}.  Free with regex_free.
 */
struct regex *regex_compile(struct span pattern, unsigned flags, size_t *offset,
    struct err *e);

/**
 * regex_compile_slow(pattern, flags):
 * Compile ${pattern} for regex_steps alone: without JIT, and without the looks
 * ahead that spare PCRE2 work on most texts, though not on all.  NULL if it does
 * not compile.  Free with regex_free.
 */
struct regex *regex_compile_slow(struct span pattern, unsigned flags);

/**
 * regex_steps(re, subject, most):
 * How many steps PCRE2's interpreter takes, at the place of ${subject} (valid
 * UTF-8) where it takes most, until it has decided; to within an eighth, at most
 * ${most}.  It looks no further than the first hit.
 */
uint32_t regex_steps(const struct regex *re, struct span subject, uint32_t most);

/** regex_free(re): NULL is nothing. */
void regex_free(struct regex *re);

/** regex_group(re, name): The number of the group ${name}, or -1. */
int regex_group(const struct regex *re, const char *name);

/**
 * regex_scratch_new(steps, deadline_ms):
 * Room for matching, with a limit on steps per start offset (0: 100,000) and a
 * point on clock_monotonic_ms after which nothing is decided any more (0: none).
 */
struct regex_scratch *regex_scratch_new(uint32_t steps, int64_t deadline_ms);

/** regex_scratch_spent_ns(s): How long regex_next has taken with ${s} so far. */
int64_t regex_scratch_spent_ns(const struct regex_scratch *s);

/** regex_scratch_free(s): NULL is nothing. */
void regex_scratch_free(struct regex_scratch *s);

/**
 * regex_next(re, s, subject, start, hit, e):
 * Look for ${re} in ${subject} (valid UTF-8) from ${start} on, in windows
 * between which the deadline is looked at.  Return 1 with ${hit}; 0 if there is
 * no match; -1 if it could not be decided (a limit or the deadline), which is
 * never a "no".  To go on, start at the hit's end, one character further if the
 * hit was empty (regex_after).
 */
int regex_next(const struct regex *re, struct regex_scratch *s, struct span subject,
    size_t start, struct regex_hit *hit, struct err *e);

/** regex_after(subject, hit): Where to look for the next hit after ${hit}. */
size_t regex_after(struct span subject, const struct regex_hit *hit);

/** regex_capture(s, group, subject): What ${group} took in the last hit; empty if it did not take part. */
struct span regex_capture(const struct regex_scratch *s, int group, struct span subject);

#endif /* !BASE_REGEX_H */
