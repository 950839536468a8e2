/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef T_POLICY_LETTER_H
#define T_POLICY_LETTER_H

#include "base/arena.h"
#include "policy/policy.h"
#include "policy/verdict.h"

#define LETTER_STEPS 100000
#define LETTER_NOW_MS INT64_C(1795489200000)	/* 2026-11-24 10:00 in Hanoi */

/** letter_policy(rules): The policy made of a ministry block and ${rules}; the test ends if it has an error. */
struct policy *letter_policy(const char *rules);

/** letter_policy_unprobed(rules): The same, even if a hostile text can make its patterns slow. */
struct policy *letter_policy_unprobed(const char *rules);

/** letter_shipped(): The policy that is shipped, which must have no warning. */
struct policy *letter_shipped(void);

/** letter_from(a, raw): ${raw} from vp@moet.edu.vn, authenticated, to one recipient. */
struct letter letter_from(struct arena *a, struct span raw);

/** letter_with(a, subject, body): A plain letter. */
struct letter letter_with(struct arena *a, const char *subject, const char *body);

/** letter_judge(p, a, l, steps): Its verdict. */
const struct verdict *letter_judge(const struct policy *p, struct arena *a,
    const struct letter *l, unsigned steps);

/** letter_verdict(p, a, subject, body): The verdict on a plain letter. */
const struct verdict *letter_verdict(const struct policy *p, struct arena *a,
    const char *subject, const char *body);

/** letter_rule(v, name): The result of the rule ${name}. */
const struct rule_result *letter_rule(const struct verdict *v, const char *name);

#endif /* !T_POLICY_LETTER_H */
