/* SPDX-License-Identifier: BSD-2-Clause */
#include <stdbool.h>

#include "base/buffer.h"
#include "mail/charset.h"
#include "mail/unicode.h"

#include "ctl/text.h"

#define REPLACEMENT 0xfffd

static size_t
lead_length(unsigned char byte)
{
	if (byte < 0x80)
		return 1;
	if (byte < 0xe0)
		return 2;
	return byte < 0xf0 ? 3 : 4;
}

size_t
text_next(struct span s, size_t at, uint32_t *code)
{
	struct span one;

	if (at >= s.n)
		return 0;
	one = span_sub(s, at, lead_length((unsigned char)s.p[at]));
	if (charset_is_utf8(one))
		return unicode_next(one, 0, code);
	*code = REPLACEMENT;
	return 1;
}

/* C0, DEL, C1, and what turns the direction of a line (Unicode TR 9). */
static bool
is_harmful(uint32_t code)
{
	return code < 0x20 || (code >= 0x7f && code < 0xa0) ||
	    code == 0x200e || code == 0x200f || code == 0x061c ||
	    (code >= 0x2028 && code <= 0x202e) ||
	    (code >= 0x2066 && code <= 0x2069);
}

struct span
text_visible(struct arena *a, struct span s)
{
	struct buffer b = { .arena = a };
	uint32_t code;
	size_t at, n;
	char out[4];

	for (at = 0; (n = text_next(s, at, &code)) != 0; at += n) {
		if (code == '\n' || code == '\r' || code == '\t')
			code = ' ';
		else if (is_harmful(code))
			code = REPLACEMENT;
		buffer_add(&b, (struct span){ out, unicode_put(code, out) });
	}
	return buffer_span(&b);
}

struct span
text_cut(struct arena *a, struct span s, size_t columns)
{
	struct buffer b = { .arena = a };
	size_t at = 0, n, width = 0, step;
	uint32_t code;

	if (unicode_width(s) <= columns)
		return s;
	while ((n = text_next(s, at, &code)) != 0) {
		step = unicode_width(span_sub(s, at, n));
		if (width + step + 1 > columns)
			break;
		width += step;
		at += n;
	}
	buffer_add(&b, span_sub(s, 0, at));
	if (columns > 0)
		buffer_text(&b, "…");
	return buffer_span(&b);
}
