/* SPDX-License-Identifier: BSD-2-Clause */
#include <string.h>

#include "base/arena.h"
#include "ledger/record.h"
#include "ledger/store.h"
#include "ledger/writer.h"
#include "track/receipt.h"

#include "ledger/book.h"
#include "ledger/recent.h"
#include "book_internal.h"

int
book_add_index(struct store_txn *t, struct arena *a, enum store_table table,
    struct span value, const uint8_t uuid[UUID_BYTES])
{
	struct span key = key_index(a, table, value);

	return key.n != 0 ? store_put(t, table, key, key_document(a, uuid)) : 0;
}

int
book_index_document(struct store_txn *t, struct arena *a, const struct document *d)
{
	const uint8_t *uuid = d->id.uuid;

	if (book_add_index(t, a, TABLE_MESSAGE_ID, d->message_id, uuid) < 0 ||
	    book_add_index(t, a, TABLE_ENVELOPE_ID, d->envelope_id, uuid) < 0 ||
	    book_add_index(t, a, TABLE_QUEUE_ID, d->queue_id, uuid) < 0 ||
	    book_add_index(t, a, TABLE_NUMBER, d->number, uuid) < 0 ||
	    book_add_index(t, a, TABLE_SENDER, d->sender, uuid) < 0)
		return -1;
	return 0;
}

int
book_put_document(struct store_txn *t, struct arena *a, const struct document *d)
{
	return store_put(t, TABLE_DOCUMENTS, key_document(a, d->id.uuid),
	    record_print_document(a, d));
}

/*
 * The bucket of a headline may hold the document for another recipient's sake:
 * it is left only when nobody else is in it.
 */
static bool
is_in_bucket(struct store_txn *t, struct arena *a, const uint8_t uuid[UUID_BYTES],
    struct span bucket)
{
	struct span prefix = key_document(a, uuid), key, value;
	struct store_cursor *c = store_seek(t, TABLE_RECIPIENTS, prefix, false);
	struct evidence *list;
	bool found = false;
	size_t n, damaged;

	while (!found && store_step(c, &key, &value) == 1 &&
	    span_equal(span_sub(key, 0, prefix.n), prefix))
		if (load_evidence(t, a, key, &list, &n, &damaged) == 0)
			found = span_equal(key_state(a, list, n), bucket);
	store_cursor_end(c);
	return found;
}

static int
move_state(struct store_txn *t, struct arena *a, const uint8_t uuid[UUID_BYTES],
    struct span before, struct span after)
{
	struct span doc = key_document(a, uuid);

	if (span_equal(before, after))
		return 0;
	if (store_put(t, TABLE_STATE, after, doc) < 0)
		return -1;
	if (before.n == 0 || is_in_bucket(t, a, uuid, before))
		return 0;
	return store_delete(t, TABLE_STATE, before, doc);
}

/*
 * The same notice may come again by a better way: the best trust and the
 * earliest sight of it are kept, so that the order of arrival does not matter.
 * 1 changed, 0 not, -1.
 */
static int
put_evidence(struct store_txn *t, struct arena *a, struct span key,
    const struct evidence *ev)
{
	struct evidence best = *ev, old;
	struct span value;
	int found = store_get(t, TABLE_EVIDENCE, key, &value);

	if (found < 0)
		return -1;
	if (found == 1 && record_parse_evidence(a, value, &old) == 0) {
		if (old.trust >= ev->trust && old.seen_ms <= ev->seen_ms)
			return 0;
		best = ev->trust > old.trust ? *ev : old;
		best.seen_ms = old.seen_ms < ev->seen_ms ? old.seen_ms : ev->seen_ms;
	} else if (found == 1) {
		return 0;
	}
	return store_put(t, TABLE_EVIDENCE, key,
	    record_print_evidence(a, &best)) < 0 ? -1 : 1;
}

/* A deadline stands in the index until somebody answers. */
int
book_move_due(struct store_txn *t, struct arena *a, struct span recipient,
    int64_t due_ms, const struct evidence *list, size_t n)
{
	struct receipt_rules timeless = { .min_trust = TRUST_TAGGED };
	struct receipt_state state;
	struct span key = key_due(a, due_ms, recipient);

	if (due_ms == 0)
		return 0;
	receipt_compute(list, n, &timeless, &state);
	if (state.answered_ms != 0)
		return store_delete(t, TABLE_DUE, key, (struct span){ NULL, 0 });
	if (state.accepted_ms == 0)
		return 0;
	return store_put(t, TABLE_DUE, key, span_of("1"));
}

int
book_add_evidence(struct store_txn *t, struct arena *a, const struct document *d,
    struct span address, const struct evidence *list, size_t count)
{
	struct span recipient = key_recipient(a, d->id.uuid, address);
	struct span before = { NULL, 0 };
	struct evidence *all;
	size_t n, damaged;
	int changed = 0;

	if (load_evidence(t, a, recipient, &all, &n, &damaged) < 0)
		return -1;
	if (n > 0)
		before = key_state(a, all, n);
	for (size_t i = 0; i < count; i++) {
		struct span key = key_evidence(a, &d->id, address, &list[i]);
		int added = put_evidence(t, a, key, &list[i]);

		if (added < 0 || (added == 1 && recent_add(t, a, key) < 0))
			return -1;
		changed += added;
	}
	if (changed == 0)
		return 0;
	if (load_evidence(t, a, recipient, &all, &n, &damaged) < 0 ||
	    book_move_due(t, a, recipient, d->due_ms, all, n) < 0 ||
	    move_state(t, a, d->id.uuid, before, key_state(a, all, n)) < 0)
		return -1;
	return changed;
}

/* Known already, it is in the queue under one more name now. */
static int
move_addressee(struct store_txn *t, struct arena *a, struct span key,
    const struct recipient_record *now)
{
	struct recipient_record r;
	struct span value;
	int found = store_get(t, TABLE_RECIPIENTS, key, &value);

	if (found < 0)
		return -1;
	if (found == 0 || now->attempt_count == 0 ||
	    record_parse_recipient(a, value, &r) < 0 ||
	    !record_add_attempt(&r, now->attempts[0].queue_id,
	    now->attempts[0].at_ms))
		return 0;
	return store_put(t, TABLE_RECIPIENTS, key, record_print_recipient(a, &r));
}

static int
add_addressee(struct store_txn *t, struct arena *a, const struct docid *id,
    const struct recipient_record *r)
{
	struct span address = r->addressee.address;
	struct span key = key_recipient(a, id->uuid, address);
	int added = store_add(t, TABLE_RECIPIENTS, key, record_print_recipient(a, r));

	if (added < 0 || (added == 0 && move_addressee(t, a, key, r) < 0))
		return -1;
	if (book_add_index(t, a, TABLE_RECIPIENT, address, id->uuid) < 0)
		return -1;
	return book_add_index(t, a, TABLE_UNIT, r->addressee.unit, id->uuid);
}

/*
 * A damaged record is the reader's to report: here it may not keep the
 * neighbours' evidence of this transaction from being written.
 * Return 1 and the document that is registered under the entry's retry key; 0; -1.
 */
static int
find_registered(struct store_txn *t, struct arena *a, const struct entry *entry,
    struct document *d)
{
	struct span key = { (const char *)entry->document.retry_key, DIGEST_BYTES };
	struct span value;
	struct docid id;
	int found;

	if (!entry->is_registered)
		return 0;
	found = store_get(t, TABLE_RETRY, key, &value);
	if (found <= 0)
		return found;
	if (record_parse_docid(value, &id) < 0)
		return 0;
	found = store_get(t, TABLE_DOCUMENTS, key_document(a, id.uuid), &value);
	if (found == 1 && record_parse_document(a, value, d) < 0)
		return 0;
	return found;
}

static int
write_new(struct store_txn *t, struct arena *a, const struct entry *entry)
{
	const struct document *d = &entry->document;
	struct span key = { (const char *)d->retry_key, DIGEST_BYTES };

	if (entry->is_registered && store_put(t, TABLE_RETRY, key,
	    record_print_docid(a, &d->id)) < 0)
		return -1;
	return book_put_document(t, a, d) < 0 ? -1 : book_index_document(t, a, d);
}

static int
write_retry(struct store_txn *t, struct arena *a, const struct entry *entry,
    struct document *d)
{
	d->attempts++;
	d->flags |= FLAG_RETRIED | (entry->document.flags & FLAG_COPIED_STAMP);
	if (book_put_document(t, a, d) < 0)
		return -1;
	return book_add_index(t, a, TABLE_QUEUE_ID, entry->document.queue_id,
	    d->id.uuid);
}

int
book_register(struct store_txn *t, struct arena *a, const struct entry *entry,
    struct entry_result *result)
{
	struct document registered;
	const struct document *in_force;
	int found = find_registered(t, a, entry, &registered);

	if (found < 0)
		return -1;
	result->is_retry = found == 1;
	result->id = found == 1 ? registered.id : entry->document.id;
	in_force = found == 1 ? &registered : &entry->document;
	if ((found == 1 ? write_retry(t, a, entry, &registered) :
	    write_new(t, a, entry)) < 0)
		return -1;
	for (size_t i = 0; i < entry->addressee_count; i++) {
		struct recipient_record one = {
			.addressee = entry->addressees[i],
			.ordinal = (uint64_t)entry->document.seen_ms * 65536 + i,
		};

		record_add_attempt(&one, entry->document.queue_id,
		    entry->document.seen_ms);
		if (add_addressee(t, a, &result->id, &one) < 0 ||
		    book_add_evidence(t, a, in_force, one.addressee.address,
		    &entry->evidence, 1) < 0)
			return -1;
	}
	return 0;
}

int
book_find(struct store_txn *t, struct arena *a, const struct finding *f)
{
	struct span key = key_document(a, f->id.uuid), value;
	struct document d = { .id = f->id, .seen_ms = f->evidence.seen_ms };
	struct recipient_record one = { .addressee.address = f->recipient,
	    .ordinal = UINT64_MAX };
	int found = store_get(t, TABLE_DOCUMENTS, key, &value);

	if (found < 0 || (found == 0 && book_put_document(t, a, &d) < 0))
		return -1;
	if (found == 1 && record_parse_document(a, value, &d) < 0)
		d = (struct document){ .id = f->id };
	if (add_addressee(t, a, &f->id, &one) < 0)
		return -1;
	d.id = f->id;
	return book_add_evidence(t, a, &d, f->recipient, &f->evidence, 1) < 0 ?
	    -1 : 0;
}
