/* SPDX-License-Identifier: BSD-2-Clause */
#include <string.h>

#include "base/buffer.h"

#include "ledger/record.h"

#define RECORD_VERSION 1
#define HITS_MAX 64

/* Append, never renumber. */
enum document_tag { D_ID = 1, D_NUMBER, D_SENDER, D_MESSAGE_ID, D_ENVELOPE_ID,
    D_QUEUE_ID, D_ACTION, D_RULE, D_POLICY, D_SUBJECT, D_RETRY_KEY, D_SEEN,
    D_SIZE, D_ATTEMPTS, D_FLAGS, D_HIT, D_DUE };
enum hit_tag { H_PART = 1, H_VIEW, H_OFFSET, H_LENGTH, H_DIGEST };
enum recipient_tag { R_ADDRESS = 1, R_ORDINAL, R_SUCCESS, R_OURS, R_ATTEMPT,
    R_UNIT };
enum attempt_tag { T_QUEUE_ID = 1, T_AT };
enum followed_tag { F_ID = 1, F_BEGUN, F_ENDED, F_TRUST, F_BIRTH, F_QUEUED };
enum position_tag { P_OFFSET = 1, P_TAIL_BYTES, P_TAIL, P_GAP };
enum evidence_tag { E_SOURCE = 1, E_CODE, E_TRUST, E_REPORTER, E_REASON,
    E_CLAIMED, E_SEEN, E_DIGEST };

static void
put_varint(struct buffer *b, uint64_t n)
{
	for (; n >= 0x80; n >>= 7)
		buffer_byte(b, (char)(n | 0x80));
	buffer_byte(b, (char)n);
}

static void
put_bytes(struct buffer *b, unsigned tag, struct span s)
{
	if (s.n == 0)
		return;
	put_varint(b, tag);
	put_varint(b, s.n);
	buffer_add(b, s);
}

static void
put_number(struct buffer *b, unsigned tag, uint64_t n)
{
	size_t length = 1;

	if (n == 0)
		return;
	for (uint64_t rest = n; rest >= 0x80; rest >>= 7)
		length++;
	put_varint(b, tag);
	put_varint(b, length);
	put_varint(b, n);
}

static void
put_digest(struct buffer *b, unsigned tag, const uint8_t digest[DIGEST_BYTES])
{
	put_bytes(b, tag, (struct span){ (const char *)digest, DIGEST_BYTES });
}

static int
get_varint(struct span *s, uint64_t *n)
{
	*n = 0;
	for (unsigned shift = 0; shift < 64 && s->n > 0; shift += 7) {
		unsigned char byte = (unsigned char)s->p[0];

		*s = span_sub(*s, 1, s->n);
		*n |= (uint64_t)(byte & 0x7f) << shift;
		if ((byte & 0x80) == 0)
			return 0;
	}
	return -1;
}

/* 1 with the next field, 0 at the end, -1 damaged. */
static int
next_field(struct span *s, uint64_t *tag, struct span *value)
{
	uint64_t n;

	if (s->n == 0)
		return 0;
	if (get_varint(s, tag) < 0 || get_varint(s, &n) < 0 || n > s->n)
		return -1;
	*value = span_sub(*s, 0, n);
	*s = span_sub(*s, n, s->n);
	return 1;
}

static uint64_t
number(struct span value)
{
	uint64_t n;

	return get_varint(&value, &n) == 0 ? n : 0;
}

static void
digest(struct span value, uint8_t out[DIGEST_BYTES])
{
	memcpy(out, value.p, value.n < DIGEST_BYTES ? value.n : DIGEST_BYTES);
}

/* A copy without the version byte; an empty record is damaged. */
static int
open_record(struct arena *a, struct span bytes, struct span *rest)
{
	if (bytes.n == 0 || bytes.p[0] != RECORD_VERSION)
		return -1;
	*rest = arena_copy(a, span_sub(bytes, 1, bytes.n));
	return 0;
}

struct span
record_print_docid(struct arena *a, const struct docid *id)
{
	struct buffer b = { .arena = a };

	buffer_add(&b, (struct span){ (const char *)id->uuid, sizeof(id->uuid) });
	buffer_byte(&b, (char)id->key);
	buffer_add(&b, (struct span){ (const char *)id->tag, sizeof(id->tag) });
	return buffer_span(&b);
}

int
record_parse_docid(struct span bytes, struct docid *id)
{
	if (bytes.n != sizeof(id->uuid) + 1 + sizeof(id->tag))
		return -1;
	memcpy(id->uuid, bytes.p, sizeof(id->uuid));
	id->key = (uint8_t)bytes.p[sizeof(id->uuid)];
	memcpy(id->tag, bytes.p + sizeof(id->uuid) + 1, sizeof(id->tag));
	return 0;
}

static void
put_hit(struct buffer *b, const struct document_hit *h)
{
	struct buffer one = { .arena = b->arena };

	put_bytes(&one, H_PART, h->part);
	put_bytes(&one, H_VIEW, h->view);
	put_number(&one, H_OFFSET, h->offset);
	put_number(&one, H_LENGTH, h->length);
	put_digest(&one, H_DIGEST, h->digest);
	put_bytes(b, D_HIT, buffer_span(&one));
}

struct span
record_print_document(struct arena *a, const struct document *d)
{
	struct buffer b = { .arena = a };

	buffer_byte(&b, RECORD_VERSION);
	put_bytes(&b, D_ID, record_print_docid(a, &d->id));
	put_bytes(&b, D_NUMBER, d->number);
	put_bytes(&b, D_SENDER, d->sender);
	put_bytes(&b, D_MESSAGE_ID, d->message_id);
	put_bytes(&b, D_ENVELOPE_ID, d->envelope_id);
	put_bytes(&b, D_QUEUE_ID, d->queue_id);
	put_bytes(&b, D_ACTION, d->action);
	put_bytes(&b, D_RULE, d->rule);
	put_bytes(&b, D_POLICY, d->policy);
	if (d->has_subject)
		put_digest(&b, D_SUBJECT, d->subject);
	put_digest(&b, D_RETRY_KEY, d->retry_key);
	put_number(&b, D_SEEN, (uint64_t)d->seen_ms);
	put_number(&b, D_SIZE, d->size_bytes);
	put_number(&b, D_ATTEMPTS, d->attempts);
	put_number(&b, D_FLAGS, d->flags);
	put_number(&b, D_DUE, (uint64_t)d->due_ms);
	for (size_t i = 0; i < d->hit_count; i++)
		put_hit(&b, &d->hits[i]);
	return buffer_span(&b);
}

static int
get_hit(struct span rest, struct document_hit *h)
{
	struct span value;
	uint64_t tag;
	int rc;

	while ((rc = next_field(&rest, &tag, &value)) == 1) {
		switch (tag) {
		case H_PART: h->part = value; break;
		case H_VIEW: h->view = value; break;
		case H_OFFSET: h->offset = number(value); break;
		case H_LENGTH: h->length = number(value); break;
		case H_DIGEST: digest(value, h->digest); break;
		}
	}
	return rc;
}

static int
get_document_field(struct document *d, uint64_t tag, struct span value)
{
	switch (tag) {
	case D_ID: return record_parse_docid(value, &d->id);
	case D_NUMBER: d->number = value; break;
	case D_SENDER: d->sender = value; break;
	case D_MESSAGE_ID: d->message_id = value; break;
	case D_ENVELOPE_ID: d->envelope_id = value; break;
	case D_QUEUE_ID: d->queue_id = value; break;
	case D_ACTION: d->action = value; break;
	case D_RULE: d->rule = value; break;
	case D_POLICY: d->policy = value; break;
	case D_SUBJECT: d->has_subject = true; digest(value, d->subject); break;
	case D_RETRY_KEY: digest(value, d->retry_key); break;
	case D_SEEN: d->seen_ms = (int64_t)number(value); break;
	case D_SIZE: d->size_bytes = number(value); break;
	case D_ATTEMPTS: d->attempts = number(value); break;
	case D_FLAGS: d->flags = (unsigned)number(value); break;
	case D_DUE: d->due_ms = (int64_t)number(value); break;
	}
	return 0;
}

int
record_parse_document(struct arena *a, struct span bytes, struct document *d)
{
	struct document_hit *hits = ARENA_ARRAY(a, struct document_hit, HITS_MAX);
	struct span rest, value;
	uint64_t tag;
	int rc;

	*d = (struct document){ .hits = hits };
	if (open_record(a, bytes, &rest) < 0)
		return -1;
	while ((rc = next_field(&rest, &tag, &value)) == 1) {
		if (tag != D_HIT && get_document_field(d, tag, value) < 0)
			return -1;
		if (tag != D_HIT || d->hit_count == HITS_MAX)
			continue;
		if (get_hit(value, &hits[d->hit_count++]) < 0)
			return -1;
	}
	return rc;
}

static void
put_attempt(struct buffer *b, const struct recipient_attempt *t)
{
	struct buffer one = { .arena = b->arena };

	put_bytes(&one, T_QUEUE_ID, t->queue_id);
	put_number(&one, T_AT, (uint64_t)t->at_ms);
	put_bytes(b, R_ATTEMPT, buffer_span(&one));
}

static void
get_attempt(struct recipient_record *r, struct span rest)
{
	struct recipient_attempt t = { .at_ms = 0 };
	struct span value;
	uint64_t tag;

	while (next_field(&rest, &tag, &value) == 1) {
		switch (tag) {
		case T_QUEUE_ID: t.queue_id = value; break;
		case T_AT: t.at_ms = (int64_t)number(value); break;
		}
	}
	record_add_attempt(r, t.queue_id, t.at_ms);
}

int64_t
record_attempt_ms(const struct recipient_record *r, struct span queue_id)
{
	for (size_t i = 0; i < r->attempt_count; i++)
		if (span_equal(r->attempts[i].queue_id, queue_id))
			return r->attempts[i].at_ms;
	return 0;
}

bool
record_add_attempt(struct recipient_record *r, struct span queue_id, int64_t at_ms)
{
	if (queue_id.n == 0 || record_attempt_ms(r, queue_id) != 0)
		return false;
	if (r->attempt_count == ATTEMPTS_KEPT) {
		memmove(r->attempts, r->attempts + 1,
		    (ATTEMPTS_KEPT - 1) * sizeof(r->attempts[0]));
		r->attempt_count--;
	}
	r->attempts[r->attempt_count++] =
	    (struct recipient_attempt){ queue_id, at_ms };
	return true;
}

struct span
record_print_recipient(struct arena *a, const struct recipient_record *r)
{
	struct buffer b = { .arena = a };

	buffer_byte(&b, RECORD_VERSION);
	put_bytes(&b, R_ADDRESS, r->addressee.address);
	put_number(&b, R_ORDINAL, r->ordinal);
	put_number(&b, R_SUCCESS, r->addressee.has_success_notify);
	put_number(&b, R_OURS, r->addressee.is_our_notify);
	put_bytes(&b, R_UNIT, r->addressee.unit);
	for (size_t i = 0; i < r->attempt_count; i++)
		put_attempt(&b, &r->attempts[i]);
	return buffer_span(&b);
}

int
record_parse_recipient(struct arena *a, struct span bytes,
    struct recipient_record *r)
{
	struct span rest, value;
	uint64_t tag;
	int rc;

	*r = (struct recipient_record){ 0 };
	if (open_record(a, bytes, &rest) < 0)
		return -1;
	while ((rc = next_field(&rest, &tag, &value)) == 1) {
		switch (tag) {
		case R_ADDRESS: r->addressee.address = value; break;
		case R_ORDINAL: r->ordinal = number(value); break;
		case R_SUCCESS: r->addressee.has_success_notify = true; break;
		case R_OURS: r->addressee.is_our_notify = true; break;
		case R_UNIT: r->addressee.unit = value; break;
		case R_ATTEMPT: get_attempt(r, value); break;
		}
	}
	return rc;
}

struct span
record_print_evidence(struct arena *a, const struct evidence *ev)
{
	struct buffer b = { .arena = a };

	buffer_byte(&b, RECORD_VERSION);
	put_number(&b, E_SOURCE, ev->source);
	put_number(&b, E_CODE, ev->code);
	put_number(&b, E_TRUST, ev->trust);
	put_bytes(&b, E_REPORTER, ev->reporter);
	put_bytes(&b, E_REASON, ev->reason);
	put_number(&b, E_CLAIMED, (uint64_t)ev->claimed_ms);
	put_number(&b, E_SEEN, (uint64_t)ev->seen_ms);
	put_digest(&b, E_DIGEST, ev->digest);
	return buffer_span(&b);
}

int
record_parse_evidence(struct arena *a, struct span bytes, struct evidence *ev)
{
	struct span rest, value;
	uint64_t tag;
	int rc;

	*ev = (struct evidence){ 0 };
	if (open_record(a, bytes, &rest) < 0)
		return -1;
	while ((rc = next_field(&rest, &tag, &value)) == 1) {
		switch (tag) {
		case E_SOURCE: ev->source = number(value); break;
		case E_CODE: ev->code = number(value); break;
		case E_TRUST: ev->trust = number(value); break;
		case E_REPORTER: ev->reporter = value; break;
		case E_REASON: ev->reason = value; break;
		case E_CLAIMED: ev->claimed_ms = (int64_t)number(value); break;
		case E_SEEN: ev->seen_ms = (int64_t)number(value); break;
		case E_DIGEST: digest(value, ev->digest); break;
		}
	}
	return rc;
}

struct span
record_print_followed(struct arena *a, const struct followed *f)
{
	struct buffer b = { .arena = a };

	buffer_byte(&b, RECORD_VERSION);
	put_bytes(&b, F_ID, record_print_docid(a, &f->id));
	put_number(&b, F_BEGUN, (uint64_t)f->begun_ms);
	put_number(&b, F_ENDED, (uint64_t)f->ended_ms);
	put_number(&b, F_TRUST, f->trust);
	put_number(&b, F_BIRTH, f->has_birth);
	put_number(&b, F_QUEUED, f->is_queued);
	return buffer_span(&b);
}

int
record_parse_followed(struct arena *a, struct span bytes, struct followed *f)
{
	struct span rest, value;
	uint64_t tag;
	int rc;

	*f = (struct followed){ .begun_ms = 0 };
	if (open_record(a, bytes, &rest) < 0)
		return -1;
	while ((rc = next_field(&rest, &tag, &value)) == 1) {
		if (tag == F_ID && record_parse_docid(value, &f->id) < 0)
			return -1;
		switch (tag) {
		case F_BEGUN: f->begun_ms = (int64_t)number(value); break;
		case F_ENDED: f->ended_ms = (int64_t)number(value); break;
		case F_TRUST: f->trust = number(value); break;
		case F_BIRTH: f->has_birth = true; break;
		case F_QUEUED: f->is_queued = true; break;
		}
	}
	return rc;
}

struct span
record_print_position(struct arena *a, const struct log_position *p)
{
	struct buffer b = { .arena = a };

	buffer_byte(&b, RECORD_VERSION);
	put_number(&b, P_OFFSET, p->offset);
	put_number(&b, P_TAIL_BYTES, p->tail_bytes);
	put_digest(&b, P_TAIL, p->tail);
	put_number(&b, P_GAP, (uint64_t)p->gap_ms);
	return buffer_span(&b);
}

int
record_parse_position(struct arena *a, struct span bytes, struct log_position *p)
{
	struct span rest, value;
	uint64_t tag;
	int rc;

	*p = (struct log_position){ .offset = 0 };
	if (open_record(a, bytes, &rest) < 0)
		return -1;
	while ((rc = next_field(&rest, &tag, &value)) == 1) {
		switch (tag) {
		case P_OFFSET: p->offset = number(value); break;
		case P_TAIL_BYTES: p->tail_bytes = number(value); break;
		case P_TAIL: digest(value, p->tail); break;
		case P_GAP: p->gap_ms = (int64_t)number(value); break;
		}
	}
	return rc;
}
