/* SPDX-License-Identifier: BSD-2-Clause */
#include <string.h>

#include "base/buffer.h"
#include "mail/address.h"
#include "mail/header.h"

#include "ack_internal.h"

static const char *const returned_types[] = {
	"message/rfc822", "text/rfc822-headers", "message/global",
	"message/global-headers", "message/rfc822-headers", NULL
};

static bool
is_one_of(const char *type, const char *const *types)
{
	for (; type != NULL && *types != NULL; types++)
		if (span_is(span_of(type), *types))
			return true;
	return false;
}

size_t
ack_depth(const struct part *p)
{
	size_t n = 0;

	for (const char *c = p->path; c != NULL && *c != '\0'; c++)
		n += *c == '.';
	return n;
}

/* The outermost counts: a report that a report returns speaks of another letter. */
const struct part *
ack_part(const struct message *m, const char *const *types)
{
	const struct part *best = NULL;

	for (size_t i = 0; i < m->parts.count; i++) {
		const struct part *p = &m->parts.list[i];

		if (is_one_of(p->type, types) &&
		    (best == NULL || ack_depth(p) < ack_depth(best)))
			best = p;
	}
	return best;
}

static bool
is_below(const char *path, const char *upper)
{
	size_t n = upper != NULL ? strlen(upper) : 0;

	return n != 0 && path != NULL && strncmp(path, upper, n) == 0 &&
	    (path[n] == '.' || path[n] == '\0');
}

/* A field's name at the start of ${line}; empty if it is no field. */
static struct span
field_name(struct span line)
{
	size_t n = 0;

	while (n < line.n && ((line.p[n] >= 'a' && line.p[n] <= 'z') ||
	    (line.p[n] >= 'A' && line.p[n] <= 'Z') ||
	    (line.p[n] >= '0' && line.p[n] <= '9') || line.p[n] == '-' ||
	    line.p[n] == '_'))
		n++;
	return span_sub(line, 0, n != 0 && n < line.n && line.p[n] == ':' ? n : 0);
}

/* Lines that look like the header of a letter. */
struct run {
	const char *start;
	unsigned fields;
	bool has_transit;	/* what only a letter on its way has */
	bool has_from, has_subject;
};

static void
run_add(struct run *r, struct span line, struct span name)
{
	static const char *const transit[] = { "Received", "Return-Path", "Message-ID",
	    "DKIM-Signature", "Delivered-To", "X-Originating-IP", NULL };

	if (r->fields++ == 0)
		r->start = line.p;
	for (size_t i = 0; transit[i] != NULL; i++)
		r->has_transit |= span_is(name, transit[i]);
	r->has_from |= span_is(name, "From");
	r->has_subject |= span_is(name, "Subject") || span_is(name, "To");
}

static bool
run_is_header(const struct run *r)
{
	return r->fields >= 3 && (r->has_transit || (r->has_from && r->has_subject));
}

/* "------ This is a copy of ...": a title, not a sentence that mentions one. */
static bool
is_marker(struct arena *a, struct span line)
{
	if (line.n >= 120)
		return false;
	while (line.n != 0 && strchr(" \t-=|*#<>_", line.p[0]) != NULL)
		line = span_sub(line, 1, line.n);
	line = ack_lower(a, line);
	for (const char *const *m = ack_markers; *m != NULL; m++)
		if (span_starts_nocase(line, *m))
			return true;
	return false;
}

/*
 * Where the returned letter begins in ${text}: its length if nowhere.  A notice
 * may begin with its own header once more.
 */
static size_t
find_returned(struct arena *a, struct span text)
{
	struct span rest = text, line, name;
	struct run r = { .start = NULL };
	bool has_words = false;

	while (span_line(&rest, &line)) {
		if (has_words && is_marker(a, line))
			return (size_t)(line.p - text.p);
		name = field_name(line);
		if (name.n != 0) {
			run_add(&r, line, name);
		} else if (line.n == 0 || (line.p[0] != ' ' && line.p[0] != '\t')) {
			r = (struct run){ .start = NULL };
			has_words |= line.n != 0;
		}
		if (run_is_header(&r) && (has_words || r.has_transit))
			return (size_t)(r.start - text.p);
	}
	return text.n;
}

/* Where fields for programs begin among the words. */
static size_t
find_fields(struct span text)
{
	static const char *const names[] = { "Reporting-MTA", "Final-Recipient",
	    "Original-Recipient", "Original-Envelope-Id", NULL };
	struct span rest = text, line, value;

	while (span_line(&rest, &line))
		for (size_t i = 0; names[i] != NULL; i++)
			if (ack_line_field(line, names[i], &value))
				return (size_t)(line.p - text.p);
	return text.n;
}

static void
add_words(struct buffer *b, struct span text)
{
	size_t room = b->n < ACK_WORDS_LIMIT ? ACK_WORDS_LIMIT - b->n : 0;

	buffer_add(b, span_sub(text, 0, room));
	buffer_byte(b, '\n');
}

/* The text parts beside the returned letter, not those in it. */
static struct span
gather_words(struct arena *a, const struct message *m, const struct part *returned)
{
	struct buffer b = { .arena = a };
	const char *below = returned != NULL ? returned->path : NULL;

	for (size_t i = 0; i < m->text_count; i++)
		if (!is_below(m->texts[i]->part, below))
			add_words(&b, m->texts[i]->text);
	return buffer_span(&b);
}

/* From the first line that is a field: markers and rules stand before it. */
static struct span
skip_to_header(struct span text)
{
	struct span rest = text, line, name;

	while (span_line(&rest, &line)) {
		name = field_name(line);
		if (name.n != 0 && line.n > name.n + 1)
			return span_sub(text, (size_t)(line.p - text.p), text.n);
	}
	return (struct span){ NULL, 0 };
}

struct span
ack_header(struct arena *a, const struct headers *h, const char *name)
{
	const struct header *field = header_find(h, name, 0);

	if (field == NULL)
		return (struct span){ NULL, 0 };
	return header_unfold(a, span_sub(field->value, 0, ACK_TEXT_LIMIT));
}

static void
split_fields(struct notice *n)
{
	size_t at = find_fields(n->words);

	n->fields = span_sub(n->words, at, n->words.n);
	n->words = span_sub(n->words, 0, at);
}

void
ack_notice(struct arena *a, const struct message *m, struct notice *n)
{
	const struct part *returned = ack_part(m, returned_types);
	struct span text = gather_words(a, m, returned);
	size_t words = find_returned(a, text);

	*n = (struct notice){ .words = span_sub(text, 0, words) };
	split_fields(n);
	n->subject = m->subject != NULL ? m->subject->text : span_of("");
	n->from = header_decode(a, ack_header(a, &m->headers, "From"));
	n->to = address_first(a, ack_header(a, &m->headers, "To"));
	n->failed = ack_header(a, &m->headers, "X-Failed-Recipients");
	n->returned = returned != NULL ? part_decode(a, returned) :
	    skip_to_header(span_sub(text, words, text.n));
}

void
ack_returned(struct arena *a, const struct notice *n, const char *header_name,
    struct report *r)
{
	struct headers h = { 0 };
	size_t body;

	headers_parse(a, n->returned, &h, &body);
	r->message_id = ack_header(a, &h, "Message-ID");
	if (r->message_id.n == 0)
		r->message_id = ack_header(a, &h, "X-Original-Message-ID");
	r->document_id = ack_header(a, &h, header_name);
	r->returned_to = ack_header(a, &h, "To");
}

bool
ack_inner(struct arena *a, const struct notice *n, struct notice *inner)
{
	struct headers h = { 0 };
	size_t body, words;
	struct span text;

	headers_parse(a, n->returned, &h, &body);
	if (h.count == 0 || body >= n->returned.n)
		return false;
	text = span_sub(n->returned, body, ACK_WORDS_LIMIT);
	words = find_returned(a, text);
	*inner = (struct notice){ .words = span_sub(text, 0, words),
	    .returned = skip_to_header(span_sub(text, words, text.n)) };
	split_fields(inner);
	inner->subject = header_decode(a, ack_header(a, &h, "Subject"));
	inner->from = header_decode(a, ack_header(a, &h, "From"));
	inner->to = address_first(a, ack_header(a, &h, "To"));
	return ack_has(ack_lower(a, inner->from), ack_daemons);
}
