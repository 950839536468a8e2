/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef MAILLOG_INTERNAL_H
#define MAILLOG_INTERNAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "ledger/writer.h"
#include "track/logline.h"

struct desk;
struct err;

/* What some lines in a row said, until it is committed. */
struct stretch {
	struct arena *arena;
	struct finding *findings;
	size_t finding_count, finding_size;
	struct followed *followed;
	size_t followed_count, followed_size;
	enum evidence_trust trust;	/* of the log being read */
	int64_t gap_ms;			/* lines may be missing before */
	int64_t now_ms;
};

/** stretch_find(s, l): What it says last of ${l}'s name, for the ledger does not have it yet; or NULL. */
const struct followed *stretch_find(const struct stretch *s, const struct logline *l);

/** stretch_follow(s, f): A copy of ${f} is to be written. */
void stretch_follow(struct stretch *s, const struct followed *f);

/** stretch_add(s, id, recipient): A new finding, its evidence to be filled in. */
struct finding *stretch_add(struct stretch *s, const struct docid *id, struct span recipient);

/** stretch_complete(s, id, r): Add to ${r} what the stretch says of it beyond the ledger. */
void stretch_complete(const struct stretch *s, const struct docid *id,
    struct followed_recipient *r);

/** stretch_has(s, id, address, ev, is_alias): Was the same said already: for an alias by any member? */
bool stretch_has(const struct stretch *s, const struct docid *id, struct span address,
    const struct evidence *ev, bool is_alias);

/** stretch_tell(d, f, l, s, e): What ${l} says of the message ${f} becomes evidence in ${s}. 0 or -1. */
int stretch_tell(struct desk *d, struct followed *f, const struct logline *l,
    struct stretch *s, struct err *e);

/* Which queue ID is which document, as far as it is at hand. */
struct joiner;

/** joiner_new(d), joiner_free(j): On ${d}'s ledger. */
struct joiner *joiner_new(struct desk *d);
void joiner_free(struct joiner *j);

/**
 * joiner_take(j, line, s, e):
 * Add what ${line} says of a document of ours to ${s}.  0; or -1 if the ledger
 * cannot be read now: nothing was added, the line may be taken again.
 */
int joiner_take(struct joiner *j, const struct logline *line, struct stretch *s,
    struct err *e);

#endif /* !MAILLOG_INTERNAL_H */
