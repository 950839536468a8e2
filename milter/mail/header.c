/* SPDX-License-Identifier: BSD-2-Clause */
#include <string.h>

#include "base/buffer.h"
#include "mail/charset.h"
#include "mail/transfer.h"

#include "header_internal.h"
#include "mail/header.h"

#define CHARSET_LONGEST 64

static bool
is_blank(char c)
{
	return c == ' ' || c == '\t';
}

const struct header *
header_find(const struct headers *h, const char *name, size_t nth)
{
	size_t i;

	for (i = 0; i < h->count; i++)
		if (span_is(h->list[i].name, name) && nth-- == 0)
			return &h->list[i];
	return NULL;
}

struct span
header_unfold(struct arena *a, struct span value)
{
	char *out;
	size_t i, n = 0;

	value = span_trim(value);
	if (span_find_byte(value, '\n') == value.n &&
	    span_find_byte(value, '\r') == value.n)
		return value;
	out = arena_alloc(a, value.n + 1);
	for (i = 0; i < value.n; i++)
		if (value.p[i] != '\r' && value.p[i] != '\n')
			out[n++] = value.p[i];
	return (struct span){ out, n };
}

/* One "=?charset?encoding?text?=" (RFC 2047 2). */
struct word {
	struct span charset;
	char encoding;		/* 'b' or 'q' */
	struct span text;
	size_t end;		/* behind it */
};

static bool
word_parse(struct span s, size_t at, struct word *w)
{
	struct span rest = span_sub(s, at + 2, s.n), head;
	size_t n;

	head = span_sub(rest, 0, CHARSET_LONGEST);
	if ((n = span_find_byte(head, '?')) == head.n || n == 0 || rest.n < n + 4)
		return false;
	w->charset = span_sub(rest, 0, n);
	w->encoding = rest.p[n + 1] | 0x20;
	if ((w->encoding != 'b' && w->encoding != 'q') || rest.p[n + 2] != '?')
		return false;
	rest = span_sub(rest, n + 3, rest.n);
	if ((n = span_find(rest, (struct span){ "?=", 2 })) == rest.n)
		return false;
	w->text = span_sub(rest, 0, n);
	w->end = (size_t)(rest.p - s.p) + n + 2;
	return true;
}

static void
word_decode(struct buffer *b, const struct word *w)
{
	char *text;
	size_t i;

	if (w->encoding == 'b') {
		buffer_add(b, transfer_decode(b->arena, TRANSFER_BASE64, w->text));
		return;
	}
	text = arena_string(b->arena, w->text);
	for (i = 0; i < w->text.n; i++)
		if (text[i] == '_')
			text[i] = ' ';
	buffer_add(b, header_percent(b->arena, (struct span){ text, w->text.n }, '='));
}

/* What is being put together: words of one charset, or raw text. */
struct decoder {
	struct buffer out;
	struct buffer bytes;
	struct span charset;
};

static void
decoder_flush(struct decoder *d)
{
	if (d->bytes.n != 0)
		buffer_add(&d->out, charset_decode(d->out.arena, d->charset,
		    buffer_span(&d->bytes), NULL));
	/* The decoded text may be the bytes themselves, so that they are copied first. */
	d->bytes.n = 0;
}

static void
decoder_word(struct decoder *d, const struct word *w)
{
	if (!span_equal_nocase(d->charset, w->charset))
		decoder_flush(d);
	d->charset = w->charset;
	word_decode(&d->bytes, w);
}

static void
decoder_raw(struct decoder *d, struct span raw)
{
	if (raw.n == 0)
		return;
	decoder_flush(d);
	d->charset = (struct span){ NULL, 0 };
	buffer_add(&d->bytes, raw);
}

static bool
is_all_blank(struct span s)
{
	return span_trim(s).n == 0;
}

struct span
header_decode(struct arena *a, struct span value)
{
	struct decoder d = { .out = { .arena = a }, .bytes = { .arena = a } };
	struct span s = header_unfold(a, value), between;
	size_t at = 0, raw = 0, n, last;
	struct word w;
	bool after_word = false;

	/* Behind the last "?=" no word can end: keeps a run of "=?" linear. */
	for (last = s.n; last >= 2 && memcmp(s.p + last - 2, "?=", 2) != 0; last--)
		continue;
	while (at + 2 <= last) {
		n = span_find(span_sub(s, at, last - at), (struct span){ "=?", 2 });
		if ((at += n) >= last)
			break;
		if (!word_parse(s, at, &w)) {
			at += 2;
			continue;
		}
		between = span_sub(s, raw, at - raw);
		if (!after_word || !is_all_blank(between))
			decoder_raw(&d, between);
		decoder_word(&d, &w);
		at = raw = w.end;
		after_word = true;
	}
	decoder_raw(&d, span_sub(s, raw, s.n));
	decoder_flush(&d);
	return buffer_span(&d.out);
}

/* The length of the field name at ${line}'s start and where its value begins; 0: no field. */
static size_t
field_name(struct span line, size_t *value)
{
	size_t n = 0, end;

	while (n < line.n && (unsigned char)line.p[n] > ' ' && line.p[n] != ':' &&
	    line.p[n] != 0x7F)
		n++;
	for (end = n; end < line.n && is_blank(line.p[end]); end++)
		continue;
	if (end == line.n || line.p[end] != ':')
		return 0;
	for (*value = end + 1; *value < line.n && is_blank(line.p[*value]); (*value)++)
		continue;
	return n;
}

static void
headers_add(struct arena *a, struct headers *h, struct header field)
{
	/* Full whenever the count is a power of two from eight up. */
	if (h->count == 0)
		h->list = ARENA_ARRAY(a, struct header, 8);
	else if (h->count >= 8 && (h->count & (h->count - 1)) == 0)
		h->list = arena_grow(a, h->list, h->count * sizeof(*h->list),
		    h->count * 2 * sizeof(*h->list));
	h->list[h->count++] = field;
}

static bool
is_mbox_line(struct span line)
{
	return span_sub(line, 0, 5).n == 5 && (memcmp(line.p, "From ", 5) == 0 ||
	    (line.n > 5 && memcmp(line.p, ">From ", 6) == 0));
}

void
headers_parse(struct arena *a, struct span raw, struct headers *h, size_t *body)
{
	struct span rest = raw, line, before;
	struct header field;
	size_t name, value;

	*h = (struct headers){ NULL, 0 };
	for (before = rest; span_line(&rest, &line); before = rest) {
		if (line.n == 0) {
			before = rest;
			break;
		}
		if (h->count != 0 && is_blank(line.p[0])) {
			struct span *v = &h->list[h->count - 1].value;

			v->n = (size_t)(line.p + line.n - v->p);
			continue;
		}
		if (before.p == raw.p && is_mbox_line(line))
			continue;
		if ((name = field_name(line, &value)) == 0)
			break;
		field.name = span_sub(line, 0, name);
		field.value = (struct span){ line.p + value, line.n - value };
		headers_add(a, h, field);
	}
	*body = raw.n - before.n;
}
