/* SPDX-License-Identifier: BSD-2-Clause */
#include <stdio.h>
#include <time.h>

#include "base/err.h"
#include "ctl/json.h"
#include "ctl/options.h"
#include "ledger/recent.h"
#include "ledger/store.h"

#include "verb_internal.h"

#define LOOK_MS 500

static const char *const formats[] = { "table", "json", NULL };

static const struct option_rule known[] = {
	{ "format", OPTION_VALUE }, { "last", OPTION_VALUE },
	{ "once", OPTION_FLAG }, { NULL, OPTION_FLAG },
};

/* What is watched, and from where on. */
struct watch {
	struct store *store;
	uint64_t after;
	bool is_json;
	bool is_once;
};

static void
print_json(const struct recent *r)
{
	struct json j = { .out = stdout };
	char id[DOCID_TEXT_SIZE];

	json_begin(&j, '{');
	json_key(&j, "id");
	json_text(&j, span_of(docid_print(&r->id, id)));
	json_key(&j, "to");
	json_text(&j, r->recipient);
	json_key(&j, "evidence");
	row_evidence(&j, &r->evidence);
	json_end(&j, '}');
}

/* One line for people, told as show tells it. */
static void
print_line(struct arena *a, const struct recent *r)
{
	struct span what = row_what(a, &r->evidence);
	struct span who = row_who(a, &r->evidence);

	printf("%.*s  %.*s  %.*s  (%.*s, %s)  %.*s\n",
	    SPAN_PRINT(row_clock(a, r->evidence.seen_ms)), SPAN_PRINT(r->recipient),
	    SPAN_PRINT(what), SPAN_PRINT(who), row_trust(r->evidence.trust),
	    SPAN_PRINT(row_id(a, &r->id)));
}

/* How many were new, or -1. */
static long
look(struct watch *w, struct err *e)
{
	struct arena *a = arena_new();
	struct recent *list;
	size_t n;
	int rc = recent_read(w->store, a, w->after, &list, &n, e);

	for (size_t i = 0; rc == 0 && i < n; i++) {
		if (w->is_json)
			print_json(&list[i]);
		else
			print_line(a, &list[i]);
		w->after = list[i].number;
	}
	arena_free(a);
	return rc < 0 ? -1 : (long)n;
}

static int
watch(struct watch *w)
{
	struct timespec pause = { 0, LOOK_MS * 1000000L };
	struct err e;
	long n;

	while ((n = look(w, &e)) >= 0) {
		if (fflush(stdout) != 0 || (w->is_once && n == 0))
			return STATUS_FINE;
		if (n == 0)
			nanosleep(&pause, NULL);
	}
	return fail(STATUS_UNREACHABLE, "%s", e.text);
}

static int
begin(const struct options *o, struct watch *w, uint64_t back)
{
	uint64_t number;
	struct err e;

	w->is_once = options_get(o, "once") != NULL;
	if (recent_last(w->store, &number, &e) < 0)
		return fail(STATUS_UNREACHABLE, "%s", e.text);
	w->after = number > back ? number - back : 0;
	return watch(w);
}

static int
run(const struct context *ctx, struct arena *a, int argc, char **argv)
{
	struct watch w = { .after = 0 };
	struct options o;
	struct config c;
	struct err e;
	uint64_t back;
	int format, status;

	if (verb_options("watch", a, known, argc, argv, &o) != 0)
		return STATUS_USAGE;
	if (o.operand_count != 0)
		return fail_usage("watch", "unexpected argument '%s'", o.operands[0]);
	format = options_choice("format", options_get(&o, "format"), formats, &e);
	if (format < 0 || options_count("last", options_get(&o, "last"), 0, &back, &e) < 0)
		return fail_usage("watch", "%s", e.text);
	w.is_json = format == 1;
	if ((status = context_config(ctx, true, &c)) != STATUS_FINE)
		return status;
	if ((status = context_store(&c, &w.store)) == STATUS_FINE)
		status = begin(&o, &w, back);
	store_close(w.store);
	config_end(&c);
	return status;
}

const struct verb verb_watch = {
	"watch", "what is heard, as it comes",
	"usage: milterctl watch [--last N] [--once] [--format table|json]\n\n"
	"A line for each new evidence: when, of whom, what, who says so and how sure\n"
	"that is, the document.  It goes on until it is interrupted.\n\n"
	"  --last N   begin with the N latest (0)\n"
	"  --once     end when there is nothing new\n\n"
	"Exit status: 0; 2 usage; 3 the ledger cannot be read.\n\n"
	"example: milterctl watch --last 20\n",
	run,
};
