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

static bool
reads_attachments(const struct predicate *pr)
{
	size_t i;

	for (i = 0; i < pr->field_count; i++)
		if (pr->fields[i].kind == FIELD_ATTACHMENT_TEXT)
			return true;
	return false;
}

/* Every "if" is needed: one that is a single pattern can rule the rule out. */
static void
need_pattern(struct brief *brief, const struct rule *r)
{
	const struct expression *e;

	brief->pattern = BRIEF_NONE;
	for (e = r->ifs; e != NULL; e = e->next) {
		if (e->kind != EXPRESSION_PREDICATE ||
		    e->predicate->comparison != COMPARE_REGEX ||
		    !is_of_texts(e->predicate))
			continue;
		brief->pattern = e->predicate->pattern;
		brief->reads_attachments = reads_attachments(e->predicate);
		if (!brief->reads_attachments)
			return;
	}
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
		need_pattern(brief, p->sorted[i]);
		brief->name = add_name(&names, p->sorted[i]->name);
		if (file == NULL || strcmp(file, p->sorted[i]->file) != 0)
			file_at = add_name(&names, file = p->sorted[i]->file);
		brief->file = file_at;
		brief->line = p->sorted[i]->line;
		brief->acts_from_ms = acts_from(p->sorted[i]);
	}
	p->brief_names = buffer_span(&names);
}
