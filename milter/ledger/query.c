/* SPDX-License-Identifier: BSD-2-Clause */
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "ledger/record.h"
#include "ledger/store.h"
#include "track/docid.h"

#include "ledger/query.h"
#include "index_internal.h"

/* Documents read in one transaction; it is ended before anybody sees them. */
#define PAGE 64

/* Which documents come into question, newest first. */
struct candidates {
	enum store_table table;		/* TABLE_DOCUMENTS: all of a range */
	struct span key;		/* in an index */
	uint8_t low[UUID_BYTES], high[UUID_BYTES];
	bool is_none;
};

static void
narrow(struct candidates *c, const uint8_t low[UUID_BYTES],
    const uint8_t high[UUID_BYTES])
{
	if (memcmp(low, c->low, UUID_BYTES) > 0)
		memcpy(c->low, low, UUID_BYTES);
	if (memcmp(high, c->high, UUID_BYTES) < 0)
		memcpy(c->high, high, UUID_BYTES);
}

/*
 * A UUIDv7 begins with its time.  A document is minted within the same call
 * that notes when it was seen; the row is asked again, so a minute of slack
 * costs little.
 */
static void
narrow_time(struct candidates *c, int64_t since_ms, int64_t until_ms)
{
	uint8_t low[UUID_BYTES] = { 0 }, high[UUID_BYTES];
	int64_t from = since_ms > 60000 ? since_ms - 60000 : 0;
	int64_t to = until_ms + 60000;

	memset(high, 0xff, sizeof(high));
	for (int i = 0; i < 6; i++) {
		low[i] = (uint8_t)(from >> (8 * (5 - i)));
		if (until_ms != 0)
			high[i] = (uint8_t)(to >> (8 * (5 - i)));
	}
	narrow(c, low, high);
}

static void
choose_index(struct arena *a, const struct query *q,
    const struct receipt_rules *rules, struct candidates *c)
{
	const struct {
		enum store_table table;
		struct span value;
	} order[] = {
		{ TABLE_MESSAGE_ID, q->message_id },
		{ TABLE_QUEUE_ID, q->queue_id },
		{ TABLE_NUMBER, q->number },
		{ TABLE_RECIPIENT, q->recipient },
		{ TABLE_UNIT, q->unit },
		{ TABLE_SENDER, q->sender },
	};

	for (size_t i = 0; i < sizeof(order) / sizeof(order[0]); i++) {
		if (order[i].value.n == 0)
			continue;
		c->table = order[i].table;
		c->key = key_index(a, c->table, order[i].value);
		return;
	}
	/* The index of deadlines knows of answers that anybody gave. */
	if (q->is_overdue && rules->min_trust <= TRUST_TAGGED) {
		c->table = TABLE_DUE;
		c->key = key_due(a, rules->now_ms, (struct span){ NULL, 0 });
	} else if (q->state >= 0) {
		c->table = TABLE_STATE;
		c->key = key_state_of(a, (enum receipt_headline)q->state);
	}
}

static void
choose(struct arena *a, const struct query *q, const struct receipt_rules *rules,
    struct candidates *c)
{
	uint8_t low[UUID_BYTES], high[UUID_BYTES];

	*c = (struct candidates){ .table = TABLE_DOCUMENTS };
	memset(c->high, 0xff, sizeof(c->high));
	if (q->since_ms != 0 || q->until_ms != 0)
		narrow_time(c, q->since_ms, q->until_ms);
	if (q->id.n == 0) {
		choose_index(a, q, rules, c);
		return;
	}
	c->is_none = !docid_prefix(q->id, low, high);
	if (!c->is_none)
		narrow(c, low, high);
}

struct uuids {
	uint8_t (*list)[UUID_BYTES];
	size_t count, size;
};

static void
add_uuid(struct arena *a, struct uuids *u, struct span uuid)
{
	if (uuid.n != UUID_BYTES)
		return;
	if (u->count == u->size) {
		size_t size = u->size != 0 ? 2 * u->size : PAGE;

		u->list = arena_grow(a, u->list, u->size * UUID_BYTES,
		    size * UUID_BYTES);
		u->size = size;
	}
	memcpy(u->list[u->count++], uuid.p, UUID_BYTES);
}

static bool
in_range(const struct candidates *c, struct span uuid)
{
	return uuid.n == UUID_BYTES && memcmp(uuid.p, c->low, UUID_BYTES) >= 0 &&
	    memcmp(uuid.p, c->high, UUID_BYTES) <= 0;
}

/* An index's duplicates come oldest first: gather them, then go backwards. */
static int
gather_index(struct store_txn *t, struct arena *a, const struct candidates *c,
    struct uuids *u)
{
	struct store_cursor *cursor = store_seek(t, c->table, c->key, false);
	struct span key, value;
	int rc;

	while ((rc = store_step(cursor, &key, &value)) == 1 &&
	    span_equal(key, c->key))
		if (in_range(c, value))
			add_uuid(a, u, value);
	store_cursor_end(cursor);
	for (size_t i = 0; i < u->count / 2; i++) {
		uint8_t swap[UUID_BYTES];

		memcpy(swap, u->list[i], UUID_BYTES);
		memcpy(u->list[i], u->list[u->count - 1 - i], UUID_BYTES);
		memcpy(u->list[u->count - 1 - i], swap, UUID_BYTES);
	}
	return rc < 0 ? -1 : 0;
}

static int
newest_first(const void *left, const void *right)
{
	return memcmp(right, left, UUID_BYTES);
}

/* Deadlines up to now; a document with several open recipients comes once. */
static int
gather_due(struct store_txn *t, struct arena *a, const struct candidates *c,
    struct uuids *u)
{
	struct store_cursor *cursor = store_seek(t, TABLE_DUE,
	    (struct span){ "", 1 }, false);
	struct span key, value;
	size_t kept = 0;
	int rc;

	while ((rc = store_step(cursor, &key, &value)) == 1 &&
	    key.n > c->key.n + UUID_BYTES &&
	    memcmp(key.p, c->key.p, c->key.n) <= 0) {
		struct span uuid = span_sub(key, c->key.n, UUID_BYTES);

		if (in_range(c, uuid))
			add_uuid(a, u, uuid);
	}
	store_cursor_end(cursor);
	if (u->count > 1)
		qsort(u->list, u->count, UUID_BYTES, newest_first);
	for (size_t i = 0; i < u->count; i++)
		if (i == 0 || memcmp(u->list[i], u->list[kept - 1], UUID_BYTES) != 0)
			memmove(u->list[kept++], u->list[i], UUID_BYTES);
	u->count = kept;
	return rc < 0 ? -1 : 0;
}

/* The next page of all documents, from ${c}'s high end down, which moves. */
static int
gather_page(struct store_txn *t, struct arena *a, struct candidates *c,
    struct uuids *u)
{
	struct span high = { (const char *)c->high, UUID_BYTES }, key, value;
	struct store_cursor *cursor = store_seek(t, TABLE_DOCUMENTS,
	    arena_copy(a, high), true);
	int rc = 0;

	while (u->count < PAGE && (rc = store_step(cursor, &key, &value)) == 1 &&
	    in_range(c, key))
		add_uuid(a, u, key);
	store_cursor_end(cursor);
	if (u->count < PAGE) {
		c->is_none = true;
		return rc < 0 ? -1 : 0;
	}
	memcpy(c->high, u->list[u->count - 1], UUID_BYTES);
	for (int i = UUID_BYTES - 1; i >= 0 && c->high[i]-- == 0; i--)
		continue;
	return 0;
}

static int
by_time(const void *left, const void *right)
{
	const struct evidence *a = left, *b = right;

	if (a->seen_ms != b->seen_ms)
		return a->seen_ms < b->seen_ms ? -1 : 1;
	return (int)a->source - (int)b->source;
}

static unsigned
kept_flags(const struct receipt *r)
{
	unsigned flags = r->document->flags;
	bool was_accepted = r->state.accepted_ms != 0;

	if (was_accepted && !r->addressee.has_success_notify)
		flags |= FLAG_NO_NOTIFY;
	return flags;
}

/* Somebody was to answer by now, and nobody has. */
static bool
is_overdue(const struct receipt *r, const struct receipt_rules *rules)
{
	int64_t due_ms = r->document->due_ms;

	return due_ms != 0 && rules->now_ms > due_ms && r->state.answered_ms == 0 &&
	    r->state.accepted_ms != 0 && r->state.headline != HEADLINE_HELD &&
	    r->state.headline != HEADLINE_RECALLED;
}

/* Nobody is shown less than there is without being told. */
static int
spoil(struct store_txn *t)
{
	store_spoil(t);
	return -1;
}

static int
fill_row(struct store_txn *t, struct arena *a, struct span key,
    const struct document *d, const struct receipt_rules *rules,
    struct receipt *row)
{
	struct evidence *list;
	size_t damaged;

	row->document = d;
	if (load_evidence(t, a, key, &list, &row->evidence_count, &damaged) < 0)
		return -1;
	if (damaged > 0)
		return spoil(t);
	if (row->evidence_count > 1)
		qsort(list, row->evidence_count, sizeof(*list), by_time);
	row->evidence = list;
	receipt_compute(list, row->evidence_count, rules, &row->state);
	row->state.flags |= kept_flags(row);
	if (is_overdue(row, rules))
		row->state.flags |= FLAG_OVERDUE;
	return 0;
}

struct ordered {
	struct receipt row;
	uint64_t ordinal;
};

static int
by_ordinal(const void *left, const void *right)
{
	const struct ordered *a = left, *b = right;

	if (a->ordinal != b->ordinal)
		return a->ordinal < b->ordinal ? -1 : 1;
	return 0;
}

static int
load_rows(struct store_txn *t, struct arena *a, const struct document *d,
    const struct receipt_rules *rules, struct ordered **rows, size_t *count)
{
	struct span prefix = key_document(a, d->id.uuid), key, value;
	struct store_cursor *c = store_seek(t, TABLE_RECIPIENTS, prefix, false);
	struct recipient_record r;
	size_t size = 0;
	int rc;

	while ((rc = store_step(c, &key, &value)) == 1 &&
	    span_equal(span_sub(key, 0, prefix.n), prefix)) {
		if (*count == size) {
			*rows = arena_grow(a, *rows, size * sizeof(**rows),
			    (2 * size + 8) * sizeof(**rows));
			size = 2 * size + 8;
		}
		if (record_parse_recipient(a, value, &r) < 0) {
			rc = spoil(t);
			break;
		}
		(*rows)[*count] = (struct ordered){ .row.addressee = r.addressee,
		    .ordinal = r.ordinal };
		rc = fill_row(t, a, arena_copy(a, key), d, rules,
		    &(*rows)[(*count)++].row);
		if (rc < 0)
			break;
	}
	store_cursor_end(c);
	return rc < 0 ? -1 : 0;
}

/* 1 found, 0 not, -1 the transaction failed. */
static int
load_document(struct store_txn *t, struct arena *a, const uint8_t uuid[UUID_BYTES],
    const struct receipt_rules *rules, struct receipt **rows, size_t *count)
{
	struct document *d = ARENA_NEW(a, struct document);
	struct ordered *list = NULL;
	struct span value;
	int found = store_get(t, TABLE_DOCUMENTS, key_document(a, uuid), &value);

	*count = 0;
	if (found <= 0)
		return found;
	if (record_parse_document(a, value, d) < 0)
		return spoil(t);
	if (load_rows(t, a, d, rules, &list, count) < 0)
		return -1;
	if (*count > 1)
		qsort(list, *count, sizeof(*list), by_ordinal);
	*rows = ARENA_ARRAY(a, struct receipt, *count + 1);
	for (size_t i = 0; i < *count; i++)
		(*rows)[i] = list[i].row;
	return 1;
}

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
	struct loaded page[PAGE] = { 0 };
	size_t n = u->count - from < PAGE ? u->count - from : PAGE;
	int rc = t != NULL ? 0 : -1;

	for (size_t i = 0; rc >= 0 && i < n; i++)
		rc = load_document(t, a, u->list[from + i], rules,
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

static int
gather(struct store *s, struct arena *a, struct candidates *c, struct uuids *u,
    struct err *e)
{
	struct store_txn *t = store_begin(s, false, e);
	int rc;

	if (t == NULL)
		return -1;
	if (c->table == TABLE_DOCUMENTS) {
		rc = gather_page(t, a, c, u);
	} else {
		rc = c->table == TABLE_DUE ? gather_due(t, a, c, u) :
		    gather_index(t, a, c, u);
		c->is_none = true;
	}
	if (rc < 0)
		store_commit(t, e);
	else
		store_abort(t);
	return rc;
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

	choose(a, q, rules, &c);
	while (rc == 0 && !v.is_over && !c.is_none) {
		struct arena *round = arena_new();
		struct uuids u = { 0 };

		rc = gather(s, round, &c, &u, e);
		for (size_t i = 0; rc == 0 && !v.is_over && i < u.count; i += PAGE)
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
	rc = load_document(t, a, uuid, rules, rows, count);
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
