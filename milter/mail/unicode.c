/* SPDX-License-Identifier: BSD-2-Clause */
#include <endian.h>
#include <stdbool.h>
#include <string.h>

#include <utf8proc.h>

#include "base/buffer.h"
#include "mail/map.h"

#include "mail/unicode.h"

/*
 * A cluster is a character and the marks behind it.  Longer ones than this are
 * cut, as UAX 15 13 does for its stream-safe text, so that sorting marks costs
 * no square of what a sender writes.
 */
#define CLUSTER_CODES 32
#define CLUSTER_DECOMPOSED (CLUSTER_CODES * 4)

size_t
unicode_next(struct span s, size_t at, uint32_t *code)
{
	const unsigned char *p = (const unsigned char *)s.p;
	size_t left = at < s.n ? s.n - at : 0;

	if (left == 0)
		return 0;
	p += at;
	if (p[0] < 0x80 || left == 1) {
		*code = p[0];
		return 1;
	}
	if (p[0] < 0xE0 || left == 2) {
		*code = (p[0] & 0x1FU) << 6 | (p[1] & 0x3FU);
		return 2;
	}
	if (p[0] < 0xF0 || left == 3) {
		*code = (p[0] & 0x0FU) << 12 | (p[1] & 0x3FU) << 6 | (p[2] & 0x3FU);
		return 3;
	}
	*code = (p[0] & 0x07U) << 18 | (p[1] & 0x3FU) << 12 |
	    (p[2] & 0x3FU) << 6 | (p[3] & 0x3FU);
	return 4;
}

size_t
unicode_put(uint32_t code, char out[4])
{
	if (code < 0x80) {
		out[0] = (char)code;
		return 1;
	}
	if (code < 0x800) {
		out[0] = (char)(0xC0 | code >> 6);
		out[1] = (char)(0x80 | (code & 0x3F));
		return 2;
	}
	if (code < 0x10000) {
		out[0] = (char)(0xE0 | code >> 12);
		out[1] = (char)(0x80 | (code >> 6 & 0x3F));
		out[2] = (char)(0x80 | (code & 0x3F));
		return 3;
	}
	out[0] = (char)(0xF0 | code >> 18);
	out[1] = (char)(0x80 | (code >> 12 & 0x3F));
	out[2] = (char)(0x80 | (code >> 6 & 0x3F));
	out[3] = (char)(0x80 | (code & 0x3F));
	return 4;
}

static bool
code_is_invisible(uint32_t c)
{
	return c == 0xAD || c == 0x34F || c == 0x61C || c == 0x115F || c == 0x1160 ||
	    c == 0x3164 || c == 0xFFA0 ||	/* Hangul fillers */
	    (c >= 0x180B && c <= 0x180E) || (c >= 0x200B && c <= 0x200F) ||
	    (c >= 0x202A && c <= 0x202E) || (c >= 0x2060 && c <= 0x206F) ||
	    (c >= 0xFE00 && c <= 0xFE0F) || c == 0xFEFF ||
	    (c >= 0xE0000 && c <= 0xE007F) || (c >= 0xE0100 && c <= 0xE01EF);
}

static bool
code_is_mark(uint32_t c)
{
	switch (utf8proc_category((utf8proc_int32_t)c)) {
	case UTF8PROC_CATEGORY_MN:
	case UTF8PROC_CATEGORY_MC:
	case UTF8PROC_CATEGORY_ME:
		return true;
	default:	/* Hangul vowels and finals join what is before them */
		return c >= 0x1160 && c <= 0x11FF;
	}
}

/*
 * Does the character at ${p} stay as it is, whatever is before it?  True for
 * most of what letters are written in; false asks the slow way, never wrong.
 * Return its length or 0.
 */
static size_t
plain_length(const unsigned char *p, size_t left)
{
	if (p[0] < 0x80)
		return p[0] != '\r';
	if (p[0] < 0xCC)	/* U+0080 to U+02FF but the soft hyphen */
		return left < 2 || (p[0] == 0xC2 && p[1] == 0xAD) ? 0 : 2;
	if (left < 3)
		return 0;
	if (p[0] == 0xE1)	/* U+1E00 to U+1EFF: Vietnamese among others */
		return p[1] >= 0xB8 && p[1] <= 0xBB ? 3 : 0;
	if (p[0] == 0xE2 && p[1] == 0x80)	/* U+2010 to U+2027: dashes, quotes */
		return p[2] >= 0x90 && p[2] <= 0xA7 ? 3 : 0;
	if (p[0] >= 0xE5 && p[0] <= 0xE8)	/* U+5000 to U+8FFF: Han */
		return 3;
	return 0;
}

/* How many of the eight bytes at ${p} are ASCII and no CR before one that is not. */
static size_t
ascii_of_eight(const unsigned char *p)
{
	uint64_t eight, no_cr, other;

	memcpy(&eight, p, 8);
	eight = le64toh(eight);
	no_cr = eight ^ 0x0D0D0D0D0D0D0D0DULL;
	other = (eight | ((no_cr - 0x0101010101010101ULL) & ~no_cr)) &
	    0x8080808080808080ULL;
	return other != 0 ? (size_t)__builtin_ctzll(other) / 8 : 8;
}

/* The end of the stretch of plain characters from ${at}. */
static size_t
plain_end(struct span s, size_t at)
{
	const unsigned char *p = (const unsigned char *)s.p;
	size_t n;

	while (at < s.n) {
		if (s.n - at >= 8 && (n = ascii_of_eight(p + at)) != 0) {
			at += n;
			if (n == 8 || at == s.n)
				continue;
		}
		if ((n = plain_length(p + at, s.n - at)) == 0)
			break;
		at += n;
	}
	return at;
}

/* Where the character before ${end} begins, but not before ${at}. */
static size_t
plain_last(struct span s, size_t at, size_t end)
{
	if (end == at)
		return at;
	for (end--; end > at && ((unsigned char)s.p[end] & 0xC0) == 0x80; end--)
		continue;
	return end;
}

static bool
mark_is_quality(int32_t c)
{
	return c == 0x302 || c == 0x306 || c == 0x31B;
}

static bool
mark_is_tone(int32_t c)
{
	return c == 0x300 || c == 0x301 || c == 0x303 || c == 0x309 || c == 0x323;
}

static void
code_move(int32_t *codes, size_t from, size_t to)
{
	int32_t c = codes[from];

	memmove(codes + to + 1, codes + to, (from - to) * sizeof(*codes));
	codes[to] = c;
}

/* NFC sorts by class only, so that a tone typed before its quality mark stays there. */
static void
marks_order(int32_t *codes, size_t n)
{
	size_t i, k;

	for (i = 1; i < n; i++) {
		if (!mark_is_quality(codes[i]))
			continue;
		for (k = 1; k < i && !mark_is_tone(codes[k]); k++)
			continue;
		if (k < i)
			code_move(codes, i, k);
	}
}

/* Stable, as the canonical ordering algorithm asks (Unicode 3.11, D108). */
static void
marks_sort(int32_t *codes, size_t n)
{
	size_t i, k;
	int class;

	for (i = 1; i < n; i++) {
		class = utf8proc_get_property(codes[i])->combining_class;
		for (k = i; class != 0 && k > 0 &&
		    utf8proc_get_property(codes[k - 1])->combining_class > class; k--)
			continue;
		if (k < i)
			code_move(codes, i, k);
	}
}

/* Write the cluster of ${n} characters as NFC into ${b}. */
static void
cluster_put(struct buffer *b, const uint32_t *codes, size_t n)
{
	int32_t all[CLUSTER_DECOMPOSED];
	utf8proc_ssize_t k, count = 0;
	size_t i;
	int last = 0;

	for (i = 0; i < n; i++) {
		k = utf8proc_decompose_char((utf8proc_int32_t)codes[i],
		    all + count, CLUSTER_DECOMPOSED - count, UTF8PROC_DECOMPOSE, &last);
		if (k > 0 && k <= CLUSTER_DECOMPOSED - count)
			count += k;
	}
	marks_order(all, (size_t)count);
	marks_sort(all, (size_t)count);
	count = utf8proc_normalize_utf32(all, count, UTF8PROC_COMPOSE | UTF8PROC_STABLE);
	for (k = 0; k < count; k++)
		b->n += unicode_put((uint32_t)all[k], buffer_reserve(b, 4));
}

static void
map_add_if(struct map *m, size_t out, size_t out_length, size_t in, size_t in_length)
{
	if (m != NULL)
		map_add(m, out, out_length, in, in_length);
}

/* One cluster from ${at}, or something to strip; return where it ends. */
static size_t
cluster_next(struct buffer *b, struct span s, size_t at, struct map *m)
{
	uint32_t codes[CLUSTER_CODES], c;
	size_t n = 0, start = at, end = at, k, out = b->n;

	while (n < CLUSTER_CODES && (k = unicode_next(s, at, &c)) != 0) {
		if (code_is_invisible(c)) {
			at += k;
			continue;
		}
		if (n != 0 && !code_is_mark(c))
			break;
		if (n == 0 && c == '\r')	/* behind invisible ones: line_end's */
			return at;
		if (n == 0)
			start = at;
		codes[n++] = c;
		at += k;
		end = at;
	}
	if (n == 0)
		return at;
	if (n == 1 && codes[0] < 0x80)
		buffer_byte(b, (char)codes[0]);
	else if (n == 1 && (codes[0] == 0x2028 || codes[0] == 0x2029))
		buffer_byte(b, '\n');
	else
		cluster_put(b, codes, n);
	map_add_if(m, out, b->n - out, start, end - start);
	return end;
}

static void
plain_put(struct buffer *b, struct span s, size_t at, size_t end, struct map *m)
{
	if (end == at)
		return;
	buffer_add(b, span_sub(s, at, end - at));
	map_add_if(m, b->n - (end - at), end - at, at, end - at);
}

/* The CR at ${at}, unless the text ends there; return where to go on. */
static size_t
line_end(struct buffer *b, struct span s, size_t at, struct map *m)
{
	if (at == s.n)
		return at;
	if (at + 1 == s.n || s.p[at + 1] != '\n') {
		buffer_byte(b, '\n');
		map_add_if(m, b->n - 1, 1, at, 1);
	}
	return at + 1;
}

struct span
unicode_readable(struct arena *a, struct span s, struct map *m)
{
	struct buffer b = { .arena = a };
	size_t at, end, last;

	if (plain_end(s, 0) == s.n) {
		if (m != NULL)
			map_identity(m, s.n);
		return s;
	}
	buffer_reserve(&b, s.n);
	for (at = 0; at < s.n;) {
		end = plain_end(s, at);
		if (end == s.n || s.p[end] == '\r') {
			plain_put(&b, s, at, end, m);
			at = line_end(&b, s, end, m);
		} else {	/* marks may follow: they take the last one in */
			last = plain_last(s, at, end);
			plain_put(&b, s, at, last, m);
			at = cluster_next(&b, s, last, m);
		}
	}
	return buffer_span(&b);
}

struct span
unicode_lower(struct arena *a, struct span s)
{
	struct buffer b = { .arena = a };
	size_t at = 0, k;
	uint32_t c;

	while ((k = unicode_next(s, at, &c)) != 0) {
		if (c < 0x80)
			buffer_byte(&b, (char)(c >= 'A' && c <= 'Z' ? c | 0x20 : c));
		else
			b.n += unicode_put((uint32_t)utf8proc_tolower(
			    (utf8proc_int32_t)c), buffer_reserve(&b, 4));
		at += k;
	}
	return buffer_span(&b);
}

uint32_t
unicode_capital(uint32_t code)
{
	if (code < 0x80)
		return code >= 'a' && code <= 'z' ? code & ~(uint32_t)0x20 : code;
	return code > 0xFF ? (uint32_t)utf8proc_toupper((utf8proc_int32_t)code) : code;
}

/* Pairs that have the same full case folding and no simple one. */
static uint32_t
twin(uint32_t code)
{
	switch (code) {
	case 0x1fd3:
		return 0x0390;
	case 0x1fe3:
		return 0x03b0;
	case 0xfb05:
		return 0xfb06;
	default:
		return code;
	}
}

uint32_t
unicode_caseless(uint32_t code)
{
	utf8proc_int32_t c = (utf8proc_int32_t)code;

	if (code < 0x80)
		return code >= 'A' && code <= 'Z' ? code | 0x20 : code;
	/* By way of upper case: the final sigma and the long s have no other. */
	return twin((uint32_t)utf8proc_tolower(utf8proc_toupper(utf8proc_tolower(c))));
}

int
unicode_is_word(uint32_t code)
{
	switch (utf8proc_category((utf8proc_int32_t)code)) {
	case UTF8PROC_CATEGORY_LU:
	case UTF8PROC_CATEGORY_LL:
	case UTF8PROC_CATEGORY_LT:
	case UTF8PROC_CATEGORY_LM:
	case UTF8PROC_CATEGORY_LO:
	case UTF8PROC_CATEGORY_MN:
	case UTF8PROC_CATEGORY_MC:
	case UTF8PROC_CATEGORY_ME:
	case UTF8PROC_CATEGORY_ND:
		return 1;
	default:
		return code == '_';
	}
}

size_t
unicode_width(struct span s)
{
	size_t at = 0, k, width = 0;
	uint32_t c;

	while ((k = unicode_next(s, at, &c)) != 0) {
		width += (size_t)utf8proc_charwidth((utf8proc_int32_t)c);
		at += k;
	}
	return width;
}
