/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef POLICY_LINT_H
#define POLICY_LINT_H

struct faults;
struct policy;

/**
 * lint_run(p, f):
 * Tell what in ${p} can be read but can hardly have been meant, while its
 * sources are still there and its names are looked up.  Errors: a rule whose
 * conditions contradict each other.  Warnings: what is said twice, a pattern
 * or a list that can never match, a rule that another one makes needless.
 */
void lint_run(const struct policy *p, struct faults *f);

#endif /* !POLICY_LINT_H */
