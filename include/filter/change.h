/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef FILTER_CHANGE_H
#define FILTER_CHANGE_H

#include "base/arena.h"
#include "mail/header.h"
#include "track/stamp.h"

struct verdict;

/**
 * change_plan(a, v, h, edits):
 * The edits of a letter with the fields ${h} that ${v}'s header changes ask for, in
 * an order of which every beginning does no harm: what is new before what is
 * old goes.  What is there already is left alone, so that a letter which passes
 * again is not changed again.  Per field: removed, then replaced by the first value by
 * rule name, then tagged, then added to.
 */
void change_plan(struct arena *a, const struct verdict *v, const struct headers *h,
    struct edits *edits);

#endif /* !FILTER_CHANGE_H */
