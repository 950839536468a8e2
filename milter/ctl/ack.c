/* SPDX-License-Identifier: BSD-2-Clause */
#include <pwd.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/buffer.h"
#include "base/err.h"
#include "ctl/options.h"
#include "ledger/lock.h"
#include "ledger/operator.h"
#include "ledger/store.h"
#include "ledger/writer.h"

#include "verb_internal.h"

static const struct option_rule known[] = {
	{ "code", OPTION_VALUE }, { "note", OPTION_VALUE }, { NULL, OPTION_FLAG },
};

/* Whoever is logged in, not whoever they say they are. */
static const char *
who_asks(struct arena *a)
{
	const struct passwd *pw = getpwuid(getuid());

	return pw != NULL ? arena_string(a, span_of(pw->pw_name)) :
	    arena_print(a, "uid %ld", (long)getuid());
}

static int
report(int rc, const struct err *e)
{
	if (rc == 1) {
		printf("recorded\n");
		return STATUS_FINE;
	}
	return fail(rc == 0 ? STATUS_NONE : STATUS_UNREACHABLE, "%s", e->text);
}

/* With the daemon down: nobody else may write meanwhile. */
static int
record_here(const struct config *c, const struct operator_word *word)
{
	struct store *s = NULL;
	struct writer *w = NULL;
	struct err e;
	int lock = lock_take(c->ledger, 0, &e), rc = -1;

	if (lock >= 0)
		s = store_open(c->ledger, c->ledger_size_limit, &e);
	if (s != NULL)
		w = writer_start(s, NULL, &e);
	if (w != NULL)
		rc = operator_record(s, w, word, &e);
	writer_stop(w);
	store_close(s);
	if (lock >= 0)
		close(lock);
	return report(rc, &e);
}

/* The note is the rest of a line: what would end it is a blank. */
static const char *
request(struct arena *a, const struct operator_word *word)
{
	char *line = arena_print(a, "ack %.*s %.*s %.*s %.*s", SPAN_PRINT(word->id),
	    SPAN_PRINT(word->recipient), SPAN_PRINT(word->code),
	    SPAN_PRINT(word->note));

	for (char *p = line; *p != '\0'; p++)
		if (*p == '\n' || *p == '\r')
			*p = ' ';
	return arena_print(a, "%s\n", line);
}

static int
acknowledge(struct arena *a, const struct config *c, struct operator_word *word)
{
	struct span answer;
	bool is_ok = false;
	struct err e = { "" };

	if (daemon_ask(c->control, request(a, word), a, &is_ok, &answer, &e) < 0)
		return record_here(c, word);
	if (!is_ok)
		return fail(STATUS_NONE, "%.*s", SPAN_PRINT(answer));
	printf("%.*s\n", SPAN_PRINT(answer));
	return STATUS_FINE;
}

/* The beginning of an ID becomes the whole. */
static int
settle(struct arena *a, const struct config *c, struct operator_word *word)
{
	struct receipt_rules rules = context_rules(c);
	struct store *s = NULL;
	struct docid id;
	struct err e = { "" };
	int rc, status = context_store(c, &s);

	if (status != STATUS_FINE)
		return status;
	rc = lookup_document(s, word->id, &rules, &id, &e);
	store_close(s);
	switch (rc) {
	case 1:
		word->id = row_id(a, &id);
		return STATUS_FINE;
	case 0:
		return fail(STATUS_NONE, "no document's ID begins with '%.*s'",
		    SPAN_PRINT(word->id));
	case 2:
		return fail(STATUS_USAGE, "%s", e.text);
	default:
		return fail(STATUS_UNREACHABLE, "%s", e.text);
	}
}

static bool
has_blank(const char *word)
{
	return word[strcspn(word, " \t\r\n")] != '\0' || word[0] == '\0';
}

static int
run(const struct context *ctx, struct arena *a, int argc, char **argv)
{
	struct operator_word word = { .name = who_asks(a) };
	struct options o;
	struct config c;
	struct err e;
	int code, status;

	if (verb_options("ack", a, known, argc, argv, &o) != 0)
		return STATUS_USAGE;
	if (o.operand_count != 2 || has_blank(o.operands[0]) ||
	    has_blank(o.operands[1]))
		return fail_usage("ack", "a document ID and a recipient are needed");
	if (options_get(&o, "code") == NULL)
		return fail_usage("ack", "--code is needed, as --code registered");
	code = options_choice("code", options_get(&o, "code"), operator_codes, &e);
	if (code < 0)
		return fail_usage("ack", "%s", e.text);
	word.id = span_of(o.operands[0]);
	word.recipient = span_of(o.operands[1]);
	word.code = span_of(operator_codes[code]);
	word.note = span_of(options_get(&o, "note"));
	if ((status = context_config(ctx, true, &c)) != STATUS_FINE)
		return status;
	status = settle(a, &c, &word);
	if (status == STATUS_FINE)
		status = acknowledge(a, &c, &word);
	config_end(&c);
	return status;
}

const struct verb verb_ack = {
	"ack", "enter an acknowledgement that came by phone or on paper",
	"usage: milterctl ack ID RECIPIENT --code CODE [--note TEXT]\n\n"
	"Record that RECIPIENT acknowledged the document whose ID is, or begins with,\n"
	"ID.  It counts as surely as our own log, and has your login name on it.\n\n"
	"  --code CODE   delivered displayed replied registered assigned processing\n"
	"                completed refused recall recall-agreed recall-declined\n"
	"  --note TEXT   who said so and how; at most 300 bytes; kept in the ledger\n\n"
	"While milterd is down the ledger is written here, by who may write it.\n\n"
	"Exit status: 0 recorded; 1 it makes no sense; 2 usage; 3 the ledger cannot be\n"
	"read or written.\n\n"
	"example: milterctl ack 06H0V9 phongcntt@x.edu.vn --code registered \\\n"
	"             --note \"Ms Lan, by phone\"\n",
	run,
};
