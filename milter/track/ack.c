/* SPDX-License-Identifier: BSD-2-Clause */
#include <string.h>

#include "base/buffer.h"
#include "mail/header.h"

#include "track/keyring.h"
#include "track/stamp.h"

#include "ack_internal.h"
#include "track/ack.h"

#define CLAIM_LIMIT 1000
#define REASON_LIMIT 512
#define REPORTER_LIMIT 255	/* RFC 1035 2.3.4 */

/* What a report says once for all recipients. */
struct report {
	struct span reporter;
	struct span envelope_id;
	struct span queue_id;
	struct span message_id;
	struct span document_id;
	int64_t arrival_ms;
	int64_t date_ms;
	uint8_t digest[DIGEST_BYTES];
};

static const struct {
	const char *action;
	enum evidence_code code;
} actions[] = {
	{ "delayed", CODE_DELAYED },
	{ "relayed", CODE_RELAYED },
	{ "expanded", CODE_EXPANDED },
	{ "delivered", CODE_DELIVERED },
	{ "failed", CODE_FAILED },
};

static const char *const report_types[] = {
	"message/delivery-status", "message/global-delivery-status", NULL
};

static const char *const returned_types[] = {
	"message/rfc822", "text/rfc822-headers", "message/global",
	"message/global-headers", "message/rfc822-headers", NULL
};

const char *
ack_kind_name(enum ack_kind k)
{
	return k == ACK_DSN ? "dsn" : NULL;
}

static bool
is_one_of(const char *type, const char *const *types)
{
	for (; type != NULL && *types != NULL; types++)
		if (span_is(span_of(type), *types))
			return true;
	return false;
}

static size_t
depth(const struct part *p)
{
	size_t n = 0;

	for (const char *c = p->path; c != NULL && *c != '\0'; c++)
		n += *c == '.';
	return n;
}

/* The outermost counts: a report that a report returns speaks of another letter. */
static size_t
report_depth(const struct parts *parts)
{
	size_t best = SIZE_MAX;

	for (size_t i = 0; i < parts->count; i++) {
		const struct part *p = &parts->list[i];

		if (is_one_of(p->type, report_types) && depth(p) < best)
			best = depth(p);
	}
	return best;
}

static bool
is_sibling(const struct part *a, const struct part *b)
{
	const char *end = a->path != NULL ? strrchr(a->path, '.') : NULL;
	size_t n = end != NULL ? (size_t)(end - a->path) + 1 : 0;

	return depth(a) == depth(b) && (n == 0 || strncmp(a->path, b->path, n) == 0);
}

/* The returned part stands beside the report, or at least behind it. */
static const struct part *
find_returned(const struct parts *parts, const struct part *report)
{
	const struct part *end = parts->list + parts->count, *other = NULL;

	for (const struct part *p = report + 1; p < end; p++) {
		if (!is_one_of(p->type, returned_types))
			continue;
		if (is_sibling(report, p))
			return p;
		if (other == NULL)
			other = p;
	}
	return other;
}

static struct span
returned_field(struct arena *a, const struct headers *h, const char *name)
{
	const struct header *field = header_find(h, name, 0);

	if (field == NULL)
		return (struct span){ NULL, 0 };
	return header_unfold(a, span_sub(field->value, 0, ACK_TEXT_LIMIT));
}

static void
read_returned(struct arena *a, const struct part *p, const char *header_name,
    struct report *r)
{
	struct headers h = { 0 };
	size_t body;

	headers_parse(a, part_decode(a, p), &h, &body);
	r->message_id = returned_field(a, &h, "Message-ID");
	r->document_id = returned_field(a, &h, header_name);
}

static void
take(struct arena *a, struct span block, const char *name, struct span *value)
{
	if (value->n == 0)
		*value = ack_field(a, block, name);
}

/* Fields of the message: from the blocks up to the first recipient's own. */
static void
read_message_block(struct arena *a, struct span block, struct report *r)
{
	struct span reporter = { NULL, 0 };

	take(a, block, "Original-Envelope-Id", &r->envelope_id);
	take(a, block, "X-Postfix-Queue-ID", &r->queue_id);
	if (r->reporter.n == 0) {
		take(a, block, "Reporting-MTA", &reporter);
		r->reporter = span_sub(ack_uncomment(a, ack_typed(reporter)), 0,
		    REPORTER_LIMIT);
	}
	if (r->arrival_ms == 0)
		r->arrival_ms = ack_date_ms(ack_field(a, block, "Arrival-Date"));
}

static int64_t
claimed_ms(struct arena *a, struct span block, const struct report *r)
{
	int64_t ms = ack_date_ms(ack_field(a, block, "Last-Attempt-Date"));

	if (ms != 0)
		return ms;
	return r->arrival_ms != 0 ? r->arrival_ms : r->date_ms;
}

static bool
is_recipient_block(struct arena *a, struct span block)
{
	return ack_field(a, block, "Final-Recipient").n != 0 ||
	    ack_field(a, block, "Original-Recipient").n != 0 ||
	    ack_field(a, block, "Action").n != 0;
}

static void
read_recipient_block(struct arena *a, struct span block, const struct report *r,
    struct claim *c)
{
	*c = (struct claim){ .kind = ACK_DSN, .reporter = r->reporter,
	    .message_id = r->message_id, .envelope_id = r->envelope_id,
	    .document_id = r->document_id, .queue_id = r->queue_id };
	c->recipient = ack_address(a, ack_field(a, block, "Original-Recipient"));
	c->final_recipient = ack_address(a, ack_field(a, block, "Final-Recipient"));
	if (c->recipient.n == 0)
		c->recipient = c->final_recipient;
	c->action = ack_word(a, ack_field(a, block, "Action"));
	c->status = ack_word(a, ack_field(a, block, "Status"));
	c->diagnostic = ack_field(a, block, "Diagnostic-Code");
	c->claimed_ms = claimed_ms(a, block, r);
	memcpy(c->digest, r->digest, DIGEST_BYTES);
}

/* How many claims there can be at most. */
static size_t
count_blocks(struct span text)
{
	struct span block;
	size_t n = 0;

	while (n < CLAIM_LIMIT && ack_block(&text, &block))
		n++;
	return n;
}

static void
read_blocks(struct arena *a, struct span text, struct report *r, struct claims *claims)
{
	struct span block;
	size_t limit = count_blocks(text);

	if (limit == 0)
		return;
	claims->list = ARENA_ARRAY(a, struct claim, limit);
	while (claims->count < limit && ack_block(&text, &block)) {
		if (claims->count == 0)
			read_message_block(a, block, r);
		if (is_recipient_block(a, block))
			read_recipient_block(a, block, r,
			    &claims->list[claims->count++]);
	}
}

static void
digest_text(struct span text, uint8_t out[DIGEST_BYTES])
{
	struct digest_state *d = digest_begin();

	digest_add(d, text);
	digest_end(d, out);
}

static void
read_report(struct arena *a, const struct message *m, const struct part *part,
    const char *header_name, struct claims *claims)
{
	const struct part *returned = find_returned(&m->parts, part);
	const struct header *date = header_find(&m->headers, "Date", 0);
	struct span text = part_decode(a, part);
	struct report r = { 0 };

	digest_text(text, r.digest);
	if (date != NULL)
		r.date_ms = ack_date_ms(date->value);
	if (returned != NULL)
		read_returned(a, returned, header_name, &r);
	read_blocks(a, text, &r, claims);
}

/* Some MTAs give their words to people the type of the report, too. */
void
ack_read(struct arena *a, const struct message *m, const char *header_name,
    struct claims *claims)
{
	size_t outermost = report_depth(&m->parts);

	*claims = (struct claims){ NULL, 0 };
	for (size_t i = 0; i < m->parts.count && claims->count == 0; i++) {
		const struct part *p = &m->parts.list[i];

		if (is_one_of(p->type, report_types) && depth(p) == outermost)
			read_report(a, m, p, header_name, claims);
	}
}

/* "ID" or "ID@host". */
static bool
resolve(const struct keyring *k, struct span text, struct docid *id)
{
	struct docid read;

	text = span_trim(text);
	if (!docid_parse(span_sub(text, 0, span_find_byte(text, '@')), &read) ||
	    !docid_verify(k, &read))
		return false;
	*id = read;
	return true;
}

/* RFC 3461 6.3 wants the envelope ID decoded; not every MTA does it. */
static bool
resolve_xtext(const struct keyring *k, struct span text, struct docid *id)
{
	struct arena *a;
	bool is_found;

	if (span_find_byte(text, '+') == text.n)
		return false;
	a = arena_new();
	is_found = resolve(k, stamp_xtext_decode(a, text), id);
	arena_free(a);
	return is_found;
}

int
ack_resolve(const struct keyring *k, const struct claim *c, struct docid *id)
{
	return resolve(k, c->envelope_id, id) ||
	    resolve_xtext(k, c->envelope_id, id) ||
	    resolve(k, c->document_id, id);
}

/* Cut to the limit, but not within a character. */
static struct span
reason(struct arena *a, const struct claim *c)
{
	struct buffer b = { .arena = a };
	size_t n;

	buffer_add(&b, c->status);
	if (b.n != 0 && c->diagnostic.n != 0)
		buffer_byte(&b, ' ');
	buffer_add(&b, c->diagnostic);
	n = b.n;
	if (n > REASON_LIMIT)
		for (n = REASON_LIMIT; n > 0 && (b.p[n] & 0xc0) == 0x80;)
			n--;
	return span_sub(buffer_span(&b), 0, n);
}

int
ack_evidence(struct arena *a, const struct claim *c, int64_t seen_ms, enum evidence_trust trust,
    struct evidence *ev)
{
	for (size_t i = 0; i < sizeof(actions) / sizeof(*actions); i++) {
		if (!span_is(c->action, actions[i].action))
			continue;
		*ev = (struct evidence){ SOURCE_DSN, actions[i].code, trust,
		    c->reporter, reason(a, c), c->claimed_ms, seen_ms, { 0 } };
		memcpy(ev->digest, c->digest, DIGEST_BYTES);
		return 1;
	}
	return 0;
}
