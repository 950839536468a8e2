/* SPDX-License-Identifier: BSD-2-Clause */
#include <string.h>

#include "ledger/record.h"

#include "audit_internal.h"

#define RECIPIENT_KEY_BYTES (UUID_BYTES + RECIPIENT_BYTES)
#define NUMBER_BYTES 8

static int
lost(struct audit *x, enum store_table table, struct span key, const char *what)
{
	audit_fault(x, table, key, MEND_BACKUP, what);
	return 0;
}

/* Has the index what it should? */
static int
need_index(struct audit *x, enum store_table table, struct span key,
    enum store_table index, struct span value)
{
	struct span wanted = key_index(x->arena, index, value);
	int rc = wanted.n == 0 ? 1 : store_has(x->txn, index, wanted,
	    span_sub(key, 0, UUID_BYTES));

	if (rc == 0)
		audit_fault(x, table, key, MEND_EXPORT, arena_print(x->arena,
		    "is not in the index %s", store_table_name(index)));
	return rc < 0 ? -1 : 0;
}

/* 1 it is there and makes sense, 0 not, -1. */
static int
load_document(struct audit *x, struct span uuid, struct document *d)
{
	struct span value;
	int rc = store_get(x->txn, TABLE_DOCUMENTS, uuid, &value);

	if (rc == 1 && record_parse_document(x->arena, value, d) < 0)
		rc = 0;
	return rc;
}

static int
audit_document(struct audit *x, struct span key, struct span value)
{
	struct document d;

	if (record_parse_document(x->arena, value, &d) < 0)
		return lost(x, TABLE_DOCUMENTS, key, "is no record");
	if (!span_equal(key, key_document(x->arena, d.id.uuid)))
		return lost(x, TABLE_DOCUMENTS, key, "is of another document");
	if (need_index(x, TABLE_DOCUMENTS, key, TABLE_MESSAGE_ID, d.message_id) < 0 ||
	    need_index(x, TABLE_DOCUMENTS, key, TABLE_ENVELOPE_ID, d.envelope_id) < 0 ||
	    need_index(x, TABLE_DOCUMENTS, key, TABLE_QUEUE_ID, d.queue_id) < 0 ||
	    need_index(x, TABLE_DOCUMENTS, key, TABLE_NUMBER, d.number) < 0)
		return -1;
	return need_index(x, TABLE_DOCUMENTS, key, TABLE_SENDER, d.sender);
}

/* A deadline stands in its index exactly as long as nobody answered. */
static int
audit_deadline(struct audit *x, struct span key, const struct document *d,
    const struct evidence *list, size_t n)
{
	struct receipt_rules timeless = { .min_trust = TRUST_TAGGED };
	struct receipt_state state;
	struct span value;
	bool is_open;
	int rc;

	if (d->due_ms == 0)
		return 0;
	receipt_compute(list, n, &timeless, &state);
	is_open = state.answered_ms == 0 && state.accepted_ms != 0;
	rc = store_get(x->txn, TABLE_DUE, key_due(x->arena, d->due_ms, key), &value);
	if (rc == 0 && is_open)
		audit_fault(x, TABLE_RECIPIENTS, key, MEND_EXPORT,
		    "is not in the index due");
	return rc < 0 ? -1 : 0;
}

static int
audit_state(struct audit *x, struct span key, const struct document *d)
{
	struct evidence *list;
	size_t n, damaged;
	int rc;

	if (load_evidence(x->txn, x->arena, key, &list, &n, &damaged) < 0)
		return -1;
	if (n == 0 || damaged != 0)
		return 0;
	rc = store_has(x->txn, TABLE_STATE, key_state(x->arena, list, n),
	    span_sub(key, 0, UUID_BYTES));
	if (rc == 0)
		audit_fault(x, TABLE_RECIPIENTS, key, MEND_EXPORT,
		    "is not in the index state");
	return rc < 0 ? -1 : audit_deadline(x, key, d, list, n);
}

static int
audit_recipient(struct audit *x, struct span key, struct span value)
{
	struct recipient_record r;
	struct document d;
	int rc;

	if (record_parse_recipient(x->arena, value, &r) < 0)
		return lost(x, TABLE_RECIPIENTS, key, "is no record");
	if (key.n != RECIPIENT_KEY_BYTES || !span_equal(key, key_recipient(x->arena,
	    (const uint8_t *)key.p, r.addressee.address)))
		return lost(x, TABLE_RECIPIENTS, key, "is of another recipient");
	if ((rc = load_document(x, span_sub(key, 0, UUID_BYTES), &d)) != 1)
		return rc < 0 ? -1 :
		    lost(x, TABLE_RECIPIENTS, key, "has no document");
	if (need_index(x, TABLE_RECIPIENTS, key, TABLE_RECIPIENT,
	    r.addressee.address) < 0 ||
	    need_index(x, TABLE_RECIPIENTS, key, TABLE_UNIT, r.addressee.unit) < 0)
		return -1;
	for (size_t i = 0; i < r.attempt_count; i++)
		if (need_index(x, TABLE_RECIPIENTS, key, TABLE_QUEUE_ID,
		    r.attempts[i].queue_id) < 0)
			return -1;
	return audit_state(x, key, &d);
}

static int
audit_evidence(struct audit *x, struct span key, struct span value)
{
	struct recipient_record r;
	struct evidence ev;
	struct document d;
	struct span row;
	int rc;

	if (record_parse_evidence(x->arena, value, &ev) < 0 ||
	    evidence_source_name(ev.source) == NULL ||
	    evidence_code_name(ev.code) == NULL)
		return lost(x, TABLE_EVIDENCE, key, "is no record");
	rc = store_get(x->txn, TABLE_RECIPIENTS,
	    span_sub(key, 0, RECIPIENT_KEY_BYTES), &row);
	if (rc == 1 && record_parse_recipient(x->arena, row, &r) < 0)
		return 0;	/* told where it stands */
	if (rc != 1)
		return rc < 0 ? -1 :
		    lost(x, TABLE_EVIDENCE, key, "has no recipient");
	if ((rc = load_document(x, span_sub(key, 0, UUID_BYTES), &d)) != 1)
		return rc;
	if (!span_equal(key, key_evidence(x->arena, &d.id, r.addressee.address, &ev)))
		return lost(x, TABLE_EVIDENCE, key, "is of another evidence");
	return 0;
}

static int
audit_retry(struct audit *x, struct span key, struct span value)
{
	struct document d;
	struct docid id;
	int rc;

	if (record_parse_docid(value, &id) < 0)
		return lost(x, TABLE_RETRY, key, "is no document's ID");
	rc = load_document(x, key_document(x->arena, id.uuid), &d);
	if (rc == 0 || (rc == 1 && (key.n != DIGEST_BYTES ||
	    memcmp(key.p, d.retry_key, DIGEST_BYTES) != 0)))
		audit_fault(x, TABLE_RETRY, key, MEND_EXPORT,
		    "names a document that has not this key");
	return rc < 0 ? -1 : 0;
}

/* 8 bytes of time and a recipient's key. */
static int
audit_due(struct audit *x, struct span key)
{
	struct document d;
	struct span recipient = span_sub(key, NUMBER_BYTES, key.n);
	struct span value;
	int rc = store_get(x->txn, TABLE_RECIPIENTS, recipient, &value);

	if (rc == 1)
		rc = load_document(x, span_sub(recipient, 0, UUID_BYTES), &d);
	if (rc == 0 || (rc == 1 && !span_equal(key, key_due(x->arena, d.due_ms,
	    recipient))))
		audit_fault(x, TABLE_DUE, key, MEND_EXPORT,
		    "is nobody's deadline");
	return rc < 0 ? -1 : 0;
}

static int
audit_followed(struct audit *x, struct span key, struct span value)
{
	struct followed f;

	if (record_parse_followed(x->arena, value, &f) < 0 || key.n < 10)
		return lost(x, TABLE_FOLLOWED, key, "is no record");
	return 0;
}

int
audit_record(struct audit *x, enum store_table table, struct span key,
    struct span value)
{
	key = arena_copy(x->arena, key);
	switch (table) {
	case TABLE_DOCUMENTS: return audit_document(x, key, value);
	case TABLE_RECIPIENTS: return audit_recipient(x, key, value);
	case TABLE_EVIDENCE: return audit_evidence(x, key, value);
	case TABLE_RETRY: return audit_retry(x, key, value);
	case TABLE_DUE: return audit_due(x, key);
	case TABLE_FOLLOWED: return audit_followed(x, key, value);
	default: return 0;	/* names and numbers of the ledger itself */
	}
}
