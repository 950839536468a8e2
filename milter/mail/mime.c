/* SPDX-License-Identifier: BSD-2-Clause */
#include <string.h>

#include <gmime/gmime.h>

#include "mail/mime.h"

#include "mime_internal.h"

/* One walk over a message and those inside it. */
struct walk {
	struct arena *arena;
	const struct mime_limits *limits;
	struct parts *parts;
	size_t depth;
	size_t encrypted;	/* multipart/encrypted around us */
};

/* One message as bytes, parsed. */
struct source {
	struct span raw;
	GMimeMessage *message;
};

static void walk_bytes(struct walk *w, struct span raw, const char *prefix);
static void walk_object(struct walk *w, const struct source *s, GMimeObject *o,
    const char *path, size_t end);

void
mime_init(void)
{
	g_mime_init();
}

struct part *
parts_add(struct arena *a, struct parts *parts)
{
	size_t size = parts->size * 2 + 4;
	struct part *p;

	if (parts->count == parts->size) {
		parts->list = arena_grow(a, parts->list,
		    parts->size * sizeof(*p), size * sizeof(*p));
		parts->size = size;
	}
	p = &parts->list[parts->count++];
	memset(p, 0, sizeof(*p));
	return p;
}

static void
walk_reason(struct walk *w, enum part_reason reason)
{
	if (w->parts->reason == PART_READ || w->parts->reason == PART_DAMAGED)
		w->parts->reason = reason;
}

/* A new part at the end of the list, or NULL when there are too many. */
static struct part *
part_add(struct walk *w, const char *path, const struct headers *h, const char *type,
    struct span raw)
{
	struct parts *parts = w->parts;
	struct part *p;

	if (parts->count >= w->limits->parts && parts->count != 0) {
		walk_reason(w, PART_SIZE);
		return NULL;
	}
	p = parts_add(w->arena, parts);
	p->path = path;
	p->type = type;
	p->headers = *h;
	p->raw = raw;
	part_fill(w->arena, p);
	if (w->encrypted != 0 && p->reason == PART_UNSUPPORTED)
		p->reason = PART_ENCRYPTED;
	return p;
}

static bool
header_is_double(const struct headers *h)
{
	return header_find(h, "Content-Type", 1) != NULL ||
	    header_find(h, "Content-Transfer-Encoding", 1) != NULL;
}

/* Readers differ on which of two encodings holds: read the part in each. */
static void
part_add_encodings(struct walk *w, const struct part *first)
{
	const struct header *field;
	struct part copy = *first, *p;
	enum transfer_encoding encoding;
	unsigned seen = 1U << first->encoding;
	size_t i;

	for (i = 1; (field = header_find(&copy.headers, "Content-Transfer-Encoding",
	    i)) != NULL; i++) {
		encoding = transfer_parse(field->value);
		if ((seen & 1U << encoding) != 0)
			continue;
		seen |= 1U << encoding;
		if ((p = part_add(w, copy.path, &copy.headers, copy.type, copy.raw)) == NULL)
			return;
		p->encoding = encoding;
	}
}

static void
message_descend(struct walk *w, const char *path, struct span raw,
    enum transfer_encoding encoding)
{
	walk_bytes(w, transfer_decode(w->arena, encoding, raw),
	    arena_print(w->arena, "%s.", path));
}

/* A part without parts of its own, as far as the parser knows. */
static void
leaf_add(struct walk *w, const char *path, const struct headers *h, struct span raw)
{
	const char *type = part_type(w->arena, h);
	struct part *p;

	if (strncmp(type, "multipart/", 10) == 0) {
		walk_reason(w, PART_DAMAGED);	/* no boundary in sight */
		type = "text/plain";
	}
	if (header_is_double(h))
		walk_reason(w, PART_DAMAGED);
	if ((p = part_add(w, path, h, type, raw)) == NULL)
		return;
	if (p->is_container)
		message_descend(w, path, raw, p->encoding);
	else
		part_add_encodings(w, p);
}

static size_t
list_start(GMimeObject *o, size_t otherwise)
{
	GMimeHeaderList *list = g_mime_object_get_header_list(o);
	gint64 offset, best = -1;
	int i, n = g_mime_header_list_get_count(list);

	for (i = 0; i < n; i++) {
		offset = g_mime_header_get_offset(g_mime_header_list_get_header_at(list, i));
		if (offset >= 0 && (best < 0 || offset < best))
			best = offset;
	}
	return best >= 0 && (size_t)best < otherwise ? (size_t)best : otherwise;
}

/* Where the header of ${o} begins; that of a message's body is the message's. */
static size_t
object_start(const struct source *s, GMimeObject *o, size_t otherwise)
{
	size_t start = list_start(o, otherwise);

	if (s->message != NULL && g_mime_message_get_mime_part(s->message) == o)
		start = list_start(GMIME_OBJECT(s->message), start);
	return start;
}

static struct span
content_span(const struct source *s, GMimeObject *o)
{
	GMimeDataWrapper *content = NULL;
	GMimeStream *stream;
	size_t start, end;

	if (GMIME_IS_PART(o))
		content = g_mime_part_get_content(GMIME_PART(o));
	if (content == NULL)
		return (struct span){ NULL, 0 };
	stream = g_mime_data_wrapper_get_stream(content);
	start = stream->bound_start > 0 ? (size_t)stream->bound_start : 0;
	end = stream->bound_end < 0 || (size_t)stream->bound_end > s->raw.n ?
	    s->raw.n : (size_t)stream->bound_end;
	return span_sub(s->raw, start, end > start ? end - start : 0);
}

/* The header of ${o}, and what is behind it up to ${end}. */
static void
object_headers(struct walk *w, const struct source *s, GMimeObject *o, size_t end,
    struct headers *h, struct span *body)
{
	struct span block;
	size_t at, start = object_start(s, o, end);

	block = span_sub(s->raw, start, end - start);
	headers_parse(w->arena, block, h, &at);
	*body = span_sub(block, at, block.n);
}

static void
leaf_walk(struct walk *w, const struct source *s, GMimeObject *o, const char *path)
{
	struct headers h;
	struct span body, content = content_span(s, o);
	size_t end = content.p != NULL ? (size_t)(content.p - s->raw.p) : s->raw.n;

	object_headers(w, s, o, end, &h, &body);
	leaf_add(w, path, &h, content);
}

/* Where child ${i} must have ended: where the next one begins. */
static size_t
child_end(const struct source *s, GMimeMultipart *m, int i, int count, size_t end)
{
	return i + 1 < count ? object_start(s, g_mime_multipart_get_part(m, i + 1), end) :
	    end;
}

/* A container spans what its parts span. */
static void
container_close(struct walk *w, size_t index)
{
	struct part *p = &w->parts->list[index], *last = &w->parts->list[w->parts->count - 1];

	if (last != p && last->raw.p >= p->raw.p && last->raw.p <= p->raw.p + p->raw.n)
		p->raw.n = (size_t)(last->raw.p + last->raw.n - p->raw.p);
}

static void
multipart_children(struct walk *w, const struct source *s, GMimeMultipart *m,
    const char *prefix, size_t end)
{
	int i, count = g_mime_multipart_get_count(m);

	for (i = 0; i < count && w->parts->reason != PART_SIZE; i++)
		walk_object(w, s, g_mime_multipart_get_part(m, i),
		    arena_print(w->arena, "%s%d", prefix, i + 1),
		    child_end(s, m, i, count, end));
}

static void
multipart_walk(struct walk *w, const struct source *s, GMimeObject *o, const char *path,
    const char *prefix, size_t end)
{
	GMimeMultipart *m = GMIME_MULTIPART(o);
	size_t index = w->parts->count;
	struct headers h;
	struct span body;
	struct part *p;
	bool is_encrypted;

	object_headers(w, s, o, end, &h, &body);
	if (g_mime_multipart_get_count(m) == 0) {
		leaf_add(w, path[0] == '0' ? "1" : path, &h, body);
		return;
	}
	if (header_is_double(&h))
		walk_reason(w, PART_DAMAGED);
	if ((p = part_add(w, path, &h, part_type(w->arena, &h), body)) == NULL)
		return;
	p->is_container = true;
	if ((is_encrypted = p->reason == PART_ENCRYPTED))
		walk_reason(w, PART_ENCRYPTED);
	w->encrypted += is_encrypted;
	multipart_children(w, s, m, prefix, end);
	w->encrypted -= is_encrypted;
	container_close(w, index);
}

/* The body of a message: a multipart there has no number of its own (RFC 9051 6.4.5.1). */
static void
root_walk(struct walk *w, const struct source *s, const char *prefix, size_t end)
{
	GMimeObject *root = g_mime_message_get_mime_part(s->message);

	if (root == NULL)
		return;
	if (GMIME_IS_MULTIPART(root))
		multipart_walk(w, s, root, arena_print(w->arena, "%s0", prefix), prefix, end);
	else
		walk_object(w, s, root, arena_print(w->arena, "%s1", prefix), end);
}

static void
message_walk(struct walk *w, const struct source *s, GMimeObject *o, const char *path,
    size_t end)
{
	struct source inner = { .raw = s->raw };
	size_t index = w->parts->count;
	struct headers h;
	struct span body;

	inner.message = g_mime_message_part_get_message(GMIME_MESSAGE_PART(o));
	object_headers(w, s, o, end, &h, &body);
	if (part_add(w, path, &h, "message/rfc822", body) == NULL)
		return;
	if (inner.message != NULL)
		root_walk(w, &inner, arena_print(w->arena, "%s.", path), end);
	container_close(w, index);
}

static void
walk_object(struct walk *w, const struct source *s, GMimeObject *o, const char *path,
    size_t end)
{
	static const struct headers none = { NULL, 0 };
	struct part *p;

	if (w->depth >= w->limits->depth) {
		walk_reason(w, PART_DEPTH);
		if ((p = part_add(w, path, &none, "text/plain", content_span(s, o))) != NULL)
			p->reason = PART_DEPTH;
		return;
	}
	w->depth++;
	if (GMIME_IS_MULTIPART(o))
		multipart_walk(w, s, o, path, arena_print(w->arena, "%s.", path), end);
	else if (GMIME_IS_MESSAGE_PART(o))
		message_walk(w, s, o, path, end);
	else
		leaf_walk(w, s, o, path);
	w->depth--;
}

/* Where the fields begin that say what a message is made of: GMime needs no others. */
static struct span
from_content(struct span raw, const struct headers *h)
{
	size_t i;

	for (i = 0; i < h->count; i++)
		if (span_starts_nocase(h->list[i].name, "Content-"))
			return span_sub(raw, (size_t)(h->list[i].name.p - raw.p), raw.n);
	return raw;
}

static void
message_parse(struct walk *w, struct span raw, const char *prefix)
{
	/* Lent, not copied: the stream does not own the array. */
	GByteArray bytes = { .data = (guint8 *)(guintptr)raw.p, .len = (guint)raw.n };
	GMimeStream *stream = g_mime_stream_mem_new_with_byte_array(&bytes);
	GMimeParser *parser;
	struct source s = { .raw = raw };

	g_mime_stream_mem_set_owner(GMIME_STREAM_MEM(stream), FALSE);
	parser = g_mime_parser_new_with_stream(stream);
	g_mime_parser_set_persist_stream(parser, TRUE);
	s.message = g_mime_parser_construct_message(parser, NULL);
	if (s.message != NULL) {
		root_walk(w, &s, prefix, raw.n);
		g_object_unref(s.message);
	}
	g_object_unref(parser);
	g_object_unref(stream);
}

/* Every reading of a type that was declared twice: the body as it stands, too. */
static void
body_add(struct walk *w, const struct headers *h, struct span body, const char *prefix)
{
	struct part *p;

	p = part_add(w, arena_print(w->arena, "%s1", prefix), h, "text/plain", body);
	if (p != NULL)
		part_add_encodings(w, p);
}

static bool
header_has_container(struct walk *w, const struct headers *h)
{
	const struct header *field;
	struct headers one;
	size_t i;

	for (i = 0; (field = header_find(h, "Content-Type", i)) != NULL; i++) {
		one.list = (struct header *)(guintptr)field;
		one.count = 1;
		if (part_type_is_container(part_type(w->arena, &one)))
			return true;
	}
	return false;
}

static void
message_read_bytes(struct walk *w, struct span raw, const char *prefix)
{
	size_t before = w->parts->count, at;
	struct headers h;
	struct span body;

	headers_parse(w->arena, raw, &h, &at);
	body = span_sub(raw, at, raw.n);
	if (!mime_is_bounded(span_sub(raw, 0, header_has_container(w, &h) ? raw.n : at),
	    w->limits)) {
		walk_reason(w, PART_SIZE);
		body_add(w, &h, body, prefix);
		return;
	}
	if (!header_has_container(w, &h)) {
		leaf_add(w, arena_print(w->arena, "%s1", prefix), &h, body);
		return;
	}
	message_parse(w, from_content(raw, &h), prefix);
	if (w->parts->count == before || header_is_double(&h))
		body_add(w, &h, body, prefix);
}

static void
walk_bytes(struct walk *w, struct span raw, const char *prefix)
{
	if (w->depth >= w->limits->depth) {
		walk_reason(w, PART_DEPTH);
		return;
	}
	w->depth++;
	message_read_bytes(w, raw, prefix);
	w->depth--;
}

void
mime_parse(struct arena *a, struct span raw, const struct mime_limits *limits,
    struct parts *parts)
{
	struct walk w = { .arena = a, .limits = limits, .parts = parts };

	memset(parts, 0, sizeof(*parts));
	message_read_bytes(&w, raw, "");
	if (parts->count != 0 && parts->list[0].reason == PART_ENCRYPTED)
		walk_reason(&w, PART_ENCRYPTED);
}
