/* SPDX-License-Identifier: BSD-2-Clause */
#include <string.h>

#include "base/buffer.h"
#include "base/fault.h"

#include "policy_internal.h"

#define NAMED_MOST 10

/* Rules of one kind: how many there are, and the first of their names. */
struct named {
	struct buffer names;
	size_t count;
};

static void
name(struct named *n, const char *rule)
{
	if (n->count < NAMED_MOST)
		buffer_print(&n->names, "%s%s", n->count != 0 ? ", " : "", rule);
	else if (n->count == NAMED_MOST)
		buffer_text(&n->names, ", ...");
	n->count++;
}

static void
tell(struct buffer *b, struct named *n, const char *what)
{
	if (n->count == 0)
		return;
	buffer_print(b, "%s%zu rule%s %s (%s)", b->n != 0 ? ", " : "", n->count,
	    n->count == 1 ? "" : "s", what, buffer_string(&n->names));
}

const char *
policy_difference(struct arena *a, const struct policy *old,
    const struct policy *new)
{
	struct named added = { .names.arena = a }, removed = { .names.arena = a },
	    changed = { .names.arena = a };
	struct buffer b = { .arena = a };
	size_t i = 0, j = 0;
	int order;

	while (i < old->rule_count || j < new->rule_count) {
		order = i == old->rule_count ? 1 : j == new->rule_count ? -1 :
		    strcmp(old->sorted[i]->name, new->sorted[j]->name);
		if (order < 0)
			name(&removed, old->sorted[i++]->name);
		else if (order > 0)
			name(&added, new->sorted[j++]->name);
		else {
			if (old->sorted[i++]->written != new->sorted[j]->written)
				name(&changed, new->sorted[j]->name);
			j++;
		}
	}
	tell(&b, &added, "added");
	tell(&b, &removed, "removed");
	tell(&b, &changed, "changed");
	if (b.n == 0)
		buffer_text(&b, strcmp(old->digest, new->digest) == 0 ?
		    "nothing changed" : "no rule changed, other words did");
	return buffer_string(&b);
}

const char *
policy_rule_name(const struct policy *p, size_t i)
{
	return p->sorted[i]->name;
}

const char *
policy_rule_says(const struct policy *p, size_t i)
{
	return p->sorted[i]->says;
}

const char *
policy_rule_basis(const struct policy *p, size_t i)
{
	return p->sorted[i]->basis;
}

const char *
policy_near_rule(const struct policy *p, struct span name)
{
	struct arena *a = arena_new();
	const char **names = ARENA_ARRAY(a, const char *, p->rule_count + 1);
	const char *near = NULL;
	size_t i;

	for (i = 0; i < p->rule_count; i++) {
		names[i] = p->sorted[i]->name;
		if (span_equal(name, span_of(names[i])))
			near = names[i];
	}
	if (near == NULL)
		near = fault_suggest(name, names);
	arena_free(a);
	return near;
}
