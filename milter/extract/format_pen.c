/* SPDX-License-Identifier: BSD-2-Clause */
#include <string.h>

#include "extract/sink.h"
#include "mail/unicode.h"

#include "format_internal.h"

#define REPLACEMENT 0xFFFD

/* Bytes 80 to 9F; the five that Microsoft left out are the controls of Latin-1. */
static const uint16_t windows_1252[32] = {
	0x20AC, 0x0081, 0x201A, 0x0192, 0x201E, 0x2026, 0x2020, 0x2021,
	0x02C6, 0x2030, 0x0160, 0x2039, 0x0152, 0x008D, 0x017D, 0x008F,
	0x0090, 0x2018, 0x2019, 0x201C, 0x201D, 0x2022, 0x2013, 0x2014,
	0x02DC, 0x2122, 0x0161, 0x203A, 0x0153, 0x009D, 0x017E, 0x0178,
};

static void
pen_write(struct pen *p, struct span utf8)
{
	if (utf8.n == 0 || p->stopped)
		return;
	if (p->hold != NULL)
		buffer_add(p->hold, utf8);
	else if (sink_text(p->sink, utf8) < 0)
		p->stopped = true;
}

static void
pen_flush(struct pen *p)
{
	size_t n = p->n;

	p->n = 0;
	pen_write(p, (struct span){ p->bytes, n });
}

static void
pen_character(struct pen *p, uint32_t code)
{
	if (sizeof(p->bytes) - p->n < 4)
		pen_flush(p);
	p->n += unicode_put(code, p->bytes + p->n);
	p->has_line = true;
}

void
pen_put(struct pen *p, uint32_t code)
{
	uint32_t high = p->high;

	p->high = 0;
	if (code >= 0xDC00 && code < 0xE000 && high != 0) {
		pen_character(p, 0x10000 + ((high - 0xD800) << 10) + (code - 0xDC00));
		return;
	}
	if (high != 0)
		pen_character(p, REPLACEMENT);
	if (code >= 0xD800 && code < 0xDC00)
		p->high = code;
	else if ((code >= 0xDC00 && code < 0xE000) || code > 0x10FFFF)
		pen_character(p, REPLACEMENT);
	else if (code == '\n' || code == '\r')
		pen_break(p);
	else if (code != 0)
		pen_character(p, code);
}

uint32_t
pen_code(unsigned char byte)
{
	return byte >= 0x80 && byte < 0xA0 ? windows_1252[byte - 0x80] : byte;
}

void
pen_byte(struct pen *p, unsigned char byte)
{
	pen_put(p, pen_code(byte));
}

void
pen_text(struct pen *p, struct span utf8)
{
	if (utf8.n == 0)
		return;
	pen_flush(p);
	pen_write(p, utf8);
	p->has_line = utf8.p[utf8.n - 1] != '\n';
}

void
pen_utf16(struct pen *p, struct span bytes)
{
	size_t at;

	for (at = 0; at + 2 <= bytes.n && !p->stopped; at += 2)
		pen_put(p, read_16(bytes, at));
}

/* Behind the "&" code at ${at} of a sheet's header. */
static size_t
code_end(struct span s, size_t at)
{
	size_t i = at + 1;

	if (i < s.n && s.p[i] == '"') {
		i += 1 + span_find_byte(span_sub(s, i + 1, s.n), '"');
		return i < s.n ? i + 1 : s.n;
	}
	if (i < s.n && s.p[i] == 'K')
		return i + 7 < s.n ? i + 7 : s.n;
	if (i < s.n && (s.p[i] < '0' || s.p[i] > '9'))
		return i + 1;
	while (i < s.n && s.p[i] >= '0' && s.p[i] <= '9')
		i++;
	return i;
}

void
pen_header(struct pen *p, struct span utf8)
{
	size_t n, end;

	while ((n = span_find_byte(utf8, '&')) < utf8.n) {
		end = code_end(utf8, n);
		pen_text(p, span_sub(utf8, 0, n));
		if (end == n + 2 && utf8.p[n + 1] == '&')
			pen_put(p, '&');
		else if (end == n + 2 && strchr("LCR", utf8.p[n + 1]) != NULL)
			pen_break(p);
		utf8 = span_sub(utf8, end, utf8.n);
	}
	pen_text(p, utf8);
}

void
pen_break(struct pen *p)
{
	if (!p->has_line)
		return;
	if (p->n == sizeof(p->bytes))
		pen_flush(p);
	p->bytes[p->n++] = '\n';
	p->has_line = false;
}

int
pen_lift(struct pen *p)
{
	pen_flush(p);
	return p->stopped ? -1 : 0;
}

uint16_t
read_16(struct span s, size_t at)
{
	const unsigned char *p;

	if (at > s.n || s.n - at < 2)
		return 0;
	p = (const unsigned char *)s.p + at;
	return (uint16_t)(p[0] | p[1] << 8);
}

uint32_t
read_32(struct span s, size_t at)
{
	if (at > s.n || s.n - at < 4)
		return 0;
	return read_16(s, at) | (uint32_t)read_16(s, at + 2) << 16;
}
