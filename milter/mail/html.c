/* SPDX-License-Identifier: BSD-2-Clause */
#include <stdlib.h>
#include <string.h>

#include "base/buffer.h"
#include "mail/map.h"
#include "mail/unicode.h"

#include "html_internal.h"
#include "mail/html.h"

#define CAPITALS_DEPTH 32	/* of elements inside one in capitals, likewise */
#define HIDDEN_DEPTH 64	/* of elements inside a hidden one; deeper ones are not told apart */

enum kind { KIND_INLINE, KIND_BLOCK, KIND_BREAK, KIND_CELL, KIND_PRE, KIND_RAW, KIND_VOID };

static const struct element {
	const char *name;
	enum kind kind;
} elements[] = {
	{ "address", KIND_BLOCK }, { "area", KIND_VOID }, { "article", KIND_BLOCK },
	{ "aside", KIND_BLOCK }, { "base", KIND_VOID }, { "blockquote", KIND_BLOCK },
	{ "body", KIND_BLOCK }, { "br", KIND_BREAK }, { "caption", KIND_BLOCK },
	{ "center", KIND_BLOCK }, { "col", KIND_VOID }, { "dd", KIND_BLOCK },
	{ "details", KIND_BLOCK }, { "dir", KIND_BLOCK }, { "div", KIND_BLOCK },
	{ "dl", KIND_BLOCK }, { "dt", KIND_BLOCK }, { "embed", KIND_VOID },
	{ "fieldset", KIND_BLOCK }, { "figcaption", KIND_BLOCK },
	{ "figure", KIND_BLOCK }, { "footer", KIND_BLOCK }, { "form", KIND_BLOCK },
	{ "h1", KIND_BLOCK }, { "h2", KIND_BLOCK }, { "h3", KIND_BLOCK },
	{ "h4", KIND_BLOCK }, { "h5", KIND_BLOCK }, { "h6", KIND_BLOCK },
	{ "head", KIND_BLOCK }, { "header", KIND_BLOCK }, { "hr", KIND_BREAK },
	{ "html", KIND_BLOCK }, { "img", KIND_VOID }, { "input", KIND_VOID },
	{ "legend", KIND_BLOCK }, { "li", KIND_BLOCK }, { "link", KIND_VOID },
	{ "main", KIND_BLOCK }, { "menu", KIND_BLOCK }, { "meta", KIND_VOID },
	{ "nav", KIND_BLOCK }, { "ol", KIND_BLOCK }, { "option", KIND_BLOCK },
	{ "p", KIND_BLOCK }, { "param", KIND_VOID }, { "pre", KIND_PRE },
	{ "script", KIND_RAW }, { "section", KIND_BLOCK }, { "source", KIND_VOID },
	{ "style", KIND_RAW }, { "summary", KIND_BLOCK }, { "table", KIND_BLOCK },
	{ "tbody", KIND_BLOCK }, { "td", KIND_CELL }, { "textarea", KIND_PRE },
	{ "tfoot", KIND_BLOCK }, { "th", KIND_CELL }, { "thead", KIND_BLOCK },
	{ "title", KIND_RAW }, { "tr", KIND_BLOCK }, { "ul", KIND_BLOCK },
	{ "wbr", KIND_VOID }, { "xmp", KIND_PRE },
};

/* What separates the text so far from the text to come. */
enum gap { GAP_NONE, GAP_BLANK, GAP_TAB, GAP_LINE };

struct open_element {
	char name[12];
	bool is_hidden, is_tiny, is_invisible;
};

struct html {
	struct span in;
	struct buffer out;
	struct map *map;
	struct sheet *sheet;		/* is being collected */
	const struct sheet *styles;	/* is known, or NULL */
	enum gap gap;
	size_t gap_in, gap_length;
	struct progress {
		struct scan scan;
		size_t pre;		/* open <pre>s */
		struct {
			char name[12];
			bool are_on;
		} capitals[CAPITALS_DEPTH];	/* elements from the first in capitals on */
		size_t capitals_depth;
		bool no_comment_end;	/* behind here */
		bool no_close;		/* a script or style was not closed */
	} at, at_hidden;
	bool is_doubtful;	/* whether what hides is still open: it is shown */
	bool hides;		/* elements may hide text */
	struct open_element open[HIDDEN_DEPTH];	/* from the first hidden one on */
	size_t depth;
	size_t hidden_at;	/* where that one begins, and what was so far */
	size_t hidden_out, hidden_runs, hidden_map_out, hidden_map_in;
	enum gap hidden_gap;
	size_t hidden_gap_in, hidden_gap_length;
};

/* Bytes that end a plain stretch of text: 1 blank, 2 ampersand. */
static const unsigned char special[256] = {
	[' '] = 1, ['\t'] = 1, ['\n'] = 1, ['\r'] = 1, ['\f'] = 1, ['&'] = 2,
};

static bool
html_at_line_start(const struct html *h)
{
	return h->out.n == 0 || h->out.p[h->out.n - 1] == '\n';
}

static void
html_add(struct html *h, struct span out, size_t in, size_t in_length)
{
	buffer_add(&h->out, out);
	if (h->map != NULL)
		map_add(h->map, h->out.n - out.n, out.n, in, in_length);
}

static void
html_gap(struct html *h, enum gap gap, size_t in, size_t in_length)
{
	if (gap <= h->gap)
		return;
	h->gap = gap;
	h->gap_in = in;
	h->gap_length = in_length;
}

static void
html_put(struct html *h, struct span out, size_t in, size_t in_length)
{
	if (h->gap != GAP_NONE && !html_at_line_start(h))
		html_add(h, (struct span){ &" \t\n"[h->gap - 1], 1 }, h->gap_in,
		    h->gap_length);
	h->gap = GAP_NONE;
	html_add(h, out, in, in_length);
}

static void
html_break(struct html *h, size_t in, size_t in_length)
{
	if (h->gap != GAP_LINE)
		h->gap = GAP_NONE;	/* no blanks at the ends of lines */
	html_put(h, (struct span){ "\n", 1 }, in, in_length);
}

static bool
html_is_hidden(const struct html *h)
{
	const struct open_element *e;

	if (h->depth == 0)
		return false;
	e = &h->open[h->depth - 1];
	return e->is_hidden || e->is_tiny || e->is_invisible;
}

static bool
html_has_capitals(const struct html *h)
{
	size_t n = h->at.capitals_depth;

	return n != 0 && h->at.capitals[n - 1].are_on;
}

/* The ${n} bytes of text at ${at}. */
static void
html_put_letters(struct html *h, size_t at, size_t n)
{
	char out[4];
	uint32_t code;
	size_t end = at + n;

	if (!html_has_capitals(h)) {
		html_put(h, span_sub(h->in, at, n), at, n);
		return;
	}
	for (; at < end; at += n) {
		n = unicode_next(h->in, at, &code);
		html_put(h, (struct span){ out, unicode_put(unicode_capital(code), out) },
		    at, n);
	}
}

static size_t
text_blanks(struct html *h, size_t at, size_t end)
{
	size_t n = 1;

	while (at + n < end && special[(unsigned char)h->in.p[at + n]] == 1)
		n++;
	if (h->at.pre != 0)
		html_put(h, span_sub(h->in, at, n), at, n);
	else
		html_gap(h, GAP_BLANK, at, n);
	return at + n;
}

static size_t
text_entity(struct html *h, size_t at, size_t end)
{
	char out[4];
	uint32_t code;
	size_t n = html_entity(span_sub(h->in, at, end - at), &code);

	if (n == 0)
		html_put(h, span_sub(h->in, at, 1), at, 1);
	else if (code < 0x80 && special[code] == 1 && h->at.pre == 0)
		html_gap(h, GAP_BLANK, at, n);
	else {
		if (html_has_capitals(h))
			code = unicode_capital(code);
		html_put(h, (struct span){ out, unicode_put(code, out) }, at, n);
	}
	return at + (n != 0 ? n : 1);
}

static void
html_text_add(struct html *h, size_t at, size_t end)
{
	const unsigned char *p = (const unsigned char *)h->in.p;
	size_t to;

	while (at < end) {
		if (special[p[at]] == 1) {
			at = text_blanks(h, at, end);
			continue;
		}
		if (special[p[at]] == 2) {
			at = text_entity(h, at, end);
			continue;
		}
		for (to = at + 1; to < end; to++) {
			if (special[p[to]] == 0)
				continue;
			if (p[to] != ' ' || to + 1 == end || special[p[to + 1]] != 0)
				break;
		}
		html_put_letters(h, at, to - at);
		at = to;
	}
}

static int
element_compare(const void *name, const void *element)
{
	return strcmp(name, ((const struct element *)element)->name);
}

static enum kind
tag_kind(const struct tag *t)
{
	const struct element *e;

	if (t->name.n >= sizeof(t->lower))
		return KIND_INLINE;
	e = bsearch(t->lower, elements, sizeof(elements) / sizeof(elements[0]),
	    sizeof(elements[0]), element_compare);
	return e != NULL ? e->kind : KIND_INLINE;
}

/* Behind the end tag of the script or style whose text begins at ${at}, or 0. */
static size_t
raw_end(struct html *h, const struct tag *t)
{
	struct span rest = span_sub(h->in, t->end, h->in.n), head;
	struct tag close;
	size_t n;

	if (h->at.no_close)
		return 0;
	while ((n = span_find(rest, (struct span){ "</", 2 })) < rest.n) {
		rest = span_sub(rest, n, rest.n);
		head = span_sub(rest, 2, t->name.n);
		if (span_equal_nocase(head, t->name) &&
		    tag_parse(h->in, h->in.n - rest.n, &h->at.scan, &close) &&
		    close.name.n == t->name.n)
			return close.end;
		rest = span_sub(rest, 2, rest.n);
	}
	h->at.no_close = true;	/* and show it: better too much than too little */
	return 0;
}

static void
hidden_begin(struct html *h, size_t at)
{
	h->hidden_at = at;
	h->hidden_out = h->out.n;
	h->at_hidden = h->at;
	h->hidden_gap = h->gap;
	h->hidden_gap_in = h->gap_in;
	h->hidden_gap_length = h->gap_length;
	if (h->map != NULL) {
		h->hidden_runs = h->map->count;
		h->hidden_map_out = h->map->out_end;
		h->hidden_map_in = h->map->in_end;
	}
}

/* A hidden element that nothing closes, or who knows what: go back and hide no more. */
static size_t
hidden_undo(struct html *h)
{
	h->depth = 0;
	h->hides = false;
	h->is_doubtful = false;
	h->at = h->at_hidden;	/* what was not found behind there may be before it */
	h->out.n = h->hidden_out;
	h->gap = h->hidden_gap;
	h->gap_in = h->hidden_gap_in;
	h->gap_length = h->hidden_gap_length;
	if (h->map != NULL) {
		h->map->count = h->hidden_runs;
		h->map->out_end = h->hidden_map_out;
		h->map->in_end = h->hidden_map_in;
	}
	return h->hidden_at;
}

static bool
tag_hides(const struct tag *t)
{
	return tag_is_hidden(t) || t->looks[LOOK_VISIBILITY] == LOOK_HIDES ||
	    (t->looks[LOOK_FONT] == LOOK_HIDES && !t->has_size);
}

static bool
is_among(const char *name, const char *const *names)
{
	for (; *names != NULL; names++)
		if (strcmp(name, *names) == 0)
			return true;
	return false;
}

/*
 * May a browser end, move or pass over ${t} or what it is in elsewhere than it is
 * written?  Not these: they begin and end where their tags stand.
 */
static bool
nesting_is_doubtful(const struct html *h, const struct tag *t)
{
	static const char *const phrases[] = { "b", "big", "em", "font", "i", "s", "small",
	    "span", "strong", "sub", "sup", "u", NULL };
	static const char *const blocks[] = { "article", "blockquote", "center", "div",
	    "section", NULL };
	const char *outer = h->depth != 0 ? h->open[0].name : t->lower;

	if (is_among(t->lower, phrases))
		return false;
	if (h->depth != 0 && strcmp(t->lower, "p") == 0)
		return !is_among(outer, blocks);
	return !is_among(outer, blocks) || !is_among(t->lower, blocks);
}

static void
hidden_push(struct html *h, size_t at, const struct tag *t)
{
	enum look font = t->looks[LOOK_FONT], visibility = t->looks[LOOK_VISIBILITY];
	struct open_element *e;

	if (!h->hides || h->depth == HIDDEN_DEPTH || (h->depth == 0 && !tag_hides(t)))
		return;
	if (nesting_is_doubtful(h, t)) {
		h->is_doubtful = h->depth != 0;
		return;
	}
	if (h->depth == 0)
		hidden_begin(h, at);
	e = &h->open[h->depth];
	memset(e, 0, sizeof(*e));
	if (h->depth != 0)
		*e = h->open[h->depth - 1];
	memcpy(e->name, t->lower, sizeof(e->name));
	e->is_hidden = e->is_hidden || tag_is_hidden(t);
	if (font != LOOK_SILENT || t->has_size)
		e->is_tiny = font == LOOK_HIDES && !t->has_size;
	if (visibility != LOOK_SILENT)
		e->is_invisible = visibility == LOOK_HIDES;
	h->depth++;
}

static void
hidden_pop(struct html *h, const struct tag *t)
{
	size_t i;

	for (i = h->depth; i > 0; i--)
		if (strcmp(h->open[i - 1].name, t->lower) == 0) {
			h->depth = i - 1;
			return;
		}
	h->is_doubtful = h->depth != 0;	/* it may end what is around */
}

static void
capitals_push(struct html *h, const struct tag *t)
{
	enum look look = t->looks[LOOK_CAPITALS];
	size_t n = h->at.capitals_depth;

	if (n == CAPITALS_DEPTH || (n == 0 && look != LOOK_HIDES))
		return;
	memcpy(h->at.capitals[n].name, t->lower, sizeof(t->lower));
	h->at.capitals[n].are_on = look == LOOK_HIDES ||
	    (look == LOOK_SILENT && h->at.capitals[n - 1].are_on);
	h->at.capitals_depth++;
}

static void
capitals_pop(struct html *h, const char *name)
{
	size_t i;

	for (i = h->at.capitals_depth; i > 0; i--)
		if (strcmp(h->at.capitals[i - 1].name, name) == 0) {
			h->at.capitals_depth = i - 1;
			return;
		}
}

/* A paragraph, a cell or an item that nothing closes ends where the next begins. */
static void
capitals_end(struct html *h, enum kind kind, const struct tag *t)
{
	size_t n = h->at.capitals_depth;
	const char *last = n != 0 ? h->at.capitals[n - 1].name : "";

	if ((kind == KIND_BLOCK && strcmp(last, "p") == 0) ||
	    (kind == KIND_CELL && (strcmp(last, "td") == 0 || strcmp(last, "th") == 0)) ||
	    (strcmp(t->lower, "li") == 0 && strcmp(last, "li") == 0))
		h->at.capitals_depth--;
}

static void
capitals_track(struct html *h, enum kind kind, const struct tag *t)
{
	if (t->is_end) {
		capitals_pop(h, t->lower);
		return;
	}
	capitals_end(h, kind, t);
	if (kind != KIND_VOID && kind != KIND_BREAK)
		capitals_push(h, t);
}

/* What the tag at ${at} does to lines; a hidden one does nothing. */
static void
tag_layout(struct html *h, enum kind kind, size_t at, const struct tag *t)
{
	size_t n = t->end - at;

	if (html_is_hidden(h))
		return;
	if (kind == KIND_BREAK)
		html_break(h, at, n);
	else if (kind == KIND_CELL && !t->is_end)
		html_gap(h, GAP_TAB, at, n);
	else if (kind == KIND_BLOCK || kind == KIND_PRE)
		html_gap(h, GAP_LINE, at, n);
}

/* What is in these is no markup to some readers: a style in there may be none. */
static bool
is_raw_to_some(const char *name)
{
	static const char *const names[] = { "iframe", "math", "noembed", "noframes",
	    "noscript", "plaintext", "svg", "template", "textarea", "xmp" };
	size_t i;

	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (strcmp(name, names[i]) == 0)
			return true;
	return false;
}

/* The style that ends before ${end}, its end tag included. */
static void
sheet_add(struct html *h, const struct tag *t, size_t end)
{
	bool is_screen = t->media.n == 0 || span_is(t->media, "all") ||
	    span_is(t->media, "screen");

	while (end > t->end && h->in.p[--end] != '<')
		continue;
	sheet_parse(h->sheet, span_sub(h->in, t->end, end - t->end));
	h->sheet->is_doubtful = h->sheet->is_doubtful || !is_screen || t->has_title ||
	    (t->type.n != 0 && !span_is(t->type, "text/css"));
}

static size_t
html_raw(struct html *h, const struct tag *t)
{
	size_t end = t->is_end ? 0 : raw_end(h, t);

	if (end == 0)
		return t->end;
	if (h->sheet != NULL && strcmp(t->lower, "style") == 0)
		sheet_add(h, t, end);
	return end;
}

static size_t
html_tag(struct html *h, size_t at)
{
	struct tag t;
	enum kind kind;

	if (!tag_parse(h->in, at, &h->at.scan, &t)) {
		if (!html_is_hidden(h))
			html_text_add(h, at, at + 1);
		return at + 1;
	}
	kind = tag_kind(&t);
	if (kind == KIND_RAW)
		return html_raw(h, &t);
	if (h->styles != NULL && !t.is_end)
		sheet_apply(h->styles, &t);
	else if (h->sheet != NULL && is_raw_to_some(t.lower))
		h->sheet->is_doubtful = true;
	capitals_track(h, kind, &t);
	tag_layout(h, kind, at, &t);
	if (t.is_end)
		hidden_pop(h, &t);
	else if (kind != KIND_VOID && kind != KIND_BREAK)
		hidden_push(h, at, &t);
	if (kind == KIND_PRE && t.is_end)
		h->at.pre -= h->at.pre != 0;
	else if (kind == KIND_PRE)
		h->at.pre++;
	return t.end;
}

/* What is a comment to a browser, though nobody meant it: to the first ">". */
static size_t
bogus_end(struct html *h, size_t at)
{
	size_t end = at;

	if (!h->at.scan.no_greater)
		end += span_find_byte(span_sub(h->in, at, h->in.n), '>');
	h->at.scan.no_greater = h->at.scan.no_greater || end >= h->in.n;
	return h->at.scan.no_greater ? 0 : end + 1;
}

/* A comment, a declaration or a processing instruction; return its end or 0. */
static size_t
html_comment(struct html *h, size_t at)
{
	struct span rest = span_sub(h->in, at + 2, h->in.n);
	struct tag t;
	size_t n;

	if (h->in.p[at + 1] == '!' && span_starts_nocase(rest, "doctype"))
		return tag_parse(h->in, at, &h->at.scan, &t) ? t.end : 0;
	if (h->in.p[at + 1] != '!' || rest.n < 2 || memcmp(rest.p, "--", 2) != 0)
		return bogus_end(h, at);
	if (h->at.no_comment_end)
		return 0;
	for (n = 0; n < rest.n; n++) {
		n += span_find(span_sub(rest, n, rest.n), (struct span){ "--", 2 });
		if (span_is(span_sub(rest, n + 2, 1), ">"))
			return at + 2 + n + 3;
		if (n != 0 && span_is(span_sub(rest, n + 2, 2), "!>"))
			return at + 2 + n + 4;
	}
	h->at.no_comment_end = true;
	return 0;
}

static size_t
html_markup(struct html *h, size_t at)
{
	char c = at + 1 < h->in.n ? h->in.p[at + 1] : '\0';
	size_t end = 0;

	if ((c | 0x20) >= 'a' && (c | 0x20) <= 'z')
		return html_tag(h, at);
	if (c == '/' && at + 2 < h->in.n && (h->in.p[at + 2] | 0x20) >= 'a' &&
	    (h->in.p[at + 2] | 0x20) <= 'z')
		return html_tag(h, at);
	if (c == '!' || c == '?' || c == '/')
		end = html_comment(h, at);
	if (end != 0)
		return end;
	if (!html_is_hidden(h))
		html_text_add(h, at, at + 1);
	return at + 1;
}

static void
html_read(struct html *h)
{
	size_t at = 0, to;

	while (at < h->in.n || h->depth != 0) {
		if (at >= h->in.n || h->is_doubtful) {
			at = hidden_undo(h);
			continue;
		}
		to = at + span_find_byte(span_sub(h->in, at, h->in.n), '<');
		if (!html_is_hidden(h))
			html_text_add(h, at, to);
		at = to < h->in.n ? html_markup(h, to) : to;
	}
}

/* A style may stand behind what it hides: then all is read once more. */
struct span
html_text(struct arena *a, struct span html, struct map *m)
{
	struct sheet *sheet = ARENA_NEW(a, struct sheet);
	struct html h = { .in = html, .out = { .arena = a }, .map = m, .hides = true,
	    .sheet = sheet };

	buffer_reserve(&h.out, html.n);
	html_read(&h);
	if (sheet_hides(sheet) || sheet->may_insist || sheet->is_doubtful) {
		h = (struct html){ .in = html, .out = h.out, .map = m,
		    .hides = !sheet->is_doubtful,
		    .styles = sheet->is_doubtful ? NULL : sheet };
		h.out.n = 0;
		if (m != NULL)
			*m = (struct map){ .arena = m->arena };
		html_read(&h);
	}
	return buffer_span(&h.out);
}
