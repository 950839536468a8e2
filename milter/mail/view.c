/* SPDX-License-Identifier: BSD-2-Clause */
#include <string.h>

#include "base/err.h"
#include "mail/charset.h"
#include "mail/html.h"
#include "mail/map.h"
#include "mail/unicode.h"

#include "mail/view.h"

#define META_BYTES 1024		/* browsers look no further either */

/* One text and all that was made of it so far. */
struct reading {
	struct arena *arena;
	struct span bytes, charset;
	bool is_part, is_html;		/* else ${bytes} are UTF-8 already */
	struct span decoded;		/* UTF-8 as written, nothing stripped */
	const struct view *views[VIEW_COUNT];
	bool is_made[VIEW_COUNT];
};

/*
 * Most views are never located, and keeping the way back costs more than the
 * view itself: so it is found by making the view once more.
 */
struct view_origin {
	struct reading *reading;
	struct map map;
	bool is_mapped;
};

const char *const view_names[] = {
	[VIEW_TEXT] = "text", [VIEW_FOLDED] = "folded", [VIEW_LEGACY] = "legacy",
	[VIEW_BARE] = "bare", [VIEW_COUNT] = NULL,
};

const char *
view_title(enum view_name name)
{
	return view_names[name];
}

enum view_name
view_parse(struct span name)
{
	size_t i;

	for (i = 0; i < VIEW_COUNT; i++)
		if (span_equal(name, span_of(view_names[i])))
			break;
	return (enum view_name)i;
}

/* The charset that a page without a label names itself (HTML 13.2.3.2). */
static struct span
meta_charset(struct span html)
{
	struct span head = span_sub(html, 0, META_BYTES), value;
	size_t at, n;

	for (at = 0; at < head.n; at++)
		if ((head.p[at] | 0x20) == 'c' &&
		    span_starts_nocase(span_sub(head, at, 8), "charset="))
			break;
	value = span_sub(head, at + 8, head.n);
	while (value.n != 0 && (value.p[0] == '"' || value.p[0] == '\'' || value.p[0] == ' '))
		value = span_sub(value, 1, value.n);
	for (n = 0; n < value.n && strchr("\"'> ;/", value.p[n]) == NULL; n++)
		continue;
	return span_sub(value, 0, n);
}

static struct span
reading_decode(const struct reading *r, struct map *m)
{
	struct map html = { .arena = r->arena };
	struct span text;

	if (!r->is_part) {
		if (m != NULL)
			map_identity(m, r->bytes.n);
		return r->bytes;
	}
	text = charset_decode(r->arena, r->charset, r->bytes, m);
	if (!r->is_html)
		return text;
	text = html_text(r->arena, text, m != NULL ? &html : NULL);
	if (m != NULL) {
		map_compose(m, &html);
		*m = html;
	}
	return text;
}

static struct view *
view_new(struct reading *r, enum view_name name, const char *part)
{
	struct view *v = ARENA_NEW(r->arena, struct view);

	v->name = name;
	v->part = part;
	v->origin = ARENA_NEW(r->arena, struct view_origin);
	v->origin->reading = r;
	v->origin->map.arena = r->arena;
	return v;
}

static struct view *
reading_text(struct reading *r, const char *part)
{
	struct view *v = view_new(r, VIEW_TEXT, part);

	r->decoded = reading_decode(r, NULL);
	v->text = unicode_readable(r->arena, r->decoded, NULL);
	r->views[VIEW_TEXT] = r->views[VIEW_FOLDED] = v;
	return v;
}

struct view *
view_of_text(struct arena *a, const char *part, struct span text)
{
	struct reading *r = ARENA_NEW(a, struct reading);

	r->arena = a;
	r->bytes = text;
	return reading_text(r, part);
}

struct view *
view_of_part(struct arena *a, const char *part, struct span decoded, struct span charset,
    bool is_html)
{
	struct reading *r = ARENA_NEW(a, struct reading);

	r->arena = a;
	r->bytes = decoded;
	r->charset = is_html && charset.n == 0 ? meta_charset(decoded) : charset;
	r->is_part = true;
	r->is_html = is_html;
	return reading_text(r, part);
}

const struct view *
view_get(const struct view *text, enum view_name name)
{
	return text->origin->reading->views[name];
}

static void
view_map(const struct view *v)
{
	struct view_origin *o = v->origin;
	struct map decoded = { .arena = o->reading->arena };

	reading_decode(o->reading, &decoded);
	unicode_readable(o->reading->arena, o->reading->decoded, &o->map);
	must(o->map.out_end == v->text.n);
	map_compose(&decoded, &o->map);
	o->is_mapped = true;
}

void
view_locate(const struct view *v, size_t start, size_t length, size_t *offset,
    size_t *width)
{
	if (!v->origin->is_mapped)
		view_map(v);
	map_back(&v->origin->map, start, length, offset, width);
}
