/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef MATCH_INTERNAL_H
#define MATCH_INTERNAL_H

#include "policy/match.h"

/**
 * match_anywhere(m, has_bare):
 * Look at every subject, text and name of the letter at once, in the views that
 * a pattern has which names none, and set m->anywhere; leave it if a part of
 * the letter is missing, and set m->has_unread if one was not read.  The `bare`
 * view is one of them if ${has_bare}.
 */
void match_anywhere(struct match *m, bool has_bare);

/** match_text(m, h, pr, f): ${pr} over every view of the field ${f}. */
enum truth match_text(struct match *m, struct match_hits *h,
    const struct predicate *pr, const struct field *f);

/** match_value(m, h, pr, f): ${pr} for a field of the envelope or a type. */
enum truth match_value(struct match *m, struct match_hits *h,
    const struct predicate *pr, const struct field *f);

/** match_number(m, h, pr, f): ${pr} for a field that compares as a number. */
enum truth match_number(struct match *m, struct match_hits *h,
    const struct predicate *pr, const struct field *f);

/** match_fact(m, pr, f): Is the field ${f}, which stands without a comparison, true? */
enum truth match_fact(struct match *m, const struct predicate *pr, const struct field *f);

#endif /* !MATCH_INTERNAL_H */
