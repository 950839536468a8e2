/* SPDX-License-Identifier: BSD-2-Clause */
#include <string.h>

#include "base/span.h"
#include "span_internal.h"

static unsigned char
lower(char byte)
{
	unsigned char c = (unsigned char)byte;

	return c >= 'A' && c <= 'Z' ? c + ('a' - 'A') : c;
}

static bool
is_blank(char byte)
{
	return byte == ' ' || byte == '\t' || byte == '\r' || byte == '\n';
}

struct span
span_of(const char *text)
{
	return (struct span){ text, text != NULL ? strlen(text) : 0 };
}

struct span
span_sub(struct span s, size_t start, size_t n)
{
	if (start >= s.n)
		return (struct span){ s.n != 0 ? s.p + s.n : s.p, 0 };
	if (n > s.n - start)
		n = s.n - start;
	return (struct span){ s.p + start, n };
}

struct span
span_trim(struct span s)
{
	while (s.n != 0 && is_blank(s.p[s.n - 1]))
		s.n--;
	while (s.n != 0 && is_blank(s.p[0])) {
		s.p++;
		s.n--;
	}
	return s;
}

bool
span_equal(struct span a, struct span b)
{
	return a.n == b.n && (a.n == 0 || memcmp(a.p, b.p, a.n) == 0);
}

bool
span_equal_nocase(struct span a, struct span b)
{
	size_t i;

	if (a.n != b.n)
		return false;
	for (i = 0; i < a.n; i++) {
		if (lower(a.p[i]) != lower(b.p[i]))
			return false;
	}
	return true;
}

bool
span_is(struct span s, const char *text)
{
	return span_equal_nocase(s, span_of(text));
}

bool
span_starts_nocase(struct span s, const char *prefix)
{
	struct span want = span_of(prefix);

	return s.n >= want.n && span_equal_nocase(span_sub(s, 0, want.n), want);
}

size_t
span_find(struct span s, struct span needle)
{
	const char *at;

	if (needle.n == 0)
		return 0;
	if (s.n < needle.n)
		return s.n;
	at = memmem(s.p, s.n, needle.p, needle.n);
	return at != NULL ? (size_t)(at - s.p) : s.n;
}

size_t
span_find_byte(struct span s, char byte)
{
	const char *at;

	if (s.n == 0)
		return 0;
	at = memchr(s.p, byte, s.n);
	return at != NULL ? (size_t)(at - s.p) : s.n;
}

bool
span_line(struct span *rest, struct span *line)
{
	size_t n;

	if (rest->n == 0)
		return false;
	n = span_find_byte(*rest, '\n');
	*line = span_sub(*rest, 0, n);
	*rest = span_sub(*rest, n + 1, rest->n);
	if (n != 0 && rest->p != line->p + n && line->p[n - 1] == '\r')
		line->n--;
	return true;
}

size_t
span_character(struct span s)
{
	const unsigned char *p = (const unsigned char *)s.p;
	unsigned char low = 0x80, high = 0xbf;
	size_t n, i;

	if (s.n == 0)
		return 0;
	if (p[0] < 0x80)
		return 1;
	if (p[0] < 0xc2 || p[0] > 0xf4)
		return 0;
	n = p[0] < 0xe0 ? 2 : p[0] < 0xf0 ? 3 : 4;
	if (s.n < n)
		return 0;
	if (p[0] == 0xe0)
		low = 0xa0;
	else if (p[0] == 0xed)
		high = 0x9f;
	else if (p[0] == 0xf0)
		low = 0x90;
	else if (p[0] == 0xf4)
		high = 0x8f;
	if (p[1] < low || p[1] > high)
		return 0;
	for (i = 2; i < n; i++) {
		if ((p[i] & 0xc0) != 0x80)
			return 0;
	}
	return n;
}
