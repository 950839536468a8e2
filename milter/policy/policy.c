/* SPDX-License-Identifier: BSD-2-Clause */
#include <stdlib.h>
#include <string.h>

#include "base/buffer.h"
#include "base/err.h"
#include "base/fault.h"
#include "base/regex.h"
#include "base/source.h"

#include "policy/parser.h"
#include "policy/policy.h"
#include "policy/trial.h"
#include "policy/units.h"
#include "parser_internal.h"
#include "policy_internal.h"

struct named_list *
policy_list(const struct policy *p, struct span name)
{
	struct named_list *l;

	for (l = p->lists; l != NULL; l = l->next)
		if (span_equal(name, span_of(l->name)))
			return l;
	return NULL;
}

struct rule *
policy_rule(const struct policy *p, struct span name)
{
	struct rule *r;

	for (r = p->rules; r != NULL; r = r->next)
		if (span_equal(name, span_of(r->name)))
			return r;
	return NULL;
}

struct phase *
policy_phase(const struct policy *p, struct span name)
{
	struct phase *one;

	for (one = p->phases; one != NULL; one = one->next)
		if (span_equal(name, span_of(one->name)))
			return one;
	return NULL;
}

void
policy_enqueue(struct policy *p, const struct source *src)
{
	struct queued_source **at = &p->queue;

	for (; *at != NULL; at = &(*at)->next)
		if ((*at)->source == src)
			return;
	*at = ARENA_NEW(p->arena, struct queued_source);
	(*at)->source = src;
}

static const char *const *
list_names(const struct policy *p)
{
	const char **names;
	struct named_list *l;
	size_t n = 0;

	for (l = p->lists; l != NULL; l = l->next)
		n++;
	names = ARENA_ARRAY(p->arena, const char *, n + 1);
	for (n = 0, l = p->lists; l != NULL; l = l->next)
		names[n++] = l->name;
	return names;
}

/* A list of words becomes a list of networks when a client is looked up in it. */
static void
check_networks(const struct predicate *pr, struct faults *f)
{
	struct network n;
	size_t i;

	if (pr->comparison != COMPARE_IN_LIST || pr->fields[0].kind != FIELD_CLIENT)
		return;
	for (i = 0; i < pr->list->count; i++)
		if (network_parse(pr->list->raw[i], &n) < 0)
			faults_add(f, pr->list_source, pr->list_token->offset,
			    pr->list_token->length, "its entry '%.*s' is no network",
			    SPAN_PRINT(pr->list->raw[i]));
}

static void
resolve_lists(struct policy *p, struct faults *f)
{
	const char *const *names = list_names(p), *near;
	struct predicate *pr;
	struct named_list *l;

	for (l = p->lists; l != NULL; l = l->next)
		list_seal(&l->list);
	for (pr = p->predicates; pr != NULL; pr = pr->next) {
		if (pr->list_token == NULL)
			continue;
		l = policy_list(p, pr->list_token->text);
		if (l != NULL) {
			pr->list = &l->list;
			l->is_used = true;
			check_networks(pr, f);
			continue;
		}
		near = fault_suggest(pr->list_token->text, names);
		faults_add(f, pr->list_source, pr->list_token->offset,
		    pr->list_token->length, near != NULL ?
		    "unknown list '@%.*s' (did you mean '@%s'?)" :
		    "unknown list '@%.*s'%s",
		    SPAN_PRINT(pr->list_token->text), near != NULL ? near : "");
	}
}

static const char *const *
phase_names(const struct policy *p)
{
	const char **names;
	struct phase *one;
	size_t n = 0;

	for (one = p->phases; one != NULL; one = one->next)
		n++;
	names = ARENA_ARRAY(p->arena, const char *, n + 1);
	for (n = 0, one = p->phases; one != NULL; one = one->next)
		names[n++] = one->name;
	return names;
}

static void
resolve_phases(struct policy *p, struct faults *f)
{
	const char *const *names = phase_names(p), *near;
	struct rule *r;

	for (r = p->rules; r != NULL; r = r->next) {
		if (r->during == NULL)
			continue;
		r->phase = policy_phase(p, r->during->text);
		if (r->phase != NULL)
			continue;
		near = fault_suggest(r->during->text, names);
		faults_add(f, r->source, r->during->offset, r->during->length,
		    near != NULL ? "unknown phase '%.*s' (did you mean '%s'?)" :
		    "unknown phase '%.*s'%s", SPAN_PRINT(r->during->text),
		    near != NULL ? near : "");
	}
}

static bool
names_unit(const struct predicate *pr)
{
	size_t i;

	for (i = 0; i < pr->field_count; i++)
		if (pr->fields[i].kind == FIELD_SENDER_UNIT ||
		    pr->fields[i].kind == FIELD_SENDER_KIND ||
		    pr->fields[i].kind == FIELD_RECIPIENT_UNIT ||
		    pr->fields[i].kind == FIELD_RECIPIENT_KIND)
			return true;
	return false;
}

/* An empty code means: in no unit. */
static bool
has_unit_code(const struct predicate *pr)
{
	return pr->value.n != 0 && (pr->fields[0].kind == FIELD_SENDER_UNIT ||
	    pr->fields[0].kind == FIELD_RECIPIENT_UNIT);
}

/* Units are asked for: is there a directory, and are they in it? */
static void
resolve_units(struct policy *p, struct faults *f)
{
	const struct predicate *pr;

	for (pr = p->predicates; pr != NULL; pr = pr->next) {
		if (!names_unit(pr))
			continue;
		if (p->units == NULL)
			faults_add(f, pr->list_source, pr->token->offset,
			    pr->token->length, "no directory of units is named "
			    "(say: units file \"units.tsv\")");
		else if (pr->comparison == COMPARE_EQUAL && has_unit_code(pr) &&
		    !units_has_code(p->units, pr->value))
			faults_add(f, pr->list_source, pr->value_token->offset,
			    pr->value_token->length, "no unit '%.*s' is in the "
			    "directory", SPAN_PRINT(pr->value));
	}
}

static const char *const *
rule_names(const struct policy *p)
{
	const char **names = ARENA_ARRAY(p->arena, const char *, p->rule_count + 1);
	const struct rule *r;
	size_t n = 0;

	for (r = p->rules; r != NULL; r = r->next)
		names[n++] = r->name;
	return names;
}

static void
resolve_trials(struct policy *p, struct faults *f)
{
	const struct trial *t;
	const char *near;

	for (t = p->trials; t != NULL; t = t->next) {
		if (t->by.n == 0 || policy_rule(p, t->by) != NULL)
			continue;
		near = fault_suggest(t->by, rule_names(p));
		faults_add(f, t->source, t->by_token->offset, t->by_token->length,
		    near != NULL ? "unknown rule '%.*s' (did you mean '%s'?)" :
		    "unknown rule '%.*s'%s", SPAN_PRINT(t->by),
		    near != NULL ? near : "");
	}
}

static void
compile_number(struct policy *p)
{
	struct err e;

	if (p->wants_number)
		must(number_compile(&p->number, &e) == 0);
}

static void
warn_lists(const struct policy *p, struct faults *f)
{
	const struct named_list *l;

	for (l = p->lists; l != NULL; l = l->next) {
		if (!l->is_used)
			faults_warn(f, l->source, l->offset, l->length,
			    "list '%s' is not used by any rule", l->name);
		else if (l->list.count == 0)
			faults_warn(f, l->source, l->offset, l->length,
			    "list '%s' is empty", l->name);
	}
}

static int
by_name(const void *a, const void *b)
{
	const struct rule *const *x = a, *const *y = b;

	return strcmp((*x)->name, (*y)->name);
}

static void
sort_rules(struct policy *p)
{
	struct rule *r;
	size_t n = 0;

	p->sorted = ARENA_ARRAY(p->arena, struct rule *, p->rule_count + 1);
	for (r = p->rules; r != NULL; r = r->next)
		p->sorted[n++] = r;
	qsort(p->sorted, n, sizeof(struct rule *), by_name);
}

static void
check_whole(const struct policy *p, const struct source *src, struct faults *f)
{
	if (p->rule_count == 0)
		faults_add(f, src, 0, 1, "empty policy: no rule");
	if (!p->has_ministry)
		faults_add(f, src, 0, 1, "no ministry block: no letter would "
		    "ever be judged");
	else if (p->domains == NULL && p->logins == NULL && f->errors == 0)
		faults_add(f, src, 0, 1, "the ministry has no domain and no login: "
		    "no letter would ever be judged");
}

static void
digest_sources(struct policy *p, const struct sources *set)
{
	const struct source *src;
	uint8_t digest[DIGEST_BYTES];
	struct span *fields;
	size_t n = 0;

	for (src = set->first; src != NULL; src = src->next)
		n++;
	fields = ARENA_ARRAY(p->arena, struct span, n + 1);
	for (n = 0, src = set->first; src != NULL; src = src->next)
		fields[n++] = src->text;
	digest_fields(fields, n, digest);
	digest_hex(digest, sizeof(digest), p->digest);
}

/* ${set} goes away; what its text was needed for has been copied or is done. */
static void
forget_sources(struct policy *p)
{
	struct predicate *pr;
	struct named_list *l;
	struct change *c;
	struct trial *t;
	struct rule *r;

	for (pr = p->predicates; pr != NULL; pr = pr->next) {
		pr->token = pr->value_token = pr->list_token = NULL;
		pr->list_source = NULL;
	}
	for (l = p->lists; l != NULL; l = l->next)
		l->source = NULL;
	for (r = p->rules; r != NULL; r = r->next) {
		r->source = NULL;
		r->during = NULL;
		for (c = r->changes; c != NULL; c = c->next)
			c->token = NULL;
	}
	for (t = p->trials; t != NULL; t = t->next) {
		t->source = NULL;
		t->name_token = t->by_token = NULL;
	}
	p->queue = NULL;
}

/* Lists are loaded behind the policies, into the same set: queue those first. */
static void
parse_all(struct policy *p, struct sources *set, struct faults *f)
{
	const struct source *src;
	const struct queued_source *one;

	for (src = set->first; src != NULL; src = src->next)
		policy_enqueue(p, src);
	for (one = p->queue; one != NULL; one = one->next)
		parser_run(p, set, one->source, f);
}

static struct policy *
compile(struct sources *set, struct faults *f)
{
	struct policy *p = calloc(1, sizeof(*p));
	size_t errors = f->errors;

	must(p != NULL);
	p->arena = arena_new();
	parse_all(p, set, f);
	resolve_lists(p, f);
	resolve_phases(p, f);
	resolve_units(p, f);
	resolve_trials(p, f);
	compile_number(p);
	check_whole(p, set->first, f);
	warn_lists(p, f);
	if (f->errors != errors) {
		policy_free(p);
		return NULL;
	}
	sort_rules(p);
	digest_sources(p, set);
	return p;
}

struct policy *
policy_compile_untried(struct sources *set, struct faults *f)
{
	struct policy *p = compile(set, f);

	if (p != NULL)
		forget_sources(p);
	return p;
}

static const char *
one_line(struct arena *a, const char *trace)
{
	struct buffer b = { .arena = a };

	for (; *trace != '\0'; trace++)
		if (*trace == '\n')
			buffer_text(&b, "; ");
		else
			buffer_byte(&b, *trace);
	return buffer_string(&b);
}

/* Before a policy is of any use its own tests must pass. */
static void
try_all(const struct policy *p, struct faults *f)
{
	struct trial_result r;
	const struct trial *t = p->trials;
	struct arena *a;
	size_t i;

	for (i = 0; t != NULL; i++, t = t->next) {
		a = arena_new();
		trial_run(p, i, a, &r);
		if (!r.has_passed)
			faults_add(f, t->source, t->name_token->offset,
			    t->name_token->length, "test failed: expected %s, seen %s "
			    "(%s)", r.expected, r.seen, one_line(a, r.trace));
		arena_free(a);
	}
}

struct policy *
policy_compile(struct sources *set, struct faults *f)
{
	struct policy *p = compile(set, f);
	size_t errors = f->errors;

	if (p == NULL)
		return NULL;
	try_all(p, f);
	if (f->errors != errors) {
		policy_free(p);
		return NULL;
	}
	forget_sources(p);
	return p;
}

void
policy_free(struct policy *p)
{
	struct owned_regex *owned;

	if (p == NULL)
		return;
	for (owned = p->regexes; owned != NULL; owned = owned->next)
		regex_free(owned->regex);
	number_free(&p->number);
	arena_free(p->arena);
	free(p);
}

const char *
policy_digest(const struct policy *p)
{
	return p->digest;
}

size_t
policy_rule_count(const struct policy *p)
{
	return p->rule_count;
}
