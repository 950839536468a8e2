/* SPDX-License-Identifier: BSD-2-Clause */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/err.h"
#include "base/fault.h"
#include "base/source.h"
#include "ctl/csv.h"
#include "ctl/json.h"
#include "ctl/options.h"
#include "ctl/table.h"
#include "ledger/store.h"
#include "policy/policy.h"
#include "policy/units.h"

#include "verb_internal.h"

#define MINUTE_MS 60000

enum format { FORMAT_TABLE, FORMAT_JSON, FORMAT_CSV };

static const char *const formats[] = { "table", "json", "csv", NULL };

static const struct option_rule known[] = {
	{ "since", OPTION_VALUE }, { "format", OPTION_VALUE },
	{ NULL, OPTION_FLAG },
};

/* Times, as many as there are. */
struct times {
	int64_t *list;
	size_t count, size;
};

/* What became of the letters to one unit. */
struct tally {
	struct span code;	/* empty: addresses of no unit */
	struct span name, kind;
	struct span focal;
	int64_t sent, delivered, acknowledged, overdue;
	struct times delays;	/* from accepted to acknowledged */
	struct times waiting;	/* when those went that nobody acknowledged */
	int64_t heard_ms;	/* the last acknowledgement */
	int64_t confirmed_ms;	/* the focal officer's first answer */
};

struct rollup {
	struct arena *arena;
	struct tally *list;
	size_t count, size;
};

static void
add_time(struct arena *a, struct times *t, int64_t ms)
{
	if (t->count == t->size) {
		size_t size = 2 * t->size + 16;

		t->list = arena_grow(a, t->list, t->size * sizeof(*t->list),
		    size * sizeof(*t->list));
		t->size = size;
	}
	t->list[t->count++] = ms;
}

static struct tally *
find_tally(struct rollup *u, struct span code)
{
	for (size_t i = 0; i < u->count; i++)
		if (span_equal_nocase(u->list[i].code, code))
			return &u->list[i];
	if (u->count == u->size) {
		size_t size = 2 * u->size + 64;

		u->list = arena_grow(u->arena, u->list,
		    u->size * sizeof(*u->list), size * sizeof(*u->list));
		u->size = size;
	}
	u->list[u->count] = (struct tally){ .code = arena_copy(u->arena, code) };
	return &u->list[u->count++];
}

/* Whoever was never written to is in the list as well. */
static void
take_directory(struct rollup *u, const struct units *units)
{
	for (size_t i = 0; units != NULL && i < units_count(units); i++) {
		const struct unit *one = units_get(units, i);
		struct tally *t = find_tally(u, one->code);

		if (t->name.n == 0) {
			t->name = arena_copy(u->arena, one->name);
			t->kind = arena_copy(u->arena, one->kind);
		}
		if (t->focal.n == 0)
			t->focal = arena_copy(u->arena, one->focal);
	}
}

static void
keep_first(int64_t *first, int64_t ms)
{
	if (ms != 0 && (*first == 0 || ms < *first))
		*first = ms;
}

static bool
visit(const struct receipt *r, void *context)
{
	const struct receipt_state *s = &r->state;
	struct rollup *u = context;
	struct tally *t;

	if (s->accepted_ms == 0 || s->headline == HEADLINE_REJECTED)
		return true;
	t = find_tally(u, r->addressee.unit);
	t->sent++;
	t->delivered += s->delivered_ms != 0 || s->acknowledged_ms != 0;
	t->overdue += (s->flags & FLAG_OVERDUE) != 0;
	if (s->acknowledged_ms == 0) {
		add_time(u->arena, &t->waiting, s->accepted_ms);
		return true;
	}
	t->acknowledged++;
	add_time(u->arena, &t->delays, s->acknowledged_ms - s->accepted_ms);
	if (s->acknowledged_ms > t->heard_ms)
		t->heard_ms = s->acknowledged_ms;
	if (t->focal.n != 0 && span_equal_nocase(r->addressee.address, t->focal) &&
	    s->headline != HEADLINE_REFUSED)
		keep_first(&t->confirmed_ms, s->answered_ms);
	return true;
}

static int
by_number(const void *left, const void *right)
{
	int64_t a = *(const int64_t *)left, b = *(const int64_t *)right;

	return (a > b) - (a < b);
}

/* -1 if there is none. */
static int64_t
median_ms(const struct times *t)
{
	if (t->count == 0)
		return -1;
	qsort(t->list, t->count, sizeof(*t->list), by_number);
	if (t->count % 2 == 1)
		return t->list[t->count / 2];
	return (t->list[t->count / 2 - 1] + t->list[t->count / 2]) / 2;
}

/* The first letter since its last word that it has not answered; 0: none waits. */
static int64_t
silent_since(const struct tally *t)
{
	int64_t first = 0;

	for (size_t i = 0; i < t->waiting.count; i++)
		if (t->waiting.list[i] > t->heard_ms)
			keep_first(&first, t->waiting.list[i]);
	return first;
}

static int
by_code(const void *left, const void *right)
{
	const struct tally *a = left, *b = right;
	size_t n = a->code.n < b->code.n ? a->code.n : b->code.n;
	int rc = n != 0 ? memcmp(a->code.p, b->code.p, n) : 0;

	return rc != 0 ? rc : (a->code.n > b->code.n) - (a->code.n < b->code.n);
}

static void
put_json(struct tally *t)
{
	const struct { const char *name; int64_t n; } numbers[] = {
		{ "sent", t->sent }, { "delivered", t->delivered },
		{ "acknowledged", t->acknowledged }, { "overdue", t->overdue },
	};
	struct json j = { .out = stdout };
	int64_t median = median_ms(&t->delays);

	json_begin(&j, '{');
	json_key(&j, "unit");
	json_text_or_null(&j, t->code);
	json_key(&j, "name");
	json_text_or_null(&j, t->name);
	json_key(&j, "kind");
	json_text_or_null(&j, t->kind);
	for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++) {
		json_key(&j, numbers[i].name);
		json_number(&j, numbers[i].n);
	}
	json_key(&j, "median_s");
	if (median < 0)
		json_null(&j);
	else
		json_number(&j, median / 1000);
	json_key(&j, "last_heard");
	json_time(&j, t->heard_ms);
	json_key(&j, "silent_since");
	json_time(&j, silent_since(t));
	json_key(&j, "confirmed");
	json_time(&j, t->confirmed_ms);
	json_end(&j, '}');
}

static struct span
print_number(struct arena *a, int64_t n)
{
	return span_of(arena_print(a, "%" PRId64, n));
}

static void
put_csv(struct csv *c, struct arena *a, struct tally *t)
{
	int64_t median = median_ms(&t->delays);

	csv_field(c, t->code);
	csv_field(c, t->name);
	csv_field(c, t->kind);
	csv_field(c, print_number(a, t->sent));
	csv_field(c, print_number(a, t->delivered));
	csv_field(c, print_number(a, t->acknowledged));
	csv_field(c, print_number(a, t->overdue));
	csv_field(c, median < 0 ? span_of("") : print_number(a, median / 1000));
	csv_field(c, row_time(a, t->heard_ms));
	csv_field(c, row_time(a, silent_since(t)));
	csv_field(c, row_time(a, t->confirmed_ms));
	csv_end(c);
}

/* "3 d 4 h", "4 h 5 min": as exactly as anybody asks. */
static struct span
print_delay(struct arena *a, int64_t ms)
{
	int64_t minutes = ms / MINUTE_MS;

	if (ms < 0)
		return span_of("");
	if (minutes >= 24 * 60)
		return span_of(arena_print(a, "%" PRId64 " d %" PRId64 " h",
		    minutes / (24 * 60), minutes / 60 % 24));
	return span_of(arena_print(a, "%" PRId64 " h %" PRId64 " min",
	    minutes / 60, minutes % 60));
}

static void
put_table(struct table *table, struct arena *a, struct tally *t)
{
	table_cell(table, t->code.n != 0 ? t->code : span_of("-"));
	table_cell(table, t->name);
	table_cell(table, print_number(a, t->sent));
	table_cell(table, print_number(a, t->delivered));
	table_cell(table, print_number(a, t->acknowledged));
	table_cell(table, print_number(a, t->overdue));
	table_cell(table, print_delay(a, median_ms(&t->delays)));
	table_cell(table, row_clock(a, silent_since(t)));
	table_cell(table, row_clock(a, t->confirmed_ms));
}

static void
print(const struct context *ctx, struct rollup *u, enum format format)
{
	static const char *const headings[] = { "UNIT", "NAME", "SENT", "ARRIVED",
	    "ACK", "OVERDUE", "MEDIAN", "SILENT SINCE", "CONFIRMED" };
	static const char *const columns[] = { "unit", "name", "kind", "sent",
	    "delivered", "acknowledged", "overdue", "median_s", "last_heard",
	    "silent_since", "confirmed" };
	struct table *table = table_new(u->arena, headings, 9);
	struct csv csv = { .out = stdout };

	if (u->count > 1)
		qsort(u->list, u->count, sizeof(*u->list), by_code);
	for (size_t i = 0; format == FORMAT_CSV && i < 11; i++)
		csv_field(&csv, span_of(columns[i]));
	if (format == FORMAT_CSV)
		csv_end(&csv);
	for (size_t i = 0; i < u->count; i++) {
		if (format == FORMAT_JSON)
			put_json(&u->list[i]);
		else if (format == FORMAT_CSV)
			put_csv(&csv, u->arena, &u->list[i]);
		else
			put_table(table, u->arena, &u->list[i]);
	}
	if (format == FORMAT_TABLE)
		table_print(table, stdout, ctx->width, ctx->has_color);
}

/* Names come from the policy's directory; without it the codes are enough. */
static void
load_directory(struct rollup *u, const struct config *c)
{
	struct policy *p = context_directory(c);

	if (p != NULL)
		take_directory(u, policy_units(p));
	policy_free(p);
}

static int
roll_up(const struct context *ctx, const struct config *c, struct rollup *u,
    const struct query *q, enum format format)
{
	struct receipt_rules rules = context_rules(c);
	struct store *s = NULL;
	struct err e;
	int status = context_store(c, &s);

	if (status != STATUS_FINE)
		return status;
	load_directory(u, c);
	if (query_receipts(s, q, &rules, visit, u, &e) < 0)
		status = fail(STATUS_UNREACHABLE, "%s", e.text);
	else if (u->count == 0)
		status = fail(STATUS_NONE, "no unit, and nothing was sent");
	else
		print(ctx, u, format);
	store_close(s);
	return status;
}

static int
run(const struct context *ctx, struct arena *a, int argc, char **argv)
{
	struct rollup u = { .arena = a };
	struct query q = { .state = -1 };
	struct options o;
	struct config c;
	const char *since;
	struct err e;
	int format, status;

	if (verb_options("units", a, known, argc, argv, &o) != 0)
		return STATUS_USAGE;
	if (o.operand_count != 0)
		return fail_usage("units", "unexpected argument '%s'", o.operands[0]);
	since = options_get(&o, "since");
	format = options_choice("format", options_get(&o, "format"), formats, &e);
	if (format < 0 || (since != NULL &&
	    clock_parse(since, clock_now_ms(), &q.since_ms, &e) < 0))
		return fail_usage("units", "%s", e.text);
	if ((status = context_config(ctx, true, &c)) != STATUS_FINE)
		return status;
	status = roll_up(ctx, &c, &u, &q, (enum format)format);
	config_end(&c);
	return status;
}

const struct verb verb_units = {
	"units", "who has acknowledged, who is late, who is silent",
	"usage: milterctl units [--since WHEN] [--format table|json|csv]\n\n"
	"One row for each unit of the policy's directory, and one for addresses of no\n"
	"unit: how many letters went there, arrived, were acknowledged, are overdue;\n"
	"the median time to an acknowledgement; since when it has been silent: the first\n"
	"letter after its last acknowledgement that it has not answered; and when its focal\n"
	"officer first answered, which confirms that the unit is reached.\n\n"
	"  --since WHEN       letters since a date, a time (RFC 3339), or an age: 7d\n"
	"  --format FORMAT    table, json (one object per line), csv\n\n"
	"Exit status: 0; 1 nothing found; 2 usage; 3 the ledger cannot be read.\n\n"
	"example: milterctl units --since 30d\n",
	run,
};
