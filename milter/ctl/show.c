/* SPDX-License-Identifier: BSD-2-Clause */
#include <inttypes.h>
#include <stdlib.h>

#include "base/err.h"
#include "ctl/json.h"
#include "ctl/options.h"
#include "ctl/table.h"
#include "ledger/query.h"
#include "ledger/store.h"

#include "verb_internal.h"

static const char *const formats[] = { "table", "json", NULL };

static const struct option_rule known[] = {
	{ "format", OPTION_VALUE }, { NULL, OPTION_FLAG },
};

/* A document with all its receipts. */
struct dossier {
	struct receipt *rows;
	size_t count;
};

static void
put_hits(struct json *j, const struct document *d)
{
	size_t i;

	json_begin(j, '[');
	for (i = 0; i < d->hit_count; i++) {
		json_begin(j, '{');
		json_key(j, "view");
		json_text(j, d->hits[i].view);
		json_key(j, "part");
		json_text(j, d->hits[i].part);
		json_key(j, "offset");
		json_number(j, (int64_t)d->hits[i].offset);
		json_key(j, "length");
		json_number(j, (int64_t)d->hits[i].length);
		json_key(j, "digest");
		json_hex(j, d->hits[i].digest, DIGEST_BYTES);
		json_end(j, '}');
	}
	json_end(j, ']');
}

static void
put_texts(struct json *j, const struct document *d)
{
	const struct { const char *name; struct span text; } texts[] = {
		{ "number", d->number }, { "message_id", d->message_id },
		{ "envelope_id", d->envelope_id }, { "queue_id", d->queue_id },
		{ "action", d->action }, { "rule", d->rule },
		{ "policy", d->policy },
	};
	size_t i;

	for (i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		json_key(j, texts[i].name);
		json_text_or_null(j, texts[i].text);
	}
}

static void
put_json(const struct dossier *x)
{
	const struct document *d = x->rows[0].document;
	struct json j = { .out = stdout };
	char id[DOCID_TEXT_SIZE];
	size_t i;

	json_begin(&j, '{');
	json_key(&j, "id");
	json_text(&j, span_of(docid_print(&d->id, id)));
	json_key(&j, "from");
	json_text(&j, d->sender);
	put_texts(&j, d);
	json_key(&j, "seen");
	json_time(&j, d->seen_ms);
	json_key(&j, "due");
	json_time(&j, d->due_ms);
	json_key(&j, "size");
	json_number(&j, (int64_t)d->size_bytes);
	json_key(&j, "attempts");
	json_number(&j, (int64_t)d->attempts);
	json_key(&j, "subject_digest");
	if (d->has_subject)
		json_hex(&j, d->subject, sizeof(d->subject));
	else
		json_null(&j);
	json_key(&j, "hits");
	put_hits(&j, d);
	json_key(&j, "recipients");
	json_begin(&j, '[');
	for (i = 0; i < x->count; i++)
		row_json(&j, &x->rows[i]);
	json_end(&j, ']');
	json_end(&j, '}');
}

static void
put_line(struct table *t, const char *name, struct span value)
{
	if (value.n == 0)
		return;
	table_cell(t, span_of(name));
	table_cell(t, value);
}

static void
print_document(const struct context *ctx, struct arena *a, const struct document *d)
{
	struct table *t = table_new(a, NULL, 2);

	put_line(t, "document", row_id(a, &d->id));
	put_line(t, "number", d->number);
	put_line(t, "from", d->sender);
	put_line(t, "seen", row_time(a, d->seen_ms));
	put_line(t, "due", row_time(a, d->due_ms));
	put_line(t, "action", d->action);
	put_line(t, "rule", d->rule);
	put_line(t, "message-id", d->message_id);
	put_line(t, "envelope-id", d->envelope_id);
	put_line(t, "queue-id", d->queue_id);
	put_line(t, "attempts",
	    span_of(arena_print(a, "%" PRIu64, d->attempts)));
	put_line(t, "size", span_of(arena_print(a, "%" PRIu64, d->size_bytes)));
	table_print(t, stdout, ctx->width, ctx->has_color);
}

static void
print_recipients(const struct context *ctx, struct arena *a, const struct dossier *x)
{
	static const char *const headings[] = { "RECIPIENT", "STATE", "ACCEPTED",
	    "DELIVERED", "ANSWERED", "FLAGS" };
	struct table *t = table_new(a, headings, 6);
	const struct receipt *r;

	for (r = x->rows; r < x->rows + x->count; r++) {
		table_cell(t, r->addressee.address);
		table_cell(t, span_of(receipt_headline_name(r->state.headline)));
		table_cell(t, row_clock(a, r->state.accepted_ms));
		table_cell(t, row_clock(a, r->state.delivered_ms));
		table_cell(t, row_clock(a, r->state.acknowledged_ms));
		table_cell(t, row_flags(a, r));
	}
	putchar('\n');
	table_print(t, stdout, ctx->width, ctx->has_color);
}

/* One thing heard, with whom it is about. */
struct moment {
	const struct receipt *receipt;
	const struct evidence *evidence;
};

/* When it happened, as it says; a clock that is ahead is not believed. */
static int64_t
when(const struct evidence *ev)
{
	return ev->claimed_ms != 0 && ev->claimed_ms < ev->seen_ms ?
	    ev->claimed_ms : ev->seen_ms;
}

static int
by_time(const void *a, const void *b)
{
	int64_t x = when(((const struct moment *)a)->evidence);
	int64_t y = when(((const struct moment *)b)->evidence);

	return (x > y) - (x < y);
}

static const struct moment *
collect(struct arena *a, const struct dossier *x, size_t *count)
{
	struct moment *list;
	size_t i, j, n = 0;

	for (i = 0; i < x->count; i++)
		n += x->rows[i].evidence_count;
	list = ARENA_ARRAY(a, struct moment, n + 1);
	*count = 0;
	for (i = 0; i < x->count; i++) {
		for (j = 0; j < x->rows[i].evidence_count; j++)
			list[(*count)++] = (struct moment){ &x->rows[i],
			    &x->rows[i].evidence[j] };
	}
	qsort(list, n, sizeof(*list), by_time);
	return list;
}

static void
print_time_line(const struct context *ctx, struct arena *a, const struct dossier *x)
{
	static const char *const headings[] = { "WHEN", "RECIPIENT", "WHAT",
	    "WHO SAYS SO", "HOW SURE", "DETAILS" };
	struct table *t = table_new(a, headings, 6);
	const struct moment *m;
	size_t i, n;

	m = collect(a, x, &n);
	for (i = 0; i < n; i++) {
		const struct evidence *ev = m[i].evidence;

		table_cell(t, row_clock(a, when(ev)));
		table_cell(t, m[i].receipt->addressee.address);
		table_cell(t, row_what(a, ev));
		table_cell(t, row_who(a, ev));
		table_cell(t, span_of(row_trust(ev->trust)));
		table_cell(t, ev->reason);
	}
	putchar('\n');
	table_print(t, stdout, ctx->width, ctx->has_color);
}

static int
show(const struct context *ctx, struct arena *a, const struct config *c,
    struct span prefix, bool is_json)
{
	struct receipt_rules rules = context_rules(c);
	struct dossier x = { NULL, 0 };
	struct store *s = NULL;
	struct docid id;
	struct err e = { "" };
	int status, rc;

	if ((status = context_store(c, &s)) != STATUS_FINE)
		return status;
	rc = lookup_document(s, prefix, &rules, &id, &e);
	if (rc == 1)
		rc = query_document(s, id.uuid, a, &rules, &x.rows, &x.count, &e);
	store_close(s);
	if (rc < 0)
		return fail(STATUS_UNREACHABLE, "%s", e.text);
	if (rc == 2)
		return fail(STATUS_USAGE, "%s", e.text);
	if (rc == 0 || x.count == 0)
		return fail(STATUS_NONE, "no document's ID begins with '%.*s'",
		    SPAN_PRINT(prefix));
	if (is_json) {
		put_json(&x);
		return STATUS_FINE;
	}
	print_document(ctx, a, x.rows[0].document);
	print_recipients(ctx, a, &x);
	print_time_line(ctx, a, &x);
	return STATUS_FINE;
}

static int
run(const struct context *ctx, struct arena *a, int argc, char **argv)
{
	struct options o;
	struct config c;
	struct err e;
	int format, status;

	if (verb_options("show", a, known, argc, argv, &o) != 0)
		return STATUS_USAGE;
	if (o.operand_count != 1 || o.operands[0][0] == '\0')
		return fail_usage("show", "one document ID is needed");
	format = options_choice("format", options_get(&o, "format"), formats, &e);
	if (format < 0)
		return fail_usage("show", "%s", e.text);
	if ((status = context_config(ctx, true, &c)) != STATUS_FINE)
		return status;
	status = show(ctx, a, &c, span_of(o.operands[0]), format == 1);
	config_end(&c);
	return status;
}

const struct verb verb_show = {
	"show", "one document: its recipients and what was heard when",
	"usage: milterctl show ID [--format table|json]\n\n"
	"The document whose ID is, or begins with, ID (case does not matter): its\n"
	"recipients with their states, and the evidence in order of time.\n\n"
	"Exit status: 0; 1 no such document; 2 usage, or ID fits several; 3 the\n"
	"ledger cannot be read.\n\n"
	"example: milterctl show 01K4Y6\n",
	run,
};
