/* SPDX-License-Identifier: BSD-2-Clause */
#include <string.h>

#include "base/buffer.h"
#include "policy/verdict.h"

#include "filter/change.h"

#define FIRST_LINE 200	/* of an old subject that still fits behind a tag */

/* What shall become of the fields of one name. */
struct plan {
	struct arena *arena;
	const struct verdict *verdict;
	const struct headers *headers;
	const char *name;
	size_t old;		/* fields of that name in the letter */
	bool goes;		/* the old ones do */
	struct edit *edits;
	size_t count;
};

static void
insert(struct plan *p, struct span value)
{
	p->edits[p->count++] = (struct edit){ EDIT_INSERT_HEADER,
	    .name = p->name, .value = arena_string(p->arena, value), .index = 1 };
}

static size_t
count_old(const struct plan *p)
{
	size_t i, n = 0;

	for (i = 0; i < p->headers->count; i++)
		n += span_is(p->headers->list[i].name, p->name);
	return n;
}

static bool
stands_there(const struct plan *p, struct span value)
{
	const struct header *h;
	size_t i;

	for (i = 0; i < p->headers->count; i++) {
		h = &p->headers->list[i];
		if (span_is(h->name, p->name) &&
		    span_equal(header_decode(p->arena, h->value), value))
			return true;
	}
	return false;
}

static bool
asks_for(const struct plan *p, size_t i, enum change_kind kind)
{
	const struct verdict_change *c = &p->verdict->changes[i];

	return c->kind == kind && span_is(span_of(c->name), p->name);
}

/* The first of ${kind}, or NULL. */
static const struct verdict_change *
first(const struct plan *p, enum change_kind kind)
{
	size_t i;

	for (i = 0; i < p->verdict->change_count; i++)
		if (asks_for(p, i, kind))
			return &p->verdict->changes[i];
	return NULL;
}

/* All tags that ${subject} (decoded) does not bear yet. */
static struct span
tags(const struct plan *p, struct span subject)
{
	struct buffer b = { .arena = p->arena };
	size_t i;

	for (i = 0; i < p->verdict->change_count; i++) {
		struct span tag = p->verdict->changes[i].value;

		if (!asks_for(p, i, CHANGE_TAG_SUBJECT) ||
		    span_find(subject, tag) != subject.n)
			continue;
		if (b.n != 0)
			buffer_byte(&b, ' ');
		buffer_add(&b, tag);
	}
	return buffer_span(&b);
}

/* The old value stays as it came, behind the tags. */
static void
tagged(struct plan *p, struct span tags, struct span old)
{
	struct buffer b = { .arena = p->arena };

	buffer_add(&b, header_encode(p->arena, tags));
	if (old.n != 0) {
		buffer_text(&b, span_find_byte(old, '\n') > FIRST_LINE ?
		    "\n " : " ");
		buffer_add(&b, old);
	}
	p->goes = true;
	insert(p, buffer_span(&b));
}

/* The one field that replaces those of the letter, if any. */
static void
plan_value(struct plan *p)
{
	const struct verdict_change *replace = first(p, CHANGE_REPLACE_HEADER);
	bool is_removed = first(p, CHANGE_REMOVE_HEADER) != NULL;
	const struct header *h = header_find(p->headers, p->name, 0);
	struct span old = { NULL, 0 }, missing;

	if (h != NULL && !is_removed)
		old = span_trim(h->value);
	if (replace != NULL)
		old = header_encode(p->arena, replace->value);
	missing = tags(p, header_decode(p->arena, old));
	if (missing.n != 0)
		tagged(p, missing, old);
	else if (replace != NULL && !(p->old == 1 && !is_removed &&
	    stands_there(p, replace->value))) {
		p->goes = true;
		insert(p, old);
	}
	p->goes |= is_removed;
}

static void
plan_additions(struct plan *p)
{
	size_t i;

	for (i = 0; i < p->verdict->change_count; i++) {
		struct span value = p->verdict->changes[i].value;

		if (asks_for(p, i, CHANGE_ADD_HEADER) &&
		    (p->goes || !stands_there(p, value)))
			insert(p, header_encode(p->arena, value));
	}
}

/* From the last one up, behind the ${new} ones that were put above them. */
static void
plan_deletions(struct plan *p, size_t new)
{
	size_t i;

	for (i = p->goes ? p->old : 0; i > 0; i--)
		p->edits[p->count++] = (struct edit){ EDIT_DELETE_HEADER,
		    .name = p->name, .index = i + new };
}

static bool
is_first_of_name(const struct verdict *v, size_t i)
{
	size_t j;

	for (j = 0; j < i; j++)
		if (span_is(span_of(v->changes[j].name), v->changes[i].name))
			return false;
	return true;
}

void
change_plan(struct arena *a, const struct verdict *v, const struct headers *h,
    struct edits *edits)
{
	struct plan p = { .arena = a, .verdict = v, .headers = h };
	size_t i, before;

	*edits = (struct edits){ NULL, 0 };
	if (v->change_count == 0)
		return;
	p.edits = ARENA_ARRAY(a, struct edit, 2 * v->change_count + h->count);
	for (i = 0; i < v->change_count; i++) {
		if (!is_first_of_name(v, i))
			continue;
		before = p.count;
		p.name = v->changes[i].name;
		p.old = count_old(&p);
		p.goes = false;
		plan_value(&p);
		plan_additions(&p);
		plan_deletions(&p, p.count - before);
	}
	*edits = (struct edits){ p.edits, p.count };
}
