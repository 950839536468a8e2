/* SPDX-License-Identifier: BSD-2-Clause */
#include <stdlib.h>
#include <string.h>

#include "extract/sink.h"
#include "mail/unicode.h"

#include "format_internal.h"

#define LEVELS 16		/* lines inside lines: a text box in a paragraph */
#define LEVEL_BYTES ((size_t)1 << 20)	/* a longer line is cut */
#define BLANKS 64		/* of those that one element may stand for */

enum {
	LINE = 1,	/* what is in it is a line of its own */
	TEXT = 2,	/* what is in it is shown */
	SKIP = 4,	/* nothing in it is shown */
	BREAK = 8,	/* a line ends here */
	TAB = 16,
	CELL = 32,
	CODES = 64,	/* its text is a sheet's header, with & codes */
	NAMED = 128,	/* an attribute of it is shown */
	RUN = 256,	/* letters in one style */
	CAPS = 512,	/* those are shown in capitals */
};

struct element {
	const char *name;
	unsigned flags;
	const char *attribute;
};

/* In order of name. */
static const struct element ooxml_elements[] = {
	{ "Data", TEXT, NULL },
	{ "Glyphs", LINE | NAMED, "UnicodeString" },
	{ "Row", LINE, NULL },
	{ "br", BREAK, NULL },
	{ "c", CELL, NULL },
	{ "caps", CAPS, "val" },
	{ "comment", LINE, NULL },
	{ "cr", BREAK, NULL },
	{ "delInstrText", LINE | TEXT, NULL },
	{ "delText", TEXT, NULL },
	{ "evenFooter", LINE | TEXT | CODES, NULL },
	{ "evenHeader", LINE | TEXT | CODES, NULL },
	{ "firstFooter", LINE | TEXT | CODES, NULL },
	{ "firstHeader", LINE | TEXT | CODES, NULL },
	{ "instrText", LINE | TEXT, NULL },
	{ "oddFooter", LINE | TEXT | CODES, NULL },
	{ "oddHeader", LINE | TEXT | CODES, NULL },
	{ "p", LINE, NULL },
	{ "pt", LINE, NULL },
	{ "ptab", TAB, NULL },
	{ "r", RUN, NULL },
	{ "rPr", CAPS, "cap" },
	{ "rPh", SKIP, NULL },
	{ "row", LINE, NULL },
	{ "sheet", LINE | NAMED, "name" },
	{ "si", LINE, NULL },
	{ "sym", NAMED, "char" },
	{ "t", TEXT, NULL },
	{ "tab", TAB, NULL },
	{ "tabs", SKIP, NULL },
	{ "text", LINE | TEXT, NULL },
	{ "textpath", LINE | NAMED, "string" },
	{ "v", TEXT, NULL },
};

static const struct element odf_elements[] = {
	{ "binary-data", SKIP, NULL },
	{ "creator", LINE | TEXT, NULL },
	{ "date", LINE | TEXT, NULL },
	{ "desc", LINE | TEXT, NULL },
	{ "description", LINE | TEXT, NULL },
	{ "h", LINE | TEXT, NULL },
	{ "initial-creator", LINE | TEXT, NULL },
	{ "keyword", LINE | TEXT, NULL },
	{ "line-break", BREAK, NULL },
	{ "note-citation", LINE | TEXT, NULL },
	{ "p", LINE | TEXT, NULL },
	{ "s", NAMED, "c" },
	{ "script", SKIP, NULL },
	{ "subject", LINE | TEXT, NULL },
	{ "tab", TAB, NULL },
	{ "title", LINE | TEXT, NULL },
	{ "user-defined", LINE | TEXT, NULL },
};

/* Of any other XML all is text, and all but these ends a line. */
static const struct element plain_elements[] = {
	{ "a", 0, NULL },
	{ "b", 0, NULL },
	{ "binData", SKIP, NULL },
	{ "binary-data", SKIP, NULL },
	{ "binaryData", SKIP, NULL },
	{ "em", 0, NULL },
	{ "font", 0, NULL },
	{ "i", 0, NULL },
	{ "property", BREAK | NAMED, "name" },
	{ "script", SKIP, NULL },
	{ "span", 0, NULL },
	{ "strong", 0, NULL },
	{ "style", SKIP, NULL },
	{ "textpath", BREAK | NAMED, "string" },
	{ "tspan", 0, NULL },
	{ "u", 0, NULL },
};

static const struct element other = { "", BREAK, NULL };
static const struct element none = { "", 0, NULL };

struct reading {
	enum markup kind;
	struct pen pen;
	struct arena *arena;
	struct buffer lines[LEVELS];	/* the innermost is written to */
	size_t level;
	size_t beyond;		/* levels that there is no line for */
	size_t shown;		/* TEXT elements around */
	size_t hidden;		/* SKIP elements around */
	bool has_root;
	bool keeps_lines;	/* a line end in the text is one */
	bool is_index;		/* the cell's value is the number of a string */
	bool is_text;		/* the cell's value is one */
	bool is_encrypted;
	bool is_skipped;	/* the whole file */
	bool is_caps;		/* the run is shown in capitals */
};

static int
compare(const void *key, const void *element)
{
	return strcmp(key, ((const struct element *)element)->name);
}

static const struct element *
element_find(const struct reading *r, const char *name)
{
	const struct element *table = plain_elements, *e;
	size_t n = sizeof(plain_elements) / sizeof(plain_elements[0]);

	if (r->kind == MARKUP_OOXML) {
		table = ooxml_elements;
		n = sizeof(ooxml_elements) / sizeof(ooxml_elements[0]);
	} else if (r->kind == MARKUP_ODF) {
		table = odf_elements;
		n = sizeof(odf_elements) / sizeof(odf_elements[0]);
	}
	e = bsearch(name, table, n, sizeof(*table), compare);
	if (e != NULL)
		return e;
	return r->kind == MARKUP_PLAIN ? &other : &none;
}

/* Write out the innermost line. */
static int
line_end(struct reading *r, bool has_codes)
{
	struct buffer *line = &r->lines[r->level];
	struct span text = span_trim(buffer_span(line));

	if (text.n != 0) {
		if (has_codes)
			pen_header(&r->pen, text);
		else
			pen_text(&r->pen, text);
		pen_break(&r->pen);
	}
	line->n = 0;
	return r->pen.stopped;
}

static int
line_add(struct reading *r, struct span text)
{
	struct buffer *line = &r->lines[r->level];

	buffer_add(line, text);
	return line->n > LEVEL_BYTES ? line_end(r, false) : 0;
}

static int
level_push(struct reading *r)
{
	if (r->level + 1 < LEVELS) {
		r->level++;
		return 0;
	}
	r->beyond++;
	return line_end(r, false);
}

static int
level_pop(struct reading *r, unsigned flags)
{
	int rc = line_end(r, (flags & CODES) != 0);

	if (r->beyond != 0)
		r->beyond--;
	else if (r->level != 0)
		r->level--;
	return rc;
}

/* <w:sym w:char="F04D"/> is the character 4D of its font. */
static int
symbol_add(struct reading *r, const char *hex)
{
	unsigned long code = strtoul(hex, NULL, 16);
	char utf8[4];

	if (code >= 0xF000 && code <= 0xF0FF)
		code -= 0xF000;
	if (code < ' ' || code > 0xFFFD || (code >= 0xD800 && code < 0xE000))
		return 0;
	return line_add(r, (struct span){ utf8, unicode_put((uint32_t)code, utf8) });
}

static int
blanks_add(struct reading *r, const char *count)
{
	unsigned long n = count != NULL ? strtoul(count, NULL, 10) : 1;
	int rc = 0;

	for (n = n < BLANKS ? n : BLANKS; n != 0 && rc == 0 && r->shown != 0; n--)
		rc = line_add(r, span_of(" "));
	return rc;
}

static int
attribute_add(struct reading *r, const struct element *e, const char **attributes)
{
	const char *value = xml_attribute(attributes, e->attribute);

	if (r->kind == MARKUP_ODF)
		return blanks_add(r, value);
	if (value == NULL)
		return 0;
	if (strcmp(e->name, "sym") == 0)
		return symbol_add(r, value);
	if (line_add(r, span_of(value)) != 0)
		return 1;
	return r->kind == MARKUP_PLAIN ? line_add(r, span_of("\t")) : 0;
}

static bool
is_one_of(const char *name, const char *const *list)
{
	size_t i;

	for (i = 0; list[i] != NULL; i++)
		if (strcmp(name, list[i]) == 0)
			return true;
	return false;
}

/* Do the root's namespaces belong to office programs? */
static bool
is_office(const char **attributes)
{
	size_t i;

	for (i = 0; attributes[i] != NULL; i += 2)
		if (strstr(attributes[i + 1], "schemas.openxmlformats.org/") != NULL ||
		    strstr(attributes[i + 1], "schemas.microsoft.com/") != NULL ||
		    strstr(attributes[i + 1], "purl.oclc.org/ooxml/") != NULL)
			return true;
	return false;
}

/* What a file is, its root tells: its name in the package is anybody's choice. */
static void
root_start(struct reading *r, const char *name, const char **attributes)
{
	static const char *const skipped[] = { "Relationships", "Types", "calcChain",
	    "document-settings", "fonts", "numbering", "presentationPr", "settings",
	    "styleSheet", "styles", "tblStyleLst", "theme", "themeOverride", "viewPr",
	    "webSettings", NULL };
	static const char *const whole[] = { "Properties", "coreProperties",
	    "document-meta", "xml", NULL };
	static const char *const odf[] = { "document", "document-content",
	    "document-styles", "manifest", NULL };
	static const char *const sheets[] = { "comments", "sst", "worksheet", NULL };

	r->has_root = true;
	if (r->kind == MARKUP_PLAIN)
		return;
	r->is_skipped = is_one_of(name, skipped);
	r->keeps_lines = is_one_of(name, sheets);
	if (is_one_of(name, whole) ||
	    !(r->kind == MARKUP_ODF ? is_one_of(name, odf) : is_office(attributes)))
		r->kind = MARKUP_PLAIN;
}

/* Numbers of a row share a line; a text has its own, as it has in a table of Word's. */
static int
cell_start(struct reading *r, const char *type)
{
	r->is_index = type != NULL && strcmp(type, "s") == 0;
	r->is_text = type != NULL &&
	    (strcmp(type, "str") == 0 || strcmp(type, "inlineStr") == 0);
	return r->is_text ? line_end(r, false) : 0;
}

/* <w:caps/>, unless it says no; <a:rPr cap="all"> */
static bool
caps_start(const struct element *e, const char **attributes)
{
	static const char *const no[] = { "0", "false", "off", NULL };
	const char *value = xml_attribute(attributes, e->attribute);

	if (strcmp(e->name, "caps") == 0)
		return value == NULL || !is_one_of(value, no);
	return value != NULL && strcmp(value, "all") == 0;
}

static int
on_start(void *context, const char *name, const char **attributes)
{
	struct reading *r = context;
	const struct element *e;

	if (!r->has_root)
		root_start(r, name, attributes);
	if (r->is_skipped)
		return 1;
	e = element_find(r, name);
	r->shown += (e->flags & TEXT) != 0;
	r->hidden += (e->flags & SKIP) != 0;
	if (r->kind == MARKUP_ODF && strcmp(name, "encryption-data") == 0)
		r->is_encrypted = true;
	if (r->hidden != 0 || e->flags == 0)
		return 0;
	if (e->flags & RUN)
		r->is_caps = false;
	if (e->flags & CAPS)
		r->is_caps = r->is_caps || caps_start(e, attributes);
	if ((e->flags & CELL) && cell_start(r, xml_attribute(attributes, "t")) != 0)
		return 1;
	if ((e->flags & LINE) && level_push(r) != 0)
		return 1;
	if ((e->flags & BREAK) && line_end(r, false) != 0)
		return 1;
	if ((e->flags & TAB) && line_add(r, span_of("\t")) != 0)
		return 1;
	return e->flags & NAMED ? attribute_add(r, e, attributes) : 0;
}

static int
on_end(void *context, const char *name)
{
	struct reading *r = context;
	const struct element *e = element_find(r, name);
	bool was_hidden = r->hidden != 0;

	r->shown -= (e->flags & TEXT) != 0;
	r->hidden -= (e->flags & SKIP) != 0;
	if (was_hidden || e->flags == 0)
		return 0;
	if (e->flags & RUN)
		r->is_caps = false;
	if (e->flags & CELL) {
		r->is_index = false;
		return r->is_text ? line_end(r, false) : line_add(r, span_of("\t"));
	}
	if (e->flags & LINE)
		return level_pop(r, e->flags);
	if (r->kind == MARKUP_PLAIN && (e->flags & BREAK))
		return line_end(r, false);
	return 0;
}

static int
text_add(struct reading *r, struct span utf8)
{
	char one[4];
	uint32_t code;
	size_t at, n;

	if (!r->is_caps)
		return line_add(r, utf8);
	for (at = 0; (n = unicode_next(utf8, at, &code)) != 0; at += n)
		if (line_add(r, (struct span){ one,
		    unicode_put(unicode_capital(code), one) }) != 0)
			return 1;
	return 0;
}

/* A line end in the source is a blank, but in a cell. */
static int
on_text(void *context, struct span utf8)
{
	struct reading *r = context;
	size_t n;

	if (r->hidden != 0 || r->is_index || (r->shown == 0 && r->kind != MARKUP_PLAIN))
		return 0;
	while ((n = span_find_byte(utf8, '\n')) < utf8.n) {
		if (text_add(r, span_sub(utf8, 0, n)) != 0)
			return 1;
		if (r->keeps_lines ? line_end(r, false) : line_add(r, span_of(" ")))
			return 1;
		utf8 = span_sub(utf8, n + 1, utf8.n);
	}
	return text_add(r, utf8);
}

bool
markup_is_xml(struct span bytes)
{
	struct span start = span_sub(bytes, 0, 64);

	if (span_starts_nocase(start, "\xEF\xBB\xBF"))
		start = span_sub(start, 3, start.n);
	start = span_trim(start);
	if (start.n < 2)
		return false;
	if (read_16(start, 0) == 0xFEFF)
		return read_16(start, 2) == '<';
	if (read_16(start, 0) == 0xFFFE)
		return read_16(start, 2) == '<' << 8;
	return start.p[0] == '<' && start.p[1] != '<';
}

int
markup_read(enum markup kind, struct span bytes, struct sink *out, bool *is_encrypted)
{
	static const struct xml_events events = { .start = on_start,
	    .end = on_end, .text = on_text };
	struct arena *a = arena_new();
	struct reading r = { .kind = kind, .arena = a, .pen = { .sink = out } };
	size_t i;
	int rc;

	for (i = 0; i < LEVELS; i++)
		r.lines[i].arena = a;
	rc = xml_parse(bytes, &events, &r);
	if (rc <= 0)		/* what stood before the damage counts */
		line_end(&r, false);
	if (pen_lift(&r.pen) < 0)
		rc = 1;
	else if (r.is_skipped)
		rc = 0;
	if (is_encrypted != NULL && r.is_encrypted)
		*is_encrypted = true;
	arena_free(a);
	return rc;
}
