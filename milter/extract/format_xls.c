/* SPDX-License-Identifier: BSD-2-Clause */
#include <stdio.h>
#include <string.h>

#include "extract/sink.h"

#include "format_internal.h"

/* Excel's binary workbooks (MS-XLS): records, of which a CONTINUE carries on the last. */

enum record {
	FORMULA = 0x0006, HEADER = 0x0014, FOOTER = 0x0015, NOTE = 0x001C,
	FILEPASS = 0x002F, CONTINUE = 0x003C, BOUNDSHEET = 0x0085, MULRK = 0x00BD,
	RSTRING = 0x00D6, SST = 0x00FC, LABELSST = 0x00FD, TXO = 0x01B6,
	NUMBER = 0x0203, LABEL = 0x0204, STRING = 0x0207, FORMULA_3 = 0x0206,
	RK = 0x027E, FORMULA_4 = 0x0406, BOF = 0x0809, BOF_4 = 0x0409, BOF_3 = 0x0209,
};

enum { WIDE = 1, EXTENDED = 4, RICH = 8 };

struct workbook {
	struct span rest;	/* behind the record */
	unsigned type;
	struct span record;
	bool is_8;		/* strings say how wide they are */
	struct arena *arena;
	struct span *strings;	/* shared, UTF-8 */
	size_t string_count;
	struct pen pen;
	long row;
};

static bool
record_next(struct workbook *w)
{
	if (w->rest.n < 4)
		return false;
	w->type = read_16(w->rest, 0);
	w->record = span_sub(w->rest, 4, read_16(w->rest, 2));
	w->rest = span_sub(w->rest, 4 + w->record.n, w->rest.n);
	return true;
}

/* Carry on with the next record, if it is a CONTINUE. */
static bool
record_continue(struct workbook *w)
{
	return read_16(w->rest, 0) == CONTINUE && record_next(w);
}

/* Take ${n} bytes off the record and those that carry it on. */
static void
skip(struct workbook *w, size_t n)
{
	while (n > w->record.n) {
		n -= w->record.n;
		if (!record_continue(w)) {
			w->record.n = 0;
			return;
		}
	}
	w->record = span_sub(w->record, n, w->record.n);
}

/* ${n} characters; where a record carries them on, it says again how wide they are. */
static void
put_characters(struct workbook *w, struct pen *p, size_t n, unsigned flags)
{
	size_t width;

	for (; n != 0 && !p->stopped; n--) {
		if (w->record.n == 0) {
			if (!record_continue(w) || w->record.n == 0)
				return;
			if (w->is_8) {
				flags = (unsigned char)w->record.p[0];
				w->record = span_sub(w->record, 1, w->record.n);
			}
		}
		width = flags & WIDE ? 2 : 1;
		if (!w->is_8)
			pen_byte(p, (unsigned char)w->record.p[0]);
		else
			pen_put(p, width == 2 ? read_16(w->record, 0) :
			    (unsigned char)w->record.p[0]);
		w->record = span_sub(w->record, width, w->record.n);
	}
}

/* A string: its length in ${width} bytes, its flags, what they announce, its characters. */
static void
put_string(struct workbook *w, struct pen *p, size_t width)
{
	size_t n = width == 2 ? read_16(w->record, 0) : read_16(w->record, 0) & 0xFF;
	size_t runs = 0, extra = 0;
	unsigned flags = 0;

	skip(w, width);
	if (w->is_8 && w->record.n != 0) {
		flags = (unsigned char)w->record.p[0];
		skip(w, 1);
	}
	if (flags & RICH) {
		runs = read_16(w->record, 0);
		skip(w, 2);
	}
	if (flags & EXTENDED) {
		extra = read_32(w->record, 0);
		skip(w, 4);
	}
	put_characters(w, p, n, flags);
	skip(w, 4 * runs);
	skip(w, extra);
}

static void
read_strings(struct workbook *w)
{
	size_t most = w->rest.n / 3, count = read_32(w->record, 4), i;
	struct buffer text = { .arena = w->arena };
	struct pen p = { .hold = &text };

	if (w->strings != NULL)
		return;
	if (count > most)
		count = most;
	w->strings = ARENA_ARRAY(w->arena, struct span, count + 1);
	skip(w, 8);
	for (i = 0; i < count; i++) {
		if (w->record.n == 0 && !record_continue(w))
			break;
		p.has_line = false;
		put_string(w, &p, 2);
		pen_lift(&p);
		w->strings[i] = arena_copy(w->arena, buffer_span(&text));
		text.n = 0;
	}
	w->string_count = i;
}

/* Numbers of a row share a line; a text has its own, as it has in a table of Word's. */
static void
cell_begin(struct workbook *w, bool is_text)
{
	if (is_text || read_16(w->record, 0) != w->row)
		pen_break(&w->pen);
	else if (w->pen.has_line)
		pen_put(&w->pen, '\t');
	w->row = read_16(w->record, 0);
}

static void
put_number(struct workbook *w, double number)
{
	char text[40];

	if (number > -1e15 && number < 1e15 && number == (double)(int64_t)number)
		snprintf(text, sizeof(text), "%lld", (long long)number);
	else
		snprintf(text, sizeof(text), "%.10g", number);
	pen_text(&w->pen, span_of(text));
}

static double
real_at(struct span s, size_t at)
{
	uint64_t bits = read_32(s, at) | (uint64_t)read_32(s, at + 4) << 32;
	double real;

	memcpy(&real, &bits, sizeof(real));
	return real;
}

/* Thirty bits of a number: an integer, or the upper ones of a real; may be hundredths. */
static double
packed_at(struct span s, size_t at)
{
	uint32_t bits = read_32(s, at);
	uint64_t upper = (uint64_t)(bits & ~3u) << 32;
	double number;

	if (bits & 2)
		number = (double)((int32_t)bits >> 2);
	else
		memcpy(&number, &upper, sizeof(number));
	return bits & 1 ? number / 100 : number;
}

static void
put_packed(struct workbook *w)
{
	size_t at;

	/* Row and column, then format and number of each; of many, the last column. */
	cell_begin(w, false);
	for (at = 6; at + 4 <= w->record.n; at += 6) {
		if (at != 6)
			pen_put(&w->pen, '\t');
		put_number(w, packed_at(w->record, at));
	}
}

/* The last value of a formula; if it is a string, that comes as a record of its own. */
static void
put_formula(struct workbook *w)
{
	if (w->record.n < 14)
		return;
	cell_begin(w, false);
	if (read_16(w->record, 12) != 0xFFFF)
		put_number(w, real_at(w->record, 6));
}

static void
put_line(struct workbook *w, size_t at, size_t width)
{
	pen_break(&w->pen);
	w->row = -1;
	skip(w, at);
	put_string(w, &w->pen, width);
	pen_break(&w->pen);
}

static void
put_header(struct workbook *w)
{
	struct buffer text = { .arena = w->arena };
	struct pen p = { .hold = &text };

	if (w->record.n == 0)
		return;
	put_string(w, &p, w->is_8 ? 2 : 1);
	pen_lift(&p);
	pen_break(&w->pen);
	pen_header(&w->pen, buffer_span(&text));
	pen_break(&w->pen);
}

/* The text of a box is in the record behind. */
static void
put_box(struct workbook *w)
{
	size_t n = read_16(w->record, 10);

	pen_break(&w->pen);
	w->row = -1;
	w->record.n = 0;
	if (n != 0)
		put_characters(w, &w->pen, n, 0);
	pen_break(&w->pen);
}

static void
put_shared(struct workbook *w)
{
	size_t i = read_32(w->record, 6);

	cell_begin(w, true);
	if (i < w->string_count)
		pen_text(&w->pen, w->strings[i]);
	pen_break(&w->pen);
}

static void
put_label(struct workbook *w)
{
	cell_begin(w, true);
	skip(w, 6);
	put_string(w, &w->pen, 2);
	pen_break(&w->pen);
}

static void
put_record(struct workbook *w)
{
	switch (w->type) {
	case BOF:
	case BOF_4:
	case BOF_3:
		w->is_8 = w->type == BOF && read_16(w->record, 0) >= 0x600;
		w->row = -1;
		break;
	case SST:
		read_strings(w);
		break;
	case LABELSST:
		put_shared(w);
		break;
	case LABEL:
	case RSTRING:
		put_label(w);
		break;
	case NUMBER:
		cell_begin(w, false);
		put_number(w, real_at(w->record, 6));
		break;
	case RK:
	case MULRK:
		put_packed(w);
		break;
	case FORMULA:
	case FORMULA_3:
	case FORMULA_4:
		put_formula(w);
		break;
	case STRING:
		put_line(w, 0, 2);
		break;
	case BOUNDSHEET:
		put_line(w, 6, 1);
		break;
	case HEADER:
	case FOOTER:
		put_header(w);
		break;
	case TXO:
		put_box(w);
		break;
	case NOTE:
		if (!w->is_8)
			put_line(w, 4, 2);
		break;
	}
}

/* A workbook of Excel 3 or 4 is no compound file. */
bool
biff_is_workbook(struct span bytes)
{
	unsigned type = read_16(bytes, 0);

	return (type == BOF_3 || type == BOF_4 || type == BOF) && read_16(bytes, 2) <= 16 &&
	    read_16(bytes, 2) >= 4;
}

int
xls_extract(struct ole *o, uint32_t storage, struct sink *out)
{
	struct span bytes = ole_stream(o, storage, "Workbook");

	if (bytes.n == 0)
		bytes = ole_stream(o, storage, "Book");
	return biff_extract(bytes, out);
}

int
biff_extract(struct span bytes, struct sink *out)
{
	struct workbook w = { .rest = bytes, .pen = { .sink = out }, .row = -1 };
	bool has_record = false;

	w.arena = arena_new();
	while (!w.pen.stopped && record_next(&w)) {
		if (w.type == FILEPASS) {
			sink_reason(out, PART_ENCRYPTED);
			break;
		}
		has_record = has_record || w.type == BOF || w.type == BOF_3 || w.type == BOF_4;
		put_record(&w);
	}
	arena_free(w.arena);
	pen_break(&w.pen);
	if (pen_lift(&w.pen) < 0)
		return -1;
	return has_record ? 0 : -1;
}

const struct format format_xls = { "application/vnd.ms-excel", biff_extract, NULL };
