/* SPDX-License-Identifier: BSD-2-Clause */
#include <string.h>

#include "base/err.h"
#include "ledger/record.h"
#include "ledger/store.h"

#include "ledger/recent.h"
#include "index_internal.h"

#define KEPT 10000
#define READ_MAX 1000
#define NUMBER_BYTES 8
#define RECIPIENT_KEY_BYTES (UUID_BYTES + RECIPIENT_BYTES)

static struct span
print_number(struct arena *a, uint64_t number)
{
	char *p = arena_alloc(a, NUMBER_BYTES);

	for (int i = 0; i < NUMBER_BYTES; i++)
		p[i] = (char)(number >> (56 - 8 * i));
	return (struct span){ p, NUMBER_BYTES };
}

static uint64_t
parse_number(struct span s)
{
	uint64_t number = 0;

	for (size_t i = 0; i < s.n; i++)
		number = number << 8 | (unsigned char)s.p[i];
	return number;
}

static int
last(struct store_txn *t, struct arena *a, uint64_t *number)
{
	struct store_cursor *c = store_seek(t, TABLE_RECENT,
	    print_number(a, UINT64_MAX), true);
	struct span key, value;
	int rc = store_step(c, &key, &value);

	*number = rc == 1 ? parse_number(key) : 0;
	store_cursor_end(c);
	return rc < 0 ? -1 : 0;
}

/* End a reading transaction that went ${rc}. */
static int
end(struct store_txn *t, int rc, struct err *e)
{
	if (rc < 0)
		store_commit(t, e);
	else
		store_abort(t);
	return rc < 0 ? -1 : 0;
}

int
recent_last(struct store *s, uint64_t *number, struct err *e)
{
	struct arena *a = arena_new();
	struct store_txn *t = store_begin(s, false, e);
	int rc = t != NULL ? end(t, last(t, a, number), e) : -1;

	arena_free(a);
	return rc;
}

/* 1 read, 0 it was pruned or cannot be read, -1. */
static int
read_one(struct store_txn *t, struct arena *a, struct span key, struct recent *r)
{
	struct recipient_record recipient;
	struct document d;
	struct span value;
	int rc = store_get(t, TABLE_EVIDENCE, key, &value);

	if (rc != 1 || record_parse_evidence(a, value, &r->evidence) < 0)
		return rc < 0 ? -1 : 0;
	rc = store_get(t, TABLE_RECIPIENTS, span_sub(key, 0, RECIPIENT_KEY_BYTES),
	    &value);
	if (rc != 1 || record_parse_recipient(a, value, &recipient) < 0)
		return rc < 0 ? -1 : 0;
	rc = store_get(t, TABLE_DOCUMENTS, span_sub(key, 0, UUID_BYTES), &value);
	if (rc != 1 || record_parse_document(a, value, &d) < 0)
		return rc < 0 ? -1 : 0;
	r->recipient = recipient.addressee.address;
	r->id = d.id;
	return 1;
}

int
recent_read(struct store *s, struct arena *a, uint64_t after,
    struct recent **list, size_t *count, struct err *e)
{
	struct store_txn *t = store_begin(s, false, e);
	struct store_cursor *c;
	struct span key, value;
	int rc = 0;

	*count = 0;
	*list = ARENA_ARRAY(a, struct recent, READ_MAX);
	if (t == NULL)
		return -1;
	c = store_seek(t, TABLE_RECENT, print_number(a, after + 1), false);
	while (*count < READ_MAX && rc >= 0 && (rc = store_step(c, &key, &value)) == 1) {
		struct recent *r = &(*list)[*count];

		r->number = parse_number(key);
		rc = read_one(t, a, arena_copy(a, value), r);
		if (rc == 1)
			++*count;
	}
	store_cursor_end(c);
	return end(t, rc, e);
}

int
recent_add(struct store_txn *t, struct arena *a, struct span key)
{
	uint64_t number;

	if (last(t, a, &number) < 0)
		return -1;
	number++;
	if (store_put(t, TABLE_RECENT, print_number(a, number), key) < 0)
		return -1;
	if (number <= KEPT)
		return 0;
	return store_delete(t, TABLE_RECENT, print_number(a, number - KEPT),
	    (struct span){ NULL, 0 });
}
