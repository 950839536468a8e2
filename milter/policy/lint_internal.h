/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef LINT_INTERNAL_H
#define LINT_INTERNAL_H

#include <stdbool.h>
#include <stdint.h>

#include "policy/lint.h"
#include "policy/rule.h"

/** lint_condition(p, r, f): Tell of conditions of ${p}'s ${r} that can never hold together. */
void lint_condition(const struct policy *p, const struct rule *r,
    struct faults *f);

/** lint_field_is_equal(a, b): Do ${a} and ${b} look at the same thing? */
bool lint_field_is_equal(const struct field *a, const struct field *b);

/** lint_is_equal(a, b): Are ${a} and ${b} written alike?  NULL equals NULL. */
bool lint_is_equal(const struct expression *a, const struct expression *b);

/** lint_hash(e): The same number for all that lint_is_equal. */
uint32_t lint_hash(const struct expression *e);

#endif /* !LINT_INTERNAL_H */
