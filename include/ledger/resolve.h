/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef LEDGER_RESOLVE_H
#define LEDGER_RESOLVE_H

#include "track/ack.h"
#include "track/docid.h"

struct err;
struct keyring;
struct store;

/* Which document a claim speaks of, and by which key it was found. */
struct resolution {
	struct docid id;
	enum claim_key key;
};

/**
 * resolve_claim(s, k, c, r, e):
 * Find the document of ${c} by the first key that fits: a tag of ours that
 * verifies under ${k} (no ledger is asked), the Message-ID and those of the
 * thread, the client's own envelope ID, Postfix's queue ID, the official number.
 * Of several documents the newest that ${c}'s recipient was an addressee of, else the
 * newest.  1 with ${r}, 0 unknown here, -1 with the reason.  Any thread.
 */
int resolve_claim(struct store *s, const struct keyring *k, const struct claim *c,
    struct resolution *r, struct err *e);

/** resolve_knows(s, address, e): Was anything ever written to the canonical ${address}? 1, 0 or -1. */
int resolve_knows(struct store *s, struct span address, struct err *e);

#endif /* !LEDGER_RESOLVE_H */
