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

/* Where in a tag a character stands: a quote means one only where a value begins. */
enum place { PLACE_TAG, PLACE_BETWEEN, PLACE_NAME, PLACE_BEHIND_NAME, PLACE_VALUE,
	PLACE_BARE_VALUE };

/* Where what follows ${c} stands (HTML, "tokenization"). */
static enum place
place_after(enum place in, char c)
{
	if (is_space(c)) {
		if (in == PLACE_NAME)
			return PLACE_BEHIND_NAME;
		return in == PLACE_TAG || in == PLACE_BARE_VALUE ? PLACE_BETWEEN : in;
	}
	if (in == PLACE_TAG)
		return c == '/' ? PLACE_BETWEEN : in;
	if (in == PLACE_VALUE || in == PLACE_BARE_VALUE)
		return PLACE_BARE_VALUE;
	if (c == '/')
		return PLACE_BETWEEN;
	if (c == '=' && in != PLACE_BETWEEN)
		return PLACE_VALUE;
	return PLACE_NAME;
}

/* Behind the ">" of the tag at ${at}, or 0. */
static size_t
tag_end(struct span s, size_t at, struct scan *scan)
{
	size_t i = at + 1 + (at + 1 < s.n && s.p[at + 1] == '/');
	enum place in = PLACE_TAG;

	while (i < s.n && !scan->ignores_quotes) {
		if (s.p[i] == '>')
			return i + 1;
		if ((s.p[i] == '"' || s.p[i] == '\'') && in == PLACE_VALUE) {
			i = quote_end(s, i, scan);
			in = PLACE_BETWEEN;
			continue;
		}
		in = place_after(in, s.p[i]);
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

/* Of two attributes of one name the first counts; is ${value} that one? */
static bool
is_first(struct tag *t, enum attribute which)
{
	bool is_first = (t->attributes & 1U << which) == 0;

	t->attributes |= 1U << which;
	return is_first;
}

static void
attribute_keep(struct tag *t, struct span name, struct span value)
{
	if (span_is(name, "hidden"))
		t->has_hidden = true;
	else if (span_is(name, "style") && is_first(t, ATTRIBUTE_STYLE))
		style_parse(t->looks, value);
	else if (span_is(name, "class") && is_first(t, ATTRIBUTE_CLASS))
		t->classes = value;
	else if (span_is(name, "id") && is_first(t, ATTRIBUTE_ID))
		t->id = value;
	else if (span_is(name, "media") && is_first(t, ATTRIBUTE_MEDIA))
		t->media = value;
	else if (span_is(name, "type") && is_first(t, ATTRIBUTE_TYPE))
		t->type = value;
	else if (span_is(name, "title"))
		t->has_title = true;
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
	/* A reference may spell any name. */
	if (span_find_byte(t->classes, '&') < t->classes.n ||
	    span_find_byte(t->id, '&') < t->id.n)
		looks_doubt(t->looks);
	return true;
}

bool
tag_is_hidden(const struct tag *t)
{
	return t->looks[LOOK_DISPLAY] == LOOK_HIDES ||
	    (t->has_hidden && t->looks[LOOK_DISPLAY] == LOOK_SILENT) ||
	    t->looks[LOOK_OPACITY] == LOOK_HIDES;
}
