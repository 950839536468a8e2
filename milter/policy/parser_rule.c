/* SPDX-License-Identifier: BSD-2-Clause */
#include <string.h>

#include "base/fault.h"
#include "base/source.h"

#include "parser_internal.h"

static const char *const statements[] = {
	"says", "basis", "if", "except", "unless", "shadow", "note", "reject",
	"hold", "defer", "discard", "accept", "track", "copy", "during", "on",
	"add", "replace", "remove", "tag", "redirect", NULL,
};

static bool
is_name(struct span s)
{
	size_t i;

	for (i = 0; i < s.n; i++)
		if (!((s.p[i] >= '0' && s.p[i] <= '9') || s.p[i] == '_' ||
		    s.p[i] == '-' || (s.p[i] >= 'a' && s.p[i] <= 'z') ||
		    (s.p[i] >= 'A' && s.p[i] <= 'Z')))
			return false;
	return s.n != 0;
}

size_t
parser_line_of(struct parser *p, size_t offset)
{
	for (; p->line_offset < offset; p->line_offset++)
		p->line += p->src->text.p[p->line_offset] == '\n';
	return p->line + 1;
}

static struct rule *
rule_new(struct parser *p, const struct token *name)
{
	struct policy *policy = p->policy;
	struct rule *r;

	if (!is_name(name->text))
		parser_fault(p, name, "a name has letters, digits, '_' and '-' only");
	else if (policy_rule(policy, name->text) != NULL)
		parser_fault(p, name, "rule '%.*s' exists already",
		    SPAN_PRINT(name->text));
	r = ARENA_NEW(policy->arena, struct rule);
	r->name = arena_string(policy->arena, name->text);
	r->source = p->src;
	r->file = arena_string(policy->arena, span_of(p->src->name));
	r->line = parser_line_of(p, name->offset);
	r->name_offset = name->offset;
	r->name_length = name->length;
	policy_add_rule(policy, r);
	return r;
}

static void
append(struct expression **at, struct expression *e)
{
	while (*at != NULL)
		at = &(*at)->next;
	*at = e;
}

static int
condition(struct parser *p, struct rule *r)
{
	struct expression *e = NULL;

	if (token_is(p->statement, "if")) {
		r->has_if = true;
		if (parser_expression(p, &e) == 0)
			append(&r->ifs, e);
	} else if (token_is(p->statement, "except")) {
		if (parser_except(p, &e) == 0)
			append(&r->excepts, e);
	} else if (token_is(p->statement, "unless")) {
		if (parser_expression(p, &e) == 0)
			append(&r->unlesses, e);
	} else
		return 0;
	return 1;
}

static void
during(struct parser *p, struct rule *r)
{
	if (p->now->kind != TOKEN_WORD) {
		parser_unexpected(p, "a phase");
		return;
	}
	if (r->during != NULL)
		parser_fault(p, p->statement, "'during' is said twice");
	r->during = parser_take(p);
}

/* What the rule does when it cannot be decided. */
static void
on_unknown(struct parser *p, struct rule *r)
{
	const struct token *word;

	if (!token_is(p->now, "unknown")) {
		parser_unexpected(p, "'unknown'");
		return;
	}
	parser_take(p);
	if (r->on_unknown.is_set)
		parser_fault(p, p->statement, "'on unknown' is said twice");
	word = p->now;
	if (!parser_ends(p))
		parser_take(p);
	if (!parser_outcome(p, word, &r->on_unknown)) {
		parser_fault(p, word, "after 'on unknown' stands reject, hold, "
		    "discard, defer or accept");
		parser_skip(p);
	}
}

/* When a rule counts, and how it acts in doubt. */
static int
condition_of_time(struct parser *p, struct rule *r)
{
	if (token_is(p->statement, "during"))
		during(p, r);
	else if (token_is(p->statement, "on"))
		on_unknown(p, r);
	else
		return 0;
	return 1;
}

static int
description(struct parser *p, struct rule *r)
{
	const char **text;

	if (token_is(p->statement, "shadow")) {
		r->is_shadow = true;
		return 1;
	}
	if (!token_is(p->statement, "says") && !token_is(p->statement, "basis"))
		return 0;
	text = token_is(p->statement, "says") ? &r->says : &r->basis;
	if (p->now->kind != TOKEN_STRING) {
		parser_unexpected(p, "a text in quotes");
		return 1;
	}
	if (*text != NULL)
		parser_fault(p, p->statement, "'%.*s' is said twice",
		    SPAN_PRINT(p->statement->text));
	*text = arena_string(p->policy->arena, parser_take(p)->text);
	return 1;
}

static bool
is_statement(const struct token *t)
{
	size_t i;

	for (i = 0; statements[i] != NULL; i++)
		if (token_is(t, statements[i]))
			return true;
	return false;
}

static void
unexpected(struct parser *p)
{
	if (p->now->kind == TOKEN_WORD &&
	    fault_suggest(p->now->text, statements) != NULL) {
		parser_unknown(p, p->now, "word", statements);
		parser_skip(p);
	} else
		parser_unexpected(p, "the next statement");
}

static void
statement(struct parser *p, struct rule *r)
{
	const struct token *word = p->statement = parser_take(p);

	if (!description(p, r) && !condition_of_time(p, r) &&
	    !condition(p, r) && !parser_action(p, r)) {
		r->has_action = true;	/* it may have been meant as one */
		parser_unknown(p, word, "word", statements);
		parser_skip(p);
	} else if (!parser_ends(p) && !is_statement(p->now))
		unexpected(p);
}

/* A block that begins where the rule did means that its "}" was forgotten. */
static bool
is_block(const struct token *t, const struct token *rule)
{
	return t->is_first && t->indent <= rule->indent &&
	    parser_is_block(t);
}

/* "except @list" speaks of the fields that the rule's "if" looks at. */
static void
adopt_fields(struct parser *p, struct expression *e, const struct field *fields,
    size_t count)
{
	if (e == NULL)
		return;
	adopt_fields(p, e->left, fields, count);
	adopt_fields(p, e->right, fields, count);
	if (e->kind != EXPRESSION_PREDICATE || e->predicate->field_count != 0 ||
	    e->predicate->list_token == NULL)
		return;
	e->predicate->fields = fields;
	e->predicate->field_count = count;
	if (count == 0)
		parser_fault(p, e->predicate->list_token,
		    "'if' looks at no text that '@%.*s' could excuse",
		    SPAN_PRINT(e->predicate->list_token->text));
}

static void
collect_fields(const struct expression *e, struct field *fields, size_t *count)
{
	size_t i;

	if (e == NULL)
		return;
	collect_fields(e->left, fields, count);
	collect_fields(e->right, fields, count);
	if (e->kind != EXPRESSION_PREDICATE)
		return;
	for (i = 0; i < e->predicate->field_count; i++) {
		if (!field_is_viewed(e->predicate->fields[i].kind))
			continue;
		if (fields != NULL)
			fields[*count] = e->predicate->fields[i];
		(*count)++;
	}
}

static void
resolve_excepts(struct parser *p, struct rule *r)
{
	struct expression *e;
	struct field *fields;
	size_t count = 0, filled = 0;

	for (e = r->ifs; e != NULL; e = e->next)
		collect_fields(e, NULL, &count);
	fields = ARENA_ARRAY(p->policy->arena, struct field, count + 1);
	for (e = r->ifs; e != NULL; e = e->next)
		collect_fields(e, fields, &filled);
	for (e = r->excepts; e != NULL; e = e->next)
		adopt_fields(p, e, fields, count);
}

/* Is it true of spoofed letters alone? */
static bool
needs_spoofed(const struct expression *e)
{
	if (e->kind == EXPRESSION_AND)
		return needs_spoofed(e->left) || needs_spoofed(e->right);
	if (e->kind == EXPRESSION_OR)
		return needs_spoofed(e->left) && needs_spoofed(e->right);
	return e->kind == EXPRESSION_PREDICATE &&
	    e->predicate->field_count == 1 &&
	    e->predicate->fields[0].kind == FIELD_SPOOFED;
}

static void
check_changes(struct parser *p, const struct rule *r)
{
	const struct expression *e;

	for (e = r->ifs; e != NULL && r->changes != NULL; e = e->next)
		if (needs_spoofed(e)) {
			parser_fault(p, r->changes->token, "a spoofed letter is "
			    "none of ours and is never edited");
			return;
		}
}

static void
check(struct parser *p, const struct rule *r, const struct token *name)
{
	const struct expression *e;
	const struct template_piece *t;

	if (!r->has_if)
		parser_fault(p, name, "rule '%s' has no 'if'", r->name);
	if (!r->has_action)
		parser_fault(p, name, "rule '%s' has no action", r->name);
	if (r->is_tracked && r->on_unknown.is_set &&
	    r->on_unknown.action == ACTION_ACCEPT)
		parser_fault(p, name, "rule '%s' tracks: in doubt the letter cannot "
		    "be accepted without its receipt", r->name);
	check_changes(p, r);
	for (e = r->ifs; e != NULL; e = e->next)
		if (expression_has_captures(e, r->template))
			return;
	for (t = r->template; t != NULL; t = t->next)
		if (t->capture != NULL && r->ifs != NULL)
			faults_add(p->faults, p->src, t->offset, t->length,
			    "no pattern of 'if' has all groups that track names, "
			    "'%s' among them", t->capture);
}

/* FNV-1a over the rule's words: blanks and comments are none of it. */
static uint64_t
written(const struct token *from, const struct token *end)
{
	static const char flags[] = "imsx";
	uint64_t hash = 14695981039346656037u;
	size_t i;

	for (; from < end; from++) {
		for (i = 0; i < from->text.n; i++)
			hash = (hash ^ (unsigned char)from->text.p[i]) * 1099511628211u;
		for (i = 0; flags[i] != '\0'; i++)
			if (span_find_byte(from->flags, flags[i]) != from->flags.n)
				hash = (hash ^ (unsigned char)flags[i]) * 1099511628211u;
		hash = (hash ^ (0x100u + (unsigned)from->kind)) * 1099511628211u;
	}
	return hash;
}

void
parser_rule(struct parser *p)
{
	const struct token *name, *from, *word = p->statement;
	struct rule *r;

	if (p->now->kind != TOKEN_WORD) {
		parser_unexpected(p, "the rule's name");
		return;
	}
	name = parser_take(p);
	r = rule_new(p, name);
	if (!token_is(p->now, "{")) {
		parser_unexpected(p, "'{'");
		return;
	}
	parser_take(p);
	while (p->now->kind != TOKEN_END && !token_is(p->now, "}") &&
	    !is_block(p->now, word)) {
		from = p->now;
		statement(p, r);
		parser_note(p, &r->statements, from);
	}
	if (token_is(p->now, "}"))
		parser_take(p);
	else
		parser_fault(p, name, "'}' of rule '%s' is missing", r->name);
	r->written = written(name, p->now);
	resolve_excepts(p, r);
	check(p, r, name);
}
