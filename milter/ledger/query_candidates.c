/* SPDX-License-Identifier: BSD-2-Clause */
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

/* Remember a place in TABLE_DUE. */
static void
stand(struct candidates *c, struct span place)
{
	c->key = (struct span){ c->place,
	    place.n < sizeof(c->place) ? place.n : sizeof(c->place) };
	memcpy(c->place, place.p, c->key.n);
}

/* Sorts behind every recipient. */
static struct span
behind_all(struct arena *a)
{
	char *p = arena_alloc(a, UUID_BYTES + RECIPIENT_BYTES);

	memset(p, 0xff, UUID_BYTES + RECIPIENT_BYTES);
	return (struct span){ p, UUID_BYTES + RECIPIENT_BYTES };
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
		stand(c, key_due(a, rules->now_ms, behind_all(a)));
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

/* Below ${last} from now on; false if nothing is. */
static bool
lower(uint8_t last[UUID_BYTES])
{
	for (int i = UUID_BYTES - 1; i >= 0; i--)
		if (last[i]-- != 0)
			return true;
	return false;
}

/* A page short of its size was the last one. */
static void
move_on(struct candidates *c, const struct uuids *u)
{
	c->is_none = u->count < QUERY_PAGE;
	if (c->is_none)
		return;
	memcpy(c->high, u->list[u->count - 1], UUID_BYTES);
	c->is_none = !lower(c->high);
}

/* From ${c}'s high end down: the documents themselves, or an index's values. */
static int
gather_page(struct store_txn *t, struct arena *a, struct candidates *c,
    struct uuids *u)
{
	struct span high = arena_copy(a, (struct span){ (const char *)c->high,
	    UUID_BYTES }), key, value;
	bool is_index = c->table != TABLE_DOCUMENTS;
	struct store_cursor *cursor = is_index ?
	    store_seek_within(t, c->table, c->key, high) :
	    store_seek(t, c->table, high, true);
	int rc = 0;

	while (u->count < QUERY_PAGE &&
	    (rc = store_step(cursor, &key, &value)) == 1 &&
	    in_range(c, is_index ? value : key))
		add_uuid(a, u, is_index ? value : key);
	store_cursor_end(cursor);
	move_on(c, u);
	return rc < 0 ? -1 : 0;
}

/* A document with several open recipients has them side by side, and comes once. */
static void
take_due(struct arena *a, struct candidates *c, struct span uuid, struct uuids *u)
{
	if (uuid.n != UUID_BYTES || memcmp(uuid.p, c->latest, UUID_BYTES) == 0)
		return;
	memcpy(c->latest, uuid.p, UUID_BYTES);
	if (in_range(c, uuid))
		add_uuid(a, u, uuid);
}

/* Deadlines from the last place down; that one was read before. */
static int
gather_due(struct store_txn *t, struct arena *a, struct candidates *c,
    struct uuids *u)
{
	struct store_cursor *cursor = store_seek(t, TABLE_DUE,
	    arena_copy(a, c->key), true);
	struct span key, value;
	int rc = 0;

	while (u->count < QUERY_PAGE &&
	    (rc = store_step(cursor, &key, &value)) == 1) {
		stand(c, key);
		take_due(a, c, span_sub(key, DUE_BYTES, UUID_BYTES), u);
	}
	store_cursor_end(cursor);
	c->is_none = u->count < QUERY_PAGE;
	return rc < 0 ? -1 : 0;
}

int
candidates_next(struct store *s, struct arena *a, struct candidates *c,
    struct uuids *u, struct err *e)
{
	struct store_txn *t = store_begin(s, false, e);
	int rc;

	if (t == NULL)
		return -1;
	rc = c->table == TABLE_DUE ? gather_due(t, a, c, u) : gather_page(t, a, c, u);
	if (rc < 0)
		store_commit(t, e);
	else
		store_abort(t);
	return rc;
}
