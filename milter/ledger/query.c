/* SPDX-License-Identifier: BSD-2-Clause */
#include <string.h>

#include "base/err.h"
#include "ledger/record.h"
#include "ledger/store.h"

#include "query_internal.h"

static bool
same(struct arena *a, enum store_table table, struct span asked, struct span have)
{
	return asked.n == 0 || span_equal(key_index(a, table, asked),
	    key_index(a, table, have));
}

/* The first queue ID is in the row, those of retries only in the index. */
static bool
matches(struct arena *a, const struct query *q, const struct candidates *c,
    const struct receipt *r)
{
	const struct document *d = r->document;

	if (q->state >= 0 && r->state.headline != (enum receipt_headline)q->state)
		return false;
	if (q->is_overdue && (r->state.flags & FLAG_OVERDUE) == 0)
		return false;
	if ((q->since_ms != 0 && d->seen_ms < q->since_ms) ||
	    (q->until_ms != 0 && d->seen_ms >= q->until_ms))
		return false;
	return same(a, TABLE_NUMBER, q->number, d->number) &&
	    same(a, TABLE_MESSAGE_ID, q->message_id, d->message_id) &&
	    (c->table == TABLE_QUEUE_ID ||
	    same(a, TABLE_QUEUE_ID, q->queue_id, d->queue_id)) &&
	    same(a, TABLE_SENDER, q->sender, d->sender) &&
	    same(a, TABLE_UNIT, q->unit, r->addressee.unit) &&
	    same(a, TABLE_RECIPIENT, q->recipient, r->addressee.address);
}

struct visit {
	const struct query *query;
	const struct candidates *candidates;
	bool (*row)(const struct receipt *, void *);
	void *context;
	int64_t count;
	bool is_over;
};

static void
visit_rows(struct arena *a, struct visit *v, const struct receipt *rows, size_t n)
{
	for (size_t i = 0; i < n && !v->is_over; i++) {
		if (!matches(a, v->query, v->candidates, &rows[i]))
			continue;
		v->count++;
		v->is_over = !v->row(&rows[i], v->context);
	}
}

struct loaded {
	struct receipt *rows;
	size_t count;
};

/* Read up to a page of documents in one transaction, then show them. */
static int
visit_page(struct store *s, const struct uuids *u, size_t from,
    const struct receipt_rules *rules, struct visit *v, struct err *e)
{
	struct arena *a = arena_new();
	struct store_txn *t = store_begin(s, false, e);
	struct loaded page[QUERY_PAGE] = { 0 };
	size_t n = u->count - from < QUERY_PAGE ? u->count - from : QUERY_PAGE;
	int rc = t != NULL ? 0 : -1;

	for (size_t i = 0; rc >= 0 && i < n; i++)
		rc = query_load(t, a, u->list[from + i], rules,
		    &page[i].rows, &page[i].count);
	if (t != NULL && rc < 0)
		store_commit(t, e);
	else
		store_abort(t);
	for (size_t i = 0; rc >= 0 && i < n; i++)
		visit_rows(a, v, page[i].rows, page[i].count);
	arena_free(a);
	return rc < 0 ? -1 : 0;
}

int64_t
query_receipts(struct store *s, const struct query *q,
    const struct receipt_rules *rules, bool (*visit)(const struct receipt *, void *),
    void *context, struct err *e)
{
	struct arena *a = arena_new();
	struct candidates c;
	struct visit v = { .query = q, .candidates = &c, .row = visit,
	    .context = context };
	int rc = 0;

	candidates_choose(a, q, rules, &c);
	while (rc == 0 && !v.is_over && !c.is_none) {
		struct arena *round = arena_new();
		struct uuids u = { 0 };

		rc = candidates_next(s, round, &c, &u, e);
		for (size_t i = 0; rc == 0 && !v.is_over && i < u.count; i += QUERY_PAGE)
			rc = visit_page(s, &u, i, rules, &v, e);
		arena_free(round);
	}
	arena_free(a);
	return rc < 0 ? -1 : v.count;
}

int
query_document(struct store *s, const uint8_t uuid[16], struct arena *a,
    const struct receipt_rules *rules, struct receipt **rows, size_t *count,
    struct err *e)
{
	struct store_txn *t = store_begin(s, false, e);
	int rc;

	if (t == NULL)
		return -1;
	rc = query_load(t, a, uuid, rules, rows, count);
	if (rc < 0)
		store_commit(t, e);
	else
		store_abort(t);
	return rc;
}

int
query_retry(struct store *s, const uint8_t key[DIGEST_BYTES], struct docid *id,
    struct err *e)
{
	struct store_txn *t = store_begin(s, false, e);
	struct span value;
	int rc;

	if (t == NULL)
		return -1;
	rc = store_get(t, TABLE_RETRY,
	    (struct span){ (const char *)key, DIGEST_BYTES }, &value);
	if (rc == 1 && record_parse_docid(value, id) < 0)
		rc = 0;
	store_abort(t);
	return rc;
}
