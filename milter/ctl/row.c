/* SPDX-License-Identifier: BSD-2-Clause */
#include "base/buffer.h"
#include "base/clock.h"
#include "base/digest.h"

#include "verb_internal.h"

struct span
row_id(struct arena *a, const struct docid *id)
{
	char text[DOCID_TEXT_SIZE];

	return arena_copy(a, span_of(docid_print(id, text)));
}

struct span
row_time(struct arena *a, int64_t ms)
{
	char text[CLOCK_TEXT_SIZE];

	if (ms == 0)
		return span_of("");
	return arena_copy(a, span_of(clock_print(ms, text)));
}

/* "2007-11-15T08:30:00.000+07:00" to the minute, for eyes. */
struct span
row_clock(struct arena *a, int64_t ms)
{
	char *text = arena_string(a, row_time(a, ms));

	if (ms == 0)
		return span_of("");
	text[10] = ' ';
	return span_sub(span_of(text), 0, 16);
}

static unsigned
flags_of(const struct receipt *r)
{
	return r->state.flags | r->document->flags;
}

struct span
row_flags(struct arena *a, const struct receipt *r)
{
	struct buffer b = { .arena = a };
	const char *name;
	unsigned bit;

	for (bit = 1; bit != 0; bit <<= 1) {
		if ((flags_of(r) & bit) == 0 ||
		    (name = receipt_flag_name(bit)) == NULL)
			continue;
		if (b.n != 0)
			buffer_byte(&b, ' ');
		buffer_text(&b, name);
	}
	return buffer_span(&b);
}

static void
put_flags(struct json *j, const struct receipt *r)
{
	const char *name;
	unsigned bit;

	json_begin(j, '[');
	for (bit = 1; bit != 0; bit <<= 1) {
		if ((flags_of(r) & bit) != 0 &&
		    (name = receipt_flag_name(bit)) != NULL)
			json_text(j, span_of(name));
	}
	json_end(j, ']');
}

void
row_evidence(struct json *j, const struct evidence *ev)
{
	json_begin(j, '{');
	json_key(j, "source");
	json_text_or_null(j, span_of(evidence_source_name(ev->source)));
	json_key(j, "code");
	json_text_or_null(j, span_of(evidence_code_name(ev->code)));
	json_key(j, "trust");
	json_number(j, ev->trust);
	json_key(j, "reporter");
	json_text_or_null(j, ev->reporter);
	json_key(j, "reason");
	json_text_or_null(j, ev->reason);
	json_key(j, "claimed");
	json_time(j, ev->claimed_ms);
	json_key(j, "seen");
	json_time(j, ev->seen_ms);
	json_key(j, "digest");
	json_hex(j, ev->digest, sizeof(ev->digest));
	json_end(j, '}');
}

static void
put_state(struct json *j, const struct receipt *r)
{
	json_key(j, "unit");
	json_text_or_null(j, r->addressee.unit);
	json_key(j, "state");
	json_text(j, span_of(receipt_headline_name(r->state.headline)));
	json_key(j, "flags");
	put_flags(j, r);
	json_key(j, "accepted");
	json_time(j, r->state.accepted_ms);
	json_key(j, "delivered");
	json_time(j, r->state.delivered_ms);
	json_key(j, "acknowledged");
	json_time(j, r->state.acknowledged_ms);
	json_key(j, "due");
	json_time(j, r->document->due_ms);
}

void
row_json(struct json *j, const struct receipt *r)
{
	const struct document *d = r->document;
	char id[DOCID_TEXT_SIZE];
	size_t i;

	json_begin(j, '{');
	json_key(j, "id");
	json_text(j, span_of(docid_print(&d->id, id)));
	json_key(j, "number");
	json_text_or_null(j, d->number);
	json_key(j, "from");
	json_text(j, d->sender);
	json_key(j, "to");
	json_text(j, r->addressee.address);
	put_state(j, r);
	json_key(j, "subject_digest");
	if (d->has_subject)
		json_hex(j, d->subject, sizeof(d->subject));
	else
		json_null(j);
	json_key(j, "queue_id");
	json_text_or_null(j, d->queue_id);
	json_key(j, "message_id");
	json_text_or_null(j, d->message_id);
	json_key(j, "evidence");
	json_begin(j, '[');
	for (i = 0; i < r->evidence_count; i++)
		row_evidence(j, &r->evidence[i]);
	json_end(j, ']');
	json_end(j, '}');
}
