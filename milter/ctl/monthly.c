/* SPDX-License-Identifier: BSD-2-Clause */
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/err.h"
#include "base/fault.h"
#include "base/source.h"
#include "ctl/options.h"
#include "ledger/query.h"
#include "ledger/store.h"
#include "policy/policy.h"
#include "policy/units.h"

#include "monthly_internal.h"
#include "verb_internal.h"

#define HOUR_MS INT64_C(3600000)

static const char *const formats[] = { "html", "csv", NULL };

static const struct option_rule known[] = {
	{ "month", OPTION_VALUE }, { "output", OPTION_VALUE },
	{ "format", OPTION_VALUE }, { NULL, OPTION_FLAG },
};

const struct monthly_delay monthly_delays[DELAYS] = {
	{ "under 1 hour", HOUR_MS }, { "1 to 4 hours", 4 * HOUR_MS },
	{ "4 to 8 hours", 8 * HOUR_MS }, { "8 to 24 hours", 24 * HOUR_MS },
	{ "1 to 2 days", 48 * HOUR_MS }, { "2 to 3 days", 72 * HOUR_MS },
	{ "3 to 7 days", 168 * HOUR_MS }, { "over 7 days", INT64_MAX },
};

/* While rows come. */
struct gathering {
	struct monthly *m;
	struct docid last;	/* rows of one document follow each other */
	struct monthly_unit *unit;	/* of the row before */
	int64_t *delays;
	size_t delay_count, delay_size;
};

static struct monthly_unit *
find_unit(struct gathering *g, struct span code)
{
	struct monthly *m = g->m;

	if (g->unit != NULL && span_equal_nocase(g->unit->code, code))
		return g->unit;
	for (size_t i = 0; i < m->unit_count; i++)
		if (span_equal_nocase(m->units[i].code, code))
			return &m->units[i];
	if (m->unit_count == m->unit_size) {
		size_t size = 2 * m->unit_size + 64;

		m->units = arena_grow(m->arena, m->units,
		    m->unit_size * sizeof(*m->units), size * sizeof(*m->units));
		m->unit_size = size;
	}
	m->units[m->unit_count] = (struct monthly_unit){
	    .code = arena_copy(m->arena, code) };
	return &m->units[m->unit_count++];
}

static void
count_rule(struct monthly *m, struct span name)
{
	size_t i = 0;

	while (i < m->rule_count && !span_equal(m->rules[i].name, name))
		i++;
	if (i == m->rule_count && i == m->rule_size) {
		size_t size = 2 * m->rule_size + 16;

		m->rules = arena_grow(m->arena, m->rules,
		    m->rule_size * sizeof(*m->rules), size * sizeof(*m->rules));
		m->rule_size = size;
	}
	if (i == m->rule_count)
		m->rules[m->rule_count++] = (struct monthly_rule){
		    .name = arena_copy(m->arena, name) };
	m->rules[i].documents++;
}

static void
add_delay(struct gathering *g, int64_t ms)
{
	if (g->delay_count == g->delay_size) {
		size_t size = 2 * g->delay_size + 1024;

		g->delays = arena_grow(g->m->arena, g->delays,
		    g->delay_size * sizeof(*g->delays), size * sizeof(*g->delays));
		g->delay_size = size;
	}
	g->delays[g->delay_count++] = ms;
}

static size_t
delay_bucket(int64_t ms)
{
	size_t i = 0;

	while (ms >= monthly_delays[i].below_ms)
		i++;
	return i;
}

static void
count(struct monthly_counts *c, const struct receipt *r)
{
	const struct receipt_state *s = &r->state;
	bool has_arrived, is_late;

	c->receipts++;
	c->refused += s->headline == HEADLINE_REJECTED;
	c->held += s->headline == HEADLINE_HELD;
	if (s->accepted_ms == 0 || s->headline == HEADLINE_REJECTED ||
	    s->headline == HEADLINE_HELD)
		return;
	c->accepted++;
	has_arrived = s->delivered_ms != 0 || s->acknowledged_ms != 0;
	is_late = (s->flags & FLAG_OVERDUE) != 0 && s->acknowledged_ms == 0;
	c->delivered += has_arrived;
	c->overdue += (s->flags & FLAG_OVERDUE) != 0;
	c->late += is_late;
	c->late_arrived += is_late && has_arrived;
	c->failed += !has_arrived && !is_late && s->headline == HEADLINE_FAILED;
	if (s->acknowledged_ms == 0)
		return;
	c->acknowledged++;
	c->delays[delay_bucket(s->acknowledged_ms - s->accepted_ms)]++;
}

static size_t
day_of(const struct monthly *m, int64_t ms)
{
	size_t day = 0;

	while (day + 1 < m->days && ms >= m->from_ms[day + 1])
		day++;
	return day;
}

static void
count_document(struct gathering *g, const struct receipt *r)
{
	if (memcmp(&r->document->id, &g->last, sizeof(g->last)) == 0)
		return;
	g->last = r->document->id;
	g->m->documents++;
	if (r->state.headline == HEADLINE_REJECTED)
		count_rule(g->m, r->document->rule);
}

static bool
visit(const struct receipt *r, void *context)
{
	struct gathering *g = context;
	size_t day = day_of(g->m, r->document->seen_ms);
	uint64_t accepted, acknowledged;

	count_document(g, r);
	g->unit = find_unit(g, r->addressee.unit);
	accepted = g->unit->counts.accepted;
	acknowledged = g->unit->counts.acknowledged;
	count(&g->unit->counts, r);
	count(&g->m->all, r);
	count(&g->m->day[day], r);
	g->unit->sent[day] += (uint32_t)(g->unit->counts.accepted - accepted);
	if (g->unit->counts.acknowledged == acknowledged)
		return true;
	g->unit->answered[day]++;
	add_delay(g, r->state.acknowledged_ms - r->state.accepted_ms);
	return true;
}

/* Whoever was never written to is in the report as well. */
static void
take_directory(struct gathering *g, const struct units *units)
{
	for (size_t i = 0; units != NULL && i < units_count(units); i++) {
		const struct unit *one = units_get(units, i);
		struct monthly_unit *u = find_unit(g, one->code);

		if (u->name.n != 0)
			continue;
		u->name = arena_copy(g->m->arena, one->name);
		u->kind = arena_copy(g->m->arena, one->kind);
	}
}

static void
load_directory(struct gathering *g, const struct config *c)
{
	struct policy *p = context_directory(c);

	if (p != NULL)
		take_directory(g, policy_units(p));
	policy_free(p);
}

static int
compare(struct span a, struct span b)
{
	size_t n = a.n < b.n ? a.n : b.n;
	int rc = n != 0 ? memcmp(a.p, b.p, n) : 0;

	return rc != 0 ? rc : (a.n > b.n) - (a.n < b.n);
}

static int
by_code(const void *left, const void *right)
{
	const struct monthly_unit *a = left, *b = right;

	return compare(a->code, b->code);
}

static int
by_documents(const void *left, const void *right)
{
	const struct monthly_rule *a = left, *b = right;

	if (a->documents != b->documents)
		return a->documents > b->documents ? -1 : 1;
	return compare(a->name, b->name);
}

static int
by_number(const void *left, const void *right)
{
	int64_t a = *(const int64_t *)left, b = *(const int64_t *)right;

	return (a > b) - (a < b);
}

static void
add_counts(struct monthly_counts *sum, const struct monthly_counts *n)
{
	sum->receipts += n->receipts;
	sum->accepted += n->accepted;
	sum->refused += n->refused;
	sum->held += n->held;
	sum->delivered += n->delivered;
	sum->acknowledged += n->acknowledged;
	sum->overdue += n->overdue;
	sum->late += n->late;
	sum->late_arrived += n->late_arrived;
	sum->failed += n->failed;
	for (size_t i = 0; i < DELAYS; i++)
		sum->delays[i] += n->delays[i];
}

static void
roll_up_kinds(struct monthly *m)
{
	m->kinds = ARENA_ARRAY(m->arena, struct monthly_unit, m->unit_count + 1);
	for (size_t i = 0; i < m->unit_count; i++) {
		size_t k = 0;

		while (k < m->kind_count &&
		    !span_equal(m->kinds[k].kind, m->units[i].kind))
			k++;
		if (k == m->kind_count)
			m->kinds[m->kind_count++].kind = m->units[i].kind;
		add_counts(&m->kinds[k].counts, &m->units[i].counts);
	}
}

static void
finish(struct gathering *g)
{
	struct monthly *m = g->m;

	m->median_ms = -1;
	if (m->unit_count > 1)
		qsort(m->units, m->unit_count, sizeof(*m->units), by_code);
	if (m->rule_count > 1)
		qsort(m->rules, m->rule_count, sizeof(*m->rules), by_documents);
	roll_up_kinds(m);
	if (g->delay_count == 0)
		return;
	qsort(g->delays, g->delay_count, sizeof(*g->delays), by_number);
	m->median_ms = g->delays[g->delay_count / 2];
}

static int
gather(struct monthly *m, const struct config *c)
{
	const struct query q = { .state = -1, .since_ms = m->from_ms[0],
	    .until_ms = m->from_ms[m->days] };
	struct receipt_rules rules = context_rules(c);
	struct gathering g = { .m = m };
	struct store *s = NULL;
	struct err e;
	int status = context_store(c, &s);

	if (status != STATUS_FINE)
		return status;
	load_directory(&g, c);
	if (query_receipts(s, &q, &rules, visit, &g, &e) < 0)
		status = fail(STATUS_UNREACHABLE, "%s", e.text);
	store_close(s);
	finish(&g);
	return status;
}

/* Days begin at midnight of the local zone. */
static int
lay_out_month(struct monthly *m, const char *text, struct err *e)
{
	static const unsigned lengths[] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31,
	    30, 31 };
	unsigned year = 0, month = 0, next;
	char day[32], rest;

	if (strlen(text) != 7 || sscanf(text, "%4u-%2u%c", &year, &month, &rest) != 2 ||
	    text[4] != '-' || month < 1 || month > 12 || year < 1970)
		return err_set(e, "'%s' is no month: write it as 2007-11", text);
	m->month = text;
	m->days = lengths[month - 1] + (month == 2 && year % 4 == 0 &&
	    (year % 100 != 0 || year % 400 == 0));
	for (unsigned i = 0; i < m->days; i++) {
		snprintf(day, sizeof(day), "%s-%02u", text, i + 1);
		if (clock_parse(day, m->made_ms, &m->from_ms[i], e) < 0)
			return -1;
	}
	next = year * 12 + month;
	snprintf(day, sizeof(day), "%04u-%02u-01", next / 12, next % 12 + 1);
	return clock_parse(day, m->made_ms, &m->from_ms[m->days], e);
}

/* The month that is over. */
static const char *
last_month(struct arena *a, int64_t now_ms)
{
	time_t now = (time_t)(now_ms / 1000);
	struct tm tm;
	int month;

	localtime_r(&now, &tm);
	month = (tm.tm_year + 1900) * 12 + tm.tm_mon - 1;
	return arena_print(a, "%04d-%02d", month / 12, month % 12 + 1);
}

static int
write_to(const struct monthly *m, FILE *out, const char *name, bool is_csv)
{
	if (is_csv)
		monthly_csv(m, out);
	else
		monthly_html(m, out);
	if (fflush(out) != 0 || ferror(out))
		return fail(STATUS_UNREACHABLE, "%s: cannot be written: %s", name,
		    strerror(errno));
	return STATUS_FINE;
}

/* Whoever looks at the file meanwhile sees the old one or the new one whole. */
static int
write_file(struct monthly *m, const char *path, bool is_csv)
{
	const char *part = arena_print(m->arena, "%s.part", path);
	FILE *out;
	int status;

	if (path[0] == '\0' || strcmp(path, "-") == 0)
		return write_to(m, stdout, "stdout", is_csv);
	if ((out = fopen(part, "we")) == NULL)
		return fail(STATUS_UNREACHABLE, "%s: %s", part, strerror(errno));
	status = write_to(m, out, path, is_csv);
	if (fclose(out) != 0 || (status == STATUS_FINE && rename(part, path) < 0))
		status = fail(STATUS_UNREACHABLE, "%s: %s", path, strerror(errno));
	if (status != STATUS_FINE)
		unlink(part);
	return status;
}

static int
report(struct monthly *m, const struct config *c, const char *path, bool is_csv)
{
	int status = gather(m, c);

	if (status == STATUS_FINE)
		status = write_file(m, path, is_csv);
	if (status == STATUS_FINE && m->documents == 0)
		return fail(STATUS_NONE, "no document was seen in %s", m->month);
	return status;
}

static int
run(const struct context *ctx, struct arena *a, int argc, char **argv)
{
	struct monthly *m = ARENA_NEW(a, struct monthly);
	const char *month, *path;
	struct options o;
	struct config c;
	struct err e;
	int format, status;

	if (verb_options("report", a, known, argc, argv, &o) != 0)
		return STATUS_USAGE;
	if (o.operand_count != 0)
		return fail_usage("report", "unexpected argument '%s'",
		    o.operands[0]);
	format = options_choice("format", options_get(&o, "format"), formats, &e);
	m->arena = a;
	m->made_ms = clock_now_ms();
	month = options_get(&o, "month");
	if (format < 0 || lay_out_month(m, month != NULL ? month :
	    last_month(a, m->made_ms), &e) < 0)
		return fail_usage("report", "%s", e.text);
	if ((status = context_config(ctx, true, &c)) != STATUS_FINE)
		return status;
	path = options_get(&o, "output");
	status = report(m, &c, path != NULL ? path : "-", format == 1);
	config_end(&c);
	return status;
}

const struct verb verb_report = {
	"report", "a month as a page for people, or as a table",
	"usage: milterctl report [--month YYYY-MM] [--output FILE] [--format html|csv]\n\n"
	"What was sent in a month and what became of it: accepted, refused by rule,\n"
	"delivered, acknowledged, overdue, by unit and by kind of unit; how long an\n"
	"acknowledgement took; unit by day, which shows who is silent.  One HTML file\n"
	"that needs nothing else and prints on A4; CSV has a line for each unit.\n\n"
	"  --month YYYY-MM   in the local zone; without it the last one that is over\n"
	"  --output FILE     replaced when the new one is whole; default: stdout\n"
	"  --format FORMAT   html, csv\n\n"
	"Exit status: 0; 1 no document was seen in that month; 2 usage; 3 the ledger\n"
	"cannot be read or the file cannot be written.\n\n"
	"example: milterctl report --month 2007-11 --output report.html\n",
	run,
};
