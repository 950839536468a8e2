/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef TRACK_RECEIPT_H
#define TRACK_RECEIPT_H

#include <stddef.h>
#include <stdint.h>

#include "track/evidence.h"

/* Stored: append only. */
enum receipt_headline {
	HEADLINE_UNSENT, HEADLINE_ACCEPTED, HEADLINE_DELAYED, HEADLINE_RELAYED,
	HEADLINE_EXPANDED, HEADLINE_DELIVERED, HEADLINE_FAILED, HEADLINE_HELD,
	HEADLINE_REJECTED, HEADLINE_DISPLAYED, HEADLINE_REPLIED, HEADLINE_REGISTERED,
	HEADLINE_ASSIGNED, HEADLINE_PROCESSING, HEADLINE_COMPLETED, HEADLINE_REFUSED,
	HEADLINE_RECALLED, HEADLINE_COUNT
};

enum receipt_flag {
	FLAG_PENDING = 1, FLAG_DISCARDED = 2, FLAG_NO_ORIGIN = 4, FLAG_CLAIMED_ONLY = 8,
	FLAG_CONFLICT_FAILED = 16, FLAG_CLOCK_SKEW = 32, FLAG_UNAUTHENTICATED = 64,
	/* kept with document or recipient, not from evidence: */
	FLAG_NO_NOTIFY = 128, FLAG_RETRIED = 256, FLAG_COPIED_STAMP = 512,
	/* from evidence again: */
	FLAG_VANISHED = 1 << 10, FLAG_CONFLICT_REFUSED = 1 << 11,
	FLAG_TRANSPORT_IMPLIED = 1 << 12, FLAG_ONLY_AUTO = 1 << 13,
	FLAG_ONLY_DELETED = 1 << 14, FLAG_ONLY_DISPATCHED = 1 << 15, FLAG_LIST = 1 << 16,
	FLAG_RECALL_PENDING = 1 << 17, FLAG_RECALL_UNASKED = 1 << 18,
	FLAG_RECALL_TWO_ANSWERS = 1 << 19,
	FLAG_OVERDUE = 1 << 20,		/* of deadline and time: whoever knows them sets it */
};

#define FLAG_END (1 << 21)	/* above every flag */

struct receipt_rules {
	int64_t now_ms;
	int64_t grace_ms;
	enum evidence_trust min_trust;
};

struct receipt_state {
	enum receipt_headline headline;
	unsigned flags;
	int64_t accepted_ms;	/* 0 = no */
	int64_t delivered_ms;
	int64_t acknowledged_ms;	/* first word of a reader: displayed or more */
	int64_t answered_ms;	/* what a deadline waits for: replied or more, or refused */
	int64_t failed_ms;
};

/**
 * receipt_compute(list, n, rules, state):
 * The state as a pure function of the set of evidence: order and duplicates do
 * not matter, trust 0 and trust below min_trust move nothing.  Which evidence moves which
 * axis is the table in milter/track/receipt_axis.c.
 */
void receipt_compute(const struct evidence *list, size_t n,
    const struct receipt_rules *rules, struct receipt_state *state);

/** receipt_headline_name(h): "delivered"; HEADLINE_UNSENT is "unsent?". */
const char *receipt_headline_name(enum receipt_headline h);

/** receipt_headline_parse(text): The headline called ${text}, or -1. */
int receipt_headline_parse(struct span text);

/** receipt_flag_name(flag): "no-notify" for a single bit; NULL for none. */
const char *receipt_flag_name(unsigned flag);

#endif /* !TRACK_RECEIPT_H */
