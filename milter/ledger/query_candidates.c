/* SPDX-License-Identifier: BSD-2-Clause */
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "ledger/store.h"
#include "track/docid.h"

#include "query_internal.h"

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

void
candidates_choose(struct arena *a, const struct query *q,
    const struct receipt_rules *rules, struct candidates *c)
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

static void
add_uuid(struct arena *a, struct uuids *u, struct span uuid)
{
	if (uuid.n != UUID_BYTES)
		return;
	if (u->count == u->size) {
		size_t size = u->size != 0 ? 2 * u->size : QUERY_PAGE;

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

	while (u->count < QUERY_PAGE && (rc = store_step(cursor, &key, &value)) == 1 &&
	    in_range(c, key))
		add_uuid(a, u, key);
	store_cursor_end(cursor);
	if (u->count < QUERY_PAGE) {
		c->is_none = true;
		return rc < 0 ? -1 : 0;
	}
	memcpy(c->high, u->list[u->count - 1], UUID_BYTES);
	for (int i = UUID_BYTES - 1; i >= 0 && c->high[i]-- == 0; i--)
		continue;
	return 0;
}

int
candidates_next(struct store *s, struct arena *a, struct candidates *c,
    struct uuids *u, struct err *e)
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
