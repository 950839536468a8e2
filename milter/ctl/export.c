/* SPDX-License-Identifier: BSD-2-Clause */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/err.h"
#include "ctl/json.h"
#include "ctl/options.h"
#include "ctl/text.h"
#include "ledger/store.h"
#include "ledger/walk.h"

#include "dump_internal.h"
#include "verb_internal.h"

static const struct option_rule known[] = {
	{ "output", OPTION_VALUE }, { NULL, OPTION_FLAG },
};

struct dump {
	struct json json;
	int64_t lines;
};

/* What a strict reader takes as a string and gives back as it was. */
static bool
is_plain(struct span s)
{
	uint32_t code;
	size_t n;

	for (size_t at = 0; (n = text_next(s, at, &code)) != 0; at += n)
		if (code == 0 || (code == 0xfffd && n == 1))
			return false;
	return true;
}

/* Mail may hold any bytes, and they come back as they are: those that are no
 * text as {"hex":"..."}. */
static void
put_bytes(struct json *j, const char *name, struct span s)
{
	char *hex;

	json_key(j, name);
	if (is_plain(s)) {
		json_text_or_null(j, s);
		return;
	}
	hex = malloc(2 * s.n + 1);
	must(hex != NULL);
	for (size_t i = 0; i < s.n; i++)
		snprintf(hex + 2 * i, 3, "%02x", (unsigned char)s.p[i]);
	json_begin(j, '{');
	json_key(j, "hex");
	json_text(j, (struct span){ hex, 2 * s.n });
	json_end(j, '}');
	free(hex);
}

static void
put_number(struct json *j, const char *name, uint64_t n)
{
	json_key(j, name);
	json_number(j, (int64_t)n);
}

static void
put_bool(struct json *j, const char *name, bool b)
{
	json_key(j, name);
	json_bool(j, b);
}

static void
put_digest(struct json *j, const char *name, const uint8_t digest[DIGEST_BYTES])
{
	static const uint8_t none[DIGEST_BYTES];

	json_key(j, name);
	if (memcmp(digest, none, DIGEST_BYTES) == 0)
		json_null(j);
	else
		json_hex(j, digest, DIGEST_BYTES);
}

static void
put_id(struct json *j, const struct docid *id)
{
	char text[DOCID_TEXT_SIZE];

	json_key(j, "id");
	json_text(j, span_of(docid_print(id, text)));
}

/* By its name; what this program has no name for, by its number. */
static void
put_name(struct json *j, const char *key, const char *name, int number)
{
	json_key(j, key);
	if (name != NULL)
		json_text(j, span_of(name));
	else
		json_number(j, number);
}

static void
put_hits(struct json *j, const struct document *d)
{
	json_key(j, "hits");
	json_begin(j, '[');
	for (size_t i = 0; i < d->hit_count; i++) {
		const struct document_hit *h = &d->hits[i];

		json_begin(j, '{');
		put_bytes(j, "part", h->part);
		put_bytes(j, "view", h->view);
		put_number(j, "offset", h->offset);
		put_number(j, "length", h->length);
		put_digest(j, "digest", h->digest);
		json_end(j, '}');
	}
	json_end(j, ']');
}

static void
put_document(struct json *j, const struct item *item)
{
	const struct document *d = item->document;

	put_bool(j, "registered", item->is_registered);
	put_number(j, "seen_ms", (uint64_t)d->seen_ms);
	put_number(j, "due_ms", (uint64_t)d->due_ms);
	put_bytes(j, "number", d->number);
	put_bytes(j, "sender", d->sender);
	put_bytes(j, "message_id", d->message_id);
	put_bytes(j, "envelope_id", d->envelope_id);
	put_bytes(j, "queue_id", d->queue_id);
	put_bytes(j, "action", d->action);
	put_bytes(j, "rule", d->rule);
	put_bytes(j, "policy", d->policy);
	put_bool(j, "has_subject", d->has_subject);
	put_digest(j, "subject", d->subject);
	put_digest(j, "retry_key", d->retry_key);
	put_number(j, "size_bytes", d->size_bytes);
	put_number(j, "attempts", d->attempts);
	put_number(j, "flags", d->flags);
	put_hits(j, d);
}

static void
put_recipient(struct json *j, const struct item *item)
{
	const struct recipient_record *r = item->recipient;

	put_bytes(j, "address", r->addressee.address);
	put_bytes(j, "unit", r->addressee.unit);
	put_number(j, "ordinal", r->ordinal);
	put_bool(j, "success_notify", r->addressee.has_success_notify);
	put_bool(j, "our_notify", r->addressee.is_our_notify);
	json_key(j, "attempts");
	json_begin(j, '[');
	for (size_t i = 0; i < r->attempt_count; i++) {
		json_begin(j, '{');
		put_bytes(j, "queue_id", r->attempts[i].queue_id);
		put_number(j, "at_ms", (uint64_t)r->attempts[i].at_ms);
		json_end(j, '}');
	}
	json_end(j, ']');
}

static void
put_evidence(struct json *j, const struct item *item)
{
	const struct evidence *ev = item->evidence;

	put_bytes(j, "address", item->address);
	put_name(j, "source", evidence_source_name(ev->source), (int)ev->source);
	put_name(j, "code", evidence_code_name(ev->code), (int)ev->code);
	put_number(j, "trust", ev->trust);
	put_bytes(j, "reporter", ev->reporter);
	put_bytes(j, "reason", ev->reason);
	put_number(j, "claimed_ms", (uint64_t)ev->claimed_ms);
	put_number(j, "seen_ms", (uint64_t)ev->seen_ms);
	put_digest(j, "digest", ev->digest);
}

static void
put_followed(struct json *j, const struct item *item)
{
	const struct followed *f = item->followed;

	put_bytes(j, "queue_id", f->queue_id);
	put_bytes(j, "instance", f->instance);
	put_number(j, "begun_ms", (uint64_t)f->begun_ms);
	put_number(j, "ended_ms", (uint64_t)f->ended_ms);
	put_number(j, "trust", f->trust);
	put_bool(j, "has_birth", f->has_birth);
	put_bool(j, "is_queued", f->is_queued);
}

static const struct {
	const char *type;
	void (*put)(struct json *, const struct item *);
} kinds[] = {
	[ITEM_DOCUMENT] = { "document", put_document },
	[ITEM_RECIPIENT] = { "recipient", put_recipient },
	[ITEM_EVIDENCE] = { "evidence", put_evidence },
	[ITEM_FOLLOWED] = { "followed", put_followed },
};

static bool
put_line(const struct item *item, void *context)
{
	struct dump *d = context;
	struct json *j = &d->json;

	d->lines++;
	json_begin(j, '{');
	json_key(j, "type");
	json_text(j, span_of(kinds[item->kind].type));
	put_id(j, &item->id);
	kinds[item->kind].put(j, item);
	json_end(j, '}');
	return !ferror(j->out);
}

static void
put_frame(struct json *j, const char *type, const char *name, int64_t number)
{
	json_begin(j, '{');
	json_key(j, "type");
	json_text(j, span_of(type));
	json_key(j, name);
	json_number(j, number);
	json_end(j, '}');
}

static int
export(struct store *s, FILE *out)
{
	struct dump d = { .json.out = out };
	struct err e;

	put_frame(&d.json, DUMP_TYPE, "version", DUMP_VERSION);
	if (walk_items(s, put_line, &d, &e) < 0)
		return fail(STATUS_UNREACHABLE, "%s; see: milterctl verify", e.text);
	put_frame(&d.json, "end", "records", d.lines);
	return STATUS_FINE;
}

/* A new file for those who may read the ledger; what is there is never replaced. */
static FILE *
open_output(const char *path)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0640);

	return fd >= 0 ? fdopen(fd, "w") : NULL;
}

static int
close_output(FILE *out, const char *path)
{
	int rc = ferror(out) || fflush(out) != 0 || fsync(fileno(out)) != 0;

	if (fclose(out) != 0 || rc != 0)
		return fail(STATUS_UNREACHABLE, "%s: cannot be written: %s", path,
		    strerror(errno));
	return STATUS_FINE;
}

static int
export_to(struct store *s, const char *path)
{
	FILE *out;
	int status;

	if (path == NULL || strcmp(path, "-") == 0)
		return export(s, stdout);
	if ((out = open_output(path)) == NULL)
		return fail(STATUS_UNREACHABLE, "%s: %s", path, strerror(errno));
	status = export(s, out);
	if (close_output(out, path) != STATUS_FINE)
		status = STATUS_UNREACHABLE;
	if (status != STATUS_FINE)
		unlink(path);
	return status;
}

static int
run(const struct context *ctx, struct arena *a, int argc, char **argv)
{
	struct store *s = NULL;
	struct options o;
	struct config c;
	int status;

	if (verb_options("export", a, known, argc, argv, &o) != 0)
		return STATUS_USAGE;
	if (o.operand_count != 0)
		return fail_usage("export", "unexpected argument '%s'; write to a "
		    "file with --output", o.operands[0]);
	if ((status = context_config(ctx, true, &c)) != STATUS_FINE)
		return status;
	if ((status = context_store(&c, &s)) == STATUS_FINE)
		status = export_to(s, options_get(&o, "output"));
	store_close(s);
	config_end(&c);
	return status;
}

const struct verb verb_export = {
	"export", "write the whole ledger as lines of JSON",
	"usage: milterctl export [--output FILE]\n\n"
	"Documents, recipients, evidence, and which queue IDs were followed in\n"
	"Postfix's log: an object on each line, in the order of the IDs; the first\n"
	"line names the version, the last one counts the others.  What comes in\n"
	"meanwhile may or may not be in it.  milterctl import reads it back without\n"
	"loss, and what is exported then is the same to the byte.\n\n"
	"  --output FILE   a new file, synced; default: the standard output\n\n"
	"Keys are not in it.  Exit status: 0; 2 usage; 3 the ledger cannot be read\n"
	"or the file cannot be written.\n\n"
	"example: milterctl export | gzip >vanthu-2007.jsonl.gz\n",
	run,
};
