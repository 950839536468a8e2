/* SPDX-License-Identifier: BSD-2-Clause */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "extract/sink.h"
#include "mail/charset.h"
#include "mail/unicode.h"

#include "format_rtf_internal.h"

enum place {
	BODY,		/* shown */
	ASIDE,		/* shown, as lines of its own: headers, notes, shapes, properties */
	HIDDEN,
	FONTS,		/* the font table */
	OBJECT,		/* hex of an embedded object */
	SHAPE_NAME,	/* the name of a shape's property, whose value follows */
	SHAPE_VALUE,
};

struct word {
	const char *name;
	enum place place;
};

/* Destinations, in order; a starred one that is not here is hidden. */
static const struct word destinations[] = {
	{ "annotation", ASIDE }, { "atnauthor", ASIDE }, { "author", ASIDE },
	{ "background", BODY }, { "colortbl", HIDDEN }, { "comment", ASIDE },
	{ "company", ASIDE }, { "datafield", HIDDEN }, { "datastore", HIDDEN },
	{ "doccomm", ASIDE }, { "fldinst", ASIDE }, { "fonttbl", FONTS },
	{ "footer", ASIDE }, { "footerf", ASIDE }, { "footerl", ASIDE },
	{ "footerr", ASIDE }, { "footnote", ASIDE }, { "header", ASIDE },
	{ "headerf", ASIDE }, { "headerl", ASIDE }, { "headerr", ASIDE },
	{ "info", HIDDEN }, { "keywords", ASIDE }, { "listoverridetable", HIDDEN },
	{ "listtable", HIDDEN }, { "manager", ASIDE }, { "nesttableprops", BODY },
	{ "nonshppict", HIDDEN }, { "objclass", HIDDEN }, { "objdata", OBJECT },
	{ "objname", HIDDEN }, { "operator", ASIDE }, { "pict", HIDDEN },
	{ "pntext", BODY }, { "propname", ASIDE }, { "shpinst", ASIDE },
	{ "shppict", BODY }, { "shprslt", ASIDE }, { "shptxt", ASIDE },
	{ "sn", SHAPE_NAME }, { "staticval", ASIDE }, { "stylesheet", HIDDEN },
	{ "subject", ASIDE }, { "sv", SHAPE_VALUE }, { "themedata", HIDDEN },
	{ "title", ASIDE }, { "ud", BODY }, { "userprops", HIDDEN },
	{ "xmlnstbl", HIDDEN },
};

/* Control words that stand for a character, in order. */
static const struct {
	const char *name;
	uint32_t code;
} characters[] = {
	{ "bullet", 0x2022 }, { "cell", '\n' }, { "column", '\n' }, { "emdash", 0x2014 },
	{ "emspace", 0x2003 }, { "endash", 0x2013 }, { "enspace", 0x2002 },
	{ "ldblquote", 0x201C }, { "line", '\n' }, { "lquote", 0x2018 },
	{ "nestcell", '\n' }, { "nestrow", '\n' }, { "page", '\n' }, { "par", '\n' },
	{ "qmspace", 0x2005 }, { "rdblquote", 0x201D }, { "row", '\n' },
	{ "rquote", 0x2019 }, { "sect", '\n' }, { "softline", '\n' }, { "tab", '\t' },
};

static int
by_name(const void *key, const void *entry)
{
	return strcmp(key, *(const char *const *)entry);
}

/* Decode the bytes that were held back for a charset of many. */
static void
bytes_end(struct rtf *r)
{
	char label[16];
	struct arena *a;

	if (r->bytes.n == 0)
		return;
	a = arena_new();
	snprintf(label, sizeof(label), "CP%u", r->bytes_page);
	pen_text(r->pen, charset_decode(a, span_of(label), buffer_span(&r->bytes), NULL));
	arena_free(a);
	r->bytes.n = 0;
}

/* Write the lines that stand aside; only between two lines of the body. */
static void
aside_end(struct rtf *r)
{
	pen_break(&r->aside);
	pen_lift(&r->aside);
	pen_text(&r->body, buffer_span(&r->aside_text));
	r->aside_text.n = 0;
}

static void
put_code(struct rtf *r, uint32_t code)
{
	struct rtf_group *g = &r->groups[r->depth];

	bytes_end(r);
	if (g->is_caps)
		code = unicode_capital(code);
	switch ((enum place)g->place) {
	case BODY:
	case ASIDE:
		pen_put(r->pen, code);
		if (code == '\n' && r->pen == &r->body)
			aside_end(r);
		break;
	case SHAPE_VALUE:
		if (r->is_word_art)
			pen_put(&r->aside, code);
		break;
	default:
		break;
	}
}

static void
put_byte(struct rtf *r, unsigned char byte)
{
	struct rtf_group *g = &r->groups[r->depth];

	if (r->to_skip != 0) {
		r->to_skip--;
		return;
	}
	switch ((enum place)g->place) {
	case FONTS:
		rtf_font_name(r, byte);
		return;
	case SHAPE_NAME:
		if (r->shape_name.n < 64)
			buffer_byte(&r->shape_name, (char)byte);
		return;
	case OBJECT:
		rtf_object_hex(r, byte);
		return;
	case BODY:
	case ASIDE:
		break;
	default:
		put_code(r, pen_code(byte));
		return;
	}
	if (g->page == 1252 || (byte < 0x80 && r->bytes.n == 0)) {
		put_code(r, pen_code(byte));
		return;
	}
	r->bytes_page = g->page;
	buffer_byte(&r->bytes, (char)byte);
}

static void
group_begin(struct rtf *r)
{
	bytes_end(r);
	r->to_skip = 0;
	if (r->depth + 1 == RTF_DEPTH) {
		r->beyond++;
		return;
	}
	r->groups[r->depth + 1] = r->groups[r->depth];
	r->depth++;
	r->groups[r->depth].is_new = true;
}

/* What a destination gathered is done with where its group ends. */
static int
place_end(struct rtf *r, enum place place, enum place outer)
{
	int rc = 0;

	if (place == outer)
		return 0;
	if (place == OBJECT)
		rc = rtf_object_end(r);
	if (place == SHAPE_NAME)
		r->is_word_art = span_is(span_trim(buffer_span(&r->shape_name)),
		    "gtextUNICODE");
	if (place == ASIDE || (place == SHAPE_VALUE && r->is_word_art))
		pen_break(&r->aside);
	return rc;
}

static int
group_end(struct rtf *r)
{
	enum place place = (enum place)r->groups[r->depth].place, outer;
	int rc;

	bytes_end(r);
	r->to_skip = 0;
	r->starred = false;
	if (r->beyond != 0) {
		r->beyond--;
		return 0;
	}
	if (r->depth == 0)
		return 0;
	outer = (enum place)r->groups[--r->depth].place;
	rc = place_end(r, place, outer);
	r->pen = outer == ASIDE ? &r->aside : &r->body;
	if (outer != ASIDE && !r->body.has_line)
		aside_end(r);
	return rc;
}

/* The first word of a group says where its text goes; what is hidden stays so. */
static bool
destination(struct rtf *r, const char *name)
{
	struct rtf_group *g = &r->groups[r->depth];
	const struct word *w = bsearch(name, destinations,
	    sizeof(destinations) / sizeof(destinations[0]), sizeof(*w), by_name);
	bool is_property = g->place == HIDDEN && g->is_list;

	if (w == NULL && r->starred)
		g->place = HIDDEN;
	else if (w == NULL || (g->place == HIDDEN && !is_property))
		return false;
	else if (w->place != BODY)
		g->place = w->place;
	if (g->place != BODY)
		g->is_list = strcmp(name, "info") == 0 || strcmp(name, "userprops") == 0 ||
		    (is_property && w != NULL && w->place == BODY);
	if (g->place == ASIDE)
		r->pen = &r->aside;
	if (g->place == SHAPE_NAME)
		r->shape_name.n = 0;
	return true;
}

static void
unicode(struct rtf *r, long number)
{
	put_code(r, (uint32_t)(number & 0xFFFF));
	r->to_skip = r->groups[r->depth].fallback;
}

static void
control_word(struct rtf *r, const char *name, bool has_number, long number)
{
	struct rtf_group *g = &r->groups[r->depth];
	size_t i;

	if (r->to_skip != 0 && strcmp(name, "bin") != 0) {
		r->to_skip--;
		return;
	}
	if (destination(r, name)) {
		r->starred = false;
		return;
	}
	r->starred = false;
	if (strcmp(name, "u") == 0)
		unicode(r, number);
	else if (strcmp(name, "uc") == 0)
		g->fallback = has_number && number >= 0 && number < 16 ? (unsigned)number : 1;
	else if (strcmp(name, "bin") == 0)
		r->at += number > 0 && (size_t)number < r->in.n - r->at ? (size_t)number : 0;
	else if (strcmp(name, "caps") == 0)
		g->is_caps = !has_number || number != 0;
	else if (strcmp(name, "plain") == 0) {
		g->is_caps = false;
		rtf_font_use(r, r->font_default);
	} else if (!rtf_font_word(r, name, number, g->place == FONTS))
		for (i = 0; i < sizeof(characters) / sizeof(characters[0]); i++)
			if (strcmp(name, characters[i].name) == 0)
				put_code(r, characters[i].code);
}

/* \word, \word123 or \word-123, with the blank behind it. */
static void
read_word(struct rtf *r)
{
	char name[32];
	size_t n = 0;
	bool is_negative = false, has_number = false;
	long number = 0;
	char c;

	for (; r->at < r->in.n && ((c = r->in.p[r->at]) | 0x20) >= 'a' &&
	    (c | 0x20) <= 'z'; r->at++)
		if (n + 1 < sizeof(name))
			name[n++] = c;
	name[n] = '\0';
	if (r->at < r->in.n && r->in.p[r->at] == '-') {
		is_negative = true;
		r->at++;
	}
	for (; r->at < r->in.n && (c = r->in.p[r->at]) >= '0' && c <= '9'; r->at++) {
		has_number = true;
		if (number < 1000000000)
			number = number * 10 + (c - '0');
	}
	if (r->at < r->in.n && r->in.p[r->at] == ' ')
		r->at++;
	control_word(r, name, has_number, is_negative ? -number : number);
}

static int
hex_value(struct rtf *r)
{
	int i, digit, value = 0;

	for (i = 0; i < 2; i++, r->at++) {
		if (r->at >= r->in.n || (digit = rtf_hex(r->in.p[r->at])) < 0)
			return -1;
		value = value * 16 + digit;
	}
	return value;
}

static void
read_control(struct rtf *r)
{
	char c;
	int byte;

	if (r->at >= r->in.n)
		return;
	c = r->in.p[r->at];
	if ((c | 0x20) >= 'a' && (c | 0x20) <= 'z') {
		read_word(r);
		return;
	}
	r->at++;
	if (c == '\'') {
		if ((byte = hex_value(r)) >= 0)
			put_byte(r, (unsigned char)byte);
	} else if (c == '*')
		r->starred = true;
	else if (c == '~')
		put_code(r, 0xA0);
	else if (c == '_')
		put_code(r, 0x2011);
	else if (c == '-')
		put_code(r, 0xAD);
	else if (c == '\r' || c == '\n')
		put_code(r, '\n');
	else if (c == '{' || c == '}' || c == '\\')
		put_byte(r, (unsigned char)c);
}

static int
read_all(struct rtf *r)
{
	char c;

	while (r->at < r->in.n && !r->body.stopped) {
		c = r->in.p[r->at++];
		if (c == '{')
			group_begin(r);
		else if (c == '}') {
			if (group_end(r) < 0)
				return -1;
		} else if (c == '\\')
			read_control(r);
		else if (c != '\r' && c != '\n')
			put_byte(r, (unsigned char)c);
	}
	while (r->depth != 0)	/* what was cut off is shown as far as it goes */
		if (group_end(r) < 0)
			return -1;
	return 0;
}

static int
rtf_extract(struct span bytes, struct sink *out)
{
	struct arena *a = arena_new();
	struct rtf *r = ARENA_NEW(a, struct rtf);
	int rc;

	*r = (struct rtf){ .in = bytes, .arena = a, .body = { .sink = out },
	    .aside = { .hold = &r->aside_text }, .aside_text = { .arena = a },
	    .bytes = { .arena = a }, .object = { .arena = a },
	    .shape_name = { .arena = a }, .page_default = 1252 };
	r->pen = &r->body;
	r->groups[0] = (struct rtf_group){ .page = 1252, .fallback = 1 };
	rc = read_all(r);
	bytes_end(r);
	pen_break(&r->body);
	aside_end(r);
	if (pen_lift(&r->body) < 0)
		rc = -1;
	arena_free(a);
	return rc;
}

const struct format format_rtf = { "text/rtf", rtf_extract, NULL };
