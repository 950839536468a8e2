/* SPDX-License-Identifier: BSD-2-Clause */
#include <string.h>

#include "base/arena.h"
#include "ledger/record.h"
#include "ledger/store.h"
#include "track/document.h"

#include "ledger/resolve.h"
#include "index_internal.h"

#define CANDIDATE_LIMIT 256	/* documents under one key, newest last */
#define THREAD_LIMIT 20		/* Message-IDs of References, from the end */

/* One claim's search in one moment of the ledger. */
struct search {
	struct store_txn *t;
	struct arena *arena;
	const struct claim *claim;
	struct resolution *result;
};

static int
is_addressee(struct search *q, struct span uuid, struct span address)
{
	struct span value;

	if (address.n == 0)
		return 0;
	return store_get(q->t, TABLE_RECIPIENTS, key_recipient(q->arena,
	    (const uint8_t *)uuid.p, address), &value);
}

static int
is_concerned(struct search *q, struct span uuid)
{
	const struct claim *c = q->claim;
	struct span who[] = { c->recipient, c->final_recipient, c->sender };
	int found = 0;

	for (size_t i = 0; found == 0 && i < sizeof(who) / sizeof(who[0]); i++)
		found = is_addressee(q, uuid, who[i]);
	return found;
}

/* The ID with its tag stands in the document itself. */
static int
take_document(struct search *q, struct span uuid, enum claim_key key)
{
	struct document d;
	struct span value;
	int found = store_get(q->t, TABLE_DOCUMENTS, uuid, &value);

	if (found <= 0)
		return found;
	if (record_parse_document(q->arena, value, &d) < 0) {
		store_spoil(q->t);
		return -1;
	}
	q->result->id = d.id;
	q->result->key = key;
	return 1;
}

static int
find_by(struct search *q, enum store_table table, struct span value, enum claim_key key)
{
	struct span wanted = key_index(q->arena, table, value), have, uuid;
	struct span newest = { NULL, 0 }, best = { NULL, 0 };
	struct store_cursor *c;
	int rc = 0, n = 0, concerned = 0;

	if (wanted.n == 0)
		return 0;
	c = store_seek(q->t, table, wanted, false);
	while (n++ < CANDIDATE_LIMIT && (rc = store_step(c, &have, &uuid)) == 1 &&
	    span_equal(have, wanted)) {
		newest = arena_copy(q->arena, uuid);
		if ((concerned = is_concerned(q, newest)) < 0)
			break;
		if (concerned == 1)
			best = newest;
	}
	store_cursor_end(c);
	if (rc < 0 || concerned < 0)
		return -1;
	if (newest.n == 0)
		return 0;
	return take_document(q, best.n != 0 ? best : newest, key);
}

/* The nearest of the thread first: its last. */
static int
find_by_thread(struct search *q)
{
	struct span rest = q->claim->references;
	int found = 0;

	for (int i = 0; found == 0 && i < THREAD_LIMIT && rest.n != 0; i++) {
		size_t end = rest.n, start;

		while (end > 0 && rest.p[end - 1] != '>')
			end--;
		for (start = end; start > 0 && rest.p[start - 1] != '<';)
			start--;
		if (start == 0)
			return 0;
		found = find_by(q, TABLE_MESSAGE_ID, span_sub(rest, start - 1,
		    end - start + 1), CLAIM_MESSAGE_ID);
		rest = span_sub(rest, 0, start - 1);
	}
	return found;
}

static int
find(struct search *q)
{
	const struct claim *c = q->claim;
	int found = find_by(q, TABLE_MESSAGE_ID, c->message_id, CLAIM_MESSAGE_ID);

	if (found == 0)
		found = find_by_thread(q);
	if (found == 0)
		found = find_by(q, TABLE_ENVELOPE_ID, c->envelope_id,
		    CLAIM_ENVELOPE_ID);
	if (found == 0)
		found = find_by(q, TABLE_QUEUE_ID, c->queue_id, CLAIM_QUEUE_ID);
	if (found == 0)
		found = find_by(q, TABLE_NUMBER, c->number, CLAIM_NUMBER);
	return found;
}

int
resolve_claim(struct store *s, const struct keyring *k, const struct claim *c,
    struct resolution *r, struct err *e)
{
	struct search q = { .claim = c, .result = r };
	int found;

	if (ack_resolve(k, c, &r->id) == 1) {
		r->key = CLAIM_TAG;
		return 1;
	}
	if ((q.t = store_begin(s, false, e)) == NULL)
		return -1;
	q.arena = arena_new();
	found = find(&q);
	if (found < 0)
		store_commit(q.t, e);
	else
		store_abort(q.t);
	arena_free(q.arena);
	return found;
}

int
resolve_knows(struct store *s, struct span address, struct err *e)
{
	struct arena *a = arena_new();
	struct span key = key_index(a, TABLE_RECIPIENT, address), value;
	struct store_txn *t = store_begin(s, false, e);
	int found = t != NULL ? 0 : -1;

	if (found == 0 && key.n != 0)
		found = store_get(t, TABLE_RECIPIENT, key, &value);
	if (t != NULL && found < 0)
		store_commit(t, e);
	else
		store_abort(t);
	arena_free(a);
	return found;
}
