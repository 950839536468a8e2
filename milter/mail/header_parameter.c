/* SPDX-License-Identifier: BSD-2-Clause */
#include <stdbool.h>
#include <string.h>

#include "base/buffer.h"
#include "mail/charset.h"

#include "header_internal.h"
#include "mail/header.h"

#define SEGMENTS 1000	/* of one RFC 2231 value; more than any program writes */

/* Where the reading of a structured value stands. */
struct cursor {
	struct span s;
	size_t at;
};

static int
hex_value(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c |= 0x20;
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

struct span
header_percent(struct arena *a, struct span s, char mark)
{
	char *out = arena_alloc(a, s.n + 1);
	size_t i, n = 0;
	int high, low;

	for (i = 0; i < s.n; i++) {
		if (s.p[i] == mark && s.n - i > 2 &&
		    (high = hex_value(s.p[i + 1])) >= 0 &&
		    (low = hex_value(s.p[i + 2])) >= 0) {
			out[n++] = (char)(high << 4 | low);
			i += 2;
		} else {
			out[n++] = s.p[i];
		}
	}
	return (struct span){ out, n };
}

static bool
cursor_is(const struct cursor *c, char byte)
{
	return c->at < c->s.n && c->s.p[c->at] == byte;
}

static void
cursor_skip_comment(struct cursor *c)
{
	size_t depth = 0;

	for (; c->at < c->s.n; c->at++) {
		if (cursor_is(c, '\\'))
			c->at++;
		else if (cursor_is(c, '('))
			depth++;
		else if (cursor_is(c, ')') && --depth == 0) {
			c->at++;
			return;
		}
	}
	c->at = c->s.n;		/* may stand one behind it */
}

static void
cursor_skip_blanks(struct cursor *c)
{
	for (;;) {
		if (cursor_is(c, '('))
			cursor_skip_comment(c);
		else if (c->at < c->s.n && (c->s.p[c->at] == ' ' || c->s.p[c->at] == '\t' ||
		    c->s.p[c->at] == '\r' || c->s.p[c->at] == '\n'))
			c->at++;
		else
			return;
	}
}

static struct span
quoted_value(struct arena *a, struct cursor *c)
{
	struct buffer b = { .arena = a };

	for (c->at++; c->at < c->s.n && !cursor_is(c, '"'); c->at++) {
		/* Windows paths in names: only a quote or a backslash is escaped. */
		if (cursor_is(c, '\\') && c->at + 1 < c->s.n &&
		    (c->s.p[c->at + 1] == '"' || c->s.p[c->at + 1] == '\\'))
			c->at++;
		if (!cursor_is(c, '\r') && !cursor_is(c, '\n'))
			buffer_byte(&b, c->s.p[c->at]);
	}
	if (c->at < c->s.n)
		c->at++;
	return buffer_span(&b);
}

/* A bare value goes to the ";": names with blanks come without quotes too. */
static struct span
bare_value(struct cursor *c, bool is_name)
{
	size_t start = c->at, end;

	while (c->at < c->s.n && !cursor_is(c, ';'))
		c->at++;
	for (end = start; !is_name && end < c->at; end++)
		if (c->s.p[end] == '(')
			break;
	return span_trim(span_sub(c->s, start, (is_name ? c->at : end) - start));
}

static bool
parameter_next(struct arena *a, struct cursor *c, struct span *name, struct span *value)
{
	size_t start;

	while (c->at < c->s.n) {
		cursor_skip_blanks(c);
		start = c->at;
		while (c->at < c->s.n && !cursor_is(c, '=') && !cursor_is(c, ';'))
			c->at++;
		*name = span_trim(span_sub(c->s, start, c->at - start));
		if (!cursor_is(c, '=')) {
			c->at++;
			continue;
		}
		c->at++;
		cursor_skip_blanks(c);
		*value = cursor_is(c, '"') ? quoted_value(a, c) :
		    bare_value(c, span_starts_nocase(*name, "name") ||
		    span_starts_nocase(*name, "filename"));
		while (c->at < c->s.n && !cursor_is(c, ';'))
			c->at++;
		c->at++;
		return true;
	}
	return false;
}

struct segments {
	struct span *list;	/* SEGMENTS of them, or NULL */
	bool *is_percent;
	size_t highest;
};

/* "name*", "name*3" or "name*3*": put its value in its place. */
static void
segments_add(struct arena *a, struct segments *g, struct span suffix, struct span value)
{
	size_t i, index = 0;
	bool is_percent = suffix.n == 0;	/* "name*" alone */

	for (i = 0; i < suffix.n && suffix.p[i] >= '0' && suffix.p[i] <= '9' &&
	    index < SEGMENTS; i++)
		index = index * 10 + (size_t)(suffix.p[i] - '0');
	if (i < suffix.n && suffix.p[i] == '*')
		is_percent = true;
	else if (i < suffix.n)
		return;
	if (index >= SEGMENTS)
		return;
	if (g->list == NULL) {
		g->list = ARENA_ARRAY(a, struct span, SEGMENTS);
		g->is_percent = ARENA_ARRAY(a, bool, SEGMENTS);
	}
	if (g->list[index].p != NULL)
		return;
	g->list[index] = value;
	g->is_percent[index] = is_percent;
	if (index > g->highest)
		g->highest = index;
}

/* Take "charset'language'" off ${value} (RFC 2231 4). */
static struct span
charset_take(struct span *value)
{
	size_t first = span_find_byte(*value, '\''), second;
	struct span charset = span_sub(*value, 0, first), rest;

	rest = span_sub(*value, first + 1, value->n);
	second = span_find_byte(rest, '\'');
	if (first == value->n || second == rest.n)
		return (struct span){ NULL, 0 };
	*value = span_sub(rest, second + 1, rest.n);
	return charset;
}

static struct span
segments_join(struct arena *a, const struct segments *g)
{
	struct buffer b = { .arena = a };
	struct span charset = { NULL, 0 }, value;
	size_t i;

	for (i = 0; i <= g->highest; i++) {
		value = g->list[i];
		if (g->is_percent[i] && i == 0)
			charset = charset_take(&value);
		buffer_add(&b, g->is_percent[i] ? header_percent(a, value, '%') : value);
	}
	value = buffer_span(&b);
	if (charset.n == 0)	/* not in the letter of RFC 2231, but seen */
		return header_decode(a, value);
	return charset_decode(a, charset, value, NULL);
}

struct span
header_parameter(struct arena *a, struct span value, const char *name)
{
	struct cursor c = { .s = value };
	struct segments g = { NULL, NULL, 0 };
	struct span plain = { NULL, 0 }, key, v;
	size_t n = strlen(name);

	while (c.at < c.s.n && !cursor_is(&c, ';')) {
		if (cursor_is(&c, '('))
			cursor_skip_comment(&c);
		else
			c.at++;
	}
	c.at++;
	while (parameter_next(a, &c, &key, &v)) {
		if (!span_starts_nocase(key, name))
			continue;
		if (key.n == n && plain.p == NULL)
			plain = v;
		else if (key.n > n && key.p[n] == '*')
			segments_add(a, &g, span_sub(key, n + 1, key.n), v);
	}
	return g.list != NULL ? segments_join(a, &g) : header_decode(a, plain);
}
