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
