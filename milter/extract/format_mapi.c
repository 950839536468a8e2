/* SPDX-License-Identifier: BSD-2-Clause */
#include <string.h>

#include "extract/sink.h"
#include "mail/charset.h"

#include "format_internal.h"

#define WINDOW 4096
#define COMPRESSED 0x75465A4Cu
#define STORED 0x414C454Du

/* What the window begins with (MS-OXRTFCP 2.1.2.1). */
static const char prefix[] = "{\\rtf1\\ansi\\mac\\deff0\\deftab720{\\fonttbl;}"
    "{\\f0\\fnil \\froman \\fswiss \\fmodern \\fscript \\fdecor MS Sans SerifSymbol"
    "ArialTimes New RomanCourier{\\colortbl\\red0\\green0\\blue0\r\n\\par "
    "\\pard\\plain\\f0\\fs20\\b\\i\\u\\tab\\tx";

struct unpacking {
	char window[WINDOW];
	size_t at;		/* where the window is written */
	struct buffer out;
};

static void
unpack_byte(struct unpacking *u, char c)
{
	u->window[u->at] = c;
	u->at = (u->at + 1) % WINDOW;
	buffer_byte(&u->out, c);
}

/* Eight tokens: a byte, or a place in the window and a length; false at the end. */
static bool
unpack_run(struct unpacking *u, struct span *rest)
{
	unsigned flags = (unsigned char)rest->p[0], word;
	size_t from, n, i;

	*rest = span_sub(*rest, 1, rest->n);
	for (i = 0; i < 8; i++, flags >>= 1) {
		if (rest->n < (flags & 1 ? 2u : 1u))
			return false;
		if (!(flags & 1)) {
			unpack_byte(u, rest->p[0]);
			*rest = span_sub(*rest, 1, rest->n);
			continue;
		}
		word = (unsigned)((unsigned char)rest->p[0] << 8 | (unsigned char)rest->p[1]);
		*rest = span_sub(*rest, 2, rest->n);
		from = word >> 4;
		if (from == u->at)
			return false;
		for (n = (word & 15) + 2; n != 0; n--, from = (from + 1) % WINDOW)
			unpack_byte(u, u->window[from]);
	}
	return rest->n != 0;
}

struct span
mapi_rtf(struct arena *a, struct span packed)
{
	struct unpacking *u;
	struct span rest = span_sub(packed, 16, packed.n);

	if (read_32(packed, 8) == STORED)
		return rest;
	if (read_32(packed, 8) != COMPRESSED || rest.n == 0)
		return (struct span){ NULL, 0 };
	u = ARENA_NEW(a, struct unpacking);
	u->out.arena = a;
	memcpy(u->window, prefix, sizeof(prefix) - 1);
	u->at = sizeof(prefix) - 1;
	while (unpack_run(u, &rest))
		continue;
	return buffer_span(&u->out);
}

static int
put_rtf(struct span packed, struct sink *out)
{
	struct arena *a = arena_new();
	struct span rtf = mapi_rtf(a, packed);
	int rc = 0;

	if (packed.n != 0 && rtf.n == 0)
		sink_reason(out, PART_DAMAGED);
	else if (sink_unpacked(out, rtf.n) < 0)
		rc = -1;
	else
		rc = format_rtf.extract(rtf, out);
	arena_free(a);
	return rc;
}

int
mapi_put(unsigned property, unsigned type, struct span value, struct sink *out)
{
	struct pen p = { .sink = out };

	if (property == MAPI_RTF)
		return put_rtf(value, out);
	if (property == MAPI_HTML && type == MAPI_BINARY)
		return format_html.extract(value, out);
	if (type == MAPI_WIDE)
		pen_utf16(&p, value);
	else if (type == MAPI_STRING && format_text.extract(value, out) < 0)
		return -1;
	pen_break(&p);
	return pen_lift(&p);
}
