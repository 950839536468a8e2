/* SPDX-License-Identifier: BSD-2-Clause */
#include "base/fault.h"
#include "base/source.h"

#include "policy/lexer.h"
#include "policy/list.h"
#include "policy/urgency.h"
#include "lint_internal.h"
#include "policy_internal.h"

#define CONJUNCTS_MAX 64	/* compared each with each; who writes more is not helped */

/* What must hold all at once. */
struct conjunction {
	const struct rule *rule;
	struct faults *faults;
	const struct expression *list[CONJUNCTS_MAX];
	size_t count;
};

/* What a number can be. */
struct range {
	int64_t least, most;
};

static void
collect(struct conjunction *c, const struct expression *e)
{
	if (e == NULL)
		return;
	if (e->kind == EXPRESSION_AND) {
		collect(c, e->left);
		collect(c, e->right);
	} else if (c->count < CONJUNCTS_MAX)
		c->list[c->count++] = e;
}

/* A letter has one of it: not so the sizes of its attachments. */
static bool
is_single(enum field_kind kind)
{
	return field_is_number(kind) && kind != FIELD_ATTACHMENT_SIZE;
}

static struct range
range_of(enum field_kind kind)
{
	if (kind == FIELD_TIME)
		return (struct range){ 0, 24 * 60 - 1 };
	if (kind == FIELD_URGENCY)
		return (struct range){ 0, URGENCY_COUNT - 1 };
	return (struct range){ 0, INT64_MAX };
}

static void
narrow(struct range *r, const struct predicate *pr)
{
	struct range is = { 0, INT64_MAX };

	if (pr->relation == RELATION_EQUAL || pr->relation == RELATION_AT_LEAST)
		is.least = pr->number;
	if (pr->relation == RELATION_EQUAL || pr->relation == RELATION_AT_MOST)
		is.most = pr->number;
	if (pr->relation == RELATION_MORE)
		is.least = pr->number + 1;
	if (pr->relation == RELATION_LESS)
		is.most = pr->number - 1;
	if (is.least > r->least)
		r->least = is.least;
	if (is.most < r->most)
		r->most = is.most;
}

static bool
is_number(const struct expression *e)
{
	return e->kind == EXPRESSION_PREDICATE &&
	    e->predicate->comparison == COMPARE_NUMBER &&
	    e->predicate->field_count == 1 && e->predicate->number >= 0 &&
	    is_single(e->predicate->fields[0].kind);
}

static void
tell(const struct conjunction *c, const struct predicate *pr, const char *why)
{
	faults_add(c->faults, pr->list_source, pr->token->offset, pr->token->length,
	    "%s: rule '%s' can never match by this", why, c->rule->name);
}

/* "recipient.count > 5 and recipient.count < 3" */
static void
check_numbers(const struct conjunction *c)
{
	struct range ranges[FIELD_COUNT];
	const struct predicate *pr;
	struct range *range;
	size_t i;

	for (i = 0; i < FIELD_COUNT; i++)
		ranges[i] = range_of((enum field_kind)i);
	for (i = 0; i < c->count; i++) {
		if (!is_number(c->list[i]))
			continue;
		pr = c->list[i]->predicate;
		range = &ranges[pr->fields[0].kind];
		narrow(range, pr);
		if (range->least > range->most) {
			tell(c, pr, "no number is like that");
			*range = range_of(pr->fields[0].kind);
		}
	}
}

static bool
is_value(const struct expression *e)
{
	enum field_kind kind;

	if (e->kind != EXPRESSION_PREDICATE || e->predicate->field_count != 1 ||
	    e->predicate->comparison != COMPARE_EQUAL)
		return false;
	kind = e->predicate->fields[0].kind;
	return kind == FIELD_SENDER || kind == FIELD_SENDER_UNIT ||
	    kind == FIELD_SENDER_KIND || kind == FIELD_LOGIN ||
	    kind == FIELD_NUMBER || kind == FIELD_AUTHENTICATION;
}

/* "sender = a@b.c and sender = d@e.f" */
static bool
are_two_values(const struct expression *a, const struct expression *b)
{
	const struct predicate *x = a->predicate, *y = b->predicate;

	if (!is_value(a) || !is_value(b) ||
	    !lint_field_is_equal(&x->fields[0], &y->fields[0]))
		return false;
	return field_is_address(x->fields[0].kind) ?
	    !span_equal(x->address, y->address) : !span_equal(x->lower, y->lower);
}

static bool
are_opposite(const struct expression *a, const struct expression *b)
{
	return (a->kind == EXPRESSION_NOT && lint_is_equal(a->left, b)) ||
	    (b->kind == EXPRESSION_NOT && lint_is_equal(b->left, a));
}

static const struct predicate *
first_predicate(const struct expression *e)
{
	while (e->kind != EXPRESSION_PREDICATE)
		e = e->left;
	return e->predicate;
}

static void
check_pair(const struct conjunction *c, const struct expression *a,
    const struct expression *b)
{
	if (are_two_values(a, b))
		tell(c, b->predicate, "it cannot be two things at once");
	else if (are_opposite(a, b))
		tell(c, first_predicate(b), "the same is wanted and not wanted");
}

static void check(const struct conjunction *c);

static void
check_branch(const struct conjunction *outer, const struct expression *e)
{
	struct conjunction c = { .rule = outer->rule, .faults = outer->faults };

	collect(&c, e);
	check(&c);
}

static void
check(const struct conjunction *c)
{
	size_t i, j;

	check_numbers(c);
	for (i = 0; i < c->count; i++) {
		for (j = 0; j < i; j++)
			check_pair(c, c->list[j], c->list[i]);
		if (c->list[i]->kind == EXPRESSION_OR) {
			check_branch(c, c->list[i]->left);
			check_branch(c, c->list[i]->right);
		}
	}
}

/* Of several fields an exception may excuse some alone. */
static bool
is_one_field(const struct expression *e)
{
	return e->kind == EXPRESSION_PREDICATE && e->predicate->field_count == 1;
}

/* "if spoofed" and "unless spoofed" */
static void
check_excuses(const struct conjunction *c, const struct expression *excuse,
    bool is_except)
{
	size_t i;

	for (; excuse != NULL; excuse = excuse->next)
		for (i = 0; i < c->count; i++)
			if ((!is_except || is_one_field(excuse)) &&
			    lint_is_equal(c->list[i], excuse))
				tell(c, first_predicate(excuse),
				    "this excuses all that 'if' wants");
}

/* An empty list is told once, but that it stops a rule is told at the rule. */
static void
check_empty(const struct policy *p, const struct conjunction *c)
{
	const struct predicate *pr;
	size_t i;

	for (i = 0; i < c->count; i++) {
		if (c->list[i]->kind != EXPRESSION_PREDICATE)
			continue;
		pr = c->list[i]->predicate;
		if (pr->list != NULL && pr->list->count == 0 &&
		    !policy_list(p, pr->list_token->text)->is_faulty)
			faults_warn(c->faults, pr->list_source,
			    pr->list_token->offset, pr->list_token->length,
			    "list '%.*s' is empty: rule '%s' can never match",
			    SPAN_PRINT(pr->list_token->text), c->rule->name);
	}
}

void
lint_condition(const struct policy *p, const struct rule *r, struct faults *f)
{
	struct conjunction c = { .rule = r, .faults = f };
	const struct expression *e;

	for (e = r->ifs; e != NULL; e = e->next)
		collect(&c, e);
	check(&c);
	check_empty(p, &c);
	check_excuses(&c, r->unlesses, false);
	check_excuses(&c, r->excepts, true);
}
