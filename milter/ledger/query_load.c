/* SPDX-License-Identifier: BSD-2-Clause */
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "ledger/record.h"
#include "ledger/store.h"

#include "query_internal.h"

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
int
query_load(struct store_txn *t, struct arena *a, const uint8_t uuid[UUID_BYTES],
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
