/* SPDX-License-Identifier: BSD-2-Clause */
#include "base/fault.h"
#include "mail/address.h"
#include "mail/unicode.h"

#include "policy/trial.h"
#include "policy/units.h"
#include "parser_internal.h"
#include "policy_internal.h"

/* Names are looked up once every source has been read. */

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

/* Written so on purpose or not: who reads the check shall know that it does nothing yet. */
static void
warn_of_future(const struct rule *r, int64_t now_ms, struct faults *f)
{
	int64_t days = calendar_day(r->phase->from_ms) - calendar_day(now_ms);

	if (now_ms == 0 || r->phase->from_ms <= now_ms ||
	    r->phase->from_ms >= PHASE_NEVER_MS)
		return;
	faults_warn(f, r->source, r->during->offset, r->during->length,
	    "phase '%s' lies ahead, it begins in %d day%s: until then rule '%s' is "
	    "in shadow", r->phase->name, (int)days, days == 1 ? "" : "s", r->name);
}

static void
resolve_phases(struct policy *p, int64_t now_ms, struct faults *f)
{
	const char *const *names = phase_names(p), *near;
	struct rule *r;

	for (r = p->rules; r != NULL; r = r->next) {
		if (r->during == NULL)
			continue;
		r->phase = policy_phase(p, r->during->text);
		if (r->phase != NULL) {
			warn_of_future(r, now_ms, f);
			continue;
		}
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
warn_lists(const struct policy *p, struct faults *f)
{
	const struct named_list *l;

	for (l = p->lists; l != NULL; l = l->next) {
		if (l->is_faulty)
			continue;
		if (!l->is_used)
			faults_warn(f, l->source, l->offset, l->length,
			    "list '%s' is not used by any rule", l->name);
		else if (l->list.count == 0)
			faults_warn(f, l->source, l->offset, l->length,
			    "list '%s' is empty", l->name);
	}
}

/* A policy that writes to the ministry's own mailboxes should know whose they are. */
static bool
is_ours(const struct policy *p, struct span address)
{
	const struct ministry_entry *entry;

	for (entry = p->domains; entry != NULL; entry = entry->next)
		if (address_in_domain(address, entry->text))
			return true;
	return false;
}

static void
warn_addresses(const struct policy *p, struct faults *f)
{
	const struct change *c;
	const struct rule *r;

	if (p->units == NULL)
		return;
	for (r = p->rules; r != NULL; r = r->next)
		for (c = r->changes; c != NULL; c = c->next)
			if (!change_is_header(c->kind) &&
			    c->kind != CHANGE_REMOVE_RECIPIENT &&
			    is_ours(p, c->value) &&
			    units_find(p->units, unicode_lower(p->arena,
			    c->value)) == NULL)
				faults_warn(f, r->source, c->token->offset,
				    c->token->length, "'%.*s' is not in the "
				    "directory of units", SPAN_PRINT(c->value));
}

void
policy_resolve(struct policy *p, int64_t now_ms, struct faults *f)
{
	resolve_lists(p, f);
	resolve_phases(p, now_ms, f);
	resolve_units(p, f);
	resolve_trials(p, f);
	warn_lists(p, f);
	warn_addresses(p, f);
}
