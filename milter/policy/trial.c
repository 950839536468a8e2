/* SPDX-License-Identifier: BSD-2-Clause */
#include <string.h>

#include "base/buffer.h"
#include "base/regex.h"
#include "mail/message.h"

#include "policy/trial.h"
#include "policy/verdict.h"
#include "policy_internal.h"

#define FIRST_DAY 20454			/* 2026-01-01 */
#define TEN_MS INT64_C(36000000)
#define AUTHSERV "authserv"		/* whose results a test trusts */

static const struct trial *
trial_get(const struct policy *p, size_t i)
{
	const struct trial *t = p->trials;

	for (; i > 0; i--)
		t = t->next;
	return t;
}

size_t
trial_count(const struct policy *p)
{
	const struct trial *t;
	size_t n = 0;

	for (t = p->trials; t != NULL; t = t->next)
		n++;
	return n;
}

/* When every phase has begun and people are at work. */
static int64_t
usual_time(const struct policy *p)
{
	const struct phase *phase;
	int64_t day = FIRST_DAY, begun;
	int i;

	for (phase = p->phases; phase != NULL; phase = phase->next) {
		begun = calendar_day(phase->from_ms - 1) + 1;
		if (begun > day)
			day = begun;
	}
	for (i = 0; i < PERIOD_MAX && !calendar_is_working(p->calendar, day); i++)
		day++;
	return calendar_midnight(day) + TEN_MS;
}

static const struct verdict *
judge(const struct policy *p, const struct trial *t, struct arena *a)
{
	static const struct message_limits limits = {
		.mime = { 1000, 50, 1 << 20, 2000 }, .text_bytes = 1 << 24,
	};
	struct regex_scratch *s = regex_scratch_new(0, 0);
	struct letter l = {
		.sender = t->sender,
		.recipients = t->recipients,
		.recipient_count = t->recipient_count,
		.client = t->client,
		.login = t->login,
		.is_authenticated = t->client.n == 0 && t->login.n == 0,
		.authserv_ids = span_of(AUTHSERV),
		.message = message_read(a, t->raw, &limits),
		.now_ms = t->now_ms != 0 ? t->now_ms : usual_time(p),
	};
	const struct verdict *v = policy_judge(p, &l, a, s);

	regex_scratch_free(s);
	return v;
}

static bool
is_by(const struct trial *t, const struct rule_result *r)
{
	return t->by.n != 0 && span_equal(t->by, span_of(r->name));
}

static bool
has_passed(const struct trial *t, const struct verdict *v)
{
	size_t i;

	if (!t->is_note && v->action != t->action)
		return false;
	for (i = 0; t->by.n != 0 && i < v->rule_count; i++)
		if (is_by(t, &v->rules[i]))
			return t->is_note ? v->rules[i].truth == TRUTH_YES :
			    v->rules[i].acted && v->rules[i].action == t->action;
	for (i = 0; t->is_note && i < v->rule_count; i++)
		if (v->rules[i].truth == TRUTH_YES)
			return true;
	return !t->is_note;
}

static const char *
expected(const struct trial *t, struct arena *a)
{
	const char *action = t->is_note ? "note" : action_name(t->action);

	if (t->by.n == 0)
		return action;
	return arena_print(a, "%s by %.*s", action, SPAN_PRINT(t->by));
}

static const char *
seen(const struct verdict *v, struct arena *a)
{
	const char *by = v->rule != NULL ? v->rule : v->track_rule;

	if (by == NULL)
		return action_name(v->action);
	return arena_print(a, "%s by %s", action_name(v->action), by);
}

static void
trace_rule(struct buffer *b, const struct rule_result *r)
{
	buffer_print(b, "%s%s: %s", b->n != 0 ? "\n" : "", r->name,
	    truth_name(r->truth));
	if (r->is_shadow)
		buffer_text(b, " in shadow");
	if (r->acted)
		buffer_print(b, ", %s", action_name(r->action));
	if (r->hit_count != 0)
		buffer_print(b, ", %s of %s at %zu", r->hits[0].view,
		    r->hits[0].part, r->hits[0].offset);
	if (r->reason != NULL)
		buffer_print(b, ", %s", r->reason);
}

static const char *
trace(const struct trial *t, const struct verdict *v, struct arena *a)
{
	struct buffer b = { .arena = a };
	size_t i;

	if (v->sender_class != SENDER_MINISTRY)
		buffer_print(&b, "the sender is %s",
		    sender_class_name(v->sender_class));
	for (i = 0; i < v->rule_count; i++)
		if (v->rules[i].truth != TRUTH_NO || is_by(t, &v->rules[i]))
			trace_rule(&b, &v->rules[i]);
	if (b.n == 0)
		buffer_text(&b, "no rule matched");
	return arena_string(a, buffer_span(&b));
}

void
trial_run(const struct policy *p, size_t i, struct arena *a,
    struct trial_result *r)
{
	const struct trial *t = trial_get(p, i);
	const struct verdict *v = judge(p, t, a);

	r->name = arena_string(a, span_of(t->name));
	r->file = arena_string(a, span_of(t->file));
	r->line = t->line;
	r->has_passed = has_passed(t, v);
	r->expected = expected(t, a);
	r->seen = seen(v, a);
	r->trace = trace(t, v, a);
}
