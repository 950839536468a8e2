/* SPDX-License-Identifier: BSD-2-Clause */
#include <string.h>

#include "html_internal.h"

/*
 * As much of CSS as it takes to see what is hidden.  Rules hide only where there is
 * no doubt: one plain selector, outside of @media, in a sheet that is understood to
 * its end.  Whatever may show wins.
 */

#define AT_DEPTH 4

/* Is ${value} a length of zero: "0", "0px", "0%"? */
static bool
length_is_zero(struct span value)
{
	size_t i = 0;

	while (i < value.n && value.p[i] == '0')
		i++;
	value = span_sub(value, i, value.n);
	return i != 0 && (value.n == 0 || span_is(value, "px") || span_is(value, "pt") ||
	    span_is(value, "em") || span_is(value, "rem") || span_is(value, "%"));
}

/* "0", "0.00", ".0", "0%" */
static bool
opacity_is_none(struct span value)
{
	return span_is(value, "0") || span_is(value, "0%") || span_is(value, "0.0") ||
	    span_is(value, ".0") || span_is(value, "0.00");
}

/* Whatever shows wins over what hides, in any order: "!important" exists. */
static void
look_set(enum look *l, bool hides, bool is_important)
{
	if (hides && *l == LOOK_SILENT)
		*l = LOOK_HIDES;
	else if (!hides && *l != LOOK_INSISTS)
		*l = is_important ? LOOK_INSISTS : LOOK_SHOWS;
}

/* It may show in a moment what is hidden now. */
static bool
is_animation(struct span name)
{
	return span_starts_nocase(name, "animation") ||
	    span_starts_nocase(name, "-webkit-animation") ||
	    span_starts_nocase(name, "-moz-animation");
}

void
looks_doubt(enum look *looks)
{
	for (size_t i = 0; i < LOOK_CAPITALS; i++)
		looks[i] = LOOK_INSISTS;
}

static void
style_declaration(enum look *looks, struct span name, struct span value)
{
	size_t n = span_find_byte(value, '!');
	bool is_important = n < value.n;

	if (is_important && !span_is(span_trim(span_sub(value, n + 1, value.n)), "important"))
		return;		/* no reader takes it */
	value = span_trim(span_sub(value, 0, n));
	if (span_is(name, "display"))
		look_set(&looks[LOOK_DISPLAY], span_is(value, "none"), is_important);
	else if (span_is(name, "visibility"))
		look_set(&looks[LOOK_VISIBILITY], span_is(value, "hidden") ||
		    span_is(value, "collapse"), is_important);
	else if (span_is(name, "font-size"))
		look_set(&looks[LOOK_FONT], length_is_zero(value), is_important);
	else if (span_is(name, "opacity"))
		look_set(&looks[LOOK_OPACITY], opacity_is_none(value), is_important);
	else if (span_is(name, "text-transform"))
		look_set(&looks[LOOK_CAPITALS], span_is(value, "uppercase"), is_important);
	else if (span_is(name, "font"))
		look_set(&looks[LOOK_FONT], false, is_important);
	else if (span_is(name, "all") || is_animation(name))
		looks_doubt(looks);
}

static bool
is_space(char c)
{
	return c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\f';
}

static bool
is_letter(char c)
{
	return ((c | 0x20) >= 'a' && (c | 0x20) <= 'z') || (unsigned char)c >= 0x80;
}

static bool
is_identifier(char c)
{
	return is_letter(c) || (c >= '0' && c <= '9') || c == '-' || c == '_';
}

/* Blanks, comments, and what hides a sheet from the browsers of 1996. */
static struct span
skip_blanks(struct span s)
{
	size_t n;

	for (;;) {
		for (n = 0; n < s.n && is_space(s.p[n]); n++)
			continue;
		s = span_sub(s, n, s.n);
		if (span_starts_nocase(s, "<!--"))
			s = span_sub(s, 4, s.n);
		else if (span_starts_nocase(s, "-->"))
			s = span_sub(s, 3, s.n);
		else if (span_starts_nocase(s, "/*")) {
			n = span_find(span_sub(s, 2, s.n), span_of("*/"));
			s = span_sub(s, 2 + n + 2, s.n);
		} else
			return s;
	}
}

/* Behind the string or comment that begins at ${i}; one character if none does. */
static size_t
token_end(struct span s, size_t i)
{
	size_t n;

	if (s.p[i] == '"' || s.p[i] == '\'')
		n = i + 1 + span_find_byte(span_sub(s, i + 1, s.n), s.p[i]) + 1;
	else if (s.p[i] == '/' && span_starts_nocase(span_sub(s, i, 2), "/*"))
		n = i + 2 + span_find(span_sub(s, i + 2, s.n), span_of("*/")) + 2;
	else
		n = i + 1;
	return n < s.n ? n : s.n;
}

/* Where one of ${ends} stands in ${s}, but in a string, a comment or brackets. */
static size_t
find_end(struct span s, const char *ends)
{
	size_t i = 0, depth = 0;

	while (i < s.n && (depth != 0 || s.p[i] == '\0' || strchr(ends, s.p[i]) == NULL)) {
		depth += s.p[i] == '[' || s.p[i] == '(';
		depth -= depth != 0 && (s.p[i] == ']' || s.p[i] == ')');
		i = token_end(s, i);
	}
	return i;
}

static bool
has_any(struct span s, const char *bytes)
{
	for (; *bytes != '\0'; bytes++)
		if (span_find_byte(s, *bytes) < s.n)
			return true;
	return false;
}

/* An address without quotes has rules of its own for what ends it. */
static bool
address_is_plain(struct span s)
{
	size_t i;

	if (!span_starts_nocase(s, "url("))
		return true;
	s = skip_blanks(span_sub(s, 4, s.n));
	if (s.n != 0 && (s.p[0] == '"' || s.p[0] == '\''))
		return true;
	s = span_sub(s, 0, span_find_byte(s, ')'));
	for (i = 0; i < s.n; i++)
		if (is_space(s.p[i]) || strchr("\"'(*", s.p[i]) != NULL)
			return false;
	return true;
}

/* Strings that end in their line, brackets that nest: else readers differ on what is where. */
static bool
css_is_plain(struct span css)
{
	static const char pairs[] = "(){}[]";
	char open[AT_DEPTH + 4];
	const char *bracket;
	size_t i = 0, end, depth = 0;

	for (; i < css.n; i = end) {
		end = token_end(css, i);
		if (css.p[i] == '\0' || !address_is_plain(span_sub(css, i, css.n)))
			return false;
		if ((css.p[i] == '"' || css.p[i] == '\'') &&
		    (end == i + 1 || css.p[end - 1] != css.p[i] ||
		    has_any(span_sub(css, i, end - i), "\n\r\f\\")))
			return false;
		if ((bracket = strchr(pairs, css.p[i])) == NULL)
			continue;
		if ((bracket - pairs) % 2 == 0 && depth < sizeof(open))
			open[depth++] = bracket[1];
		else if (depth == 0 || open[--depth] != css.p[i])
			return false;
	}
	return depth == 0;
}

void
style_parse(enum look *looks, struct span style)
{
	struct span one;
	size_t colon, n;

	/* An escape or a reference may spell anything, and readers differ on the rest. */
	if (has_any(style, "\\&{}") || span_find(style, span_of("/*")) < style.n ||
	    !css_is_plain(style))
		looks_doubt(looks);
	while (style.n != 0) {
		n = find_end(style, ";");
		one = span_sub(style, 0, n);
		style = span_sub(style, n + 1, style.n);
		if ((colon = span_find_byte(one, ':')) < one.n)
			style_declaration(looks, span_trim(span_sub(one, 0, colon)),
			    span_trim(span_sub(one, colon + 1, one.n)));
	}
}

static struct span
identifier_take(struct span *s)
{
	struct span all = *s;
	size_t n = 0;

	/* Names that begin otherwise may be none. */
	while (n < all.n && is_identifier(all.p[n]) && (n != 0 || is_letter(all.p[0])))
		n++;
	*s = span_sub(all, n, all.n);
	return span_sub(all, 0, n);
}

/* The last of the elements that ${selector} tells one after the other. */
static struct span
last_compound(struct span selector, bool *is_alone)
{
	size_t n;

	*is_alone = true;
	while ((n = find_end(selector, " \t\n\r\f>+~")) < selector.n) {
		*is_alone = false;
		selector = span_sub(selector, n + 1, selector.n);
	}
	return selector;
}

static void
selector_parse(struct sheet_rule *r, struct span selector)
{
	bool is_alone;
	char c;

	memset(r, 0, sizeof(*r));
	selector = last_compound(span_trim(selector), &is_alone);
	r->tag = identifier_take(&selector);
	while (selector.n > 1 && (selector.p[0] == '.' || selector.p[0] == '#')) {
		c = selector.p[0];
		selector = span_sub(selector, 1, selector.n);
		if ((c == '.' ? r->class : r->id).n != 0)
			is_alone = false;
		*(c == '.' ? &r->class : &r->id) = identifier_take(&selector);
	}
	r->is_certain = is_alone && selector.n == 0 &&
	    r->tag.n + r->class.n + r->id.n != 0;
	/* An escape may spell any name. */
	if (selector.n != 0 && span_find_byte(selector, '\\') < selector.n)
		memset(r, 0, sizeof(*r));
}

static bool
looks_speak(const enum look *looks)
{
	size_t i;

	for (i = 0; i < LOOK_COUNT; i++)
		if (looks[i] != LOOK_SILENT)
			return true;
	return false;
}

/* Add what the selectors before a block have got from it. */
static void
rules_add(struct sheet *s, struct span selectors, const enum look *looks, bool is_sure)
{
	struct sheet_rule *r;
	size_t n, first = s->count;

	for (; selectors.n != 0; selectors = span_sub(selectors, n + 1, selectors.n)) {
		n = find_end(selectors, ",");
		if (s->count == SHEET_RULES) {
			s->is_doubtful = true;
			return;
		}
		r = &s->rules[s->count++];
		selector_parse(r, span_sub(selectors, 0, n));
		is_sure = is_sure && r->is_certain;
		memcpy(r->looks, looks, sizeof(r->looks));
	}
	/* One selector that is none voids them all. */
	for (; first < s->count; first++)
		s->rules[first].is_certain = is_sure;
}

static bool
block_read(struct sheet *s, struct span selectors, struct span block, bool is_sure)
{
	enum look looks[LOOK_COUNT] = { LOOK_SILENT };

	if (find_end(block, "{") < block.n || span_find_byte(selectors, '/') < selectors.n)
		return false;
	style_parse(looks, block);
	if (looks_speak(looks))
		rules_add(s, selectors, looks, is_sure);
	for (size_t i = 0; i < LOOK_COUNT; i++)
		s->may_insist = s->may_insist || looks[i] == LOOK_INSISTS;
	return true;
}

/* Where the block that ${s} is in ends, with those in it; or at its end. */
static size_t
block_end(struct span s)
{
	size_t i = 0, n, depth = 0;

	for (;; i += n + 1) {
		n = find_end(span_sub(s, i, s.n), "{}");
		if (i + n >= s.n || (s.p[i + n] == '}' && depth == 0))
			return i + n < s.n ? i + n : s.n;
		depth = s.p[i + n] == '{' ? depth + 1 : depth - 1;
	}
}

/* Read ${css}; false if it is not understood. */
static bool
sheet_read(struct sheet *s, struct span css, size_t depth)
{
	struct span head, block;
	size_t n;

	for (css = skip_blanks(css); css.n != 0; css = skip_blanks(css)) {
		n = find_end(css, "{};");
		head = span_sub(css, 0, n);
		css = span_sub(css, n, css.n);
		if (css.n != 0 && css.p[0] == ';' && span_starts_nocase(head, "@charset")) {
			css = span_sub(css, 1, css.n);
			continue;
		}
		if (css.n == 0 || css.p[0] != '{')
			return false;
		css = span_sub(css, 1, css.n);
		n = block_end(css);
		block = span_sub(css, 0, n);
		if (n == css.n)
			return false;
		css = span_sub(css, n + 1, css.n);
		if (head.n == 0 || head.p[0] != '@') {
			if (!block_read(s, head, block, depth == 0))
				return false;
		} else if (depth == AT_DEPTH || (span_find_byte(block, '{') < block.n &&
		    !sheet_read(s, block, depth + 1)))
			return false;
	}
	return true;
}

void
sheet_parse(struct sheet *s, struct span css)
{
	if (!css_is_plain(css) || !sheet_read(s, css, 0))
		s->is_doubtful = true;
}

bool
sheet_hides(const struct sheet *s)
{
	size_t i, k;

	for (i = 0; i < s->count && !s->is_doubtful; i++)
		for (k = 0; k < LOOK_COUNT; k++)
			if (s->rules[i].is_certain && s->rules[i].looks[k] == LOOK_HIDES)
				return true;
	return false;
}

/* Is ${word} among the words of ${list}? */
static bool
has_word(struct span list, struct span word, bool is_exact)
{
	struct span one;
	size_t n;

	while (list.n != 0) {
		for (n = 0; n < list.n && !is_space(list.p[n]); n++)
			continue;
		one = span_sub(list, 0, n);
		if (one.n == word.n && (is_exact ? span_equal(one, word) :
		    span_equal_nocase(one, word)))
			return true;
		list = span_sub(list, n + 1, list.n);
	}
	return false;
}

/* What hides must match to the letter, what shows may do so without case. */
static bool
rule_matches(const struct sheet_rule *r, const struct tag *t, bool is_exact)
{
	if (r->tag.n != 0 && !span_equal_nocase(r->tag, t->name))
		return false;
	if (r->class.n != 0 && !has_word(t->classes, r->class, is_exact))
		return false;
	return r->id.n == 0 || (is_exact ? span_equal(r->id, t->id) :
	    span_equal_nocase(r->id, t->id));
}

/* A style of its own counts more than the sheet's, unless that insists. */
static void
look_merge(enum look *own, enum look sheet)
{
	if (sheet == LOOK_INSISTS || *own == LOOK_SILENT)
		*own = sheet;
}

void
sheet_apply(const struct sheet *s, struct tag *t)
{
	enum look looks[LOOK_COUNT] = { LOOK_SILENT };
	const struct sheet_rule *r;
	size_t i;

	for (r = s->rules; r < s->rules + s->count; r++) {
		if (!rule_matches(r, t, false))
			continue;
		for (i = 0; i < LOOK_COUNT; i++)
			if (r->looks[i] == LOOK_SHOWS || r->looks[i] == LOOK_INSISTS)
				look_set(&looks[i], false, r->looks[i] == LOOK_INSISTS);
			else if (r->looks[i] == LOOK_HIDES && r->is_certain &&
			    rule_matches(r, t, true))
				look_set(&looks[i], true, false);
	}
	for (i = 0; i < LOOK_COUNT; i++)
		look_merge(&t->looks[i], looks[i]);
}
