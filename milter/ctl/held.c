/* SPDX-License-Identifier: BSD-2-Clause */
#include <stdio.h>

#include "base/err.h"
#include "ctl/json.h"
#include "ctl/options.h"
#include "ctl/program.h"
#include "ctl/table.h"
#include "ctl/value.h"
#include "ledger/query.h"
#include "ledger/store.h"

#include "verb_internal.h"

#define PATIENCE_MS 60000
#define SECOND_MS 1000

static const char *const formats[] = { "table", "json", NULL };

static const struct option_rule known[] = {
	{ "format", OPTION_VALUE }, { "postfix", OPTION_VALUE },
	{ NULL, OPTION_FLAG },
};

/* A letter on hold, joined to what the ledger knows of it. */
struct held {
	struct span queue_id;
	int64_t since_ms;
	struct docid id;
	struct span sender, rule;
	const struct document_hit *hit;
	struct span recipients[64];
	size_t recipient_count, more;
	bool is_ours;
};

struct listing {
	const struct config *config;
	struct arena *arena;
	struct store *store;
	const char *postfix;	/* its configuration folder; NULL = the usual one */
	struct table *table;
	struct json json;
	bool is_json;
	size_t ours, others;
	struct held *one;
	struct arena *row;
};

/* "[-c FOLDER] " as postsuper takes it. */
static const char *
instance(const struct listing *l)
{
	return l->postfix == NULL ? "" :
	    arena_print(l->arena, "-c %s ", l->postfix);
}

static bool
visit(const struct receipt *r, void *context)
{
	struct listing *l = context;
	struct held *h = l->one;
	struct document_hit *hit;

	if (!span_is(r->document->action, "hold"))
		return true;
	h->is_ours = true;
	h->id = r->document->id;
	h->sender = arena_copy(l->row, r->document->sender);
	h->rule = arena_copy(l->row, r->document->rule);
	if (h->hit == NULL && r->document->hit_count != 0) {
		hit = ARENA_NEW(l->row, struct document_hit);
		*hit = r->document->hits[0];
		hit->part = arena_copy(l->row, hit->part);
		hit->view = arena_copy(l->row, hit->view);
		h->hit = hit;
	}
	if (h->recipient_count < sizeof(h->recipients) / sizeof(h->recipients[0]))
		h->recipients[h->recipient_count++] =
		    arena_copy(l->row, r->addressee.address);
	else
		h->more++;
	return true;
}

static const char *
where(struct arena *a, const struct held *h)
{
	return h->hit == NULL ? "" : arena_print(a, "%.*s of %.*s at %llu",
	    SPAN_PRINT(h->hit->view), SPAN_PRINT(h->hit->part),
	    (unsigned long long)h->hit->offset);
}

static void
put(struct json *j, const char *key, struct span s)
{
	json_key(j, key);
	json_text_or_null(j, s);
}

static void
put_json(struct listing *l, const struct held *h)
{
	struct json *j = &l->json;
	char id[DOCID_TEXT_SIZE];

	json_begin(j, '{');
	put(j, "queue_id", h->queue_id);
	put(j, "id", span_of(docid_print(&h->id, id)));
	json_key(j, "since");
	json_time(j, h->since_ms);
	put(j, "from", h->sender);
	json_key(j, "to");
	json_begin(j, '[');
	for (size_t i = 0; i < h->recipient_count; i++)
		json_text(j, h->recipients[i]);
	json_end(j, ']');
	put(j, "rule", h->rule);
	put(j, "where", span_of(where(l->row, h)));
	put(j, "release", span_of(arena_print(l->row, "postsuper %s-H %.*s",
	    instance(l), SPAN_PRINT(h->queue_id))));
	put(j, "delete", span_of(arena_print(l->row, "postsuper %s-d %.*s",
	    instance(l), SPAN_PRINT(h->queue_id))));
	json_end(j, '}');
}

static void
put_row(struct listing *l, const struct held *h)
{
	const char *more = h->recipient_count + h->more > 1 ?
	    arena_print(l->row, " and %zu more", h->recipient_count + h->more - 1) : "";

	table_cell(l->table, h->queue_id);
	table_cell(l->table, row_clock(l->row, h->since_ms));
	table_cell(l->table, h->rule);
	table_cell(l->table, span_of(where(l->row, h)));
	table_cell(l->table, h->sender);
	table_cell(l->table, span_of(arena_print(l->row, "%.*s%s",
	    SPAN_PRINT(h->recipients[0]), more)));
}

/* One line of "postqueue -j". */
static int
take_letter(struct listing *l, const struct value *v, struct err *e)
{
	const struct value *queue = value_get(v, "queue_name");
	const struct value *id = value_get(v, "queue_id");
	const struct value *since = value_get(v, "arrival_time");
	struct receipt_rules rules = context_rules(l->config);
	struct query q = { .state = -1 };
	struct held h = { .is_ours = false };

	if (queue == NULL || id == NULL || id->kind != VALUE_TEXT)
		return err_set(e, "postqueue: its answer makes no sense");
	if (!span_is(queue->text, "hold"))
		return 0;
	h.queue_id = q.queue_id = id->text;
	h.since_ms = since != NULL ? since->number * SECOND_MS : 0;
	l->one = &h;
	if (query_receipts(l->store, &q, &rules, visit, l, e) < 0)
		return -1;
	l->ours += h.is_ours;
	l->others += !h.is_ours;
	if (h.is_ours && l->is_json)
		put_json(l, &h);
	else if (h.is_ours)
		put_row(l, &h);
	return 0;
}

static int
take_queue(struct listing *l, struct span output, struct err *e)
{
	const struct value *v;
	struct span line;
	size_t column;
	int rc = 0;

	while (rc == 0 && span_line(&output, &line)) {
		l->row = arena_new();
		rc = value_read(l->row, line, &v, &column, e);
		if (rc == 0)
			rc = take_letter(l, v, e);
		arena_free(l->row);
	}
	return rc;
}

static int
read_queue(struct listing *l, struct span *output, struct err *e)
{
	const char *const usual[] = { "postqueue", "-j", NULL };
	const char *const other[] = { "postqueue", "-c", l->postfix, "-j", NULL };
	int rc = program_read(l->arena, l->postfix != NULL ? other : usual,
	    PATIENCE_MS, output, e);

	if (rc > 0)
		err_set(e, "postqueue -j failed; does Postfix run, and may you "
		    "ask it?");
	return rc == 0 ? 0 : -1;
}

static int
list(const struct context *ctx, struct listing *l)
{
	static const char *const headings[] = { "QUEUE ID", "SINCE", "RULE", "WHERE",
	    "FROM", "TO" };
	struct span output;
	struct err e;

	l->json.out = stdout;
	l->table = table_new(l->arena, headings, 6);
	if (read_queue(l, &output, &e) < 0 || take_queue(l, output, &e) < 0)
		return fail(STATUS_UNREACHABLE, "%s", e.text);
	if (l->others != 0)
		fprintf(stderr, "milterctl: %zu more letters are on hold, but not "
		    "by a rule of ours\n", l->others);
	if (l->ours == 0)
		return fail(STATUS_NONE, "no letter is on hold by a rule");
	if (l->is_json)
		return STATUS_FINE;
	table_print(l->table, stdout, ctx->width, ctx->has_color);
	printf("\nrelease: postsuper %s-H QUEUE-ID     delete: postsuper %s-d "
	    "QUEUE-ID\n", instance(l), instance(l));
	return STATUS_FINE;
}

static int
run(const struct context *ctx, struct arena *a, int argc, char **argv)
{
	struct listing l = { .arena = a };
	struct options o;
	struct config c;
	struct err e;
	int format, status;

	if (verb_options("held", a, known, argc, argv, &o) != 0)
		return STATUS_USAGE;
	if (o.operand_count != 0)
		return fail_usage("held", "unexpected argument '%s'", o.operands[0]);
	format = options_choice("format", options_get(&o, "format"), formats, &e);
	if (format < 0)
		return fail_usage("held", "%s", e.text);
	l.is_json = format == 1;
	l.postfix = options_get(&o, "postfix");
	l.config = &c;
	if ((status = context_config(ctx, true, &c)) != STATUS_FINE)
		return status;
	if ((status = context_store(&c, &l.store)) == STATUS_FINE)
		status = list(ctx, &l);
	store_close(l.store);
	config_end(&c);
	return status;
}

const struct verb verb_held = {
	"held", "letters on hold, why, and how to release them",
	"usage: milterctl held [--postfix FOLDER] [--format table|json]\n\n"
	"The letters in Postfix's hold queue that a rule put there: since when, which\n"
	"rule, where it hit (never what), and the postsuper line that releases or\n"
	"deletes each.  A released letter leaves as it is, without being judged again.\n\n"
	"  --postfix FOLDER   Postfix's configuration, of another instance\n\n"
	"Exit status: 0; 1 nothing is held; 2 usage; 3 Postfix or the ledger cannot be\n"
	"asked.\n\n"
	"example: milterctl held --format json\n",
	run,
};
