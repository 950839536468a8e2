/* SPDX-License-Identifier: BSD-2-Clause */
#include <string.h>

#include "base/buffer.h"

#include "policy_internal.h"

/* Is it looked for only in texts and views that match_anywhere looks at? */
static bool
is_of_texts(const struct predicate *pr)
{
	size_t i;

	for (i = 0; i < pr->field_count; i++)
		if (pr->fields[i].has_view || (pr->fields[i].kind != FIELD_SUBJECT &&
		    pr->fields[i].kind != FIELD_TEXT &&
		    pr->fields[i].kind != FIELD_ATTACHMENT_NAME &&
		    pr->fields[i].kind != FIELD_ATTACHMENT_TEXT))
			return false;
	return true;
}

/* Every "if" is needed: one that is a single pattern can rule the rule out. */
static size_t
needed_pattern(const struct rule *r)
{
	const struct expression *e;

	for (e = r->ifs; e != NULL; e = e->next)
		if (e->kind == EXPRESSION_PREDICATE &&
		    e->predicate->comparison == COMPARE_REGEX &&
		    is_of_texts(e->predicate))
			return e->predicate->pattern;
	return BRIEF_NONE;
}

static int64_t
acts_from(const struct rule *r)
{
	if (r->is_shadow)
		return INT64_MAX;
	return r->phase != NULL ? r->phase->from_ms : INT64_MIN;
}

static size_t
add_name(struct buffer *b, const char *name)
{
	size_t at = b->n;

	buffer_add(b, (struct span){ name, strlen(name) + 1 });
	return at;
}

void
policy_brief(struct policy *p)
{
	struct buffer names = { .arena = p->arena };
	const char *file = NULL;
	struct brief *brief;
	size_t i, file_at = 0;

	p->briefs = ARENA_ARRAY(p->arena, struct brief, p->rule_count + 1);
	for (i = 0; i < p->rule_count; i++) {
		brief = &p->briefs[i];
		brief->pattern = needed_pattern(p->sorted[i]);
		brief->name = add_name(&names, p->sorted[i]->name);
		if (file == NULL || strcmp(file, p->sorted[i]->file) != 0)
			file_at = add_name(&names, file = p->sorted[i]->file);
		brief->file = file_at;
		brief->line = p->sorted[i]->line;
		brief->acts_from_ms = acts_from(p->sorted[i]);
	}
	p->brief_names = buffer_span(&names);
}
