/* SPDX-License-Identifier: BSD-2-Clause */
#include "ledger/record.h"

#include "audit_internal.h"

static struct span
value_of(const struct document *d, enum store_table index)
{
	switch (index) {
	case TABLE_MESSAGE_ID: return d->message_id;
	case TABLE_ENVELOPE_ID: return d->envelope_id;
	case TABLE_NUMBER: return d->number;
	case TABLE_SENDER: return d->sender;
	default: return (struct span){ NULL, 0 };
	}
}

/* Is some recipient of the document as the entry ${key} of ${index} says? */
static int
some_recipient(struct audit *x, enum store_table index, struct span key,
    struct span uuid)
{
	struct store_cursor *c;
	struct recipient_record r;
	struct evidence *list;
	struct span row, value;
	size_t n, damaged;
	int found = 0;

	/* Mostly an address is in the index as it is written. */
	if (index == TABLE_RECIPIENT && (found = store_get(x->txn,
	    TABLE_RECIPIENTS, key_recipient(x->arena, (const uint8_t *)uuid.p,
	    key), &value)) != 0)
		return found;
	c = store_seek(x->txn, TABLE_RECIPIENTS, uuid, false);
	while (found == 0 && store_step(c, &row, &value) == 1 &&
	    span_equal(span_sub(row, 0, uuid.n), uuid)) {
		if (record_parse_recipient(x->arena, value, &r) < 0)
			found = 1;	/* told where it stands */
		else if (index != TABLE_STATE)
			found = span_equal(key, key_index(x->arena, index,
			    index == TABLE_UNIT ? r.addressee.unit :
			    r.addressee.address));
		else if (load_evidence(x->txn, x->arena, row, &list, &n, &damaged) < 0)
			found = -1;
		else
			found = damaged != 0 || (n != 0 && span_equal(key,
			    key_state(x->arena, list, n)));
	}
	store_cursor_end(c);
	return found;
}

/* A letter that came often has more queue IDs than its recipients remember. */
static int
is_so(struct audit *x, enum store_table index, struct span key, struct span uuid,
    const struct document *d)
{
	switch (index) {
	case TABLE_QUEUE_ID:
		return 1;
	case TABLE_RECIPIENT:
	case TABLE_UNIT:
	case TABLE_STATE:
		return some_recipient(x, index, key, uuid);
	default:
		return span_equal(key, key_index(x->arena, index,
		    value_of(d, index)));
	}
}

int
audit_index(struct audit *x, enum store_table table, struct span key,
    struct span value)
{
	struct span uuid = arena_copy(x->arena, value), row;
	struct document d;
	int rc = uuid.n == UUID_BYTES ?
	    store_get(x->txn, TABLE_DOCUMENTS, uuid, &row) : 0;

	key = arena_copy(x->arena, key);
	if (rc == 0 && table != TABLE_QUEUE_ID)
		audit_fault(x, table, key, MEND_EXPORT,
		    "names a document that is not there");
	if (rc != 1 || record_parse_document(x->arena, row, &d) < 0)
		return rc < 0 ? -1 : 0;
	if ((rc = is_so(x, table, key, uuid, &d)) == 0)
		audit_fault(x, table, key, MEND_EXPORT,
		    "names a document of which it is not so");
	return rc < 0 ? -1 : 0;
}
