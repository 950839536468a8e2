/* SPDX-License-Identifier: BSD-2-Clause */
#include <string.h>

#include "base/err.h"
#include "ctl/json.h"
#include "ctl/options.h"
#include "ctl/table.h"
#include "ledger/keyfile.h"
#include "track/ack.h"
#include "track/keyring.h"

#include "verb_internal.h"

#define SHOWN_BYTES 200		/* of a text, in a table */

static const char *const formats[] = { "table", "json", NULL };

static const struct option_rule known[] = {
	{ "format", OPTION_VALUE }, { NULL, OPTION_FLAG },
};

/* What Vanthu sees of a letter. */
struct sight {
	struct arena *arena;
	struct message *message;
	struct claims claims;
	struct keyring *keys;
};

static const struct view *
find_view(struct view *const *list, size_t count, const char *path)
{
	size_t i;

	for (i = 0; i < count; i++) {
		if (strcmp(list[i]->part, path) == 0)
			return list[i];
	}
	return NULL;
}

static const struct view *
text_of(const struct message *m, const struct part *p)
{
	const struct view *v = find_view(m->texts, m->text_count, p->path);

	return v != NULL ? v :
	    find_view(m->attachments, m->attachment_count, p->path);
}

static void
put_part(struct json *j, const struct sight *s, const struct part *p)
{
	const struct view *v = text_of(s->message, p);

	json_begin(j, '{');
	json_key(j, "path");
	json_text(j, span_of(p->path));
	json_key(j, "type");
	json_text(j, span_of(p->type));
	json_key(j, "true_type");
	json_text_or_null(j, span_of(p->true_type));
	json_key(j, "name");
	json_text_or_null(j, p->name);
	json_key(j, "size");
	json_number(j, (int64_t)part_size(s->arena, p));
	json_key(j, "text");
	if (v != NULL)
		json_text(j, v->text);
	else
		json_null(j);
	json_key(j, "uninspectable");
	json_text_or_null(j, span_of(part_reason_name(p->reason)));
	json_end(j, '}');
}

static void
put_view(struct json *j, const struct view *v)
{
	json_begin(j, '{');
	json_key(j, "part");
	json_text(j, span_of(v->part));
	json_key(j, "text");
	json_text(j, v->text);
	json_end(j, '}');
}

/* Every text of the letter, in order; a text part that is an attachment once. */
static const struct view **
all_texts(struct arena *a, const struct message *m, size_t *count)
{
	const struct view **all = ARENA_ARRAY(a, const struct view *,
	    1 + m->text_count + m->attachment_count + m->name_count);
	size_t i, k, n = 0;

	if (m->subject != NULL)
		all[n++] = m->subject;
	for (i = 0; i < m->text_count; i++)
		all[n++] = m->texts[i];
	for (i = 0; i < m->attachment_count; i++) {
		for (k = 0; k < n && all[k] != m->attachments[i]; k++)
			continue;
		if (k == n)
			all[n++] = m->attachments[i];
	}
	for (i = 0; i < m->name_count; i++)
		all[n++] = m->names[i];
	*count = n;
	return all;
}

static void
put_views(struct json *j, const struct sight *s)
{
	const struct view **all, *v;
	size_t i, count;
	int name;

	all = all_texts(s->arena, s->message, &count);
	json_begin(j, '{');
	for (name = VIEW_TEXT; name < VIEW_COUNT; name++) {
		json_key(j, view_title((enum view_name)name));
		json_begin(j, '[');
		for (i = 0; i < count; i++)
			for (v = view_get(all[i], (enum view_name)name); v != NULL;
			    v = v->next)
				put_view(j, v);
		json_end(j, ']');
	}
	json_end(j, '}');
}

/* The document that ${c} names by a tag of ours; empty if none does. */
static struct span
verified(const struct sight *s, const struct claim *c)
{
	struct docid id;

	if (s->keys == NULL || ack_resolve(s->keys, c, &id) != 1)
		return span_of(NULL);
	return row_id(s->arena, &id);
}

static void
put_claim(struct json *j, const struct sight *s, const struct claim *c)
{
	const struct { const char *name; struct span text; } texts[] = {
		{ "recipient", c->recipient }, { "action", c->action },
		{ "status", c->status }, { "message_id", c->message_id },
		{ "envelope_id", c->envelope_id },
		{ "document_id", verified(s, c) },
	};
	size_t i;

	json_begin(j, '{');
	json_key(j, "kind");
	json_text(j, span_of(ack_kind_name(c->kind)));
	for (i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		json_key(j, texts[i].name);
		json_text_or_null(j, texts[i].text);
	}
	json_end(j, '}');
}

static void
put_json(const struct sight *s)
{
	const struct message *m = s->message;
	struct json j = { .out = stdout };
	size_t i;

	json_begin(&j, '{');
	json_key(&j, "parts");
	json_begin(&j, '[');
	for (i = 0; i < m->parts.count; i++)
		put_part(&j, s, &m->parts.list[i]);
	json_end(&j, ']');
	json_key(&j, "views");
	put_views(&j, s);
	json_key(&j, "uninspectable");
	json_text_or_null(&j, span_of(part_reason_name(m->reason)));
	json_key(&j, "acknowledges");
	json_begin(&j, '[');
	for (i = 0; i < s->claims.count; i++)
		put_claim(&j, s, &s->claims.list[i]);
	json_end(&j, ']');
	json_end(&j, '}');
}

static void
print_parts(const struct context *ctx, const struct sight *s)
{
	static const char *const headings[] = { "PART", "TYPE", "CONTENT", "SIZE",
	    "NAME", "UNINSPECTABLE", "TEXT" };
	struct table *t = table_new(s->arena, headings, 7);
	const struct parts *parts = &s->message->parts;
	const struct part *p;

	for (p = parts->list; p < parts->list + parts->count; p++) {
		const struct view *v = text_of(s->message, p);

		table_cell(t, span_of(p->path));
		table_cell(t, span_of(p->type));
		table_cell(t, span_of(p->true_type != NULL &&
		    strcmp(p->true_type, p->type) != 0 ? p->true_type : ""));
		table_cell(t, span_of(arena_print(s->arena, "%zu",
		    part_size(s->arena, p))));
		table_cell(t, p->name);
		table_cell(t, span_of(part_reason_name(p->reason)));
		table_cell(t, v == NULL ? span_of("") : span_sub(v->text, 0, SHOWN_BYTES));
	}
	table_print(t, stdout, ctx->width, ctx->has_color);
}

/* The views that say something else than the text; `bare` always does. */
static void
print_views(const struct context *ctx, const struct sight *s)
{
	static const char *const headings[] = { "PART", "VIEW", "TEXT" };
	struct table *t = table_new(s->arena, headings, 3);
	const struct view **all, *v;
	size_t i, count, rows = 0;
	int name;

	all = all_texts(s->arena, s->message, &count);
	for (i = 0; i < count; i++)
		for (name = VIEW_FOLDED; name < VIEW_COUNT; name++)
			for (v = view_get(all[i], (enum view_name)name); v != NULL;
			    v = v->next) {
				if (v == all[i])
					continue;
				table_cell(t, span_of(v->part));
				table_cell(t, span_of(view_title(v->name)));
				table_cell(t, span_sub(v->text, 0, SHOWN_BYTES));
				rows++;
			}
	if (rows == 0)
		return;
	putchar('\n');
	table_print(t, stdout, ctx->width, ctx->has_color);
}

static void
print_claims(const struct context *ctx, const struct sight *s)
{
	static const char *const headings[] = { "KIND", "RECIPIENT", "ACTION",
	    "STATUS", "DOCUMENT" };
	struct table *t = table_new(s->arena, headings, 5);
	const struct claim *c;

	if (s->claims.count == 0)
		return;
	for (c = s->claims.list; c < s->claims.list + s->claims.count; c++) {
		table_cell(t, span_of(ack_kind_name(c->kind)));
		table_cell(t, c->recipient);
		table_cell(t, c->action);
		table_cell(t, c->status);
		table_cell(t, verified(s, c));
	}
	putchar('\n');
	table_print(t, stdout, ctx->width, ctx->has_color);
}

/* Without keys nothing verifies, and that is all: inspect needs none. */
static void
load_keys(struct sight *s, const struct config *c)
{
	struct err e;

	s->keys = keyring_new();
	if (keyfile_load(c->keys, s->keys, &e) == 0)
		return;
	keyring_free(s->keys);
	s->keys = NULL;
}

static int
inspect(const struct context *ctx, struct arena *a, const struct config *c,
    const char *path, bool is_json)
{
	struct sight s = { .arena = a };
	struct extractor x;
	int status = context_extractor(c, &x);

	if (status != STATUS_FINE)
		return status;
	if ((status = context_message(a, path, c, &s.message)) == STATUS_FINE)
		context_extract(&x, a, c, s.message);
	context_extractor_end(&x);
	if (status != STATUS_FINE)
		return status;
	load_keys(&s, c);
	ack_read(a, s.message, c->header, &s.claims);
	if (is_json) {
		put_json(&s);
	} else {
		print_parts(ctx, &s);
		print_views(ctx, &s);
		print_claims(ctx, &s);
	}
	keyring_free(s.keys);
	return STATUS_FINE;
}

static int
run(const struct context *ctx, struct arena *a, int argc, char **argv)
{
	struct options o;
	struct config c;
	struct err e;
	int format, status;

	if (verb_options("inspect", a, known, argc, argv, &o) != 0)
		return STATUS_USAGE;
	if (o.operand_count != 1)
		return fail_usage("inspect", "one MESSAGE is needed");
	format = options_choice("format", options_get(&o, "format"), formats, &e);
	if (format < 0)
		return fail_usage("inspect", "%s", e.text);
	if ((status = context_config(ctx, false, &c)) != STATUS_FINE)
		return status;
	status = inspect(ctx, a, &c, o.operands[0], format == 1);
	config_end(&c);
	return status;
}

const struct verb verb_inspect = {
	"inspect", "what Vanthu sees in a letter",
	"usage: milterctl inspect MESSAGE [--format table|json]\n\n"
	"Parts, the texts that patterns run on in all their views, and what the\n"
	"letter acknowledges.\n"
	"MESSAGE is a file, or - for standard input.  No configuration, daemon or\n"
	"ledger is needed; a document ID is shown where it verifies under keys\n"
	"that can be read.\n\n"
	"Exit status: 0; 2 usage; 3 the letter cannot be read.\n\n"
	"example: milterctl inspect letter.eml --format json\n",
	run,
};
