/* SPDX-License-Identifier: BSD-2-Clause */
#include <stdio.h>

#include "base/clock.h"
#include "base/err.h"
#include "ctl/json.h"
#include "ctl/options.h"
#include "ctl/table.h"
#include "ledger/keyfile.h"
#include "track/keyring.h"

#include "verb_internal.h"

static const char *const formats[] = { "table", "json", NULL };
static const char *const deeds[] = { "list", "new", "path", NULL };

static const struct option_rule known[] = {
	{ "format", OPTION_VALUE }, { NULL, OPTION_FLAG },
};

static void
put_key(uint8_t id, int64_t created_ms, bool is_active)
{
	struct json j = { .out = stdout };

	json_begin(&j, '{');
	json_key(&j, "id");
	json_number(&j, id);
	json_key(&j, "created");
	json_time(&j, created_ms);
	json_key(&j, "active");
	json_bool(&j, is_active);
	json_end(&j, '}');
}

static void
print_keys(const struct context *ctx, struct arena *a, const struct keyring *k,
    bool is_json)
{
	static const char *const headings[] = { "ID", "CREATED", "ACTIVE" };
	struct table *t = table_new(a, headings, 3);
	int64_t created_ms;
	int after = -1;
	uint8_t id;

	for (; keyring_next(k, after, &id, &created_ms); after = id) {
		bool is_active = keyring_active(k) == id;

		if (is_json) {
			put_key(id, created_ms, is_active);
			continue;
		}
		table_cell(t, span_of(arena_print(a, "%d", id)));
		table_cell(t, row_time(a, created_ms));
		table_cell(t, span_of(is_active ? "active" : ""));
	}
	if (!is_json)
		table_print(t, stdout, ctx->width, ctx->has_color);
}

static int
list(const struct context *ctx, struct arena *a, const char *folder, bool is_json)
{
	struct keyring *k = keyring_new();
	int status = STATUS_FINE;
	struct err e = { "" };

	if (keyfile_load(folder, k, &e) < 0)
		status = fail(STATUS_UNREACHABLE, "%s", e.text);
	else if (keyring_count(k) == 0)
		status = fail(STATUS_NONE, "%s: no key; make one with: "
		    "milterctl keys new", folder);
	else
		print_keys(ctx, a, k, is_json);
	keyring_free(k);
	return status;
}

static int
make(const char *folder, bool is_json)
{
	int64_t now_ms = clock_now_ms();
	struct err e = { "" };
	uint8_t id;

	if (keyfile_make(folder, now_ms, &id, &e) < 0)
		return fail(STATUS_UNREACHABLE, "%s", e.text);
	if (is_json)
		put_key(id, now_ms, true);
	else
		printf("key %d made in %s; the daemon signs with it after: "
		    "milterctl reload\n", id, folder);
	return STATUS_FINE;
}

static int
run(const struct context *ctx, struct arena *a, int argc, char **argv)
{
	int format, deed, status;
	struct options o;
	struct config c;
	struct err e;

	if (verb_options("keys", a, known, argc, argv, &o) != 0)
		return STATUS_USAGE;
	if (o.operand_count > 1)
		return fail_usage("keys", "unexpected argument '%s'",
		    o.operands[1]);
	deed = options_choice("verb", o.operands[0], deeds, &e);
	if (deed < 0)
		return fail_usage("keys", "%s", e.text);
	format = options_choice("format", options_get(&o, "format"), formats, &e);
	if (format < 0)
		return fail_usage("keys", "%s", e.text);
	if ((status = context_config(ctx, true, &c)) != STATUS_FINE)
		return status;
	if (deed == 0)
		status = list(ctx, a, c.keys, format == 1);
	else if (deed == 1)
		status = make(c.keys, format == 1);
	else
		puts(c.keys);
	config_end(&c);
	return status;
}

const struct verb verb_keys = {
	"keys", "the keys that sign document IDs: list, new, path",
	"usage: milterctl keys [list | new | path] [--format table|json]\n\n"
	"  list    id, time of creation and which one signs\n"
	"  new     make one; the daemon signs with it after a reload, the old ones\n"
	"          still verify\n"
	"  path    the folder that they are in\n\n"
	"Exit status: 0; 1 there is none; 2 usage; 3 the folder cannot be read or\n"
	"written.\n\n"
	"example: milterctl keys new && milterctl reload\n",
	run,
};
