/* SPDX-License-Identifier: BSD-2-Clause */
#include <string.h>

#include "base/clock.h"
#include "base/err.h"
#include "base/fault.h"
#include "base/source.h"

#include "policy/units.h"
#include "parser_internal.h"

static bool
parse_instant(const struct token *t, struct arena *a, int64_t *ms)
{
	struct err e = { "" };
	int64_t day;

	if (calendar_parse_day(t->text, &day)) {
		*ms = calendar_midnight(day);
		return true;
	}
	return span_find_byte(t->text, 'T') != t->text.n &&
	    clock_parse(arena_string(a, t->text), 0, ms, &e) == 0;
}

int
parser_instant(struct parser *p, int64_t *ms)
{
	const struct token *t = p->now;

	if (t->kind != TOKEN_WORD && t->kind != TOKEN_STRING)
		return parser_unexpected(p, "a day such as 2026-11-15");
	parser_take(p);
	if (!parse_instant(t, p->policy->arena, ms))
		parser_fault(p, t, "'%.*s' is no day (say 2026-11-15, or "
		    "2026-11-15T08:00:00+07:00)", SPAN_PRINT(t->text));
	return 0;
}

static void
phase(struct parser *p)
{
	struct arena *a = p->policy->arena;
	struct phase *new, **at;
	const struct token *name, *when;

	if (p->now->kind != TOKEN_WORD || token_is(p->now, "from")) {
		parser_unexpected(p, "the phase's name");
		return;
	}
	name = parser_take(p);
	if (policy_phase(p->policy, name->text) != NULL)
		parser_fault(p, name, "phase '%.*s' exists already",
		    SPAN_PRINT(name->text));
	new = ARENA_NEW(a, struct phase);
	new->name = arena_string(a, name->text);
	for (at = &p->policy->phases; *at != NULL; at = &(*at)->next)
		;
	*at = new;
	if (!token_is(p->now, "from")) {
		parser_unexpected(p, "'from'");
		return;
	}
	parser_take(p);
	when = p->now;
	if (parser_instant(p, &new->from_ms) == 0 && new->from_ms >= PHASE_NEVER_MS)
		faults_warn(p->faults, p->src, when->offset, when->length,
		    "phase '%s' never starts in our time", new->name);
}

/* The file whose name stands there in quotes; NULL after a fault. */
static const struct source *
named_file(struct parser *p, const struct token **path)
{
	const struct source *src;
	struct err e = { "" };

	if (p->now->kind != TOKEN_STRING) {
		parser_unexpected(p, "a file name in quotes");
		return NULL;
	}
	*path = parser_take(p);
	src = sources_get(p->set, p->src, (*path)->text, &e);
	if (src == NULL)
		parser_fault(p, *path, "%s", e.text);
	return src;
}

static void
include(struct parser *p)
{
	const struct token *path;
	const struct source *src = named_file(p, &path);

	if (src != NULL && src->text.n == 0)
		parser_fault(p, path, "%s: empty", src->name);
	else if (src != NULL)
		policy_enqueue(p->policy, src);
}

/* "units file NAME", "calendar file NAME": at most one of each. */
static const struct source *
only_file(struct parser *p, bool exists)
{
	const struct token *path;

	if (!token_is(p->now, "file")) {
		parser_unexpected(p, "'file'");
		return NULL;
	}
	parser_take(p);
	if (exists)
		parser_fault(p, p->statement, "'%.*s' is named already",
		    SPAN_PRINT(p->statement->text));
	return named_file(p, &path);
}

static void
units(struct parser *p)
{
	struct policy *policy = p->policy;
	const struct source *src = only_file(p, policy->units != NULL);

	policy->units_source = src;
	if (src != NULL)
		policy->units = units_read(policy->arena, src, p->faults);
}

static void
calendar(struct parser *p)
{
	struct policy *policy = p->policy;
	const struct source *src = only_file(p, policy->calendar != NULL);

	policy->calendar_source = src;
	if (src != NULL)
		policy->calendar = calendar_read(policy->arena, src, p->faults);
}

static unsigned
small_number(struct span text)
{
	unsigned value = 0;
	size_t i;

	for (i = 0; i < text.n; i++) {
		if (text.p[i] < '0' || text.p[i] > '9' || value > PERIOD_MAX)
			return 0;
		value = 10 * value + (unsigned)(text.p[i] - '0');
	}
	return value <= PERIOD_MAX ? value : 0;
}

int
parser_period(struct parser *p, struct period *d)
{
	const struct token *count = p->now;
	bool is_working;

	if (count->kind != TOKEN_WORD || small_number(count->text) == 0)
		return parser_unexpected(p, "a number from 1 to 1000");
	parser_take(p);
	d->count = small_number(count->text);
	if ((is_working = token_is(p->now, "working")))
		parser_take(p);
	if (token_is(p->now, "day") || token_is(p->now, "days"))
		d->unit = is_working ? PERIOD_WORKING_DAYS : PERIOD_DAYS;
	else if (!is_working && (token_is(p->now, "hour") ||
	    token_is(p->now, "hours")))
		d->unit = PERIOD_HOURS;
	else
		return parser_unexpected(p, is_working ? "'days'" :
		    "'hours', 'days' or 'working days'");
	parser_take(p);
	return 0;
}

/* "deadline hoa-toc within 2 hours" */
static void
deadline(struct parser *p)
{
	struct policy *policy = p->policy;
	const struct token *name = p->now;
	struct period *d;
	enum urgency u;

	if (name->kind != TOKEN_WORD && name->kind != TOKEN_STRING) {
		parser_unexpected(p, "a class of urgency");
		return;
	}
	parser_take(p);
	u = urgency_parse(policy->arena, name->text);
	if (u == URGENCY_COUNT) {
		parser_unknown(p, name, "class of urgency", urgency_names);
		parser_skip(p);
		return;
	}
	d = &policy->deadlines[u];
	if (d->count != 0)
		parser_fault(p, name, "the deadline of '%s' is said already",
		    urgency_names[u]);
	if (!token_is(p->now, "within")) {
		parser_unexpected(p, "'within'");
		return;
	}
	parser_take(p);
	policy->has_deadlines = true;
	parser_period(p, d);
}

int
parser_block(struct parser *p)
{
	static const struct {
		const char *word;
		void (*read)(struct parser *);
	} blocks[] = {
		{ "phase", phase }, { "include", include }, { "units", units },
		{ "calendar", calendar }, { "deadline", deadline },
	};
	size_t i;

	for (i = 0; i < sizeof(blocks) / sizeof(blocks[0]); i++)
		if (token_is(p->statement, blocks[i].word)) {
			blocks[i].read(p);
			return 1;
		}
	return 0;
}
