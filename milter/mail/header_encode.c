/* SPDX-License-Identifier: BSD-2-Clause */
#include "base/buffer.h"

#include "mail/header.h"
#include "header_internal.h"

#define WORD_BYTES 45	/* 60 as base64; with "=?UTF-8?B?" and "?=" below 75 (RFC 2047 2) */

static bool
is_plain(struct span text)
{
	size_t i;

	for (i = 0; i < text.n; i++)
		if ((unsigned char)text.p[i] < ' ' || (unsigned char)text.p[i] >= 0x7f)
			return false;
	return span_find(text, span_of("=?")) == text.n;
}

static void
base64(struct buffer *b, struct span s)
{
	static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
	    "abcdefghijklmnopqrstuvwxyz0123456789+/";
	unsigned char in[3];
	size_t i, j, n;

	for (i = 0; i < s.n; i += 3) {
		n = s.n - i < 3 ? s.n - i : 3;
		for (j = 0; j < 3; j++)
			in[j] = j < n ? (unsigned char)s.p[i + j] : 0;
		buffer_byte(b, digits[in[0] >> 2]);
		buffer_byte(b, digits[(in[0] & 3) << 4 | in[1] >> 4]);
		buffer_byte(b, n > 1 ? digits[(in[1] & 15) << 2 | in[2] >> 6] : '=');
		buffer_byte(b, n > 2 ? digits[in[2] & 63] : '=');
	}
}

/* No character is cut in two (RFC 2047 5). */
static size_t
word_length(struct span s)
{
	size_t n = s.n < WORD_BYTES ? s.n : WORD_BYTES;

	while (n < s.n && n > 1 && ((unsigned char)s.p[n] & 0xc0) == 0x80)
		n--;
	return n;
}

struct span
header_encode(struct arena *a, struct span text)
{
	struct buffer b = { .arena = a };
	size_t n;

	if (is_plain(text))
		return text;
	for (; text.n != 0; text = span_sub(text, n, text.n)) {
		n = word_length(text);
		buffer_text(&b, b.n != 0 ? "\n =?UTF-8?B?" : "=?UTF-8?B?");
		base64(&b, span_sub(text, 0, n));
		buffer_text(&b, "?=");
	}
	return arena_copy(a, buffer_span(&b));
}
