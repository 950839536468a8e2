/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef POLICY_POLICY_H
#define POLICY_POLICY_H

#include <stddef.h>

#include "base/digest.h"
#include "base/span.h"

struct arena;
struct faults;
struct sources;
struct units;

/* Rules, lists and ministry blocks, compiled: immutable, any thread. */
struct policy;

/**
 * policy_compile(set, f):
 * Compile all of ${set}, loading the files that it names through it, and run
 * its tests (mime_init comes first).  Every fault of every file goes into
 * ${f}.  Return NULL if there was an error (warnings are none); free the
 * result with policy_free.  ${set} may be freed before the policy.
 */
struct policy *policy_compile(struct sources *set, struct faults *f);

/**
 * policy_compile_after(set, before, f):
 * The same; what ${before} (or NULL) shows to be harmless is not probed again
 * (policy/effort).
 */
struct policy *policy_compile_after(struct sources *set,
    const struct policy *before, struct faults *f);

/** policy_compile_untried(set, f): The same without running the tests: trial_run does. */
struct policy *policy_compile_untried(struct sources *set, struct faults *f);

/**
 * policy_compile_unprobed(set, f):
 * The same without tests and without a look at what hostile texts make of its
 * patterns: for tests and benches alone.
 */
struct policy *policy_compile_unprobed(struct sources *set, struct faults *f);

/**
 * policy_canonical(a, set, f):
 * The policy of ${set} in its canonical form, in ${a}: one text that is a policy
 * with the same verdicts, and its own canonical form.  The files that it includes
 * and its lists stand in it; the directory of units and the calendar are named as
 * its first file would name them; comments do not stay, rules come by name.  Empty if
 * there are errors, which are in ${f}.
 */
struct span policy_canonical(struct arena *a, struct sources *set, struct faults *f);

/** policy_free(p): NULL is nothing. */
void policy_free(struct policy *p);

/** policy_digest(p): Hex SHA-256 of the sources it was made of. */
const char *policy_digest(const struct policy *p);

/**
 * policy_ungate(p):
 * From now on look for every pattern in every text, as if there were no gate
 * (policy/gate): what the gate must not be seen to change.  For tests and
 * benches, before another thread judges by ${p}.
 */
void policy_ungate(struct policy *p);

/** policy_probes(p): How many patterns were probed when it was compiled. */
size_t policy_probes(const struct policy *p);

/** policy_units(p): The directory that it names; NULL if it names none. */
const struct units *policy_units(const struct policy *p);

/**
 * policy_difference(a, old, new):
 * What ${new} has that ${old} had not, by name: "1 rule added (x), 2 changed (y,
 * z)", at most ten names of a kind; or that no rule changed.  In ${a}.
 */
const char *policy_difference(struct arena *a, const struct policy *old,
    const struct policy *new);

/** policy_rule_name(p, i): The name of rule ${i} < policy_rule_count(p), in order of their names. */
const char *policy_rule_name(const struct policy *p, size_t i);

/** policy_rule_says(p, i), policy_rule_basis(p, i): What it means and the law it stands on; NULL if it does not say. */
const char *policy_rule_says(const struct policy *p, size_t i);
const char *policy_rule_basis(const struct policy *p, size_t i);

/** policy_near_rule(p, name): The rule that ${name} may have meant, or NULL; ${name} itself if there is one. */
const char *policy_near_rule(const struct policy *p, struct span name);

/** policy_rule_count(p): How many rules it has. */
size_t policy_rule_count(const struct policy *p);

#endif /* !POLICY_POLICY_H */
