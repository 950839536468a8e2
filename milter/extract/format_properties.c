/* SPDX-License-Identifier: BSD-2-Clause */
#include <stdio.h>

#include "extract/sink.h"
#include "mail/charset.h"

#include "format_internal.h"

/* Property sets (MS-OLEPS): what a file's dialogue "properties" shows. */

enum type { SHORT = 2, STRING = 0x1E, WIDE_STRING = 0x1F, VECTOR = 0x1000 };
enum { CODE_PAGE = 1, UTF_16 = 1200, UTF_8 = 65001 };

#define VALUES_MAX 1000

struct set {
	struct span bytes;
	unsigned page;
	struct arena *arena;
	struct pen pen;
};

/* One string at ${at}; return what it takes. */
static size_t
put_string(struct set *s, size_t at, unsigned type)
{
	size_t n = read_32(s->bytes, at);
	bool is_wide = type == WIDE_STRING || s->page == UTF_16;
	struct span text;
	char label[16];

	n = type == WIDE_STRING && n <= s->bytes.n ? 2 * n : n;
	text = span_sub(s->bytes, at + 4, n);
	if (is_wide)
		pen_utf16(&s->pen, text);
	else {
		text = span_sub(text, 0, span_find_byte(text, '\0'));
		snprintf(label, sizeof(label), "CP%u", s->page);
		pen_text(&s->pen, charset_decode(s->arena,
		    span_of(s->page == UTF_8 ? "UTF-8" : label), text, NULL));
	}
	pen_break(&s->pen);
	return 4 + (n + 3) / 4 * 4;
}

static void
put_value(struct set *s, size_t at)
{
	unsigned type = read_32(s->bytes, at) & 0xFFFF;
	size_t count = 1;

	at += 4;
	if (type & VECTOR) {
		count = read_32(s->bytes, at);
		at += 4;
	}
	type &= ~(unsigned)VECTOR;
	if (type != STRING && type != WIDE_STRING)
		return;
	for (count = count < VALUES_MAX ? count : VALUES_MAX;
	    count != 0 && at < s->bytes.n && !s->pen.stopped; count--)
		at += put_string(s, at, type);
}

/* Size, count, then number and place of each. */
static void
put_set(struct set *s)
{
	size_t count = read_32(s->bytes, 4), i;

	if (count > VALUES_MAX)
		count = VALUES_MAX;
	for (i = 0; i < count; i++)
		if (read_32(s->bytes, 8 + 8 * i) == CODE_PAGE)
			s->page = read_16(s->bytes, (size_t)read_32(s->bytes, 12 + 8 * i) + 4);
	for (i = 0; i < count; i++)
		if (read_32(s->bytes, 8 + 8 * i) > CODE_PAGE)
			put_value(s, read_32(s->bytes, 12 + 8 * i));
}

int
properties_extract(struct span stream, struct sink *out)
{
	struct set s = { .arena = arena_new(), .pen = { .sink = out } };
	size_t count = read_32(stream, 24), i;
	int rc;

	for (i = 0; i < count && i < 2; i++) {
		s.bytes = span_sub(stream, read_32(stream, 28 + 20 * i + 16), stream.n);
		s.page = 1252;
		put_set(&s);
	}
	rc = pen_lift(&s.pen);
	arena_free(s.arena);
	return rc;
}
