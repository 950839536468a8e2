/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef LEDGER_QUERY_H
#define LEDGER_QUERY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "track/document.h"
#include "track/evidence.h"
#include "track/receipt.h"

struct err;
struct store;

/* Which receipts; empty or 0 = any.  Addresses canonical. */
struct query {
	struct span id;			/* an ID or a prefix of one */
	struct span number;		/* compared without case, in NFC */
	struct span message_id;		/* with or without <> */
	struct span queue_id;
	struct span sender;
	struct span recipient;
	struct span unit;		/* code, without case */
	bool is_overdue;		/* only what is overdue by the rules' now */
	int state;			/* enum receipt_headline, or -1 */
	int64_t since_ms;		/* document seen at or after */
	int64_t until_ms;		/* and before */
};

/* One row: a recipient of a document. */
struct receipt {
	const struct document *document;
	struct addressee addressee;
	const struct evidence *evidence;	/* in order of time seen */
	size_t evidence_count;
	struct receipt_state state;
};

/**
 * query_receipts(s, q, rules, visit, context, e):
 * Call ${visit} for every receipt that ${q} asks for, newest document first; what
 * is overdue may come by its deadline, the latest first.  What it costs grows with
 * the rows visited, not with the ledger.
 * The row lives in ${a} of the call and only during it; ${visit} returns false
 * to stop.  No transaction is open during a call of ${visit} (rows come in
 * short reads).  Return how many were visited, or -1 with the reason.
 */
int64_t query_receipts(struct store *s, const struct query *q,
    const struct receipt_rules *rules, bool (*visit)(const struct receipt *, void *),
    void *context, struct err *e);

/**
 * query_document(s, uuid, a, rules, rows, count, e):
 * All receipts of one document, in ${a}.  1 found, 0 not, -1.
 */
int query_document(struct store *s, const uint8_t uuid[16], struct arena *a,
    const struct receipt_rules *rules, struct receipt **rows, size_t *count, struct err *e);

/**
 * query_retry(s, key, id, e): The document registered under a retry key. 1 found, 0 not, -1.
 */
int query_retry(struct store *s, const uint8_t key[DIGEST_BYTES], struct docid *id, struct err *e);

#endif /* !LEDGER_QUERY_H */
