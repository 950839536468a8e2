/* SPDX-License-Identifier: BSD-2-Clause */
#include <string.h>

#include "base/err.h"
#include "ledger/store.h"

#include "ledger/walk.h"
#include "index_internal.h"

#define PAGE_ITEMS 512
#define PAGE_BYTES ((size_t)1024 * 1024)
#define KEY_MAX 512		/* LMDB's own limit is 511 */
#define RECIPIENT_KEY_BYTES (UUID_BYTES + RECIPIENT_BYTES)

/*
 * A recipient's key begins with its document's, an evidence's with its
 * recipient's: in the order of all keys together each stands behind what it
 * belongs to.
 */
static const enum store_table merged[] = { TABLE_DOCUMENTS, TABLE_RECIPIENTS,
    TABLE_EVIDENCE };
static const enum store_table followed[] = { TABLE_FOLLOWED };

struct head {
	struct store_cursor *cursor;
	struct span key, value;
	bool is_there;
};

struct walk {
	struct store *store;
	const enum store_table *tables;
	size_t table_count;
	char at[KEY_MAX];	/* the last key that was read */
	size_t at_bytes;
	bool is_over;
	/* of the page: */
	struct arena *arena;
	struct store_txn *txn;
	struct item items[PAGE_ITEMS];
	size_t count;
	struct docid id;	/* the document of the records that come */
	struct span document_key;
	struct span recipient_key, address;
};

static struct span
last_key(const struct walk *w)
{
	return (struct span){ w->at, w->at_bytes };
}

static int
step(struct head *h)
{
	int rc = store_step(h->cursor, &h->key, &h->value);

	h->is_there = rc == 1;
	return rc < 0 ? -1 : 0;
}

static int
begin_heads(struct walk *w, struct head *heads)
{
	for (size_t i = 0; i < w->table_count; i++) {
		heads[i].cursor = store_seek(w->txn, w->tables[i], last_key(w),
		    false);
		if (step(&heads[i]) < 0)
			return -1;
		if (heads[i].is_there && span_equal(heads[i].key, last_key(w)) &&
		    step(&heads[i]) < 0)
			return -1;
	}
	return 0;
}

static bool
is_before(struct span a, struct span b)
{
	size_t n = a.n < b.n ? a.n : b.n;
	int rc = memcmp(a.p, b.p, n);

	return rc < 0 || (rc == 0 && a.n < b.n);
}

static size_t
first_head(const struct walk *w, const struct head *heads)
{
	size_t first = w->table_count;

	for (size_t i = 0; i < w->table_count; i++)
		if (heads[i].is_there && (first == w->table_count ||
		    is_before(heads[i].key, heads[first].key)))
			first = i;
	return first;
}

static int
spoil(struct walk *w)
{
	store_spoil(w->txn);
	return -1;
}

static int
read_document(struct walk *w, struct span key, struct span value, struct item *item)
{
	struct document *d = ARENA_NEW(w->arena, struct document);
	struct docid registered;
	struct span retry;
	int rc;

	if (key.n != UUID_BYTES || record_parse_document(w->arena, value, d) < 0)
		return spoil(w);
	rc = store_get(w->txn, TABLE_RETRY, (struct span){
	    (const char *)d->retry_key, DIGEST_BYTES }, &retry);
	item->kind = ITEM_DOCUMENT;
	item->document = d;
	item->is_registered = rc == 1 &&
	    record_parse_docid(retry, &registered) == 0 &&
	    memcmp(&registered, &d->id, sizeof(d->id)) == 0;
	w->id = d->id;
	w->document_key = arena_copy(w->arena, key);
	return rc < 0 ? -1 : 0;
}

/* A page may begin in the middle of a document, or of a recipient. */
static int
find_document(struct walk *w, struct span key)
{
	struct span uuid = span_sub(key, 0, UUID_BYTES), value;
	struct item ignored = { .kind = ITEM_DOCUMENT };
	int rc;

	if (span_equal(uuid, w->document_key))
		return 0;
	rc = store_get(w->txn, TABLE_DOCUMENTS, uuid, &value);
	if (rc != 1)
		return rc < 0 ? -1 : spoil(w);
	return read_document(w, uuid, value, &ignored);
}

static int
read_recipient(struct walk *w, struct span key, struct span value, struct item *item)
{
	struct recipient_record *r = ARENA_NEW(w->arena, struct recipient_record);

	if (find_document(w, key) < 0)
		return -1;
	if (record_parse_recipient(w->arena, value, r) < 0)
		return spoil(w);
	item->kind = ITEM_RECIPIENT;
	item->recipient = r;
	item->address = r->addressee.address;
	w->recipient_key = arena_copy(w->arena, key);
	w->address = r->addressee.address;
	return 0;
}

static int
find_recipient(struct walk *w, struct span key)
{
	struct span own = span_sub(key, 0, RECIPIENT_KEY_BYTES), value;
	struct item ignored = { .kind = ITEM_RECIPIENT };
	int rc;

	if (span_equal(own, w->recipient_key))
		return 0;
	rc = store_get(w->txn, TABLE_RECIPIENTS, own, &value);
	if (rc != 1)
		return rc < 0 ? -1 : spoil(w);
	return read_recipient(w, own, value, &ignored);
}

static int
read_evidence(struct walk *w, struct span key, struct span value, struct item *item)
{
	struct evidence *ev = ARENA_NEW(w->arena, struct evidence);

	if (find_document(w, key) < 0 || find_recipient(w, key) < 0)
		return -1;
	if (record_parse_evidence(w->arena, value, ev) < 0)
		return spoil(w);
	item->kind = ITEM_EVIDENCE;
	item->evidence = ev;
	item->address = w->address;
	return 0;
}

/* queue ID, NUL, instance, NUL, 8 bytes of time, which the record has too. */
static int
read_followed(struct walk *w, struct span key, struct span value, struct item *item)
{
	struct followed *f = ARENA_NEW(w->arena, struct followed);
	struct span own = arena_copy(w->arena, key);
	size_t end = span_find_byte(own, '\0');

	if (own.n < end + 10 || record_parse_followed(w->arena, value, f) < 0)
		return spoil(w);
	f->queue_id = span_sub(own, 0, end);
	f->instance = span_sub(own, end + 1, own.n - end - 10);
	item->kind = ITEM_FOLLOWED;
	item->followed = f;
	w->id = f->id;
	return 0;
}

static int
read_item(struct walk *w, enum store_table table, struct head *h)
{
	struct item *item = &w->items[w->count];
	int rc;

	*item = (struct item){ .kind = ITEM_DOCUMENT };
	if (h->key.n > KEY_MAX)
		return spoil(w);
	switch (table) {
	case TABLE_DOCUMENTS: rc = read_document(w, h->key, h->value, item); break;
	case TABLE_RECIPIENTS: rc = read_recipient(w, h->key, h->value, item); break;
	case TABLE_EVIDENCE: rc = read_evidence(w, h->key, h->value, item); break;
	default: rc = read_followed(w, h->key, h->value, item); break;
	}
	if (rc < 0)
		return -1;
	item->id = w->id;
	w->count++;
	memcpy(w->at, h->key.p, h->key.n);
	w->at_bytes = h->key.n;
	return step(h);
}

static int
read_heads(struct walk *w)
{
	struct head heads[sizeof(merged) / sizeof(merged[0])] = { { NULL } };
	int rc = begin_heads(w, heads);
	size_t first;

	while (rc == 0 && w->count < PAGE_ITEMS &&
	    arena_bytes(w->arena) < PAGE_BYTES) {
		first = first_head(w, heads);
		if (first == w->table_count) {
			w->is_over = true;
			break;
		}
		rc = read_item(w, w->tables[first], &heads[first]);
	}
	for (size_t i = 0; i < w->table_count; i++)
		store_cursor_end(heads[i].cursor);
	return rc;
}

static int
read_page(struct walk *w, struct err *e)
{
	int rc;

	w->count = 0;
	w->document_key = w->recipient_key = (struct span){ NULL, 0 };
	if ((w->txn = store_begin(w->store, false, e)) == NULL)
		return -1;
	rc = read_heads(w);
	if (rc < 0)
		store_commit(w->txn, e);
	else
		store_abort(w->txn);
	return rc;
}

/* 1 all were visited, 0 ${visit} has enough, -1. */
static int
walk_tables(struct walk *w, int64_t *visited,
    bool (*visit)(const struct item *, void *), void *context, struct err *e)
{
	int rc = 1;

	w->at[0] = '\0';
	w->at_bytes = 1;
	w->is_over = false;
	while (rc == 1 && !w->is_over) {
		w->arena = arena_new();
		if (read_page(w, e) < 0)
			rc = -1;
		for (size_t i = 0; rc == 1 && i < w->count; i++, ++*visited)
			rc = visit(&w->items[i], context);
		arena_free(w->arena);
	}
	return rc;
}

int64_t
walk_items(struct store *s, bool (*visit)(const struct item *, void *),
    void *context, struct err *e)
{
	struct arena *a = arena_new();
	struct walk *w = ARENA_NEW(a, struct walk);
	int64_t visited = 0;
	int rc;

	w->store = s;
	w->tables = merged;
	w->table_count = sizeof(merged) / sizeof(merged[0]);
	rc = walk_tables(w, &visited, visit, context, e);
	if (rc == 1) {
		w->tables = followed;
		w->table_count = 1;
		rc = walk_tables(w, &visited, visit, context, e);
	}
	arena_free(a);
	return rc < 0 ? -1 : visited;
}
