/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef LEDGER_QUERY_INTERNAL_H
#define LEDGER_QUERY_INTERNAL_H

#include <stdbool.h>

#include "ledger/query.h"
#include "index_internal.h"

/* Documents read in one transaction; it is ended before anybody sees them. */
#define QUERY_PAGE 64

struct uuids {
	uint8_t (*list)[UUID_BYTES];
	size_t count, size;
};

/* Which documents come into question, newest first; what is due, latest deadline first. */
struct candidates {
	enum store_table table;		/* TABLE_DOCUMENTS: all of a range */
	struct span key;		/* in an index; in TABLE_DUE the last place, which moves down ... */
	char place[DUE_BYTES + UUID_BYTES + RECIPIENT_BYTES];	/* ... in here */
	uint8_t low[UUID_BYTES], high[UUID_BYTES];	/* high moves down, too */
	uint8_t latest[UUID_BYTES];	/* document that TABLE_DUE gave last */
	bool is_none;
};

/* candidates_choose(a, q, rules, c): The cheapest way to all that ${q} can mean. */
void candidates_choose(struct arena *a, const struct query *q,
    const struct receipt_rules *rules, struct candidates *c);

/*
 * candidates_next(s, a, c, u, e): The next page of them, in ${a}; ${c}->is_none
 * once there are no more.  0, or -1 with the reason.
 */
int candidates_next(struct store *s, struct arena *a, struct candidates *c,
    struct uuids *u, struct err *e);

/*
 * query_load(t, a, uuid, rules, rows, count): All receipts of a document, in
 * ${a}.  1 found, 0 not, -1 ${t} failed.
 */
int query_load(struct store_txn *t, struct arena *a, const uint8_t uuid[UUID_BYTES],
    const struct receipt_rules *rules, struct receipt **rows, size_t *count);

#endif /* !LEDGER_QUERY_INTERNAL_H */
