/* SPDX-License-Identifier: BSD-2-Clause */
#include <inttypes.h>
#include <stdio.h>

#include "base/clock.h"
#include "base/err.h"
#include "ctl/json.h"
#include "ctl/options.h"
#include "ledger/query.h"
#include "ledger/store.h"
#include "ledger/walk.h"
#include "mail/address.h"

#include "change_internal.h"
#include "verb_internal.h"

static const char *const formats[] = { "text", "json", NULL };

static const struct option_rule known[] = {
	{ "before", OPTION_VALUE }, { "recipient", OPTION_VALUE },
	{ "dry-run", OPTION_FLAG }, { "format", OPTION_VALUE },
	{ NULL, OPTION_FLAG },
};

struct prune {
	int64_t before_ms;	/* 0 = whenever */
	struct span person;	/* canonical; empty = documents go */
	bool is_dry;
	bool is_json;
	struct change *change;	/* NULL in a dry run */
	struct store *store;
	struct item_counts counts;
	bool is_going;		/* the document whose records come */
	bool has_failed;
	struct err e;
};

static void
drop(struct prune *p, const struct item *item)
{
	if (p->change != NULL && change_add(p->change, item, &p->e) < 0)
		p->has_failed = true;
}

/* What evidence alone told of has the time of its ID. */
static int64_t
seen_ms(const struct document *d)
{
	return d->seen_ms != 0 ? d->seen_ms : docid_time_ms(&d->id);
}

static void
consider_document(struct prune *p, const struct item *item)
{
	const struct item order = { .kind = ITEM_FORGET_DOCUMENT, .id = item->id };

	p->is_going = seen_ms(item->document) < p->before_ms;
	if (!p->is_going)
		return;
	p->counts.documents++;
	drop(p, &order);
}

static void
consider_followed(struct prune *p, const struct item *item)
{
	struct item order = *item;

	if (item->followed->begun_ms >= p->before_ms)
		return;
	order.kind = ITEM_FORGET_FOLLOWED;
	p->counts.followed++;
	drop(p, &order);
}

static bool
visit_item(const struct item *item, void *context)
{
	struct prune *p = context;

	switch (item->kind) {
	case ITEM_DOCUMENT: consider_document(p, item); break;
	case ITEM_RECIPIENT: p->counts.recipients += p->is_going; break;
	case ITEM_EVIDENCE: p->counts.evidence += p->is_going; break;
	default: consider_followed(p, item); break;
	}
	return !p->has_failed;
}

static bool
visit_receipt(const struct receipt *r, void *context)
{
	struct prune *p = context;
	const struct item order = { .kind = ITEM_ERASE_RECIPIENT,
	    .id = r->document->id, .address = r->addressee.address };

	p->counts.recipients++;
	p->counts.evidence += r->evidence_count;
	drop(p, &order);
	return !p->has_failed;
}

static int
go_through(struct prune *p, const struct config *c)
{
	const struct query q = { .recipient = p->person, .state = -1,
	    .until_ms = p->before_ms };
	struct receipt_rules rules = context_rules(c);
	int64_t rc = p->person.n != 0 ?
	    query_receipts(p->store, &q, &rules, visit_receipt, p, &p->e) :
	    walk_items(p->store, visit_item, p, &p->e);

	if (rc < 0 || p->has_failed)
		return -1;
	return p->change != NULL ? change_flush(p->change, &p->e) : 0;
}

static void
print(const struct prune *p)
{
	const struct { const char *name; uint64_t n; } counts[] = {
		{ "documents", p->counts.documents },
		{ "recipients", p->counts.recipients },
		{ "evidence", p->counts.evidence },
		{ "followed", p->counts.followed },
	};
	struct json j = { .out = stdout };
	const char *verb = p->person.n != 0 ? "erased" : "dropped";

	if (!p->is_json) {
		printf("%s%s: %" PRIu64 " documents, %" PRIu64 " recipients, %"
		    PRIu64 " evidence, %" PRIu64 " queue IDs\n",
		    p->is_dry ? "would be " : "", verb, counts[0].n,
		    counts[1].n, counts[2].n, counts[3].n);
		return;
	}
	json_begin(&j, '{');
	for (size_t i = 0; i < sizeof(counts) / sizeof(counts[0]); i++) {
		json_key(&j, counts[i].name);
		json_number(&j, (int64_t)counts[i].n);
	}
	json_key(&j, "before");
	json_time(&j, p->before_ms);
	json_key(&j, "dry_run");
	json_bool(&j, p->is_dry);
	json_end(&j, '}');
}

static int
prune(struct arena *a, const struct config *c, struct prune *p)
{
	struct store *own = NULL;
	int status = STATUS_FINE;

	if (p->is_dry) {
		if ((status = context_store(c, &own)) != STATUS_FINE)
			return status;
		p->store = own;
	} else if ((p->change = change_begin(a, c, &p->e)) == NULL)
		return fail(STATUS_UNREACHABLE, "%s", p->e.text);
	else
		p->store = change_store(p->change);
	if (go_through(p, c) < 0)
		status = fail(STATUS_UNREACHABLE, "%s", p->e.text);
	change_free(p->change);
	store_close(own);
	if (status != STATUS_FINE)
		return status;
	print(p);
	if (p->person.n != 0 && p->counts.recipients == 0)
		return fail(STATUS_NONE, "nothing went to '%.*s'",
		    SPAN_PRINT(p->person));
	return STATUS_FINE;
}

/* Without a date: all of a person; of the rest what is older than retention. */
static int
parse(struct arena *a, const struct options *o, const struct config *c,
    struct prune *p)
{
	const char *before = options_get(o, "before");
	int64_t now_ms = clock_now_ms();
	int format = options_choice("format", options_get(o, "format"), formats,
	    &p->e);

	if (format < 0)
		return -1;
	p->is_json = format == 1;
	p->is_dry = options_get(o, "dry-run") != NULL;
	p->person = address_canonical(a, span_of(options_get(o, "recipient")));
	if (options_get(o, "recipient") != NULL && p->person.n == 0)
		return err_set(&p->e, "--recipient is no address");
	if (before == NULL) {
		p->before_ms = p->person.n != 0 ? 0 : now_ms - c->retention_ms;
		return 0;
	}
	if (clock_parse(before, now_ms, &p->before_ms, &p->e) < 0)
		return err_prefix(&p->e, "--before");
	return 0;
}

static int
run(const struct context *ctx, struct arena *a, int argc, char **argv)
{
	struct prune p = { .before_ms = 0 };
	struct options o;
	struct config c;
	int status;

	if (verb_options("prune", a, known, argc, argv, &o) != 0)
		return STATUS_USAGE;
	if (o.operand_count != 0)
		return fail_usage("prune", "unexpected argument '%s'",
		    o.operands[0]);
	if ((status = context_config(ctx, true, &c)) != STATUS_FINE)
		return status;
	if (parse(a, &o, &c, &p) < 0)
		status = fail_usage("prune", "%s", p.e.text);
	else
		status = prune(a, &c, &p);
	config_end(&c);
	return status;
}

const struct verb verb_prune = {
	"prune", "drop what is old, or erase a person",
	"usage: milterctl prune [--before TIME] [--recipient ADDRESS] [--dry-run]\n"
	"                       [--format text|json]\n\n"
	"Drop documents with their recipients and evidence, for good.\n\n"
	"  --before TIME        seen before then: a date, a time (RFC 3339) or an age;\n"
	"                       without it what is older than 'retention' goes\n"
	"  --recipient ADDRESS  instead, put nobody in the place of this person: states,\n"
	"                       times and unit stay and count, name and words go;\n"
	"                       without --before in every document\n"
	"  --dry-run            only say how much it would be\n\n"
	"With milterd up it writes, else milterctl does; either way only for root and\n"
	"the user of milterd.  The file gets no smaller; what is free is used again.\n\n"
	"Exit status: 0; 1 nothing ever went to that person; 2 usage; 3 the ledger\n"
	"cannot be read or written.\n\n"
	"example: milterctl prune --recipient lan@x.edu.vn --dry-run\n",
	run,
};
