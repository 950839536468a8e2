/* SPDX-License-Identifier: BSD-2-Clause */
#include <string.h>

#include "base/err.h"
#include "base/fault.h"
#include "ctl/value.h"

#include "dump_internal.h"

/* How milterctl export writes each type of line. */
enum form { FORM_BYTES, FORM_NUMBER, FORM_BOOL, FORM_DIGEST, FORM_ID, FORM_SOURCE,
    FORM_CODE, FORM_TRUST, FORM_HITS, FORM_ATTEMPTS, FORM_ANY };

struct member {
	const char *name;
	enum form form;
};

static const struct member document_members[] = {
	{ "type", FORM_ANY }, { "id", FORM_ID }, { "registered", FORM_BOOL },
	{ "seen_ms", FORM_NUMBER }, { "due_ms", FORM_NUMBER },
	{ "number", FORM_BYTES }, { "sender", FORM_BYTES },
	{ "message_id", FORM_BYTES }, { "envelope_id", FORM_BYTES },
	{ "queue_id", FORM_BYTES }, { "action", FORM_BYTES },
	{ "rule", FORM_BYTES }, { "policy", FORM_BYTES },
	{ "has_subject", FORM_BOOL }, { "subject", FORM_DIGEST },
	{ "retry_key", FORM_DIGEST }, { "size_bytes", FORM_NUMBER },
	{ "attempts", FORM_NUMBER }, { "flags", FORM_NUMBER },
	{ "hits", FORM_HITS }, { NULL, FORM_ANY },
};

static const struct member hit_members[] = {
	{ "part", FORM_BYTES }, { "view", FORM_BYTES }, { "offset", FORM_NUMBER },
	{ "length", FORM_NUMBER }, { "digest", FORM_DIGEST }, { NULL, FORM_ANY },
};

static const struct member recipient_members[] = {
	{ "type", FORM_ANY }, { "id", FORM_ID }, { "address", FORM_BYTES },
	{ "unit", FORM_BYTES }, { "ordinal", FORM_NUMBER },
	{ "success_notify", FORM_BOOL }, { "our_notify", FORM_BOOL },
	{ "attempts", FORM_ATTEMPTS }, { NULL, FORM_ANY },
};

static const struct member attempt_members[] = {
	{ "queue_id", FORM_BYTES }, { "at_ms", FORM_NUMBER }, { NULL, FORM_ANY },
};

static const struct member evidence_members[] = {
	{ "type", FORM_ANY }, { "id", FORM_ID }, { "address", FORM_BYTES },
	{ "source", FORM_SOURCE }, { "code", FORM_CODE }, { "trust", FORM_TRUST },
	{ "reporter", FORM_BYTES }, { "reason", FORM_BYTES },
	{ "claimed_ms", FORM_NUMBER }, { "seen_ms", FORM_NUMBER },
	{ "digest", FORM_DIGEST }, { NULL, FORM_ANY },
};

static const struct member followed_members[] = {
	{ "type", FORM_ANY }, { "id", FORM_ID }, { "queue_id", FORM_BYTES },
	{ "instance", FORM_BYTES }, { "begun_ms", FORM_NUMBER },
	{ "ended_ms", FORM_NUMBER }, { "trust", FORM_TRUST },
	{ "has_birth", FORM_BOOL }, { "is_queued", FORM_BOOL }, { NULL, FORM_ANY },
};

#define MEMBERS_MAX 24

/* A line's members: all there, all of their form, none besides. */
struct line {
	struct arena *arena;
	const struct value *object;
	const char *wrong;	/* the member that is not as it should be */
};

static int
hex_digit(char c)
{
	const char *digits = "0123456789abcdef", *p = c != '\0' ? strchr(digits, c) : NULL;

	return p != NULL ? (int)(p - digits) : -1;
}

static bool
read_hex(struct arena *a, struct span text, struct span *bytes)
{
	char *p = arena_alloc(a, text.n / 2 + 1);

	for (size_t i = 0; i < text.n / 2; i++) {
		int high = hex_digit(text.p[2 * i]), low = hex_digit(text.p[2 * i + 1]);

		if (high < 0 || low < 0)
			return false;
		p[i] = (char)(high << 4 | low);
	}
	*bytes = (struct span){ p, text.n / 2 };
	return text.n % 2 == 0;
}

/* A string, null, or {"hex":"..."}. */
static bool
read_bytes(struct arena *a, const struct value *v, struct span *bytes)
{
	const struct value *hex = value_get(v, "hex");

	*bytes = (struct span){ NULL, 0 };
	if (v->kind == VALUE_TEXT)
		*bytes = v->text;
	else if (v->kind == VALUE_OBJECT)
		return v->count == 1 && hex != NULL && hex->kind == VALUE_TEXT &&
		    read_hex(a, hex->text, bytes);
	return v->kind == VALUE_TEXT || v->kind == VALUE_NULL;
}

static bool
read_digest(struct arena *a, const struct value *v, uint8_t digest[DIGEST_BYTES])
{
	struct span bytes;

	memset(digest, 0, DIGEST_BYTES);
	if (v->kind == VALUE_NULL)
		return true;
	if (v->kind != VALUE_TEXT || !read_hex(a, v->text, &bytes) ||
	    bytes.n != DIGEST_BYTES)
		return false;
	memcpy(digest, bytes.p, DIGEST_BYTES);
	return true;
}

static bool
read_source(const struct value *v, enum evidence_source *source)
{
	if (v->kind == VALUE_NUMBER && v->number > 0 && v->number < CODE_END) {
		*source = (enum evidence_source)v->number;
		return true;
	}
	for (int i = SOURCE_FILTER; i <= SOURCE_EDXML; i++) {
		if (v->kind != VALUE_TEXT || !span_is(v->text,
		    evidence_source_name((enum evidence_source)i)))
			continue;
		*source = (enum evidence_source)i;
		return true;
	}
	return false;
}

static bool
read_code(const struct value *v, enum evidence_code *code)
{
	int found = -1;

	if (v->kind == VALUE_NUMBER && v->number > 0 && v->number < CODE_END)
		found = (int)v->number;
	else if (v->kind == VALUE_TEXT)
		found = evidence_code_parse(v->text);
	*code = (enum evidence_code)found;
	return found >= 0;
}

static bool
is_form(struct arena *a, const struct value *v, enum form form)
{
	uint8_t digest[DIGEST_BYTES];
	enum evidence_source source;
	enum evidence_code code;
	struct docid id;
	struct span bytes;

	switch (form) {
	case FORM_BYTES: return read_bytes(a, v, &bytes);
	case FORM_NUMBER: return v->kind == VALUE_NUMBER;
	case FORM_BOOL: return v->kind == VALUE_BOOL;
	case FORM_DIGEST: return read_digest(a, v, digest);
	case FORM_ID: return v->kind == VALUE_TEXT && docid_parse(v->text, &id);
	case FORM_SOURCE: return read_source(v, &source);
	case FORM_CODE: return read_code(v, &code);
	case FORM_TRUST: return v->kind == VALUE_NUMBER && v->number >= 0 &&
	    v->number <= TRUST_SIGNED;
	case FORM_HITS:
	case FORM_ATTEMPTS: return v->kind == VALUE_LIST;
	default: return true;
	}
}

static const char *const form_names[] = {
	[FORM_BYTES] = "a text", [FORM_NUMBER] = "a whole number",
	[FORM_BOOL] = "true or false", [FORM_DIGEST] = "a digest of 64 hex digits",
	[FORM_ID] = "a document ID", [FORM_SOURCE] = "a source of evidence",
	[FORM_CODE] = "a code of evidence", [FORM_TRUST] = "a trust from 0 to 4",
	[FORM_HITS] = "a list", [FORM_ATTEMPTS] = "a list", [FORM_ANY] = "a value",
};

static int
check_unknown(struct line *l, const struct value *v, const struct member *members,
    struct err *e)
{
	const char *names[MEMBERS_MAX + 1], *near;
	size_t n = 0;

	for (; members[n].name != NULL; n++) {
		if (strcmp(members[n].name, v->name) == 0)
			return 0;
		names[n] = members[n].name;
	}
	names[n] = NULL;
	l->wrong = v->name;
	near = fault_suggest(span_of(v->name), names);
	if (near != NULL)
		return err_set(e, "unknown member '%s' (did you mean '%s'?)",
		    v->name, near);
	return err_set(e, "unknown member '%s'", v->name);
}

static int
check_members(struct line *l, const struct member *members, struct err *e)
{
	const struct value *v;

	if (l->object->kind != VALUE_OBJECT)
		return err_set(e, "an object is needed");
	for (size_t i = 0; i < l->object->count; i++)
		if (check_unknown(l, &l->object->items[i], members, e) < 0)
			return -1;
	for (; members->name != NULL; members++) {
		v = value_get(l->object, members->name);
		if (v == NULL)
			return err_set(e, "member '%s' is missing", members->name);
		if (is_form(l->arena, v, members->form))
			continue;
		l->wrong = members->name;
		return err_set(e, "'%s' has to be %s", members->name,
		    form_names[members->form]);
	}
	return 0;
}

/* From here on members are known to be there and of their form. */
static struct span
bytes_of(const struct line *l, const char *name)
{
	struct span bytes;

	read_bytes(l->arena, value_get(l->object, name), &bytes);
	return bytes;
}

static int64_t
number_of(const struct line *l, const char *name)
{
	return value_get(l->object, name)->number;
}

static void
digest_of(const struct line *l, const char *name, uint8_t digest[DIGEST_BYTES])
{
	read_digest(l->arena, value_get(l->object, name), digest);
}

static int
read_hits(struct line *l, struct document *d, struct err *e)
{
	const struct value *list = value_get(l->object, "hits");
	struct document_hit *hits = ARENA_ARRAY(l->arena, struct document_hit,
	    list->count + 1);

	for (size_t i = 0; i < list->count; i++) {
		struct line one = { l->arena, &list->items[i], NULL };

		l->wrong = "hits";
		if (check_members(&one, hit_members, e) < 0)
			return -1;
		hits[i].part = bytes_of(&one, "part");
		hits[i].view = bytes_of(&one, "view");
		hits[i].offset = (uint64_t)number_of(&one, "offset");
		hits[i].length = (uint64_t)number_of(&one, "length");
		digest_of(&one, "digest", hits[i].digest);
	}
	d->hits = hits;
	d->hit_count = list->count;
	return 0;
}

static int
read_document(struct line *l, struct item *item, struct err *e)
{
	struct document *d = ARENA_NEW(l->arena, struct document);

	item->kind = ITEM_DOCUMENT;
	item->document = d;
	item->is_registered = number_of(l, "registered") != 0;
	d->id = item->id;
	d->seen_ms = number_of(l, "seen_ms");
	d->due_ms = number_of(l, "due_ms");
	d->number = bytes_of(l, "number");
	d->sender = bytes_of(l, "sender");
	d->message_id = bytes_of(l, "message_id");
	d->envelope_id = bytes_of(l, "envelope_id");
	d->queue_id = bytes_of(l, "queue_id");
	d->action = bytes_of(l, "action");
	d->rule = bytes_of(l, "rule");
	d->policy = bytes_of(l, "policy");
	d->has_subject = number_of(l, "has_subject") != 0;
	digest_of(l, "subject", d->subject);
	digest_of(l, "retry_key", d->retry_key);
	d->size_bytes = (uint64_t)number_of(l, "size_bytes");
	d->attempts = (uint64_t)number_of(l, "attempts");
	d->flags = (unsigned)number_of(l, "flags");
	return read_hits(l, d, e);
}

static int
read_attempts(struct line *l, struct recipient_record *r, struct err *e)
{
	const struct value *list = value_get(l->object, "attempts");

	l->wrong = "attempts";
	if (list->count > ATTEMPTS_KEPT)
		return err_set(e, "'attempts' has at most %d entries",
		    ATTEMPTS_KEPT);
	for (size_t i = 0; i < list->count; i++) {
		struct line one = { l->arena, &list->items[i], NULL };

		if (check_members(&one, attempt_members, e) < 0)
			return -1;
		record_add_attempt(r, bytes_of(&one, "queue_id"),
		    number_of(&one, "at_ms"));
	}
	return 0;
}

static int
read_recipient(struct line *l, struct item *item, struct err *e)
{
	struct recipient_record *r = ARENA_NEW(l->arena, struct recipient_record);

	item->kind = ITEM_RECIPIENT;
	item->recipient = r;
	item->address = r->addressee.address = bytes_of(l, "address");
	r->addressee.unit = bytes_of(l, "unit");
	r->ordinal = (uint64_t)number_of(l, "ordinal");
	r->addressee.has_success_notify = number_of(l, "success_notify") != 0;
	r->addressee.is_our_notify = number_of(l, "our_notify") != 0;
	return read_attempts(l, r, e);
}

static int
read_evidence(struct line *l, struct item *item, struct err *e)
{
	struct evidence *ev = ARENA_NEW(l->arena, struct evidence);

	(void)e;
	item->kind = ITEM_EVIDENCE;
	item->evidence = ev;
	item->address = bytes_of(l, "address");
	read_source(value_get(l->object, "source"), &ev->source);
	read_code(value_get(l->object, "code"), &ev->code);
	ev->trust = (enum evidence_trust)number_of(l, "trust");
	ev->reporter = bytes_of(l, "reporter");
	ev->reason = bytes_of(l, "reason");
	ev->claimed_ms = number_of(l, "claimed_ms");
	ev->seen_ms = number_of(l, "seen_ms");
	digest_of(l, "digest", ev->digest);
	return 0;
}

static int
read_followed(struct line *l, struct item *item, struct err *e)
{
	struct followed *f = ARENA_NEW(l->arena, struct followed);

	(void)e;
	item->kind = ITEM_FOLLOWED;
	item->followed = f;
	f->id = item->id;
	f->queue_id = bytes_of(l, "queue_id");
	f->instance = bytes_of(l, "instance");
	f->begun_ms = number_of(l, "begun_ms");
	f->ended_ms = number_of(l, "ended_ms");
	f->trust = (enum evidence_trust)number_of(l, "trust");
	f->has_birth = number_of(l, "has_birth") != 0;
	f->is_queued = number_of(l, "is_queued") != 0;
	return 0;
}

static const struct {
	const char *type;
	const struct member *members;
	int (*read)(struct line *, struct item *, struct err *);
} types[] = {
	{ "document", document_members, read_document },
	{ "recipient", recipient_members, read_recipient },
	{ "evidence", evidence_members, read_evidence },
	{ "followed", followed_members, read_followed },
};

int
dump_item(struct arena *a, const struct value *v, struct item *item,
    const char **name, struct err *e)
{
	struct line l = { a, v, NULL };
	const struct value *type = value_get(v, "type");
	int rc = -1;
	size_t i;

	*item = (struct item){ .kind = ITEM_KIND_END };
	*name = "type";
	if (type == NULL || type->kind != VALUE_TEXT)
		return err_set(e, "an object with the member 'type' is needed");
	for (i = 0; i < sizeof(types) / sizeof(types[0]); i++)
		if (span_is(type->text, types[i].type))
			break;
	if (i == sizeof(types) / sizeof(types[0]))
		return err_set(e, "a line has no type '%.*s'",
		    SPAN_PRINT(type->text));
	if (check_members(&l, types[i].members, e) == 0) {
		docid_parse(value_get(v, "id")->text, &item->id);
		rc = types[i].read(&l, item, e);
	}
	*name = l.wrong;
	return rc;
}
