/* SPDX-License-Identifier: BSD-2-Clause */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/buffer.h"
#include "base/err.h"
#include "ctl/json.h"
#include "ctl/options.h"
#include "ctl/text.h"
#include "ledger/audit.h"
#include "track/docid.h"

#include "verb_internal.h"

/* So many characters of an ID are of its uuid alone. */
#define UUID_CHARACTERS 25
#define UUID_BYTES 16

static const char *const formats[] = { "text", "json", NULL };

static const struct option_rule known[] = {
	{ "format", OPTION_VALUE }, { NULL, OPTION_FLAG },
};

static const char *const mends[] = {
	[MEND_EXPORT] = "export, and import into a new ledger",
	[MEND_BACKUP] = "restore it from a backup",
};

/* A document's ID as milterctl show takes it; else what the bytes are. */
static const char *
name_key(struct arena *a, const struct audit_fault *f)
{
	struct buffer b = { .arena = a };
	struct docid id = { .key = 0 };
	char text[DOCID_TEXT_SIZE];

	if (store_table_is_index(f->table) && f->table != TABLE_STATE)
		return arena_string(a, text_visible(a, f->key));
	if (f->key.n >= UUID_BYTES && (f->table == TABLE_DOCUMENTS ||
	    f->table == TABLE_RECIPIENTS || f->table == TABLE_EVIDENCE)) {
		memcpy(id.uuid, f->key.p, UUID_BYTES);
		docid_print(&id, text);
		return arena_print(a, "%.*s", UUID_CHARACTERS, text);
	}
	for (size_t i = 0; i < f->key.n; i++)
		buffer_print(&b, "%02x", (unsigned char)f->key.p[i]);
	return buffer_string(&b);
}

static void
tell_text(const struct audit_fault *f, void *context)
{
	struct arena *a = arena_new();

	(void)context;
	printf("%s %s %s; %s\n", store_table_name(f->table), name_key(a, f),
	    f->what, mends[f->mend]);
	arena_free(a);
}

static void
put(struct json *j, const char *key, const char *text)
{
	json_key(j, key);
	json_text(j, span_of(text));
}

static void
tell_json(const struct audit_fault *f, void *context)
{
	struct arena *a = arena_new();
	struct json *j = context;

	json_begin(j, '{');
	put(j, "table", store_table_name(f->table));
	put(j, "key", name_key(a, f));
	put(j, "what", f->what);
	put(j, "mend", mends[f->mend]);
	json_end(j, '}');
	arena_free(a);
}

static int
verify(struct store *s, bool is_json)
{
	struct json j = { .out = stdout };
	struct audit_counts n;
	struct err e;

	if (audit_ledger(s, is_json ? tell_json : tell_text, &j, &n, &e) < 0)
		return fail(STATUS_NONE, "%s", e.text);
	if (!is_json)
		printf("%" PRIu64 " documents, %" PRIu64 " recipients, %" PRIu64
		    " evidence and their indexes: %" PRIu64 " faults\n",
		    n.entries[TABLE_DOCUMENTS], n.entries[TABLE_RECIPIENTS],
		    n.entries[TABLE_EVIDENCE], n.faults);
	return n.faults == 0 ? STATUS_FINE : STATUS_NONE;
}

static int
run(const struct context *ctx, struct arena *a, int argc, char **argv)
{
	struct store *s = NULL;
	struct options o;
	struct config c;
	struct err e;
	int format, status;

	if (verb_options("verify", a, known, argc, argv, &o) != 0)
		return STATUS_USAGE;
	if (o.operand_count != 0)
		return fail_usage("verify", "unexpected argument '%s'",
		    o.operands[0]);
	format = options_choice("format", options_get(&o, "format"), formats, &e);
	if (format < 0)
		return fail_usage("verify", "%s", e.text);
	if ((status = context_config(ctx, true, &c)) != STATUS_FINE)
		return status;
	if ((status = context_store(&c, &s)) == STATUS_FINE)
		status = verify(s, format == 1);
	store_close(s);
	config_end(&c);
	return status;
}

const struct verb verb_verify = {
	"verify", "read the whole ledger and tell what makes no sense",
	"usage: milterctl verify [--format text|json]\n\n"
	"Read every record and every index: that each is one, belongs to something\n"
	"that is there, is in every index, and that no index says what is not so.\n"
	"Each fault is told with what mends it:\n\n"
	"  an index alone: with milterd stopped, milterctl export to a file, put\n"
	"    data.mdb and lock.mdb of the ledger's folder aside (nothing else of it), as\n"
	"    the user of milterd milterctl import; the indexes are made anew\n"
	"  a record: the ledger of a backup, and what was exported since\n\n"
	"Exit status: 0 all is well; 1 there are faults; 2 usage;\n"
	"3 the ledger cannot be read.\n\n"
	"example: milterctl verify --format json\n",
	run,
};
