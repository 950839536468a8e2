/* SPDX-License-Identifier: BSD-2-Clause */
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "base/buffer.h"
#include "base/xml.h"
#include "mail/address.h"

#include "ack_internal.h"

#define FILE_LIMIT ((size_t)1024 * 1024)
#define DEPTH_LIMIT 64
#define ELEMENT_LIMIT 20000
#define FIELD_LIMIT 1000
#define CODE_LIMIT 8
#define ZONE_S (7 * 3600)	/* times have no zone and mean Hà Nội's */

enum field { STATUS, DESCRIPTION, TIMESTAMP, NUMBER, DOCUMENT, REPORTER, FIELD_COUNT };

/* What a status package says, and where it stands (QCVN 102:2016). */
static const struct {
	const char *parent;
	const char *name;
} places[FIELD_COUNT] = {
	[STATUS] = { "MessageHeader", "StatusCode" },
	[DESCRIPTION] = { "MessageHeader", "Description" },
	[TIMESTAMP] = { "MessageHeader", "Timestamp" },
	[NUMBER] = { "ResponseFor", "Code" },
	[DOCUMENT] = { "ResponseFor", "DocumentId" },
	[REPORTER] = { "From", "OrganId" },
};

struct reader {
	struct buffer texts[FIELD_COUNT];
	const char *names[DEPTH_LIMIT];
	struct arena *arena;
	size_t depth, elements;
	int open;		/* the field that text belongs to, or -1 */
	bool has_response;	/* it answers something */
};

static int
on_start(void *context, const char *name, const char **attributes)
{
	struct reader *r = context;
	const char *parent = r->depth > 0 ? r->names[r->depth - 1] : "";

	(void)attributes;
	if (r->depth == DEPTH_LIMIT || r->elements++ == ELEMENT_LIMIT)
		return 1;
	r->names[r->depth++] = arena_string(r->arena,
	    span_sub(span_of(name), 0, 64));
	r->has_response |= strcmp(name, "ResponseFor") == 0;
	r->open = -1;
	for (int i = 0; i < FIELD_COUNT; i++)
		if (strcmp(name, places[i].name) == 0 &&
		    strcmp(parent, places[i].parent) == 0 && r->texts[i].n == 0)
			r->open = i;
	return 0;
}

static int
on_end(void *context, const char *name)
{
	struct reader *r = context;

	(void)name;
	r->open = -1;
	if (r->depth > 0)
		r->depth--;
	return 0;
}

static int
on_text(void *context, struct span text)
{
	struct reader *r = context;

	if (r->open >= 0 && r->texts[r->open].n < FIELD_LIMIT)
		buffer_add(&r->texts[r->open], span_sub(text, 0,
		    FIELD_LIMIT - r->texts[r->open].n));
	return 0;
}

/* No document type, so no entities: nothing grows and nothing is fetched. */
static bool
read_package(struct span bytes, struct reader *r)
{
	static const struct xml_events events = { .start = on_start, .end = on_end,
	    .text = on_text, .forbids_type = true };

	return xml_parse(bytes, &events, r) == 0;
}

/* "2026/11/24 13:56:53", or the day first. */
static int64_t
time_ms(struct arena *a, struct span text)
{
	const char *s = arena_string(a, span_trim(text));
	struct tm t = { 0 };
	int year, month, day, used = 0;

	if (sscanf(s, "%4d/%2d/%2d%n", &year, &month, &day, &used) != 3 &&
	    sscanf(s, "%2d/%2d/%4d%n", &day, &month, &year, &used) != 3)
		return 0;
	if (year < 1970 || year > 9999 || month < 1 || month > 12 || day < 1 || day > 31)
		return 0;
	t.tm_year = year - 1900;
	t.tm_mon = month - 1;
	t.tm_mday = day;
	sscanf(s + used, "%2d:%2d:%2d", &t.tm_hour, &t.tm_min, &t.tm_sec);
	return ((int64_t)timegm(&t) - ZONE_S) * 1000;
}

/* "OrganId,yyyy/MM/dd,số/ký hiệu": what is behind the last comma. */
static struct span
number_of(struct span code, struct span document)
{
	size_t n = document.n;

	while (n > 0 && document.p[n - 1] != ',')
		n--;
	if (n > 0)
		return span_trim(span_sub(document, n, document.n));
	return span_trim(code);
}

static struct span
status_of(struct arena *a, struct span text)
{
	text = span_sub(span_trim(text), 0, CODE_LIMIT);
	if (text.n == 1)
		return span_of(arena_print(a, "0%c", text.p[0]));
	return text;
}

static void
fill(struct arena *a, const struct message *m, const struct report *r,
    const struct reader *x, struct claim *c)
{
	struct span from = ack_header(a, &m->headers, "From");

	*c = (struct claim){ .kind = ACK_EDXML, .sender = address_first(a, from),
	    .document_id = r->document_id, .claimed_ms = r->date_ms };
	c->recipient = c->sender;
	c->action = status_of(a, buffer_span(&x->texts[STATUS]));
	if (span_is(c->action, "13"))	/* the sender asks: of him who gets this */
		c->recipient = address_first(a, ack_header(a, &m->headers, "To"));
	c->number = number_of(buffer_span(&x->texts[NUMBER]),
	    buffer_span(&x->texts[DOCUMENT]));
	c->message_id = ack_header(a, &m->headers, "In-Reply-To");
	c->reporter = span_trim(buffer_span(&x->texts[REPORTER]));
	c->diagnostic = span_trim(buffer_span(&x->texts[DESCRIPTION]));
	if (time_ms(a, buffer_span(&x->texts[TIMESTAMP])) != 0)
		c->claimed_ms = time_ms(a, buffer_span(&x->texts[TIMESTAMP]));
}

/* By name, type or what stands at its beginning. */
static bool
is_package(const struct part *p, struct span bytes)
{
	struct span head = span_sub(bytes, 0, 4096);

	if (p->is_container || bytes.n > FILE_LIMIT)
		return false;
	return span_find(head, span_of("QCVN_102")) < head.n ||
	    (span_find(head, span_of("edXML")) < head.n &&
	    span_find(head, span_of("<?xml")) < head.n);
}

static bool
may_be_package(const struct part *p)
{
	struct span type = span_of(p->type), name = p->name;

	return span_find(type, span_of("xml")) < type.n ||
	    span_is(type, "application/octet-stream") ||
	    (name.n > 6 && span_is(span_sub(name, name.n - 6, 6), ".edxml")) ||
	    (name.n > 4 && span_is(span_sub(name, name.n - 4, 4), ".xml"));
}

void
ack_edxml(struct arena *a, const struct message *m, const struct report *r,
    struct claims *claims)
{
	for (size_t i = 0; i < m->parts.count && claims->count < ACK_CLAIM_LIMIT; i++) {
		const struct part *p = &m->parts.list[i];
		struct reader x = { .arena = a, .open = -1 };
		struct span bytes;

		if (!may_be_package(p) || !is_package(p, bytes = part_decode(a, p)))
			continue;
		for (int k = 0; k < FIELD_COUNT; k++)
			x.texts[k].arena = a;
		if (!read_package(bytes, &x) || !x.has_response ||
		    x.texts[STATUS].n == 0)
			continue;
		if (claims->list == NULL)
			claims->list = ARENA_ARRAY(a, struct claim, ACK_CLAIM_LIMIT);
		fill(a, m, r, &x, &claims->list[claims->count]);
		ack_digest(bytes, claims->list[claims->count++].digest);
	}
}
