/* SPDX-License-Identifier: BSD-2-Clause */
#include <string.h>

#include "html_internal.h"

static bool
is_space(char c)
{
	return c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\f';
}

/* Behind the closing quote of the one at ${i}; or just behind ${i} if nothing closes it. */
static size_t
quote_end(struct span s, size_t i, struct scan *scan)
{
	size_t n = span_find_byte(span_sub(s, i + 1, s.n), s.p[i]);

	if (i + 1 + n < s.n)
		return i + 1 + n + 1;
	scan->ignores_quotes = true;
	return i + 1;
}

/* Behind the ">" of the tag at ${at}, or 0. */
static size_t
tag_end(struct span s, size_t at, struct scan *scan)
{
	size_t i = at + 1;
	char before = '\0';

	while (i < s.n && !scan->ignores_quotes) {
		if (s.p[i] == '>')
			return i + 1;
		if ((s.p[i] == '"' || s.p[i] == '\'') && before == '=') {
			i = quote_end(s, i, scan);
			before = '"';
			continue;
		}
		if (!is_space(s.p[i]))
			before = s.p[i];
		i++;
	}
	if (scan->no_greater)
		return 0;
	/* Once a tag ran to the end of the text, all further ones end at the first ">". */
	scan->ignores_quotes = true;
	i = at + span_find_byte(span_sub(s, at, s.n), '>');
	scan->no_greater = i >= s.n;
	return i < s.n ? i + 1 : 0;
}

/* Take the value behind "=" off ${rest}. */
static struct span
value_take(struct span *rest)
{
	struct span value;
	size_t n = 0;
	char quote;

	while (n < rest->n && is_space(rest->p[n]))
		n++;
	*rest = span_sub(*rest, n, rest->n);
	if (rest->n != 0 && (rest->p[0] == '"' || rest->p[0] == '\'')) {
		quote = rest->p[0];
		*rest = span_sub(*rest, 1, rest->n);
		n = span_find_byte(*rest, quote);
		value = span_sub(*rest, 0, n);
		*rest = span_sub(*rest, n + 1, rest->n);
		return value;
	}
	for (n = 0; n < rest->n && !is_space(rest->p[n]); n++)
		continue;
	value = span_sub(*rest, 0, n);
	*rest = span_sub(*rest, n, rest->n);
	return value;
}

static void
attribute_keep(struct tag *t, struct span name, struct span value)
{
	if (span_is(name, "hidden"))
		t->has_hidden = true;
	else if (span_is(name, "style"))
		style_parse(t->looks, value);
	else if (span_is(name, "class"))
		t->classes = value;
	else if (span_is(name, "id"))
		t->id = value;
	else if (span_is(name, "media"))
		t->media = value;
	else if (span_is(name, "type"))
		t->type = value;
	else if (span_is(name, "size"))
		t->has_size = true;
}

static void
attributes_parse(struct tag *t, struct span rest)
{
	struct span name, value;
	size_t n;

	while (rest.n != 0) {
		for (n = 0; n < rest.n && (is_space(rest.p[n]) || rest.p[n] == '/'); n++)
			continue;
		rest = span_sub(rest, n, rest.n);
		for (n = 0; n < rest.n && !is_space(rest.p[n]) && rest.p[n] != '/' &&
		    (rest.p[n] != '=' || n == 0); n++)
			continue;
		name = span_sub(rest, 0, n);
		while (n < rest.n && is_space(rest.p[n]))
			n++;
		rest = span_sub(rest, n, rest.n);
		value = (struct span){ NULL, 0 };
		if (rest.n != 0 && rest.p[0] == '=') {
			rest = span_sub(rest, 1, rest.n);
			value = value_take(&rest);
		}
		attribute_keep(t, name, value);
	}
}

bool
tag_parse(struct span s, size_t at, struct scan *scan, struct tag *t)
{
	size_t start, n;

	memset(t, 0, sizeof(*t));
	if ((t->end = tag_end(s, at, scan)) == 0)
		return false;
	t->is_end = s.p[at + 1] == '/';
	start = at + 1 + t->is_end;
	for (n = start; n < t->end - 1 && !is_space(s.p[n]) && s.p[n] != '/'; n++)
		if (n - start < sizeof(t->lower) - 1)
			t->lower[n - start] = s.p[n] >= 'A' && s.p[n] <= 'Z' ?
			    s.p[n] | 0x20 : s.p[n];
	t->name = span_sub(s, start, n - start);
	if (!t->is_end && n + 1 < t->end)
		attributes_parse(t, span_sub(s, n, t->end - 1 - n));
	return true;
}

bool
tag_is_hidden(const struct tag *t)
{
	return t->looks[LOOK_DISPLAY] == LOOK_HIDES ||
	    (t->has_hidden && t->looks[LOOK_DISPLAY] == LOOK_SILENT) ||
	    t->looks[LOOK_OPACITY] == LOOK_HIDES;
}
