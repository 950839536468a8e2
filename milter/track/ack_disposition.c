/* SPDX-License-Identifier: BSD-2-Clause */
#include <string.h>

#include "mail/address.h"
#include "mail/header.h"

#include "ack_internal.h"

#define REPORTER_LIMIT 255

static const char *const types[] = { "message/disposition-notification", NULL };

static bool
is_receipt(struct arena *a, const struct message *m)
{
	struct span type = ack_header(a, &m->headers, "Content-Type");

	return ack_part(m, types) != NULL || span_is(header_parameter(a, type,
	    "report-type"), "disposition-notification");
}

/* The fields: in their part, or among the words where the type was lost. */
static struct span
find_fields(struct arena *a, const struct message *m)
{
	const struct part *p = ack_part(m, types);
	struct span text = { NULL, 0 }, value;

	if (p != NULL)
		text = part_decode(a, p);
	for (size_t i = 0; i < m->text_count && span_trim(text).n == 0; i++) {
		value = ack_field(a, m->texts[i]->text, "Disposition");
		if (value.n != 0)
			text = m->texts[i]->text;
	}
	return text;
}

/* "manual-action/MDN-sent-manually; displayed/error", blanks and comments anywhere. */
static void
read_disposition(struct arena *a, struct span value, struct claim *c)
{
	struct span bare = ack_lower(a, ack_uncomment(a, value));
	size_t semicolon = span_find_byte(bare, ';');
	bool has_mode = semicolon < bare.n;
	struct span type = has_mode ? span_sub(bare, semicolon + 1, bare.n) : bare;
	size_t slash = span_find_byte(type, '/');
	struct span modifiers = span_sub(type, slash, type.n);

	c->is_automatic = has_mode && span_starts_nocase(bare, "automatic-action");
	c->is_error = span_find(modifiers, span_of("error")) < modifiers.n;
	c->action = ack_word(a, span_sub(type, 0, slash));
}

/* The first "<...>" in ${value}; all of it if it has none. */
static struct span
first_id(struct span value)
{
	size_t start = span_find_byte(value, '<');
	size_t n = span_find_byte(span_sub(value, start, value.n), '>');

	if (start == value.n || start + n == value.n)
		return span_trim(value);
	return span_sub(value, start, n + 1);
}

/* Exchange leaves the original's ID out: then it stands in the returned part or the thread. */
static void
read_original(struct arena *a, const struct message *m, struct span fields,
    const struct report *r, struct claim *c)
{
	c->message_id = first_id(ack_field(a, fields, "Original-Message-ID"));
	c->references = ack_header(a, &m->headers, "References");
	if (c->message_id.n == 0)
		c->message_id = r->message_id;
	if (c->message_id.n == 0)
		c->message_id = first_id(ack_header(a, &m->headers, "In-Reply-To"));
	c->document_id = r->document_id;
	c->envelope_id = ack_field(a, fields, "Original-Envelope-Id");
}

static bool
is_several(struct span value)
{
	struct span raw;
	size_t end = ack_next_address(value, 0, &raw);

	return end != 0 && ack_next_address(value, end, &raw) != 0;
}

/* Roundcube copies the whole To into Original-Recipient: that names nobody. */
static void
read_recipients(struct arena *a, struct span fields, struct claim *c)
{
	struct span original = ack_field(a, fields, "Original-Recipient");

	c->final_recipient = ack_address(a, ack_field(a, fields, "Final-Recipient"));
	if (!is_several(original) || !ack_is_address(c->final_recipient))
		c->recipient = ack_address(a, original);
	if (!ack_is_address(c->recipient))
		c->recipient = c->final_recipient;
	if (!ack_is_address(c->recipient))
		c->recipient = c->sender;
}

void
ack_disposition(struct arena *a, const struct message *m, const struct notice *n,
    struct report *r, struct claims *claims)
{
	struct span fields, from = ack_header(a, &m->headers, "From");
	struct claim *c;

	if (!is_receipt(a, m))
		return;
	fields = find_fields(a, m);
	c = claims->list = ARENA_NEW(a, struct claim);
	claims->count = 1;
	*c = (struct claim){ .kind = ACK_MDN, .sender = address_first(a, from),
	    .claimed_ms = r->date_ms };
	read_recipients(a, fields, c);
	read_disposition(a, ack_field(a, fields, "Disposition"), c);
	read_original(a, m, fields, r, c);
	c->reporter = span_sub(ack_field(a, fields, "Reporting-UA"), 0, REPORTER_LIMIT);
	c->diagnostic = ack_field(a, fields, "Error");
	c->is_gateway = ack_field(a, fields, "MDN-Gateway").n != 0;
	ack_digest(fields.n != 0 ? fields : n->words, c->digest);
}
