/* SPDX-License-Identifier: BSD-2-Clause */
#include <inttypes.h>
#include <string.h>

#include "base/digest.h"
#include "ledger/item.h"
#include "ledger/store.h"

#include "book_internal.h"

#define NOTHING ((struct span){ NULL, 0 })

static int
drop_index(struct store_txn *t, struct arena *a, enum store_table table,
    struct span value, const uint8_t uuid[UUID_BYTES])
{
	struct span key = key_index(a, table, value);

	return key.n == 0 ? 0 :
	    store_delete(t, table, key, key_document(a, uuid));
}

static int
drop_document_indexes(struct store_txn *t, struct arena *a, const struct document *d)
{
	const uint8_t *uuid = d->id.uuid;
	struct span retry = { (const char *)d->retry_key, DIGEST_BYTES }, value;
	struct docid id;
	int found = store_get(t, TABLE_RETRY, retry, &value);

	if (found < 0 || (found == 1 && record_parse_docid(value, &id) == 0 &&
	    memcmp(id.uuid, uuid, UUID_BYTES) == 0 &&
	    store_delete(t, TABLE_RETRY, retry, NOTHING) < 0))
		return -1;
	for (int h = 0; h < HEADLINE_COUNT; h++)
		if (store_delete(t, TABLE_STATE, key_state_of(a,
		    (enum receipt_headline)h), key_document(a, uuid)) < 0)
			return -1;
	if (drop_index(t, a, TABLE_MESSAGE_ID, d->message_id, uuid) < 0 ||
	    drop_index(t, a, TABLE_ENVELOPE_ID, d->envelope_id, uuid) < 0 ||
	    drop_index(t, a, TABLE_QUEUE_ID, d->queue_id, uuid) < 0 ||
	    drop_index(t, a, TABLE_NUMBER, d->number, uuid) < 0 ||
	    drop_index(t, a, TABLE_SENDER, d->sender, uuid) < 0)
		return -1;
	return store_delete(t, TABLE_DOCUMENTS, key_document(a, uuid), NOTHING);
}

/* The keys of one recipient's evidence, in ${a}; how many, or -1. */
static int64_t
evidence_keys(struct store_txn *t, struct arena *a, struct span recipient,
    struct span **keys)
{
	struct store_cursor *c = store_seek(t, TABLE_EVIDENCE, recipient, false);
	struct span key, value;
	size_t n = 0, size = 0;
	int rc;

	*keys = NULL;
	while ((rc = store_step(c, &key, &value)) == 1 &&
	    span_equal(span_sub(key, 0, recipient.n), recipient)) {
		if (n == size) {
			*keys = arena_grow(a, *keys, size * sizeof(**keys),
			    (2 * size + 8) * sizeof(**keys));
			size = 2 * size + 8;
		}
		(*keys)[n++] = arena_copy(a, key);
	}
	store_cursor_end(c);
	return rc < 0 ? -1 : (int64_t)n;
}

/* The row of a recipient, its evidence and its deadline: how much evidence, or -1. */
static int64_t
drop_rows(struct store_txn *t, struct arena *a, struct span recipient, int64_t due_ms)
{
	struct span *keys;
	int64_t n = evidence_keys(t, a, recipient, &keys);

	for (int64_t i = 0; i < n; i++)
		if (store_delete(t, TABLE_EVIDENCE, keys[i], NOTHING) < 0)
			return -1;
	if (n < 0 || (due_ms != 0 && store_delete(t, TABLE_DUE,
	    key_due(a, due_ms, recipient), NOTHING) < 0) ||
	    store_delete(t, TABLE_RECIPIENTS, recipient, NOTHING) < 0)
		return -1;
	return n;
}

static int
drop_recipient(struct store_txn *t, struct arena *a, const struct document *d,
    struct span key, struct item_counts *counts)
{
	struct recipient_record r = { .ordinal = 0 };
	struct span value;
	int found = store_get(t, TABLE_RECIPIENTS, key, &value);
	int64_t n;

	if (found == 1 && record_parse_recipient(a, value, &r) < 0)
		r = (struct recipient_record){ .ordinal = 0 };
	if (found < 0 || (n = drop_rows(t, a, key, d->due_ms)) < 0)
		return -1;
	counts->recipients++;
	counts->evidence += (uint64_t)n;
	for (size_t i = 0; i < r.attempt_count; i++)
		if (drop_index(t, a, TABLE_QUEUE_ID, r.attempts[i].queue_id,
		    d->id.uuid) < 0)
			return -1;
	if (drop_index(t, a, TABLE_RECIPIENT, r.addressee.address, d->id.uuid) < 0)
		return -1;
	return drop_index(t, a, TABLE_UNIT, r.addressee.unit, d->id.uuid);
}

/* 1 found, 0 not, or what is there makes no sense: nothing but its ID is known then. */
static int
load(struct store_txn *t, struct arena *a, const struct docid *id, struct document *d)
{
	struct span value;
	int found = store_get(t, TABLE_DOCUMENTS, key_document(a, id->uuid), &value);

	if (found == 1 && record_parse_document(a, value, d) < 0)
		*d = (struct document){ .flags = 0 };
	d->id = *id;
	return found;
}

int
book_forget_document(struct store_txn *t, struct arena *a, const struct item *item,
    struct item_counts *counts)
{
	struct document d;
	struct span *keys;
	size_t n;
	int found = load(t, a, &item->id, &d);

	if (found <= 0)
		return found;
	if (book_recipient_keys(t, a, item->id.uuid, &keys, &n) < 0)
		return -1;
	for (size_t i = 0; i < n; i++)
		if (drop_recipient(t, a, &d, keys[i], counts) < 0)
			return -1;
	counts->documents++;
	return drop_document_indexes(t, a, &d);
}

/* Nobody's, and no two are the same. */
static struct span
erased_address(struct arena *a)
{
	uint64_t number;

	digest_random(&number, sizeof(number));
	return span_of(arena_print(a, "erased-%016" PRIx64 "@erased.invalid",
	    number));
}

/* What is left says what happened and when, not to whom nor in whose words. */
static int
put_erased(struct store_txn *t, struct arena *a, const struct document *d,
    const struct recipient_record *r, struct evidence *list, size_t n)
{
	struct span address = r->addressee.address;
	struct span recipient = key_recipient(a, d->id.uuid, address);

	if (store_put(t, TABLE_RECIPIENTS, recipient,
	    record_print_recipient(a, r)) < 0 ||
	    book_add_index(t, a, TABLE_RECIPIENT, address, d->id.uuid) < 0)
		return -1;
	for (size_t i = 0; i < n; i++) {
		list[i].reporter = list[i].reason = NOTHING;
		digest_random(list[i].digest, sizeof(list[i].digest));
		if (store_put(t, TABLE_EVIDENCE, key_evidence(a, &d->id, address,
		    &list[i]), record_print_evidence(a, &list[i])) < 0)
			return -1;
	}
	return book_move_due(t, a, recipient, d->due_ms, list, n);
}

/* Two addresses of one letter may have one index entry: case does not count there. */
static int
renew_index(struct store_txn *t, struct arena *a, const struct docid *id)
{
	struct recipient_record r;
	struct span *keys, value;
	size_t n;

	if (book_recipient_keys(t, a, id->uuid, &keys, &n) < 0)
		return -1;
	for (size_t i = 0; i < n; i++)
		if (store_get(t, TABLE_RECIPIENTS, keys[i], &value) == 1 &&
		    record_parse_recipient(a, value, &r) == 0 &&
		    book_add_index(t, a, TABLE_RECIPIENT, r.addressee.address,
		    id->uuid) < 0)
			return -1;
	return 0;
}

int
book_erase_recipient(struct store_txn *t, struct arena *a, const struct item *item,
    struct item_counts *counts)
{
	struct span key = key_recipient(a, item->id.uuid, item->address), value;
	struct recipient_record r;
	struct evidence *list;
	struct document d;
	size_t n, damaged;
	int found = load(t, a, &item->id, &d);

	if (found == 1)
		found = store_get(t, TABLE_RECIPIENTS, key, &value);
	if (found <= 0 || record_parse_recipient(a, value, &r) < 0)
		return found < 0 ? -1 : 0;
	if (load_evidence(t, a, key, &list, &n, &damaged) < 0 ||
	    drop_rows(t, a, key, d.due_ms) < 0 ||
	    drop_index(t, a, TABLE_RECIPIENT, item->address, item->id.uuid) < 0)
		return -1;
	r.addressee.address = erased_address(a);
	counts->recipients++;
	counts->evidence += n;
	if (put_erased(t, a, &d, &r, list, n) < 0)
		return -1;
	return renew_index(t, a, &item->id);
}
