/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef TRACK_RECEIPT_H
#define TRACK_RECEIPT_H

#include <stddef.h>
#include <stdint.h>

#include "track/evidence.h"

/* Headlines of this version; others come with their evidence. Stored: append only. */
enum receipt_headline {
	HEADLINE_UNSENT, HEADLINE_ACCEPTED, HEADLINE_DELAYED, HEADLINE_RELAYED,
	HEADLINE_EXPANDED, HEADLINE_DELIVERED, HEADLINE_FAILED, HEADLINE_HELD,
	HEADLINE_REJECTED, HEADLINE_COUNT
};

enum receipt_flag {
	FLAG_PENDING = 1, FLAG_DISCARDED = 2, FLAG_NO_ORIGIN = 4, FLAG_CLAIMED_ONLY = 8,
	FLAG_CONFLICT_FAILED = 16, FLAG_CLOCK_SKEW = 32, FLAG_UNAUTHENTICATED = 64,
	/* kept with document or recipient, not from evidence: */
	FLAG_NO_NOTIFY = 128, FLAG_RETRIED = 256, FLAG_COPIED_STAMP = 512,
};

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
	int64_t acknowledged_ms;
	int64_t failed_ms;
};

/**
 * receipt_compute(list, n, rules, state):
 * The state as a pure function of the set of evidence (facts as in milter/DESIGN): order and
 * duplicates do not matter, trust below min_trust moves nothing.
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
