/* SPDX-License-Identifier: BSD-2-Clause */
#include <string.h>

#include "base/err.h"
#include "mail/charset.h"
#include "mail/fold.h"
#include "mail/html.h"
#include "mail/legacy.h"
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
	bool is_folded;			/* but for tones; known with ${is_scanned} */
	bool is_scanned;
};

/*
 * Most views are never located, and keeping the way back costs more than the
 * view itself: so it is found by making the view once more.
 */
struct view_origin {
	struct reading *reading;
	enum legacy_kind kind;		/* of `legacy` */
	size_t misfits;			/* what makes no sense in it */
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
	r->views[VIEW_TEXT] = v;
	r->is_made[VIEW_TEXT] = true;
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

bool
view_is_folded(const struct view *text)
{
	struct reading *r = text->origin->reading;

	if (!r->is_scanned)
		r->is_folded = fold_scan(text->text, FOLD_LETTERS | FOLD_SPACING) == 0;
	r->is_scanned = true;
	return r->is_folded;
}

static const struct view *
make_folded(struct reading *r, const struct view *text)
{
	struct view *v;

	if (fold_scan(text->text, FOLD_ALL) == 0)
		return text;
	v = view_new(r, VIEW_FOLDED, text->part);
	v->text = fold_text(r->arena, text->text, NULL);
	return v;
}

/* ${s} as any view of it is folded, with the way back. */
static struct span
make_legacy_text(struct reading *r, enum legacy_kind kind, size_t *misfits, struct map *m)
{
	struct map readable = { .arena = r->arena }, folded = { .arena = r->arena };
	struct span s = legacy_read(r->arena, kind, r->decoded, m, misfits);

	s = unicode_readable(r->arena, s, m != NULL ? &readable : NULL);
	s = fold_text(r->arena, s, m != NULL ? &folded : NULL);
	if (m != NULL) {
		map_compose(m, &readable);
		map_compose(&readable, &folded);
		*m = folded;
	}
	return s;
}

/* Put ${v} behind those that are likelier. */
static void
insert(struct view **first, struct view *v)
{
	while (*first != NULL && (*first)->origin->misfits <= v->origin->misfits)
		first = (struct view **)(uintptr_t)&(*first)->next;
	v->next = *first;
	*first = v;
}

static const struct view *
make_legacy(struct reading *r, const struct view *text)
{
	unsigned kinds = legacy_scan(r->decoded) |
	    (span_is(r->charset, "viqr") ? 1U << LEGACY_VIQR : 0);
	struct view *first = NULL, *v;
	int kind;

	for (kind = 0; kind < LEGACY_COUNT; kind++) {
		if ((kinds & 1U << kind) == 0)
			continue;
		v = view_new(r, VIEW_LEGACY, text->part);
		v->origin->kind = (enum legacy_kind)kind;
		v->text = make_legacy_text(r, v->origin->kind, &v->origin->misfits, NULL);
		if (v->text.n != 0)
			insert(&first, v);
	}
	return first;
}

/* Where folding would move tones alone, `bare` can do without: it has none. */
static const struct view *
under_bare(struct reading *r)
{
	const struct view *text = r->views[VIEW_TEXT];

	return view_is_folded(text) ? text : view_get(text, VIEW_FOLDED);
}

static const struct view *
make_bare(struct reading *r, const struct view *text)
{
	struct view *v = view_new(r, VIEW_BARE, text->part);

	v->text = fold_bare(r->arena, under_bare(r)->text, NULL);
	return v;
}

const struct view *
view_get(const struct view *text, enum view_name name)
{
	struct reading *r = text->origin->reading;

	if (r->is_made[name])
		return r->views[name];
	if (name == VIEW_FOLDED)
		r->views[name] = make_folded(r, text);
	else if (name == VIEW_LEGACY)
		r->views[name] = make_legacy(r, text);
	else
		r->views[name] = make_bare(r, text);
	r->is_made[name] = true;
	return r->views[name];
}

static const struct map *view_map(const struct view *v);

/* Make ${v} of what it is made of once more, and say in ${m} how. */
static struct span
view_remake(const struct view *v, struct map *m)
{
	struct reading *r = v->origin->reading;
	size_t misfits;

	switch (v->name) {
	case VIEW_FOLDED:
		return fold_text(r->arena, r->views[VIEW_TEXT]->text, m);
	case VIEW_LEGACY:
		return make_legacy_text(r, v->origin->kind, &misfits, m);
	case VIEW_BARE:
		return fold_bare(r->arena, under_bare(r)->text, m);
	default:
		return unicode_readable(r->arena, r->decoded, m);
	}
}

static void
view_compose(const struct view *v, struct map *m)
{
	struct reading *r = v->origin->reading;
	struct map decoded = { .arena = r->arena };

	if (v->name == VIEW_FOLDED) {
		map_compose(view_map(r->views[VIEW_TEXT]), m);
	} else if (v->name == VIEW_BARE) {
		map_compose(view_map(under_bare(r)), m);
	} else {
		reading_decode(r, &decoded);
		map_compose(&decoded, m);
	}
}

static const struct map *
view_map(const struct view *v)
{
	struct view_origin *o = v->origin;

	if (o->is_mapped)
		return &o->map;
	o->is_mapped = true;
	if (v->text.p == o->reading->bytes.p && v->text.n == o->reading->bytes.n) {
		map_identity(&o->map, v->text.n);	/* nothing was changed */
		return &o->map;
	}
	must(span_equal(view_remake(v, &o->map), v->text) && o->map.out_end == v->text.n);
	view_compose(v, &o->map);
	return &o->map;
}

void
view_locate(const struct view *v, size_t start, size_t length, size_t *offset,
    size_t *width)
{
	map_back(view_map(v), start, length, offset, width);
}
