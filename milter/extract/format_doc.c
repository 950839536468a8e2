/* SPDX-License-Identifier: BSD-2-Clause */
#include "extract/sink.h"

#include "format_internal.h"

/* Word's binary documents (MS-DOC): the text is a table of pieces. */

enum { FIB_97 = 0xA5EC, FIB_95 = 0xA5DC };
enum { ENCRYPTED = 0x0100, SECOND_TABLE = 0x0200, COMPLEX = 0x0004 };
enum { CELL = 0x07, PICTURE = 0x01, DRAWN = 0x08, LINE = 0x0B, PAGE = 0x0C,
    FIELD_BEGIN = 0x13, FIELD_RESULT = 0x14, FIELD_END = 0x15, HYPHEN = 0x1E,
    SOFT_HYPHEN = 0x1F };

#define FIELDS 32

struct document {
	struct span bytes;
	struct pen pen;
	struct pen aside;		/* fields' instructions: of some, the only text */
	struct buffer aside_text;
	bool in_result[FIELDS];
	size_t fields;
};

/* Is what comes a field's instruction? */
static bool
in_instruction(const struct document *d)
{
	size_t n = d->fields < FIELDS ? d->fields : FIELDS;

	while (n-- != 0)
		if (!d->in_result[n])
			return true;
	return false;
}

static void
field_mark(struct document *d, uint32_t code)
{
	if (code == FIELD_BEGIN) {
		if (d->fields < FIELDS)
			d->in_result[d->fields] = false;
		d->fields++;
		return;
	}
	if (d->fields == 0)
		return;
	pen_break(&d->aside);
	if (code == FIELD_END)
		d->fields--;
	else if (d->fields <= FIELDS)
		d->in_result[d->fields - 1] = true;
}

static void
put_character(struct document *d, uint32_t code)
{
	struct pen *p = in_instruction(d) ? &d->aside : &d->pen;

	if (code >= FIELD_BEGIN && code <= FIELD_END)
		field_mark(d, code);
	else if (code == '\r' || code == CELL || code == LINE || code == PAGE)
		pen_break(p);
	else if (code == HYPHEN)
		pen_put(p, '-');
	else if (code == SOFT_HYPHEN)
		pen_put(p, 0xAD);
	else if (code >= ' ' || code == '\t')
		pen_put(p, code);
}

static void
put_bytes(struct document *d, size_t at, size_t n)
{
	struct span s = span_sub(d->bytes, at, n);
	size_t i;

	for (i = 0; i < s.n && !d->pen.stopped; i++)
		put_character(d, pen_code((unsigned char)s.p[i]));
}

static void
put_wide(struct document *d, size_t at, size_t n)
{
	struct span s = span_sub(d->bytes, at, 2 * n);
	size_t i;

	for (i = 0; i + 2 <= s.n && !d->pen.stopped; i += 2)
		put_character(d, read_16(s, i));
}

/* The table of pieces behind the formatting that precedes it (MS-DOC 2.9.38). */
static struct span
piece_table(struct span clx)
{
	while (clx.n > 3 && clx.p[0] == 1)
		clx = span_sub(clx, 3 + read_16(clx, 1), clx.n);
	if (clx.n < 5 || clx.p[0] != 2)
		return (struct span){ NULL, 0 };
	return span_sub(clx, 5, read_32(clx, 1));
}

/* n + 1 positions, then n descriptions of eight bytes. */
static int
put_pieces(struct document *d, struct span table, bool is_97)
{
	size_t count, i, n;
	uint32_t fc;

	if (table.n < 16)
		return -1;
	count = (table.n - 4) / 12;
	for (i = 0; i < count && !d->pen.stopped; i++) {
		if (read_32(table, 4 * i + 4) < read_32(table, 4 * i))
			return -1;
		n = read_32(table, 4 * i + 4) - read_32(table, 4 * i);
		fc = read_32(table, 4 * (count + 1) + 8 * i + 2);
		if (!is_97)
			put_bytes(d, fc, n);
		else if (fc & 0x40000000)
			put_bytes(d, (fc & 0x3FFFFFFF) / 2, n);
		else
			put_wide(d, fc & 0x3FFFFFFF, n);
	}
	return 0;
}

static int
put_text(struct document *d, struct ole *o, uint32_t storage)
{
	struct span b = d->bytes, table;
	unsigned flags = read_16(b, 0x0A);
	bool is_97 = read_16(b, 0) == FIB_97;

	if (!is_97 && !(flags & COMPLEX)) {
		put_bytes(d, read_32(b, 0x18), read_32(b, 0x1C) - read_32(b, 0x18));
		return 0;
	}
	table = b;
	if (is_97)
		table = ole_stream(o, storage, flags & SECOND_TABLE ? "1Table" : "0Table");
	table = span_sub(table, read_32(b, is_97 ? 0x1A2 : 0x160),
	    read_32(b, is_97 ? 0x1A6 : 0x164));
	return put_pieces(d, piece_table(table), is_97);
}

int
doc_extract(struct ole *o, uint32_t storage, struct sink *out)
{
	struct arena *a = arena_new();
	struct document d = { .bytes = ole_stream(o, storage, "WordDocument"),
	    .pen = { .sink = out }, .aside_text = { .arena = a } };
	unsigned magic = read_16(d.bytes, 0);
	int rc = -1;

	d.aside.hold = &d.aside_text;
	if (magic != FIB_97 && magic != FIB_95)
		sink_reason(out, PART_UNSUPPORTED);
	else if (read_16(d.bytes, 0x0A) & ENCRYPTED)
		sink_reason(out, PART_ENCRYPTED);
	else
		rc = put_text(&d, o, storage);
	pen_break(&d.pen);
	pen_lift(&d.aside);
	pen_text(&d.pen, buffer_span(&d.aside_text));
	if (pen_lift(&d.pen) < 0)
		rc = -1;
	arena_free(a);
	return rc;
}
