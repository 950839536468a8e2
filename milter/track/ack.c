/* SPDX-License-Identifier: BSD-2-Clause */
#include <string.h>

#include "base/buffer.h"
#include "mail/header.h"

#include "track/keyring.h"
#include "track/stamp.h"

#include "ack_internal.h"
#include "track/ack.h"

#define REASON_LIMIT 512

static const struct {
	enum ack_kind kind;
	const char *action;
	enum evidence_code code;
} actions[] = {
	{ ACK_DSN, "delayed", CODE_DELAYED },
	{ ACK_DSN, "relayed", CODE_RELAYED },
	{ ACK_DSN, "expanded", CODE_EXPANDED },
	{ ACK_DSN, "delivered", CODE_DELIVERED },
	{ ACK_DSN, "failed", CODE_FAILED },
	{ ACK_DSN, "transferred", CODE_TRANSFERRED },
	{ ACK_DSN, "opaque", CODE_OPAQUE },
	{ ACK_MDN, "displayed", CODE_DISPLAYED },
	{ ACK_MDN, "processed", CODE_PROCESSED },
	{ ACK_MDN, "dispatched", CODE_DISPATCHED },
	{ ACK_MDN, "deleted", CODE_DELETED },
	{ ACK_MDN, "denied", CODE_DENIED },
	{ ACK_MDN, "failed", CODE_FAILED },
	{ ACK_MDN, "", CODE_UNKNOWN },
	{ ACK_REPLY, "", CODE_HUMAN },
	{ ACK_AUTO_REPLY, "", CODE_AUTO },
	{ ACK_EDXML, "01", CODE_EDXML_01 },
	{ ACK_EDXML, "02", CODE_EDXML_02 },
	{ ACK_EDXML, "03", CODE_EDXML_03 },
	{ ACK_EDXML, "04", CODE_EDXML_04 },
	{ ACK_EDXML, "05", CODE_EDXML_05 },
	{ ACK_EDXML, "06", CODE_EDXML_06 },
	{ ACK_EDXML, "13", CODE_EDXML_13 },
	{ ACK_EDXML, "15", CODE_EDXML_15 },
	{ ACK_EDXML, "16", CODE_EDXML_16 },
};

static const enum evidence_source kind_sources[] = {
	[ACK_DSN] = SOURCE_DSN,
	[ACK_MDN] = SOURCE_MDN,
	[ACK_REPLY] = SOURCE_REPLY,
	[ACK_AUTO_REPLY] = SOURCE_REPLY,
	[ACK_EDXML] = SOURCE_EDXML,
};

const char *
ack_kind_name(enum ack_kind k)
{
	static const char *const names[] = {
		[ACK_DSN] = "dsn",
		[ACK_MDN] = "mdn",
		[ACK_REPLY] = "reply",
		[ACK_AUTO_REPLY] = "auto-reply",
		[ACK_EDXML] = "edxml",
	};

	return (size_t)k < sizeof(names) / sizeof(*names) ? names[k] : NULL;
}

void
ack_digest(struct span text, uint8_t out[DIGEST_BYTES])
{
	struct digest_state *d = digest_begin();

	digest_add(d, text);
	digest_end(d, out);
}

/* Complaints about a letter say nothing of what became of it (RFC 5965). */
static bool
is_complaint(struct arena *a, const struct message *m)
{
	static const char *const types[] = { "message/feedback-report", NULL };
	struct span type = ack_header(a, &m->headers, "Content-Type");

	return ack_part(m, types) != NULL ||
	    span_is(header_parameter(a, type, "report-type"), "feedback-report");
}

static void
read_words(struct arena *a, const struct notice *n, struct report *r,
    struct claims *claims)
{
	ack_fields(a, n, r, claims);
	if (claims->count == 0)
		ack_bounce(a, n, r, claims);
}

void
ack_read(struct arena *a, const struct message *m, const char *header_name,
    struct claims *claims)
{
	const struct header *date = header_find(&m->headers, "Date", 0);
	struct notice n, inner;
	struct report r = { 0 };

	*claims = (struct claims){ NULL, 0 };
	if (is_complaint(a, m))
		return;
	ack_notice(a, m, &n);
	ack_returned(a, &n, header_name, &r);
	if (date != NULL)
		r.date_ms = ack_date_ms(date->value);
	ack_disposition(a, m, &n, &r, claims);
	if (claims->count == 0)
		ack_report(a, m, &n, &r, claims);
	if (claims->count == 0)
		read_words(a, &n, &r, claims);
	/* A gateway may bounce a bounce on to us: look into one more, no further. */
	if (claims->count == 0 && ack_inner(a, &n, &inner))
		read_words(a, &inner, &r, claims);
	if (claims->count == 0)
		ack_reply(a, m, &r, claims);
	if (ack_header(a, &m->headers, "List-Id").n != 0)
		for (size_t i = 0; i < claims->count; i++)
			claims->list[i].is_list = true;
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

/* The code of ${c}: 0 if its action is none that anybody knows. */
static int
code_of(const struct claim *c)
{
	for (size_t i = 0; i < sizeof(actions) / sizeof(*actions); i++) {
		if (actions[i].kind != c->kind || (actions[i].action[0] != '\0' &&
		    !span_is(c->action, actions[i].action)))
			continue;
		if (c->kind == ACK_MDN && c->is_error)
			return CODE_ERROR;
		if (actions[i].code == CODE_DISPLAYED && c->is_automatic)
			return CODE_DISPLAYED_AUTOMATIC;
		if (actions[i].code == CODE_DELIVERED && c->is_list)
			return CODE_DELIVERED_TO_LIST;
		return actions[i].code;
	}
	return 0;
}

int
ack_evidence(struct arena *a, const struct claim *c, int64_t seen_ms, enum evidence_trust trust,
    struct evidence *ev)
{
	int code = code_of(c);

	if (code == 0)
		return 0;
	*ev = (struct evidence){ kind_sources[c->kind], (enum evidence_code)code, trust,
	    c->reporter, reason(a, c), c->claimed_ms, seen_ms, { 0 } };
	memcpy(ev->digest, c->digest, DIGEST_BYTES);
	return 1;
}
