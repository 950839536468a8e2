/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef VERDICT_INTERNAL_H
#define VERDICT_INTERNAL_H

#include "policy/rule.h"
#include "policy/verdict.h"

struct match;

/** verdict_add_changes(m, v, r, name): ${v} gets the changes that ${r}, whose ${name} the arena has, asks for. */
void verdict_add_changes(struct match *m, struct verdict *v, const struct rule *r,
    const char *name);

/**
 * verdict_settle_changes(m, v):
 * After the last rule: nobody is removed and added, or added twice.  A letter
 * without anybody left would be lost without a word: it is held.
 */
void verdict_settle_changes(struct match *m, struct verdict *v);

#endif /* !VERDICT_INTERNAL_H */
