/* SPDX-License-Identifier: BSD-2-Clause */
#include <string.h>

#include "ledger/item.h"
#include "ledger/store.h"

#include "ledger/book.h"
#include "book_internal.h"

/* A document that only evidence told of so far has a row without an action. */
static bool
is_bare(const struct document *d)
{
	return d->action.n == 0;
}

/* What both say of one letter; ${now} is what stands here.  True if it changed. */
static bool
merge_document(struct document *now, const struct document *d)
{
	struct document before = *now;

	if (is_bare(d))
		return false;
	if (is_bare(now)) {
		*now = *d;
		return true;
	}
	if (d->attempts > now->attempts)
		now->attempts = d->attempts;
	now->flags |= d->flags;
	return now->attempts != before.attempts || now->flags != before.flags;
}

int
book_recipient_keys(struct store_txn *t, struct arena *a,
    const uint8_t uuid[UUID_BYTES], struct span **keys, size_t *count)
{
	struct span prefix = key_document(a, uuid), key, value;
	struct store_cursor *c = store_seek(t, TABLE_RECIPIENTS, prefix, false);
	size_t size = 0;
	int rc;

	*keys = NULL;
	*count = 0;
	while ((rc = store_step(c, &key, &value)) == 1 &&
	    span_equal(span_sub(key, 0, prefix.n), prefix)) {
		if (*count == size) {
			*keys = arena_grow(a, *keys, size * sizeof(**keys),
			    (2 * size + 8) * sizeof(**keys));
			size = 2 * size + 8;
		}
		(*keys)[(*count)++] = arena_copy(a, key);
	}
	store_cursor_end(c);
	return rc < 0 ? -1 : 0;
}

/* Evidence was here before the letter: now its deadline is known. */
static int
renew_due(struct store_txn *t, struct arena *a, const struct document *d)
{
	struct span *keys;
	struct evidence *list;
	size_t count, n, damaged;

	if (d->due_ms == 0)
		return 0;
	if (book_recipient_keys(t, a, d->id.uuid, &keys, &count) < 0)
		return -1;
	for (size_t i = 0; i < count; i++)
		if (load_evidence(t, a, keys[i], &list, &n, &damaged) < 0 ||
		    book_move_due(t, a, keys[i], d->due_ms, list, n) < 0)
			return -1;
	return 0;
}

static int
restore_document(struct store_txn *t, struct arena *a, const struct item *item,
    struct item_counts *counts)
{
	struct document now = { .flags = 0 };
	struct span retry = { (const char *)item->document->retry_key, DIGEST_BYTES };
	struct span value;
	int found = store_get(t, TABLE_DOCUMENTS, key_document(a, item->id.uuid),
	    &value);

	if (found < 0 || (found == 1 && record_parse_document(a, value, &now) < 0))
		return found < 0 ? -1 : 0;
	if (found == 0)
		now = *item->document;
	else if (!merge_document(&now, item->document))
		return 0;
	now.id = item->id;
	counts->documents++;
	if (item->is_registered && store_add(t, TABLE_RETRY, retry,
	    record_print_docid(a, &item->id)) < 0)
		return -1;
	if (book_put_document(t, a, &now) < 0 || book_index_document(t, a, &now) < 0)
		return -1;
	return found == 1 ? renew_due(t, a, &now) : 0;
}

/* A recipient that only evidence told of so far has no place in the letter. */
static bool
merge_recipient(struct recipient_record *now, const struct recipient_record *r)
{
	bool has_changed = false;

	if (now->ordinal == UINT64_MAX && r->ordinal != UINT64_MAX) {
		now->addressee = r->addressee;
		now->ordinal = r->ordinal;
		has_changed = true;
	}
	for (size_t i = 0; i < r->attempt_count; i++)
		has_changed |= record_add_attempt(now, r->attempts[i].queue_id,
		    r->attempts[i].at_ms);
	return has_changed;
}

static int
index_recipient(struct store_txn *t, struct arena *a, const struct docid *id,
    const struct recipient_record *r)
{
	if (book_add_index(t, a, TABLE_RECIPIENT, r->addressee.address,
	    id->uuid) < 0 ||
	    book_add_index(t, a, TABLE_UNIT, r->addressee.unit, id->uuid) < 0)
		return -1;
	for (size_t i = 0; i < r->attempt_count; i++)
		if (book_add_index(t, a, TABLE_QUEUE_ID, r->attempts[i].queue_id,
		    id->uuid) < 0)
			return -1;
	return 0;
}

/* The row that records of ${id} hang on; a bare one if the list does not have it. */
static int
need_document(struct store_txn *t, struct arena *a, const struct docid *id,
    int64_t seen_ms, struct document *d)
{
	struct span value;
	int found = store_get(t, TABLE_DOCUMENTS, key_document(a, id->uuid), &value);

	*d = (struct document){ .id = *id, .seen_ms = seen_ms };
	if (found < 0 || (found == 0 && book_put_document(t, a, d) < 0))
		return -1;
	if (found == 1 && record_parse_document(a, value, d) < 0)
		*d = (struct document){ .id = *id };
	d->id = *id;
	return 0;
}

static int
restore_recipient(struct store_txn *t, struct arena *a, const struct item *item,
    struct item_counts *counts)
{
	struct span address = item->recipient->addressee.address;
	struct span key = key_recipient(a, item->id.uuid, address), value;
	struct recipient_record now;
	struct document d;
	int found = store_get(t, TABLE_RECIPIENTS, key, &value);

	if (found < 0)
		return -1;
	if (found == 1 && record_parse_recipient(a, value, &now) < 0)
		return 0;
	if (found == 0)
		now = *item->recipient;
	else if (!merge_recipient(&now, item->recipient))
		return 0;
	counts->recipients++;
	if (need_document(t, a, &item->id, 0, &d) < 0 ||
	    store_put(t, TABLE_RECIPIENTS, key, record_print_recipient(a, &now)) < 0)
		return -1;
	return index_recipient(t, a, &item->id, &now);
}

/* How many items from the first on are evidence of the same recipient. */
static size_t
run_of_evidence(const struct item *list, size_t n)
{
	size_t i = 1;

	while (i < n && list[i].kind == ITEM_EVIDENCE &&
	    memcmp(&list[i].id, &list[0].id, sizeof(list[0].id)) == 0 &&
	    span_equal(list[i].address, list[0].address))
		i++;
	return i;
}

/* Whom the list does not name as a recipient is one all the same. */
static int
need_recipient(struct store_txn *t, struct arena *a, const struct item *item)
{
	struct recipient_record bare = { .addressee.address = item->address,
	    .ordinal = UINT64_MAX };
	struct span key = key_recipient(a, item->id.uuid, item->address);
	int added = store_add(t, TABLE_RECIPIENTS, key,
	    record_print_recipient(a, &bare));

	return added == 1 ? index_recipient(t, a, &item->id, &bare) : added;
}

static int
restore_evidence(struct store_txn *t, struct arena *a, const struct item *list,
    size_t n, struct item_counts *counts)
{
	struct evidence *all = ARENA_ARRAY(a, struct evidence, n);
	struct document d;
	int rc;

	for (size_t i = 0; i < n; i++)
		all[i] = *list[i].evidence;
	if (need_document(t, a, &list->id, all[0].seen_ms, &d) < 0 ||
	    need_recipient(t, a, list) < 0)
		return -1;
	if ((rc = book_add_evidence(t, a, &d, list->address, all, n)) < 0)
		return -1;
	counts->evidence += (uint64_t)rc;
	return 0;
}

static int
restore_followed(struct store_txn *t, struct arena *a, const struct item *item,
    struct item_counts *counts)
{
	int added = follow_add(t, a, item->followed);

	if (added == 1)
		counts->followed++;
	return added < 0 ? -1 : 0;
}

/* One item, or all of a run: how many it took, 0 if the transaction failed. */
static size_t
apply(struct store_txn *t, struct arena *a, const struct item *list, size_t n,
    struct item_counts *counts)
{
	size_t run = list->kind == ITEM_EVIDENCE ? run_of_evidence(list, n) : 1;
	int rc = 0;

	switch (list->kind) {
	case ITEM_DOCUMENT: rc = restore_document(t, a, list, counts); break;
	case ITEM_RECIPIENT: rc = restore_recipient(t, a, list, counts); break;
	case ITEM_EVIDENCE: rc = restore_evidence(t, a, list, run, counts); break;
	case ITEM_FOLLOWED: rc = restore_followed(t, a, list, counts); break;
	case ITEM_FORGET_DOCUMENT:
		rc = book_forget_document(t, a, list, counts);
		break;
	case ITEM_ERASE_RECIPIENT:
		rc = book_erase_recipient(t, a, list, counts);
		break;
	case ITEM_FORGET_FOLLOWED:
		rc = follow_forget(t, a, list->followed);
		counts->followed++;
		break;
	default: break;
	}
	return rc < 0 ? 0 : run;
}

int
book_apply(struct store_txn *t, struct arena *a, const struct item *list, size_t n,
    struct item_counts *counts)
{
	size_t taken;

	*counts = (struct item_counts){ 0 };
	for (size_t i = 0; i < n; i += taken)
		if ((taken = apply(t, a, &list[i], n - i, counts)) == 0)
			return -1;
	return 0;
}
