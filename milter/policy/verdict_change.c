/* SPDX-License-Identifier: BSD-2-Clause */
#include <string.h>

#include "base/arena.h"
#include "mail/unicode.h"

#include "policy/match.h"
#include "verdict_internal.h"

/*
 * Changes are sets: what two rules ask for happens once, and no order of rules
 * matters but for the texts of one field, which stand in order of rule name.
 */

static bool
has_address(struct arena *a, const struct span *list, size_t n, struct span address)
{
	size_t i;

	for (i = 0; i < n; i++)
		if (span_equal(unicode_lower(a, list[i]), unicode_lower(a, address)))
			return true;
	return false;
}

static void
add_address(struct arena *a, const struct span **list, size_t *n, struct span address)
{
	struct span *all;

	if (has_address(a, *list, *n, address))
		return;
	all = ARENA_ARRAY(a, struct span, *n + 1);
	if (*n != 0)
		memcpy(all, *list, *n * sizeof(*all));
	all[(*n)++] = arena_copy(a, address);
	*list = all;
}

static bool
is_same(const struct verdict_change *a, const struct change *b)
{
	return a->kind == b->kind && span_is(span_of(a->name), b->name) &&
	    span_equal(a->value, b->value);
}

static void
add_header_change(struct arena *a, struct verdict *v, const struct change *c)
{
	struct verdict_change *all;
	size_t i;

	for (i = 0; i < v->change_count; i++)
		if (is_same(&v->changes[i], c))
			return;
	all = ARENA_ARRAY(a, struct verdict_change, v->change_count + 1);
	if (v->change_count != 0)
		memcpy(all, v->changes, v->change_count * sizeof(*all));
	all[v->change_count++] = (struct verdict_change){ .kind = c->kind,
	    .name = arena_string(a, span_of(c->name)),
	    .value = arena_copy(a, c->value) };
	v->changes = all;
}

void
verdict_add_changes(struct match *m, struct verdict *v, const struct rule *r,
    const char *name)
{
	const struct letter *l = m->letter;
	const struct change *c;
	size_t i;

	for (c = r->changes; c != NULL; c = c->next) {
		if (change_is_header(c->kind)) {
			add_header_change(m->arena, v, c);
			continue;
		}
		if (c->kind != CHANGE_ADD_RECIPIENT && v->removal_rule == NULL)
			v->removal_rule = name;
		if (c->kind != CHANGE_REMOVE_RECIPIENT)
			add_address(m->arena, &v->copies, &v->copy_count, c->value);
		else
			add_address(m->arena, &v->removals, &v->removal_count, c->value);
		for (i = 0; c->kind == CHANGE_REDIRECT && i < l->recipient_count; i++)
			add_address(m->arena, &v->removals, &v->removal_count,
			    l->recipients[i]);
	}
}

/* Postfix: what was deleted is never added again, and what is there not once more. */
static void
settle(struct arena *a, const struct letter *l, struct verdict *v)
{
	const struct span *copies = v->copies, *removals = v->removals;
	size_t i, n = v->copy_count, removed = v->removal_count;

	v->copies = v->removals = NULL;
	v->copy_count = v->removal_count = 0;
	for (i = 0; i < removed; i++)
		if (!has_address(a, copies, n, removals[i]) && has_address(a,
		    l->recipients, l->recipient_count, removals[i]))
			add_address(a, &v->removals, &v->removal_count, removals[i]);
	for (i = 0; i < n; i++)
		if (!has_address(a, l->recipients, l->recipient_count, copies[i]))
			add_address(a, &v->copies, &v->copy_count, copies[i]);
}

static bool
has_somebody_left(struct arena *a, const struct letter *l, const struct verdict *v)
{
	size_t i;

	if (v->copy_count != 0)
		return true;
	for (i = 0; i < l->recipient_count; i++)
		if (!has_address(a, v->removals, v->removal_count, l->recipients[i]))
			return true;
	return false;
}

void
verdict_settle_changes(struct match *m, struct verdict *v)
{
	if (v->copy_count == 0 && v->removal_count == 0)
		return;
	settle(m->arena, m->letter, v);
	if (has_somebody_left(m->arena, m->letter, v))
		return;
	v->removals = NULL;
	v->removal_count = 0;
	if (v->action >= ACTION_HOLD)
		return;
	v->action = ACTION_HOLD;
	v->rule = v->removal_rule;
	v->code = v->enhanced = NULL;
	v->text = "No recipient is left by policy";
}
