/* SPDX-License-Identifier: BSD-2-Clause */
#include <stdlib.h>
#include <string.h>

#include "base/fault.h"
#include "base/source.h"
#include "mail/fold.h"
#include "mail/unicode.h"

#include "policy/lexer.h"
#include "policy/list.h"
#include "policy/literal.h"
#include "lint_internal.h"
#include "policy_internal.h"

/* One of many that are compared: equal ones stand side by side once sorted. */
struct entry {
	struct span text;
	size_t order;
	size_t offset, length;
	const struct source *source;
};

struct ranked {
	const struct rule *rule;
	uint32_t hash;
	size_t order;
};

static int
entry_order(const void *a, const void *b)
{
	const struct entry *x = a, *y = b;
	size_t n = x->text.n < y->text.n ? x->text.n : y->text.n;
	int rc = n == 0 ? 0 : memcmp(x->text.p, y->text.p, n);

	if (rc == 0)
		rc = (x->text.n > y->text.n) - (x->text.n < y->text.n);
	return rc != 0 ? rc : (x->order > y->order) - (x->order < y->order);
}

static void
warn_twice(struct entry *list, size_t n, const char *what, struct faults *f)
{
	size_t i;

	qsort(list, n, sizeof(*list), entry_order);
	for (i = 1; i < n; i++)
		if (span_equal(list[i].text, list[i - 1].text))
			faults_warn(f, list[i].source, list[i].offset, list[i].length,
			    "%s: '%.*s' stands there twice", what,
			    SPAN_PRINT(list[i].text));
}

static void
lint_list(const struct named_list *l, struct arena *a, struct faults *f)
{
	struct entry *list = ARENA_ARRAY(a, struct entry, l->list.count + 1);
	size_t i;

	for (i = 0; i < l->list.count; i++)
		list[i] = (struct entry){ l->list.entries[i], i, l->list.places[i],
		    l->list.raw[i].n, l->entry_source };
	warn_twice(list, l->list.count, arena_print(a, "list '%s'", l->name), f);
}

/* The last one comes first. */
static void
lint_ministry(const struct ministry_entry *first, const char *what,
    struct arena *a, struct faults *f)
{
	const struct ministry_entry *one;
	struct entry *list;
	size_t n = 0, i = 0;

	for (one = first; one != NULL; one = one->next)
		n++;
	list = ARENA_ARRAY(a, struct entry, n + 1);
	for (one = first; one != NULL; one = one->next, i++)
		list[i] = (struct entry){ one->text, n - i, one->offset,
		    one->length, one->source };
	warn_twice(list, n, what, f);
}

static void
lint_fields(const struct predicate *pr, struct faults *f)
{
	size_t i, j;

	if (pr->token->kind == TOKEN_LIST)	/* "except @list" has those of "if" */
		return;
	for (i = 1; i < pr->field_count; i++)
		for (j = 0; j < i; j++)
			if (pr->fields[i].kind != FIELD_COUNT &&
			    lint_field_is_equal(&pr->fields[i], &pr->fields[j])) {
				faults_warn(f, pr->list_source, pr->token->offset,
				    pr->token->length, "'%s' is named twice",
				    field_names[pr->fields[i].kind]);
				return;
			}
}

static bool
is_bare_alone(const struct predicate *pr)
{
	size_t i;

	for (i = 0; i < pr->field_count; i++)
		if (!pr->fields[i].has_view || pr->fields[i].view != VIEW_BARE)
			return false;
	return pr->field_count != 0;
}

/* Has it a letter that the view without diacritics shows as another one? */
static bool
has_diacritic(struct arena *a, struct span literal)
{
	struct span one, bare;
	uint32_t code;
	size_t at, n;

	for (at = 0; (n = unicode_next(literal, at, &code)) != 0; at += n) {
		one = span_sub(literal, at, n);
		bare = fold_bare(a, one, NULL);
		if (code >= 0x80 && bare.n != 0 && (unsigned char)bare.p[0] < 0x80)
			return true;
	}
	return false;
}

static void
lint_view(const struct predicate *pr, struct arena *a, struct faults *f)
{
	size_t i;

	if (pr->literals == NULL || pr->literals->count == 0 || !is_bare_alone(pr))
		return;
	for (i = 0; i < pr->literals->count; i++)
		if (!has_diacritic(a, pr->literals->list[i]))
			return;
	faults_warn(f, pr->list_source, pr->value_token->offset,
	    pr->value_token->length, "the view 'bare' has no diacritics: this "
	    "pattern can never match there");
}

/* Recipients and header fields that one rule names twice. */
static void
lint_changes(const struct rule *r, struct faults *f)
{
	const struct change *c, *before;

	for (c = r->changes; c != NULL; c = c->next)
		for (before = r->changes; before != c; before = before->next)
			if (c->kind == before->kind && !change_is_header(c->kind) &&
			    span_equal_nocase(c->value, before->value)) {
				faults_warn(f, r->source, c->token->offset,
				    c->token->length, "rule '%s' says this of "
				    "'%.*s' already", r->name, SPAN_PRINT(c->value));
				break;
			}
}

static void
lint_rule(const struct policy *p, const struct rule *r, struct faults *f)
{
	if (r->is_shadow && r->during != NULL)
		faults_warn(f, r->source, r->during->offset, r->during->length,
		    "rule '%s' is in shadow: no phase makes it act", r->name);
	lint_condition(p, r, f);
	lint_changes(r, f);
}

static uint32_t
lines_hash(const struct expression *e)
{
	uint32_t hash = 1;

	for (; e != NULL; e = e->next)
		hash = 31 * hash + lint_hash(e);
	return hash;
}

static bool
lines_are_equal(const struct expression *a, const struct expression *b)
{
	for (; a != NULL && b != NULL; a = a->next, b = b->next)
		if (!lint_is_equal(a, b))
			return false;
	return a == b;
}

static int
strongest_first(const void *a, const void *b)
{
	const struct ranked *x = a, *y = b;
	enum action xa = x->rule->outcome.action, ya = y->rule->outcome.action;

	if (x->hash != y->hash)
		return x->hash > y->hash ? 1 : -1;
	if (xa != ya)
		return xa < ya ? 1 : -1;
	return (x->order > y->order) - (x->order < y->order);
}

/* Does ${strong} act whenever ${weak} would, and is that all that ${weak} does? */
static bool
makes_needless(const struct rule *strong, const struct rule *weak)
{
	return !weak->is_tracked && weak->changes == NULL && weak->note == NULL &&
	    (strong->phase == NULL || strong->phase == weak->phase) &&
	    lines_are_equal(strong->ifs, weak->ifs) &&
	    lines_are_equal(strong->excepts, weak->excepts) &&
	    lines_are_equal(strong->unlesses, weak->unlesses);
}

/* Rules in shadow are being tried, and in doubt every rule may differ. */
static bool
is_ranked(const struct rule *r)
{
	return r->outcome.is_set && !r->is_shadow && !r->on_unknown.is_set &&
	    r->ifs != NULL;
}

/* Each is compared with the strongest of its kind alone: there may be thousands. */
static void
lint_strength(const struct policy *p, struct arena *a, struct faults *f)
{
	struct ranked *list = ARENA_ARRAY(a, struct ranked, p->rule_count + 1);
	const struct rule *r, *strong;
	size_t n = 0, i, top = 0;

	for (r = p->rules; r != NULL; r = r->next)
		if (is_ranked(r)) {
			list[n] = (struct ranked){ r, lines_hash(r->ifs), n };
			n++;
		}
	qsort(list, n, sizeof(*list), strongest_first);
	for (i = 1; i < n; i++) {
		if (list[i].hash != list[top].hash)
			top = i;
		r = list[i].rule;
		strong = list[top].rule;
		if (i != top && makes_needless(strong, r))
			faults_warn(f, r->source, r->name_offset, r->name_length,
			    "rule '%s' has no say: rule '%s' has the same conditions "
			    "and %ss", r->name, strong->name,
			    action_name(strong->outcome.action));
	}
}

void
lint_run(const struct policy *p, struct faults *f)
{
	struct arena *a = arena_new();
	const struct named_list *l;
	const struct predicate *pr;
	const struct rule *r;

	for (l = p->lists; l != NULL; l = l->next)
		lint_list(l, a, f);
	lint_ministry(p->domains, "domain", a, f);
	lint_ministry(p->networks, "network", a, f);
	lint_ministry(p->logins, "login", a, f);
	for (pr = p->predicates; pr != NULL; pr = pr->next) {
		lint_fields(pr, f);
		lint_view(pr, a, f);
	}
	for (r = p->rules; r != NULL; r = r->next)
		lint_rule(p, r, f);
	lint_strength(p, a, f);
	arena_free(a);
}
