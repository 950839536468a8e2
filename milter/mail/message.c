/* SPDX-License-Identifier: BSD-2-Clause */
#include <string.h>

#include "mail/charset.h"
#include "mail/message.h"

struct span
part_decode(struct arena *a, const struct part *p)
{
	return transfer_decode(a, p->encoding, p->raw);
}

size_t
part_size(struct arena *a, const struct part *p)
{
	return p->size != 0 || p->is_inside ? p->size : part_decode(a, p).n;
}

static struct view *
header_view(struct arena *a, const struct header *field, const char *part)
{
	return view_of_text(a, part, header_decode(a, field->value));
}

struct view **
message_header_views(struct arena *a, const struct message *m, const char *name,
    size_t *count)
{
	const struct headers *h = &m->headers;
	const char *part = arena_print(a, "header:%s", name);
	struct view **views;
	size_t i, n = 0;

	for (i = 0; i < h->count; i++)
		n += span_is(h->list[i].name, name);
	views = ARENA_ARRAY(a, struct view *, n + 1);
	for (i = *count = 0; i < h->count; i++)
		if (span_is(h->list[i].name, name))
			views[(*count)++] = header_view(a, &h->list[i], part);
	return views;
}

static bool
part_is_shown(const struct part *p)
{
	return p->reason == PART_READ && strncmp(p->type, "text/", 5) == 0;
}

static void
name_push(struct arena *a, struct message *m, const struct part *p, struct span name)
{
	size_t size = m->name_size * 2 + 4;

	if (name.n == 0)
		return;
	if (m->name_count == m->name_size) {
		m->names = arena_grow(a, m->names, m->name_size * sizeof(struct view *),
		    size * sizeof(struct view *));
		m->name_size = size;
	}
	m->names[m->name_count++] = view_of_text(a, arena_print(a, "name:%s", p->path),
	    name);
}

static void
names_push(struct arena *a, struct message *m, const struct part *p)
{
	name_push(a, m, p, p->name);
	name_push(a, m, p, p->other_name);
}

void
message_add_part(struct arena *a, struct message *m, const struct part *p)
{
	*parts_add(a, &m->parts) = *p;
	names_push(a, m, p);
}

static void
attachments_push(struct arena *a, struct message *m, struct view *v)
{
	size_t size = m->attachment_size == 0 ? 8 : 2 * m->attachment_size;

	if (m->attachment_count == m->attachment_size) {
		m->attachments = arena_grow(a, m->attachments,
		    m->attachment_size * sizeof(struct view *),
		    size * sizeof(struct view *));
		m->attachment_size = size;
	}
	m->attachments[m->attachment_count++] = v;
}

void
message_add_text(struct arena *a, struct message *m, const char *part, struct span text)
{
	attachments_push(a, m, view_of_text(a, part, text));
}

/* The view of one text part; ${left} bytes of decoded text are still allowed.  Its bytes. */
static struct span
add_part(struct arena *a, struct message *m, struct part *p, size_t *left)
{
	struct span all = part_decode(a, p), bytes = all;
	struct view *v;

	if (bytes.n > *left) {
		p->reason = PART_SIZE;
		if (m->reason == PART_READ || m->reason == PART_DAMAGED)
			m->reason = PART_SIZE;
		bytes = span_sub(bytes, 0, *left);	/* its beginning at least */
	}
	*left -= bytes.n;
	v = view_of_part(a, p->path, bytes, p->charset, strcmp(p->type, "text/html") == 0);
	m->texts[m->text_count++] = v;
	if (p->is_attachment)
		attachments_push(a, m, v);
	return all;
}

/* Files from before MIME among the lines of a text: attachments below it ("1/1"). */
static void
add_uuencoded(struct arena *a, struct message *m, const struct part *text,
    struct span rest, size_t most)
{
	struct part p = { .type = "application/octet-stream",
	    .encoding = TRANSFER_UUENCODE, .is_attachment = true,
	    .reason = PART_UNSUPPORTED };
	struct span charset = text->charset, name;
	const char *path = text->path;
	size_t n = 0;

	while (transfer_uuencoded(&rest, &name, &p.raw)) {
		if (m->parts.count >= most) {
			m->reason = PART_SIZE;
			return;
		}
		p.path = arena_print(a, "%s/%zu", path, ++n);
		p.name = charset_decode(a, charset, name, NULL);
		message_add_part(a, m, &p);
	}
}

static void
add_parts(struct arena *a, struct message *m, const struct message_limits *limits)
{
	size_t left = limits->text_bytes, count = m->parts.count, i;
	struct span *bytes = ARENA_ARRAY(a, struct span, count + 1);
	struct part *p;

	for (i = 0; i < count; i++) {
		p = &m->parts.list[i];
		if (part_is_shown(p))
			bytes[i] = add_part(a, m, p, &left);
		names_push(a, m, p);
	}
	for (i = 0; i < count; i++) {
		p = &m->parts.list[i];
		if (strcmp(p->type, "text/plain") == 0 && p->encoding != TRANSFER_UUENCODE)
			add_uuencoded(a, m, p, bytes[i], limits->mime.parts);
	}
}

/* Readers show one subject or another of several: the further ones count as text. */
static void
add_subjects(struct arena *a, struct message *m, struct view **subjects, size_t n)
{
	size_t i;

	m->texts = ARENA_ARRAY(a, struct view *, m->parts.count + n + 1);
	m->subject = n != 0 ? subjects[0] : NULL;
	for (i = 1; i < n; i++)
		m->texts[m->text_count++] = subjects[i];
}

struct message *
message_read(struct arena *a, struct span raw, const struct message_limits *limits)
{
	struct message *m = ARENA_NEW(a, struct message);
	const struct header *field;
	struct view **subjects;
	size_t body, n;

	m->raw = raw;
	headers_parse(a, raw, &m->headers, &body);
	mime_parse(a, raw, &limits->mime, &m->parts);
	m->reason = m->parts.reason;
	subjects = message_header_views(a, m, "Subject", &n);
	add_subjects(a, m, subjects, n);
	add_parts(a, m, limits);
	if ((field = header_find(&m->headers, "Message-ID", 0)) != NULL)
		m->message_id = header_unfold(a, field->value);
	return m;
}
