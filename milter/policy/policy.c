/* SPDX-License-Identifier: BSD-2-Clause */
#include <stdlib.h>
#include <string.h>

#include "base/buffer.h"
#include "base/err.h"
#include "base/fault.h"
#include "base/regex.h"
#include "base/source.h"

#include "policy/gate.h"
#include "policy/lint.h"
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

/* Where the rule called ${name} stands among the names, or will. */
static struct rule **
name_place(const struct policy *p, struct span name)
{
	uint32_t hash = 2166136261u;	/* FNV-1a */
	size_t i;

	for (i = 0; i < name.n; i++)
		hash = (hash ^ (unsigned char)name.p[i]) * 16777619u;
	for (i = hash & (p->name_size - 1); p->names[i] != NULL &&
	    !span_equal(name, span_of(p->names[i]->name));
	    i = (i + 1) & (p->name_size - 1))
		;
	return &p->names[i];
}

static void
add_name(struct policy *p, struct rule *r)
{
	struct rule **place = name_place(p, span_of(r->name));

	if (*place == NULL)
		*place = r;
}

static void
make_room_for_name(struct policy *p)
{
	struct rule *r;

	if (2 * (p->rule_count + 1) < p->name_size)
		return;
	p->name_size = p->name_size == 0 ? 64 : 4 * p->name_size;
	p->names = ARENA_ARRAY(p->arena, struct rule *, p->name_size);
	for (r = p->rules; r != NULL; r = r->next)
		add_name(p, r);
}

void
policy_add_rule(struct policy *p, struct rule *r)
{
	make_room_for_name(p);
	if (p->last_rule == NULL)
		p->rules = r;
	else
		p->last_rule->next = r;
	p->last_rule = r;
	p->rule_count++;
	add_name(p, r);
}

struct rule *
policy_rule(const struct policy *p, struct span name)
{
	return p->rule_count == 0 ? NULL : *name_place(p, name);
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

/* Patterns are numbered as they come, and the list has the last one first. */
static void
close_gate(struct policy *p)
{
	const struct literals **sets = ARENA_ARRAY(p->arena,
	    const struct literals *, p->pattern_count + 1);
	const struct owned_literals *owned;
	size_t i = p->pattern_count;

	for (owned = p->literals; owned != NULL; owned = owned->next)
		sets[--i] = &owned->literals;
	p->gate = gate_new(sets, p->pattern_count);
}

static void
compile_number(struct policy *p)
{
	struct err e;

	if (p->wants_number)
		must(number_compile(&p->number, &e) == 0);
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

static void
forget_entries(struct ministry_entry *entry)
{
	for (; entry != NULL; entry = entry->next)
		entry->source = NULL;
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
		l->source = l->entry_source = NULL;
	for (r = p->rules; r != NULL; r = r->next) {
		r->source = NULL;
		r->during = NULL;
		r->statements = NULL;
		for (c = r->changes; c != NULL; c = c->next)
			c->token = NULL;
	}
	for (t = p->trials; t != NULL; t = t->next) {
		t->source = NULL;
		t->statements = NULL;
		t->name_token = t->by_token = NULL;
	}
	forget_entries(p->domains);
	forget_entries(p->networks);
	forget_entries(p->logins);
	p->queue = NULL;
	p->units_source = p->calendar_source = NULL;
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
compile(struct sources *set, const struct policy *before, bool is_probed,
    struct faults *f)
{
	struct policy *p = calloc(1, sizeof(*p));
	size_t errors = f->errors;

	must(p != NULL);
	p->arena = arena_new();
	parse_all(p, set, f);
	policy_resolve(p, set->read_ms, f);
	lint_run(p, f);
	if (is_probed)
		policy_probe(p, before, f);
	compile_number(p);
	check_whole(p, set->first, f);
	if (f->errors != errors) {
		policy_free(p);
		return NULL;
	}
	sort_rules(p);
	close_gate(p);
	policy_brief(p);
	digest_sources(p, set);
	return p;
}

static struct policy *
compile_untried(struct sources *set, bool is_probed, struct faults *f)
{
	struct policy *p = compile(set, NULL, is_probed, f);

	if (p != NULL)
		forget_sources(p);
	return p;
}

struct policy *
policy_compile_untried(struct sources *set, struct faults *f)
{
	return compile_untried(set, true, f);
}

struct policy *
policy_compile_unprobed(struct sources *set, struct faults *f)
{
	return compile_untried(set, false, f);
}

struct span
policy_canonical(struct arena *a, struct sources *set, struct faults *f)
{
	struct policy *p = compile(set, NULL, false, f);
	struct span text = { NULL, 0 };

	if (p != NULL)
		text = policy_print(a, p, set->first);
	policy_free(p);
	return text;
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
	return policy_compile_after(set, NULL, f);
}

struct policy *
policy_compile_after(struct sources *set, const struct policy *before,
    struct faults *f)
{
	struct policy *p = compile(set, before, true, f);
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
	gate_free(p->gate);
	number_free(&p->number);
	arena_free(p->arena);
	free(p);
}

const char *
policy_digest(const struct policy *p)
{
	return p->digest;
}

const struct units *
policy_units(const struct policy *p)
{
	return p->units;
}

size_t
policy_probes(const struct policy *p)
{
	return p->probes;
}

size_t
policy_rule_count(const struct policy *p)
{
	return p->rule_count;
}

void
policy_ungate(struct policy *p)
{
	gate_free(p->gate);
	p->gate = NULL;
}
