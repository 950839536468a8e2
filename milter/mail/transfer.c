/* SPDX-License-Identifier: BSD-2-Clause */
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include "base/buffer.h"

#include "mail/transfer.h"

/* Values of the alphabet plus one; 0 for every other byte. */
static const unsigned char base64_value[256] = {
	['A'] = 1, ['B'] = 2, ['C'] = 3, ['D'] = 4, ['E'] = 5, ['F'] = 6,
	['G'] = 7, ['H'] = 8, ['I'] = 9, ['J'] = 10, ['K'] = 11, ['L'] = 12,
	['M'] = 13, ['N'] = 14, ['O'] = 15, ['P'] = 16, ['Q'] = 17, ['R'] = 18,
	['S'] = 19, ['T'] = 20, ['U'] = 21, ['V'] = 22, ['W'] = 23, ['X'] = 24,
	['Y'] = 25, ['Z'] = 26, ['a'] = 27, ['b'] = 28, ['c'] = 29, ['d'] = 30,
	['e'] = 31, ['f'] = 32, ['g'] = 33, ['h'] = 34, ['i'] = 35, ['j'] = 36,
	['k'] = 37, ['l'] = 38, ['m'] = 39, ['n'] = 40, ['o'] = 41, ['p'] = 42,
	['q'] = 43, ['r'] = 44, ['s'] = 45, ['t'] = 46, ['u'] = 47, ['v'] = 48,
	['w'] = 49, ['x'] = 50, ['y'] = 51, ['z'] = 52, ['0'] = 53, ['1'] = 54,
	['2'] = 55, ['3'] = 56, ['4'] = 57, ['5'] = 58, ['6'] = 59, ['7'] = 60,
	['8'] = 61, ['9'] = 62, ['+'] = 63, ['/'] = 64,
};

enum transfer_encoding
transfer_parse(struct span name)
{
	name = span_trim(span_sub(name, 0, span_find_byte(name, '(')));
	name = span_trim(span_sub(name, 0, span_find_byte(name, ';')));
	if (name.n > 2 && name.p[0] == '"' && name.p[name.n - 1] == '"')
		name = span_sub(name, 1, name.n - 2);
	if (span_is(name, "base64"))
		return TRANSFER_BASE64;
	if (span_is(name, "quoted-printable"))
		return TRANSFER_QUOTED_PRINTABLE;
	if (span_is(name, "x-uuencode") || span_is(name, "uuencode") ||
	    span_is(name, "x-uue"))
		return TRANSFER_UUENCODE;
	return TRANSFER_IDENTITY;
}

/* The bytes that a quantum of ${have} < 4 letters holds. */
static char *
base64_rest(char *out, uint32_t bits, unsigned have)
{
	if (have == 2) {
		*out++ = (char)(bits >> 4);
	} else if (have == 3) {
		*out++ = (char)(bits >> 10);
		*out++ = (char)(bits >> 2);
	}
	return out;
}

static struct span
base64_decode(struct arena *a, struct span raw)
{
	const unsigned char *p = (const unsigned char *)raw.p, *end = p + raw.n;
	char *start = arena_alloc(a, raw.n / 4 * 3 + 4), *out = start;
	uint32_t bits = 0;
	unsigned have = 0, v0, v1, v2, v3;

	while (p < end) {
		while (have == 0 && end - p >= 4 &&
		    (v0 = base64_value[p[0]]) != 0 && (v1 = base64_value[p[1]]) != 0 &&
		    (v2 = base64_value[p[2]]) != 0 && (v3 = base64_value[p[3]]) != 0) {
			bits = (v0 - 1) << 18 | (v1 - 1) << 12 | (v2 - 1) << 6 | (v3 - 1);
			*out++ = (char)(bits >> 16);
			*out++ = (char)(bits >> 8);
			*out++ = (char)bits;
			p += 4;
		}
		if (p == end)
			break;
		if ((v0 = base64_value[*p]) != 0) {
			bits = bits << 6 | (v0 - 1);
			if (++have == 4) {
				*out++ = (char)(bits >> 16);
				*out++ = (char)(bits >> 8);
				*out++ = (char)bits;
				have = 0;
			}
		} else if (*p == '=') {
			out = base64_rest(out, bits, have);
			have = 0;
		}
		p++;
	}
	out = base64_rest(out, bits, have);
	return (struct span){ start, (size_t)(out - start) };
}

/* Values of the digits plus one; 0 for every other byte. */
static const unsigned char hex_digit[256] = {
	['0'] = 1, ['1'] = 2, ['2'] = 3, ['3'] = 4, ['4'] = 5, ['5'] = 6, ['6'] = 7,
	['7'] = 8, ['8'] = 9, ['9'] = 10, ['A'] = 11, ['B'] = 12, ['C'] = 13,
	['D'] = 14, ['E'] = 15, ['F'] = 16, ['a'] = 11, ['b'] = 12, ['c'] = 13,
	['d'] = 14, ['e'] = 15, ['f'] = 16,
};

/* How many bytes of a soft line end begin at ${p}, just behind "="; 0 if none. */
static size_t
soft_break(const char *p, const char *end)
{
	const char *q = p;

	while (q < end && (*q == ' ' || *q == '\t'))
		q++;
	if (q == end)
		return (size_t)(q - p);
	if (*q == '\r' && q + 1 < end && q[1] == '\n')
		return (size_t)(q - p) + 2;
	return *q == '\n' ? (size_t)(q - p) + 1 : 0;
}

/* One "=" at ${p} with no two digits behind it; return where to go on. */
static const char *
quoted_damaged(const char *p, const char *end, char **out)
{
	size_t n = soft_break(p + 1, end);

	if (n == 0 && p + 1 != end)
		*(*out)++ = '=';
	return p + 1 + n;
}

/* Blanks that stand at the end of a line were added on the way (rule 3). */
static char *
blanks_drop(char *out, const char *from)
{
	while (out > from && (out[-1] == ' ' || out[-1] == '\t'))
		out--;
	return out;
}

static char *
quoted_line_end(char *out, const char *from)
{
	if (out > from && out[-1] == '\r') {
		out = blanks_drop(out - 1, from);
		*out++ = '\r';
	} else {
		out = blanks_drop(out, from);
	}
	*out++ = '\n';
	return out;
}

static struct span
quoted_decode(struct arena *a, struct span raw)
{
	const char *p = raw.p, *end = p + raw.n;
	char *start = arena_alloc(a, raw.n + 1), *out = start, *from = start;
	unsigned high, low;

	while (p < end) {
		if (*p != '=' && *p != '\n') {
			*out++ = *p++;
		} else if (*p == '\n') {
			from = out = quoted_line_end(out, from);
			p++;
		} else if (end - p >= 3 && (high = hex_digit[(unsigned char)p[1]]) != 0 &&
		    (low = hex_digit[(unsigned char)p[2]]) != 0) {
			*out++ = (char)((high - 1) << 4 | (low - 1));
			from = out;	/* an encoded blank stays */
			p += 3;
		} else {
			p = quoted_damaged(p, end, &out);
			from = out;
		}
	}
	return (struct span){ start, (size_t)(out - start) };
}

static void
uuencode_line(struct buffer *b, struct span line)
{
	size_t left = ((size_t)line.p[0] - ' ') & 63, i, k;
	uint32_t bits;
	char three[3];

	for (i = 1; i < line.n && left != 0; i += 4) {
		bits = 0;
		for (k = 0; k < 4; k++)
			bits = bits << 6 | (i + k < line.n ?
			    ((uint32_t)(unsigned char)line.p[i + k] - ' ') & 63 : 0);
		three[0] = (char)(bits >> 16);
		three[1] = (char)(bits >> 8);
		three[2] = (char)bits;
		k = left < 3 ? left : 3;
		buffer_add(b, (struct span){ three, k });
		left -= k;
	}
}

static struct span
uuencode_decode(struct arena *a, struct span raw)
{
	struct buffer b = { .arena = a };
	struct span line, rest = raw;
	bool is_inside = false;

	while (span_line(&rest, &line)) {
		if (span_starts_nocase(line, "begin ")) {
			is_inside = true;
		} else if (is_inside && span_is(line, "end")) {
			is_inside = false;
		} else if (is_inside && line.n > 1) {
			uuencode_line(&b, line);
		}
	}
	/* Not one line of it: better the text as it stands than none. */
	return b.n != 0 ? buffer_span(&b) : raw;
}

#define BEGIN "begin "

/* "begin 644 NAME": where the name begins; 0 if it is no such line. */
static size_t
uuencode_name(struct span line)
{
	size_t i = strlen(BEGIN), digits = i;

	if (!span_equal(span_sub(line, 0, i), span_of(BEGIN)))
		return 0;
	while (i < line.n && line.p[i] >= '0' && line.p[i] <= '7')
		i++;
	digits = i - digits;
	return digits >= 3 && digits <= 4 && i + 1 < line.n && line.p[i] == ' ' ? i + 1 : 0;
}

/* A line of as many letters as its first one says, give or take blanks and a sum. */
static bool
uuencode_is_line(struct span line)
{
	size_t bytes, letters, i;

	if (line.n == 0)
		return false;
	bytes = ((size_t)line.p[0] - ' ') & 63;
	letters = (bytes + 2) / 3 * 4;
	if (line.n - 1 > letters + 2 || line.n - 1 + 8 < letters)
		return false;
	for (i = 0; i < line.n; i++)
		if (line.p[i] < ' ' || line.p[i] > '`')
			return false;
	return true;
}

/* Go to the end of the file whose lines begin at ${rest}; false if there is none. */
static bool
uuencode_skip(struct span *rest)
{
	struct span behind = *rest, line;
	size_t lines = 0;

	while (span_line(&behind, &line)) {
		if (span_is(line, "end")) {
			*rest = behind;
			break;
		}
		if (!uuencode_is_line(line) && (line.n != 0 || lines == 0))
			break;
		*rest = behind;
		lines++;
	}
	return lines != 0;
}

bool
transfer_uuencoded(struct span *text, struct span *name, struct span *file)
{
	struct span rest = *text, line, start;
	size_t at;

	if (span_find(rest, span_of(BEGIN)) == rest.n)
		return false;
	for (;;) {
		start = rest;
		if (!span_line(&rest, &line))
			return false;
		if ((at = uuencode_name(line)) == 0)
			continue;
		*text = rest;
		if (!uuencode_skip(text))
			continue;
		*name = span_trim(span_sub(line, at, line.n));
		*file = span_sub(start, 0, start.n - text->n);
		return true;
	}
}

struct span
transfer_decode(struct arena *a, enum transfer_encoding encoding, struct span raw)
{
	if (raw.n == 0)
		return raw;
	switch (encoding) {
	case TRANSFER_BASE64:
		return base64_decode(a, raw);
	case TRANSFER_QUOTED_PRINTABLE:
		return quoted_decode(a, raw);
	case TRANSFER_UUENCODE:
		return uuencode_decode(a, raw);
	case TRANSFER_IDENTITY:
		break;
	}
	return raw;
}
