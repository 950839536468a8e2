/* SPDX-License-Identifier: BSD-2-Clause */
#include <string.h>

#include "policy/verdict.h"

#include "replay_internal.h"

static bool
is_same_text(const char *a, const char *b)
{
	return span_equal(span_of(a), span_of(b));
}

static bool
is_same_list(const struct span *a, size_t n, const struct span *b, size_t m)
{
	size_t i;

	for (i = 0; n == m && i < n; i++) {
		if (!span_equal(a[i], b[i]))
			return false;
	}
	return n == m;
}

static bool
has_same_changes(const struct verdict *a, const struct verdict *b)
{
	size_t i;

	for (i = 0; a->change_count == b->change_count && i < a->change_count; i++) {
		const struct verdict_change *one = &a->changes[i];
		const struct verdict_change *other = &b->changes[i];

		if (one->kind != other->kind ||
		    !is_same_text(one->name, other->name) ||
		    !span_equal(one->value, other->value))
			return false;
	}
	return a->change_count == b->change_count;
}

static bool
has_same_rules(const struct verdict *a, const struct verdict *b)
{
	return is_same_text(a->rule, b->rule) &&
	    is_same_text(a->track_rule, b->track_rule);
}

bool
outcome_is_same(const struct verdict *a, const struct verdict *b)
{
	return a->action == b->action && a->is_tracked == b->is_tracked &&
	    has_same_rules(a, b) && is_same_text(a->code, b->code) &&
	    is_same_text(a->enhanced, b->enhanced) &&
	    is_same_text(a->text, b->text) &&
	    span_equal(a->number, b->number) && a->due_ms == b->due_ms &&
	    is_same_list(a->copies, a->copy_count, b->copies, b->copy_count) &&
	    is_same_list(a->removals, a->removal_count, b->removals,
	    b->removal_count) && has_same_changes(a, b);
}

static const char *
summary(struct arena *a, const struct verdict *v)
{
	return arena_print(a, "%s%s", action_name(v->action),
	    v->is_tracked ? " and track" : "");
}

const char *
outcome_change(struct arena *a, const struct verdict *old, const struct verdict *new)
{
	const char *was = summary(a, old), *is = summary(a, new);

	if (strcmp(was, is) != 0)
		return arena_print(a, "%s -> %s", was, is);
	return arena_print(a, "%s, %s", is, has_same_rules(old, new) ?
	    "with something else in it" : "by another rule");
}
