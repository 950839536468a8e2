/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef LEDGER_GAUGE_H
#define LEDGER_GAUGE_H

#include <stdint.h>

#include "track/receipt.h"

struct err;
struct store;

/* How much there is in the ledger at one moment. */
struct gauge {
	uint64_t documents, recipients, evidence;
	uint64_t open;		/* recipients with a deadline whom nobody answered for */
	uint64_t overdue;	/* of them, those whose deadline is past */
	/* documents with a recipient in that state; "unsent?" is among "accepted" */
	uint64_t states[HEADLINE_COUNT];
};

/**
 * gauge_read(s, now_ms, g, e):
 * Fill ${g} as of ${now_ms}, from what the tables count by themselves; only what is
 * overdue is gone through.  0 or -1.
 */
int gauge_read(struct store *s, int64_t now_ms, struct gauge *g, struct err *e);

#endif /* !LEDGER_GAUGE_H */
