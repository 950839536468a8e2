/* SPDX-License-Identifier: BSD-2-Clause */
#include <string.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/regex.h"

#include "policy/gate.h"
#include "policy/match.h"
#include "policy/verdict.h"
#include "match_internal.h"
#include "policy_internal.h"
#include "verdict_internal.h"

/* Nobody asks it of the hits of a letter that passes. */
void
hit_place(const struct hit *h, size_t *offset, size_t *length)
{
	view_locate(h->seen, h->start, h->text.n, offset, length);
}

const char *
action_name(enum action a)
{
	static const char *const names[] = {
		[ACTION_ACCEPT] = "accept", [ACTION_DEFER] = "defer",
		[ACTION_DISCARD] = "discard", [ACTION_HOLD] = "hold",
		[ACTION_REJECT] = "reject",
	};

	return names[a];
}

const char *
truth_name(enum truth t)
{
	static const char *const names[] = {
		[TRUTH_NO] = "no", [TRUTH_YES] = "yes", [TRUTH_UNKNOWN] = "unknown",
	};

	return names[t];
}

const char *
sender_class_name(enum sender_class c)
{
	static const char *const names[] = {
		[SENDER_FOREIGN] = "foreign", [SENDER_SPOOFED] = "spoofed",
		[SENDER_MINISTRY] = "ministry",
	};

	return names[c];
}

/*
 * What a rule's exceptions excuse.  One without a place in a text ("except
 * sender = ...") excuses everything: its truth is returned.
 */
static enum truth
excuses(struct match *m, struct match_hits *h, const struct rule *r,
    bool *is_undecided)
{
	const struct expression *e;
	enum truth truth, all = TRUTH_NO;
	size_t places;

	h->is_except = true;
	for (e = r->excepts; e != NULL; e = e->next) {
		places = h->places;
		truth = match_expression(m, h, e, true);
		if (truth == TRUTH_UNKNOWN)
			*is_undecided = true;
		else if (truth == TRUTH_YES && h->places == places)
			all = TRUTH_YES;
	}
	match_seal(h);
	h->is_except = false;
	return all;
}

static enum truth
unless(struct match *m, const struct rule *r, const char **reason)
{
	struct match_hits h = { 0 };
	const struct expression *e;
	enum truth truth = TRUTH_NO;

	for (e = r->unlesses; e != NULL && truth != TRUTH_YES; e = e->next)
		truth = truth_or(truth, match_expression(m, &h, e, false));
	if (truth == TRUTH_UNKNOWN)
		*reason = h.reason;
	return truth;
}

static bool
has_not(const struct expression *e)
{
	return e != NULL && (e->kind == EXPRESSION_NOT || has_not(e->left) ||
	    has_not(e->right));
}

/* Do all of ${e} excuse hits alone, by their place? */
static bool
is_of_places(const struct expression *e)
{
	if (e == NULL)
		return true;
	if (e->kind != EXPRESSION_PREDICATE)
		return e->kind != EXPRESSION_NOT && is_of_places(e->left) &&
		    is_of_places(e->right);
	for (size_t i = 0; i < e->predicate->field_count; i++)
		if (!field_is_viewed(e->predicate->fields[i].kind))
			return false;
	return true;
}

/*
 * Most letters match no rule: then exceptions, which can only take hits away,
 * need not be looked for.  Nor where a rule is unknown without a hit.  Under
 * "not" they could make a rule true.
 */
static bool
is_settled(struct match *m, const struct rule *r)
{
	struct match_hits h = { 0 };
	const struct expression *e;
	enum truth truth = TRUTH_YES;

	for (e = r->ifs; e != NULL; e = e->next)
		if (has_not(e))
			return false;
	for (e = r->ifs; e != NULL && truth != TRUTH_NO; e = e->next)
		truth = truth_and(truth, match_expression(m, &h, e, false));
	if (truth == TRUTH_NO)
		return true;
	for (e = r->excepts; e != NULL; e = e->next)
		if (!is_of_places(e))
			return false;
	return h.places == 0;
}

static enum truth
rule_truth(struct match *m, struct match_hits *h, const struct rule *r)
{
	const struct expression *e;
	enum truth truth = TRUTH_YES;
	bool is_undecided = false;

	if (r->excepts != NULL && !is_settled(m, r) &&
	    excuses(m, h, r, &is_undecided) == TRUTH_YES)
		return TRUTH_NO;
	for (e = r->ifs; e != NULL && truth != TRUTH_NO; e = e->next)
		truth = truth_and(truth, match_expression(m, h, e, false));
	if (truth == TRUTH_NO)
		return truth;
	if (is_undecided)
		truth = TRUTH_UNKNOWN;
	return truth_and(truth, truth_not(unless(m, r, &h->reason)));
}

static void
look(struct match *m, const struct rule *r, struct rule_result *result,
    struct span *number)
{
	struct match_hits h = { .template = r->template };

	result->spent_ns = regex_scratch_spent_ns(m->scratch);
	result->truth = rule_truth(m, &h, r);
	result->spent_ns = regex_scratch_spent_ns(m->scratch) - result->spent_ns;
	if (result->truth != TRUTH_NO) {
		result->hits = h.hits;
		result->hit_count = h.hit_count;
	}
	if (result->truth == TRUTH_UNKNOWN)
		result->reason = h.reason != NULL ? h.reason : "not decided";
	*number = h.number;
}

/* Rules come in order of name: only a stronger one takes over. */
static void
speak(struct verdict *v, struct rule_result *result, const struct outcome *o)
{
	result->acted = true;
	result->action = o->action;
	if (v->rule != NULL && o->action <= v->action)
		return;
	v->action = o->action;
	v->rule = result->name;
	v->code = o->code;
	v->enhanced = o->enhanced;
	v->text = o->text;
}

static bool
names_spoofed(const struct expression *e)
{
	if (e == NULL)
		return false;
	if (e->kind != EXPRESSION_PREDICATE)
		return names_spoofed(e->left) || names_spoofed(e->right);
	for (size_t i = 0; i < e->predicate->field_count; i++)
		if (e->predicate->fields[i].kind == FIELD_SPOOFED)
			return true;
	return false;
}

/*
 * The rules are for the ministry's own letters; only one that says "spoofed"
 * is for those that merely claim to be.  What others send is none of ours.
 */
static bool
is_concerned(const struct verdict *v, const struct rule *r)
{
	const struct expression *e;

	if (v->sender_class != SENDER_SPOOFED)
		return v->sender_class == SENDER_MINISTRY;
	for (e = r->ifs; e != NULL; e = e->next)
		if (names_spoofed(e))
			return true;
	return false;
}

/* In doubt the letter waits: what could not be decided is deferred. */
static const struct outcome undecided = {
	.is_set = true, .action = ACTION_DEFER, .code = "451", .enhanced = "4.7.1",
	.text = "The letter could not be judged now, try again later",
};

/*
 * A letter that asks for an answer has the rule's time for it, or that of its
 * urgency if that is shorter.  Only then is its urgency looked for.
 */
static int64_t
due(struct match *m, const struct policy *p, const struct rule *r)
{
	const struct period *of_class;
	int64_t now = m->letter->now_ms, due_ms, class_ms;

	if (r->deadline.count == 0)
		return 0;
	due_ms = calendar_due(p->calendar, now, r->deadline);
	if (!p->has_deadlines)
		return due_ms;
	of_class = &p->deadlines[match_urgency(m)];
	if (of_class->count == 0)
		return due_ms;
	class_ms = calendar_due(p->calendar, now, *of_class);
	return class_ms < due_ms ? class_ms : due_ms;
}

static void
act(struct match *m, const struct policy *p, struct verdict *v, const struct rule *r,
    struct rule_result *result, struct span number)
{
	if (result->is_shadow || result->truth == TRUTH_NO || !is_concerned(v, r))
		return;
	if (result->truth == TRUTH_UNKNOWN) {
		speak(v, result, r->on_unknown.is_set ? &r->on_unknown : &undecided);
		return;
	}
	if (r->outcome.is_set)
		speak(v, result, &r->outcome);
	if (r->is_tracked && !v->is_tracked) {
		result->acted = true;
		v->is_tracked = true;
		v->track_rule = result->name;
		v->number = number;
		v->due_ms = due(m, p, r);
	}
	verdict_add_changes(m, v, r, result->name);
}

/* The policy may be swapped and freed while the verdict is still in use. */
static const char *
own(struct arena *a, const char *text)
{
	return text == NULL ? NULL : arena_string(a, span_of(text));
}

static bool
is_put_in_shadow(const struct letter *l, const char *rule)
{
	size_t i;

	for (i = 0; i < l->shadowing_count; i++)
		if (l->now_ms < l->shadowing[i].until_ms &&
		    strcmp(l->shadowing[i].rule, rule) == 0)
			return true;
	return false;
}

static void
introduce(const struct match *m, const struct brief *brief, const char *names,
    struct rule_result *result)
{
	result->name = names + brief->name;
	result->file = names + brief->file;
	result->line = brief->line;
	result->is_shadow = m->letter->now_ms < brief->acts_from_ms ||
	    is_put_in_shadow(m->letter, result->name);
}

static bool
is_ruled_out(const struct match *m, const struct brief *brief)
{
	return m->anywhere != NULL && brief->pattern != BRIEF_NONE &&
	    !(m->has_unread && brief->reads_attachments) &&
	    !gate_may_match(m->anywhere, brief->pattern);
}

const struct verdict *
policy_judge(const struct policy *p, const struct letter *l, struct arena *a,
    struct regex_scratch *s)
{
	struct match m = { .policy = p, .letter = l, .arena = a, .scratch = s,
	    .gate = p->gate };
	struct verdict *v = ARENA_NEW(a, struct verdict);
	struct rule_result *results = ARENA_ARRAY(a, struct rule_result,
	    p->rule_count + 1);
	const char *names = arena_copy(a, p->brief_names).p;
	struct span number;
	size_t i;

	must(l->now_ms != 0);	/* else every phase would lie ahead */
	v->sender_class = m.sender_class = policy_classify(p, l);
	v->action = ACTION_ACCEPT;
	v->rules = results;
	v->rule_count = p->rule_count;
	match_anywhere(&m, p->has_bare);
	for (i = 0; i < p->rule_count; i++) {
		introduce(&m, &p->briefs[i], names, &results[i]);
		if (is_ruled_out(&m, &p->briefs[i]))
			continue;
		look(&m, p->sorted[i], &results[i], &number);
		act(&m, p, v, p->sorted[i], &results[i], number);
	}
	verdict_settle_changes(&m, v);
	v->code = own(a, v->code);
	v->enhanced = own(a, v->enhanced);
	v->text = own(a, v->text);
	return v;
}
