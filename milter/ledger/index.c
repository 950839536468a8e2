/* SPDX-License-Identifier: BSD-2-Clause */
#include <string.h>

#include "base/buffer.h"
#include "base/digest.h"
#include "ledger/record.h"
#include "mail/unicode.h"
#include "index_internal.h"

/* LMDB's keys have at most 511 bytes. */
#define INDEX_KEY_MAX 400

static struct span
bytes(const uint8_t *p, size_t n)
{
	return (struct span){ (const char *)p, n };
}

struct span
key_document(struct arena *a, const uint8_t uuid[UUID_BYTES])
{
	return arena_copy(a, bytes(uuid, UUID_BYTES));
}

struct span
key_recipient(struct arena *a, const uint8_t uuid[UUID_BYTES], struct span address)
{
	struct buffer b = { .arena = a };
	uint8_t hash[DIGEST_BYTES];

	digest_fields(&address, 1, hash);
	buffer_add(&b, bytes(uuid, UUID_BYTES));
	buffer_add(&b, bytes(hash, RECIPIENT_BYTES));
	return buffer_span(&b);
}

struct span
key_evidence(struct arena *a, const struct docid *id, struct span address,
    const struct evidence *ev)
{
	struct buffer b = { .arena = a };
	uint8_t hash[DIGEST_BYTES];

	evidence_id(id, address, ev, hash);
	buffer_add(&b, key_recipient(a, id->uuid, address));
	buffer_add(&b, bytes(hash, EVIDENCE_BYTES));
	return buffer_span(&b);
}

struct span
key_due(struct arena *a, int64_t due_ms, struct span recipient_key)
{
	struct buffer b = { .arena = a };

	for (int shift = 56; shift >= 0; shift -= 8)
		buffer_byte(&b, (char)((uint64_t)due_ms >> shift));
	buffer_add(&b, recipient_key);
	return buffer_span(&b);
}

struct span
key_index(struct arena *a, enum store_table table, struct span value)
{
	uint8_t hash[DIGEST_BYTES];

	value = span_trim(value);
	if (table == TABLE_MESSAGE_ID && value.n > 2 && value.p[0] == '<' &&
	    value.p[value.n - 1] == '>')
		value = span_sub(value, 1, value.n - 2);
	if (table == TABLE_NUMBER)
		value = unicode_readable(a, value, NULL);
	if (table == TABLE_NUMBER || table == TABLE_SENDER ||
	    table == TABLE_RECIPIENT || table == TABLE_UNIT)
		value = unicode_lower(a, value);
	if (value.n <= INDEX_KEY_MAX)
		return value;
	digest_fields(&value, 1, hash);
	return arena_copy(a, bytes(hash, DIGEST_BYTES));
}

int
load_evidence(struct store_txn *t, struct arena *a, struct span recipient_key,
    struct evidence **list, size_t *count, size_t *damaged)
{
	struct store_cursor *c = store_seek(t, TABLE_EVIDENCE, recipient_key, false);
	struct span key, value;
	size_t size = 0;
	int rc;

	*list = NULL;
	*count = 0;
	*damaged = 0;
	while ((rc = store_step(c, &key, &value)) == 1 &&
	    span_equal(span_sub(key, 0, recipient_key.n), recipient_key)) {
		if (*count == size) {
			*list = arena_grow(a, *list, size * sizeof(**list),
			    (size + 8) * sizeof(**list));
			size += 8;
		}
		if (record_parse_evidence(a, value, &(*list)[*count]) == 0)
			++*count;
		else
			++*damaged;
	}
	store_cursor_end(c);
	return rc < 0 ? -1 : 0;
}

struct span
key_state_of(struct arena *a, enum receipt_headline h)
{
	char bucket = (char)(h == HEADLINE_UNSENT ? HEADLINE_ACCEPTED : h);

	return arena_copy(a, (struct span){ &bucket, 1 });
}

struct span
key_state(struct arena *a, const struct evidence *list, size_t n)
{
	struct receipt_rules timeless = { .min_trust = TRUST_TAGGED };
	struct receipt_state state;

	receipt_compute(list, n, &timeless, &state);
	return key_state_of(a, state.headline);
}
