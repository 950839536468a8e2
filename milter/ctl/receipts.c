/* SPDX-License-Identifier: BSD-2-Clause */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/digest.h"
#include "base/err.h"
#include "ctl/csv.h"
#include "ctl/json.h"
#include "ctl/options.h"
#include "ctl/table.h"
#include "ledger/query.h"
#include "ledger/store.h"
#include "mail/address.h"

#include "verb_internal.h"

#define TABLE_ROWS 100

enum format { FORMAT_TABLE, FORMAT_JSON, FORMAT_CSV };

static const char *const formats[] = { "table", "json", "csv", NULL };

static const struct option_rule known[] = {
	{ "id", OPTION_VALUE }, { "number", OPTION_VALUE },
	{ "message-id", OPTION_VALUE }, { "queue-id", OPTION_VALUE },
	{ "from", OPTION_VALUE }, { "to", OPTION_VALUE },
	{ "state", OPTION_VALUE }, { "since", OPTION_VALUE },
	{ "until", OPTION_VALUE }, { "limit", OPTION_VALUE },
	{ "format", OPTION_VALUE }, { "unit", OPTION_VALUE },
	{ "overdue", OPTION_FLAG }, { NULL, OPTION_FLAG },
};

/* What is asked for, and where the answer goes. */
struct listing {
	struct query query;
	enum format format;
	int64_t limit;		/* 0 = none */
	int64_t seen;
	struct json json;
	struct csv csv;
	struct table *table;
};

static const char *const columns[] = { "id", "number", "from", "to", "unit",
    "state", "flags", "accepted", "delivered", "acknowledged", "due",
    "subject_digest", "queue_id", "message_id", NULL };

static void
put_csv(struct csv *c, const struct receipt *r)
{
	const struct document *d = r->document;
	struct arena *a = arena_new();
	char hex[DIGEST_HEX_SIZE] = "";

	if (d->has_subject)
		digest_hex(d->subject, sizeof(d->subject), hex);
	csv_field(c, row_id(a, &d->id));
	csv_field(c, d->number);
	csv_field(c, d->sender);
	csv_field(c, r->addressee.address);
	csv_field(c, r->addressee.unit);
	csv_field(c, span_of(receipt_headline_name(r->state.headline)));
	csv_field(c, row_flags(a, r));
	csv_field(c, row_time(a, r->state.accepted_ms));
	csv_field(c, row_time(a, r->state.delivered_ms));
	csv_field(c, row_time(a, r->state.acknowledged_ms));
	csv_field(c, row_time(a, d->due_ms));
	csv_field(c, span_of(hex));
	csv_field(c, d->queue_id);
	csv_field(c, d->message_id);
	csv_end(c);
	arena_free(a);
}

static void
put_table(struct table *t, const struct receipt *r)
{
	struct arena *a = arena_new();

	table_cell(t, row_clock(a, r->document->seen_ms));
	table_cell(t, span_of(receipt_headline_name(r->state.headline)));
	table_cell(t, r->document->number);
	table_cell(t, r->addressee.address);
	table_cell(t, r->document->sender);
	table_cell(t, row_flags(a, r));
	table_cell(t, row_id(a, &r->document->id));
	arena_free(a);
}

static bool
visit(const struct receipt *r, void *context)
{
	struct listing *l = context;

	l->seen++;
	if (l->format == FORMAT_TABLE) {
		if (l->seen <= l->limit)
			put_table(l->table, r);
		return true;
	}
	if (l->format == FORMAT_JSON)
		row_json(&l->json, r);
	else
		put_csv(&l->csv, r);
	return (l->limit == 0 || l->seen < l->limit) && !ferror(stdout);
}

static int
parse_limit(const char *text, struct listing *l, struct err *e)
{
	uint64_t n;

	if (options_count("limit", text, 1, &n, e) < 0)
		return -1;
	l->limit = n != 0 ? (int64_t)n : l->format == FORMAT_TABLE ? TABLE_ROWS : 0;
	return 0;
}

static int
parse_time(const struct options *o, const char *name, int64_t *ms, struct err *e)
{
	const char *text = options_get(o, name);

	if (text == NULL || clock_parse(text, clock_now_ms(), ms, e) == 0)
		return 0;
	return err_prefix(e, "--%s", name);
}

static int
parse_state(const char *text, int *state, struct err *e)
{
	const char *names[HEADLINE_COUNT + 1] = { NULL };
	int i;

	*state = -1;
	if (text == NULL)
		return 0;
	for (i = 0; i < HEADLINE_COUNT; i++)
		names[i] = receipt_headline_name((enum receipt_headline)i);
	*state = options_choice("state", text, names, e);
	return *state < 0 ? -1 : 0;
}

static int
parse(struct arena *a, const struct options *o, struct listing *l, struct err *e)
{
	struct query *q = &l->query;
	int format;

	if (o->operand_count != 0)
		return err_set(e, "unexpected argument '%s'", o->operands[0]);
	format = options_choice("format", options_get(o, "format"), formats, e);
	if (format < 0)
		return -1;
	l->format = (enum format)format;
	q->id = span_of(options_get(o, "id"));
	q->number = span_of(options_get(o, "number"));
	q->message_id = span_of(options_get(o, "message-id"));
	q->queue_id = span_of(options_get(o, "queue-id"));
	q->sender = address_canonical(a, span_of(options_get(o, "from")));
	q->unit = span_of(options_get(o, "unit"));
	q->is_overdue = options_get(o, "overdue") != NULL;
	q->recipient = address_canonical(a, span_of(options_get(o, "to")));
	if (parse_limit(options_get(o, "limit"), l, e) < 0 ||
	    parse_state(options_get(o, "state"), &q->state, e) < 0 ||
	    parse_time(o, "since", &q->since_ms, e) < 0)
		return -1;
	return parse_time(o, "until", &q->until_ms, e);
}

static enum paint
paint_state(struct span state)
{
	if (span_is(state, "failed") || span_is(state, "unsent?") ||
	    span_is(state, "rejected"))
		return PAINT_BAD;
	if (span_is(state, "delivered"))
		return PAINT_GOOD;
	return PAINT_WAITING;
}

static void
begin(struct arena *a, struct listing *l)
{
	static const char *const headings[] = { "SEEN", "STATE", "NUMBER", "TO",
	    "FROM", "FLAGS", "ID" };
	size_t i;

	l->json.out = l->csv.out = stdout;
	l->table = table_new(a, headings, 7);
	table_paint(l->table, 1, paint_state);
	if (l->format != FORMAT_CSV)
		return;
	for (i = 0; columns[i] != NULL; i++)
		csv_field(&l->csv, span_of(columns[i]));
	csv_end(&l->csv);
}

static int
end(const struct context *ctx, const struct listing *l)
{
	if (l->seen == 0)
		return fail(STATUS_NONE, "no receipt fits");
	if (l->format != FORMAT_TABLE)
		return STATUS_FINE;
	table_print(l->table, stdout, ctx->width, ctx->has_color);
	if (l->seen > l->limit)
		printf("%" PRId64 " more\n", l->seen - l->limit);
	return STATUS_FINE;
}

/* An ID's prefix becomes the whole ID, or the end. */
static int
settle_id(struct arena *a, struct store *s, const struct receipt_rules *rules,
    struct listing *l)
{
	struct docid id;
	struct err e = { "" };

	if (l->query.id.n == 0)
		return STATUS_FINE;
	switch (lookup_document(s, l->query.id, rules, &id, &e)) {
	case 1:
		l->query.id = row_id(a, &id);
		return STATUS_FINE;
	case 0:
		return fail(STATUS_NONE, "no document's ID begins with '%.*s'",
		    SPAN_PRINT(l->query.id));
	case 2:
		return fail(STATUS_USAGE, "--id %s", e.text);
	default:
		return fail(STATUS_UNREACHABLE, "%s", e.text);
	}
}

static int
list(const struct context *ctx, struct arena *a, const struct config *c,
    struct listing *l)
{
	struct receipt_rules rules = context_rules(c);
	struct store *s = NULL;
	struct err e;
	int status;

	if ((status = context_store(c, &s)) != STATUS_FINE)
		return status;
	if ((status = settle_id(a, s, &rules, l)) != STATUS_FINE)
		goto out;
	begin(a, l);
	if (query_receipts(s, &l->query, &rules, visit, l, &e) < 0)
		status = fail(STATUS_UNREACHABLE, "%s", e.text);
	else
		status = end(ctx, l);
out:
	store_close(s);
	return status;
}

static int
run(const struct context *ctx, struct arena *a, int argc, char **argv)
{
	struct listing l = { .limit = 0 };
	struct options o;
	struct config c;
	struct err e;
	int status;

	if (verb_options("receipts", a, known, argc, argv, &o) != 0)
		return STATUS_USAGE;
	if (parse(a, &o, &l, &e) < 0)
		return fail_usage("receipts", "%s", e.text);
	if ((status = context_config(ctx, true, &c)) != STATUS_FINE)
		return status;
	status = list(ctx, a, &c, &l);
	config_end(&c);
	return status;
}

const struct verb verb_receipts = {
	"receipts", "what became of each document at each recipient",
	"usage: milterctl receipts [OPTIONS]\n\n"
	"One row for each document and recipient, the newest first.\n\n"
	"  --id ID            a document ID or its beginning\n"
	"  --number NUMBER    official number, without regard to case\n"
	"  --message-id ID    with or without <>\n"
	"  --queue-id ID      Postfix's\n"
	"  --from ADDRESS     sender of the envelope\n"
	"  --to ADDRESS       recipient\n"
	"  --unit CODE        of the directory of units, as it was when it left\n"
	"  --overdue          the answer is due and has not come\n"
	"  --state STATE      accepted delayed relayed expanded delivered failed\n"
	"                     displayed replied registered assigned processing completed\n"
	"                     refused recalled held rejected unsent?\n"
	"  --since, --until   a date, a time (RFC 3339), or an age: 7d 36h\n"
	"  --limit N          at most N rows (a table has 100)\n"
	"  --format FORMAT    table, json (one object per line), csv\n"
	"  --no-color         as the variable NO_COLOR\n\n"
	"Exit status: 0; 1 nothing found; 2 usage; 3 the ledger cannot be read.\n\n"
	"example: milterctl receipts --to phongcntt@x.edu.vn --since 7d\n",
	run,
};
