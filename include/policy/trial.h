/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef POLICY_TRIAL_H
#define POLICY_TRIAL_H

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"

struct policy;

/* A test block of a policy: a letter, and what shall become of it. */
struct trial_result {
	const char *name;
	const char *file;
	size_t line;
	bool has_passed;
	const char *expected;	/* "reject by secrecy-mark" */
	const char *seen;	/* the same of the verdict */
	const char *trace;	/* one line per rule that had a say, or was expected to */
};

/** trial_count(p): How many tests ${p} has. */
size_t trial_count(const struct policy *p);

/**
 * trial_run(p, i, a, r):
 * Judge the letter of test ${i} < trial_count(p), in the order of the files.
 * What ${r} points to lives in ${a}.  A test without a date is held at ten in
 * the morning of the first working day on which every phase has begun.
 */
void trial_run(const struct policy *p, size_t i, struct arena *a,
    struct trial_result *r);

#endif /* !POLICY_TRIAL_H */
