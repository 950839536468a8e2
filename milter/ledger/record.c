/* SPDX-License-Identifier: BSD-2-Clause */
#include <string.h>

#include "base/buffer.h"
#include "base/err.h"

#include "ledger/record.h"

/* Stored: append, never renumber, never reuse. */
enum document_tag {
	DOC_ID = 1, DOC_NUMBER, DOC_SENDER, DOC_MESSAGE_ID, DOC_ENVELOPE_ID,
	DOC_QUEUE_ID, DOC_ACTION, DOC_RULE, DOC_POLICY, DOC_SUBJECT, DOC_RETRY_KEY,
	DOC_SEEN, DOC_SIZE, DOC_ATTEMPTS, DOC_FLAGS, DOC_HIT, DOC_REGISTERED,
	DOC_COUNTS
};
enum hit_tag { HIT_PART = 1, HIT_VIEW, HIT_OFFSET, HIT_LENGTH, HIT_DIGEST };
enum recipient_tag {
	RCPT_ADDRESS = 1, RCPT_SUCCESS, RCPT_OURS, RCPT_ORDINAL, RCPT_BUCKET,
	RCPT_ORIGIN
};
enum evidence_tag {
	EV_SOURCE = 1, EV_CODE, EV_TRUST, EV_REPORTER, EV_REASON, EV_CLAIMED,
	EV_SEEN, EV_DIGEST
};

/* One field after the other out of bytes that may be damaged. */
struct reader {
	struct span rest;
	uint64_t tag;
	struct span value;
	bool is_bad;
};

static void
put_varint(struct buffer *b, uint64_t n)
{
	while (n >= 0x80) {
		buffer_byte(b, (char)(n | 0x80));
		n >>= 7;
	}
	buffer_byte(b, (char)n);
}

static bool
take_varint(struct span *s, uint64_t *n)
{
	*n = 0;
	for (unsigned i = 0; i < 10 && i < s->n; i++) {
		uint8_t byte = (uint8_t)s->p[i];

		if (i == 9 && byte > 1)
			return false;
		*n |= (uint64_t)(byte & 0x7f) << (7 * i);
		if (byte < 0x80) {
			*s = span_sub(*s, i + 1, s->n);
			return true;
		}
	}
	return false;
}

static void
put_field(struct buffer *b, unsigned tag, struct span value)
{
	put_varint(b, tag);
	put_varint(b, value.n);
	buffer_add(b, value);
}

/* Absent is empty. */
static void
put_text(struct buffer *b, unsigned tag, struct span text)
{
	if (text.n != 0)
		put_field(b, tag, span_sub(text, 0, RECORD_TEXT_LIMIT));
}

static void
put_bytes(struct buffer *b, unsigned tag, const void *p, size_t n)
{
	put_field(b, tag, (struct span){ p, n });
}

/* Absent is 0. */
static void
put_number(struct buffer *b, unsigned tag, uint64_t n)
{
	uint64_t rest = n >> 7;
	size_t length = 1;

	if (n == 0)
		return;
	for (; rest != 0; rest >>= 7)
		length++;
	put_varint(b, tag);
	put_varint(b, length);
	put_varint(b, n);
}

static bool
next_field(struct reader *r)
{
	uint64_t n;

	if (r->is_bad || r->rest.n == 0)
		return false;
	if (!take_varint(&r->rest, &r->tag) || !take_varint(&r->rest, &n) ||
	    n > r->rest.n) {
		r->is_bad = true;
		return false;
	}
	r->value = span_sub(r->rest, 0, (size_t)n);
	r->rest = span_sub(r->rest, (size_t)n, r->rest.n);
	return true;
}

static uint64_t
get_number(struct reader *r)
{
	struct span s = r->value;
	uint64_t n = 0;

	if (!take_varint(&s, &n) || s.n != 0)
		r->is_bad = true;
	return n;
}

static void
get_bytes(struct reader *r, void *p, size_t n)
{
	if (r->value.n != n)
		r->is_bad = true;
	else
		memcpy(p, r->value.p, n);
}

static int
reader_begin(struct reader *r, struct span bytes, struct err *e)
{
	*r = (struct reader){ .rest = span_sub(bytes, 1, bytes.n) };
	if (bytes.n == 0 || bytes.p[0] == 0)
		return err_set(e, "damaged record");
	if (bytes.p[0] != RECORD_VERSION)
		return err_set(e, "damaged record, or one of a newer version (%u)",
		    (unsigned)(uint8_t)bytes.p[0]);
	return 0;
}

static int
reader_end(const struct reader *r, bool is_whole, struct err *e)
{
	return r->is_bad || !is_whole ? err_set(e, "damaged record") : 0;
}

struct span
record_docid_print(const struct docid *id, uint8_t out[RECORD_DOCID_BYTES])
{
	memcpy(out, id->uuid, 16);
	out[16] = id->key;
	memcpy(out + 17, id->tag, 10);
	return (struct span){ (const char *)out, RECORD_DOCID_BYTES };
}

bool
record_docid_parse(struct span bytes, struct docid *id)
{
	if (bytes.n != RECORD_DOCID_BYTES)
		return false;
	memcpy(id->uuid, bytes.p, 16);
	id->key = (uint8_t)bytes.p[16];
	memcpy(id->tag, bytes.p + 17, 10);
	return true;
}

static void
put_hit(struct buffer *b, const struct document_hit *h)
{
	struct buffer inner = { .arena = b->arena };

	put_text(&inner, HIT_PART, h->part);
	put_text(&inner, HIT_VIEW, h->view);
	put_number(&inner, HIT_OFFSET, h->offset);
	put_number(&inner, HIT_LENGTH, h->length);
	put_bytes(&inner, HIT_DIGEST, h->digest, DIGEST_BYTES);
	put_field(b, DOC_HIT, buffer_span(&inner));
}

static void
put_counts(struct buffer *b, const uint64_t counts[HEADLINE_COUNT])
{
	struct buffer inner = { .arena = b->arena };

	for (int i = 0; i < HEADLINE_COUNT; i++)
		put_varint(&inner, counts[i]);
	put_field(b, DOC_COUNTS, buffer_span(&inner));
}

static void
put_document_texts(struct buffer *b, const struct document *d)
{
	put_text(b, DOC_NUMBER, d->number);
	put_text(b, DOC_SENDER, d->sender);
	put_text(b, DOC_MESSAGE_ID, d->message_id);
	put_text(b, DOC_ENVELOPE_ID, d->envelope_id);
	put_text(b, DOC_QUEUE_ID, d->queue_id);
	put_text(b, DOC_ACTION, d->action);
	put_text(b, DOC_RULE, d->rule);
	put_text(b, DOC_POLICY, d->policy);
}

struct span
record_document_print(struct arena *a, const struct record_document *r)
{
	struct buffer b = { .arena = a };
	const struct document *d = &r->document;
	uint8_t id[RECORD_DOCID_BYTES];

	buffer_byte(&b, RECORD_VERSION);
	put_field(&b, DOC_ID, record_docid_print(&d->id, id));
	put_document_texts(&b, d);
	if (d->has_subject)
		put_bytes(&b, DOC_SUBJECT, d->subject, DIGEST_BYTES);
	put_bytes(&b, DOC_RETRY_KEY, d->retry_key, DIGEST_BYTES);
	put_number(&b, DOC_SEEN, (uint64_t)d->seen_ms);
	put_number(&b, DOC_SIZE, d->size_bytes);
	put_number(&b, DOC_ATTEMPTS, d->attempts);
	put_number(&b, DOC_FLAGS, d->flags);
	put_number(&b, DOC_REGISTERED, r->is_registered);
	put_counts(&b, r->counts);
	for (size_t i = 0; i < d->hit_count && i < RECORD_HIT_LIMIT; i++)
		put_hit(&b, &d->hits[i]);
	return buffer_span(&b);
}

static void
get_hit(struct reader *outer, struct arena *a, struct document_hit *h)
{
	struct reader r = { .rest = outer->value };

	while (next_field(&r)) {
		switch (r.tag) {
		case HIT_PART:
			h->part = arena_copy(a, r.value);
			break;
		case HIT_VIEW:
			h->view = arena_copy(a, r.value);
			break;
		case HIT_OFFSET:
			h->offset = get_number(&r);
			break;
		case HIT_LENGTH:
			h->length = get_number(&r);
			break;
		case HIT_DIGEST:
			get_bytes(&r, h->digest, DIGEST_BYTES);
			break;
		}
	}
	outer->is_bad |= r.is_bad;
}

static void
add_hit(struct reader *r, struct arena *a, struct document *d)
{
	struct document_hit *hits = (struct document_hit *)(uintptr_t)d->hits;

	if (d->hit_count == RECORD_HIT_LIMIT)
		return;
	if (hits == NULL)
		d->hits = hits = ARENA_ARRAY(a, struct document_hit, RECORD_HIT_LIMIT);
	get_hit(r, a, &hits[d->hit_count++]);
}

static void
get_counts(struct reader *r, uint64_t counts[HEADLINE_COUNT])
{
	struct span s = r->value;

	for (int i = 0; i < HEADLINE_COUNT && s.n != 0; i++)
		if (!take_varint(&s, &counts[i])) {
			r->is_bad = true;
			return;
		}
}

/* Where the text of ${tag} belongs; NULL if it is no text. */
static struct span *
document_text(struct document *d, uint64_t tag)
{
	switch (tag) {
	case DOC_NUMBER:
		return &d->number;
	case DOC_SENDER:
		return &d->sender;
	case DOC_MESSAGE_ID:
		return &d->message_id;
	case DOC_ENVELOPE_ID:
		return &d->envelope_id;
	case DOC_QUEUE_ID:
		return &d->queue_id;
	case DOC_ACTION:
		return &d->action;
	case DOC_RULE:
		return &d->rule;
	case DOC_POLICY:
		return &d->policy;
	default:
		return NULL;
	}
}

static void
get_document_number(struct reader *r, struct record_document *out)
{
	struct document *d = &out->document;

	switch (r->tag) {
	case DOC_SEEN:
		d->seen_ms = (int64_t)get_number(r);
		break;
	case DOC_SIZE:
		d->size_bytes = get_number(r);
		break;
	case DOC_ATTEMPTS:
		d->attempts = get_number(r);
		break;
	case DOC_FLAGS:
		d->flags = (unsigned)get_number(r);
		break;
	case DOC_REGISTERED:
		out->is_registered = get_number(r) != 0;
		break;
	}
}

static void
get_document_field(struct reader *r, struct arena *a, struct record_document *out)
{
	struct document *d = &out->document;
	struct span *text = document_text(d, r->tag);

	if (text != NULL) {
		*text = arena_copy(a, r->value);
		return;
	}
	switch (r->tag) {
	case DOC_ID:
		r->is_bad |= !record_docid_parse(r->value, &d->id);
		break;
	case DOC_SUBJECT:
		d->has_subject = true;
		get_bytes(r, d->subject, DIGEST_BYTES);
		break;
	case DOC_RETRY_KEY:
		get_bytes(r, d->retry_key, DIGEST_BYTES);
		break;
	case DOC_COUNTS:
		get_counts(r, out->counts);
		break;
	case DOC_HIT:
		add_hit(r, a, d);
		break;
	default:
		get_document_number(r, out);
	}
}

int
record_document_parse(struct arena *a, struct span bytes, struct record_document *out,
    struct err *e)
{
	struct reader r;
	bool has_id = false;

	memset(out, 0, sizeof(*out));
	if (reader_begin(&r, bytes, e) < 0)
		return -1;
	while (next_field(&r)) {
		has_id |= r.tag == DOC_ID;
		get_document_field(&r, a, out);
	}
	return reader_end(&r, has_id, e);
}

struct span
record_recipient_print(struct arena *a, const struct record_recipient *r)
{
	struct buffer b = { .arena = a };

	buffer_byte(&b, RECORD_VERSION);
	put_text(&b, RCPT_ADDRESS, r->addressee.address);
	put_number(&b, RCPT_SUCCESS, r->addressee.has_success_notify);
	put_number(&b, RCPT_OURS, r->addressee.is_our_notify);
	put_number(&b, RCPT_ORDINAL, r->ordinal);
	put_number(&b, RCPT_BUCKET, (uint64_t)r->bucket);
	put_number(&b, RCPT_ORIGIN, r->has_origin);
	return buffer_span(&b);
}

static void
get_recipient_field(struct reader *r, struct arena *a, struct record_recipient *out)
{
	switch (r->tag) {
	case RCPT_ADDRESS:
		out->addressee.address = arena_copy(a, r->value);
		break;
	case RCPT_SUCCESS:
		out->addressee.has_success_notify = get_number(r) != 0;
		break;
	case RCPT_OURS:
		out->addressee.is_our_notify = get_number(r) != 0;
		break;
	case RCPT_ORDINAL:
		out->ordinal = get_number(r);
		break;
	case RCPT_BUCKET:
		out->bucket = (enum receipt_headline)get_number(r);
		r->is_bad |= (unsigned)out->bucket >= HEADLINE_COUNT;
		break;
	case RCPT_ORIGIN:
		out->has_origin = get_number(r) != 0;
		break;
	}
}

int
record_recipient_parse(struct arena *a, struct span bytes, struct record_recipient *out,
    struct err *e)
{
	struct reader r;

	memset(out, 0, sizeof(*out));
	if (reader_begin(&r, bytes, e) < 0)
		return -1;
	while (next_field(&r))
		get_recipient_field(&r, a, out);
	return reader_end(&r, true, e);
}

struct span
record_evidence_print(struct arena *a, const struct evidence *ev)
{
	struct buffer b = { .arena = a };

	buffer_byte(&b, RECORD_VERSION);
	put_number(&b, EV_SOURCE, (uint64_t)ev->source);
	put_number(&b, EV_CODE, (uint64_t)ev->code);
	put_number(&b, EV_TRUST, (uint64_t)ev->trust);
	put_text(&b, EV_REPORTER, ev->reporter);
	put_text(&b, EV_REASON, ev->reason);
	put_number(&b, EV_CLAIMED, (uint64_t)ev->claimed_ms);
	put_number(&b, EV_SEEN, (uint64_t)ev->seen_ms);
	put_bytes(&b, EV_DIGEST, ev->digest, DIGEST_BYTES);
	return buffer_span(&b);
}

static void
get_evidence_field(struct reader *r, struct arena *a, struct evidence *ev)
{
	switch (r->tag) {
	case EV_SOURCE:
		ev->source = (enum evidence_source)get_number(r);
		break;
	case EV_CODE:
		ev->code = (enum evidence_code)get_number(r);
		break;
	case EV_TRUST:
		ev->trust = (enum evidence_trust)get_number(r);
		break;
	case EV_REPORTER:
		ev->reporter = arena_copy(a, r->value);
		break;
	case EV_REASON:
		ev->reason = arena_copy(a, r->value);
		break;
	case EV_CLAIMED:
		ev->claimed_ms = (int64_t)get_number(r);
		break;
	case EV_SEEN:
		ev->seen_ms = (int64_t)get_number(r);
		break;
	case EV_DIGEST:
		get_bytes(r, ev->digest, DIGEST_BYTES);
		break;
	}
}

int
record_evidence_parse(struct arena *a, struct span bytes, struct evidence *ev, struct err *e)
{
	struct reader r;

	memset(ev, 0, sizeof(*ev));
	if (reader_begin(&r, bytes, e) < 0)
		return -1;
	while (next_field(&r))
		get_evidence_field(&r, a, ev);
	return reader_end(&r, true, e);
}
