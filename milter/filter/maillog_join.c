/* SPDX-License-Identifier: BSD-2-Clause */
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/log.h"
#include "filter/desk.h"
#include "mail/address.h"

#include "maillog_internal.h"

#define SLOTS 4096
#define QUEUE_ID_LONGEST 32
#define INSTANCE_LONGEST 64
#define MESSAGE_ID_LONGEST 512
#define SLACK_MS 5000
/* Without its first line, a message must have come that short a time ago. */
#define RECENT_MS (10 * 60 * 1000)

/* What is known of a queue ID. */
struct slot {
	char queue_id[QUEUE_ID_LONGEST];
	size_t queue_id_bytes;		/* 0: the slot is empty */
	char instance[INSTANCE_LONGEST];
	size_t instance_bytes;
	bool is_new;			/* its first line was read, and no other yet */
	int64_t new_ms;
	char message_id[MESSAGE_ID_LONGEST];
	size_t message_id_bytes;
	bool has_message_id;		/* else it was too long to keep */
	bool is_ours;			/* a document, or known to be none */
	struct followed followed;	/* if it is; its names are ours */
};

struct joiner {
	struct desk *desk;
	struct slot slots[SLOTS];
};

struct joiner *
joiner_new(struct desk *d)
{
	struct joiner *j = calloc(1, sizeof(*j));

	must(j != NULL);
	j->desk = d;
	return j;
}

void
joiner_free(struct joiner *j)
{
	free(j);
}

static struct slot *
slot_of(struct joiner *j, struct span queue_id, struct span instance)
{
	uint32_t hash = 2166136261u;

	for (size_t i = 0; i < queue_id.n; i++)
		hash = (hash ^ (unsigned char)queue_id.p[i]) * 16777619u;
	for (size_t i = 0; i < instance.n; i++)
		hash = (hash ^ (unsigned char)instance.p[i]) * 16777619u;
	return &j->slots[hash % SLOTS];
}

static bool
slot_is(const struct slot *s, struct span queue_id, struct span instance)
{
	return span_equal((struct span){ s->queue_id, s->queue_id_bytes }, queue_id) &&
	    span_equal((struct span){ s->instance, s->instance_bytes }, instance);
}

/* The slot for that name; what was in it before is forgotten. */
static void
slot_take(struct slot *s, struct span queue_id, struct span instance)
{
	if (slot_is(s, queue_id, instance))
		return;
	*s = (struct slot){ .queue_id_bytes = queue_id.n,
	    .instance_bytes = instance.n };
	memcpy(s->queue_id, queue_id.p, queue_id.n);
	memcpy(s->instance, instance.p, instance.n);
}

static void
slot_follow(struct slot *s, const struct followed *f)
{
	s->is_ours = true;
	s->is_new = false;
	s->followed = *f;
	s->followed.queue_id = (struct span){ s->queue_id, s->queue_id_bytes };
	s->followed.instance = (struct span){ s->instance, s->instance_bytes };
	s->followed.origin_id = (struct span){ NULL, 0 };
}

/*
 * The same queue ID may begin a new life: the next line decides whose.  Until a
 * message that was requeued is queued it keeps the document of its origin.
 */
static void
note_birth(struct slot *s, const struct logline *l)
{
	if (s->is_ours && s->followed.ended_ms == 0 && !s->followed.is_queued &&
	    s->followed.has_birth)
		return;
	s->is_new = true;
	s->new_ms = l->time_ms;
	s->has_message_id = l->message_id.n <= sizeof(s->message_id);
	s->message_id_bytes = s->has_message_id ? l->message_id.n : 0;
	if (s->has_message_id)
		memcpy(s->message_id, l->message_id.p, l->message_id.n);
}

/* Written in this stretch, the ledger does not have it yet. */
static const struct followed *
find_in_stretch(const struct stretch *s, const struct logline *l)
{
	for (size_t i = s->followed_count; i > 0; i--) {
		const struct followed *f = &s->followed[i - 1];

		if (span_equal(f->queue_id, l->queue_id) &&
		    span_equal(f->instance, l->instance))
			return f;
	}
	return NULL;
}

/* 1 joined, 0 it is no document of ours, -1. */
static int
join(struct joiner *j, struct slot *s, const struct logline *l,
    struct stretch *st, struct err *e)
{
	struct follow_query q = {
		.queue_id = l->queue_id,
		.has_message_id = s->is_new && s->has_message_id,
		.message_id = { s->message_id, s->message_id_bytes },
		.from_ms = s->is_new ? s->new_ms - SLACK_MS : l->time_ms - RECENT_MS,
		.to_ms = l->time_ms + SLACK_MS,
	};
	struct followed f = { .begun_ms = s->is_new ? s->new_ms : l->time_ms,
	    .has_birth = s->is_new, .trust = st->trust };
	int rc = follow_join(j->desk->store, &q, &f.id, e);

	if (rc == 1)
		slot_follow(s, &f);
	return rc;
}

static bool
is_living(const struct followed *f, const struct logline *l)
{
	return f->ended_ms == 0 || l->time_ms <= f->ended_ms + SLACK_MS;
}

/* What did we know of a name that is not at hand?  1, 0, -1. */
static int
recall(struct joiner *j, struct slot *s, const struct logline *l,
    struct stretch *st, struct err *e)
{
	const struct followed *near = find_in_stretch(st, l);
	struct followed f;
	int rc;

	if (near != NULL && is_living(near, l)) {
		slot_follow(s, near);
		return 1;
	}
	rc = follow_find(j->desk->store, st->arena, l->queue_id, l->instance,
	    l->time_ms, &f, e);
	if (rc == 0)
		return join(j, s, l, st, e);
	if (rc == 1)
		slot_follow(s, &f);
	return rc;
}

/* The document that ${l} is about: 1 with ${found}, 0 none of ours, -1. */
static int
locate(struct joiner *j, const struct logline *l, struct stretch *st,
    struct followed **found, struct err *e)
{
	struct slot *s = slot_of(j, l->queue_id, l->instance);
	bool is_known = slot_is(s, l->queue_id, l->instance);
	int rc = 0;

	slot_take(s, l->queue_id, l->instance);
	if (s->is_new)
		rc = join(j, s, l, st, e);
	else if (!is_known || (s->is_ours && !is_living(&s->followed, l)))
		rc = recall(j, s, l, st, e);
	if (rc < 0)
		return -1;
	if (rc == 0 && s->is_new && s->is_ours && s->followed.ended_ms != 0)
		s->is_ours = false;	/* the name has gone to another message */
	if (rc == 0 && l->kind == LOGLINE_HELD && !s->is_ours) {
		/* Held before its end: it is registered only then. */
		s->queue_id_bytes = s->is_new ? s->queue_id_bytes : 0;
		return 0;
	}
	s->is_new = false;
	if (!s->is_ours || !is_living(&s->followed, l))
		return 0;
	*found = &s->followed;
	return 1;
}

static void
put_followed(struct stretch *s, const struct followed *f)
{
	struct followed *copy;

	if (s->followed_count == s->followed_size) {
		size_t size = 2 * s->followed_size + 64;

		s->followed = arena_grow(s->arena, s->followed,
		    s->followed_size * sizeof(*s->followed),
		    size * sizeof(*s->followed));
		s->followed_size = size;
	}
	copy = &s->followed[s->followed_count++];
	*copy = *f;
	copy->queue_id = arena_copy(s->arena, f->queue_id);
	copy->instance = arena_copy(s->arena, f->instance);
	copy->origin_id = arena_copy(s->arena, f->origin_id);
}

static struct finding *
add_finding(struct stretch *s, const struct docid *id, struct span recipient)
{
	struct finding *f;

	if (s->finding_count == s->finding_size) {
		size_t size = 2 * s->finding_size + 64;

		s->findings = arena_grow(s->arena, s->findings,
		    s->finding_size * sizeof(*s->findings),
		    size * sizeof(*s->findings));
		s->finding_size = size;
	}
	f = &s->findings[s->finding_count++];
	*f = (struct finding){ .id = *id,
	    .recipient = arena_copy(s->arena, recipient) };
	return f;
}

/* The parts of a line that make its evidence; never what a remote server said. */
static struct evidence
evidence_of(struct stretch *s, const struct logline *l, enum evidence_code code)
{
	struct span fields[] = { l->instance, l->queue_id, l->relay, l->status };
	struct evidence ev = { .source = SOURCE_LOG, .code = code,
	    .trust = s->trust, .claimed_ms = l->time_ms, .seen_ms = s->now_ms };

	ev.reporter = span_of(arena_print(s->arena, "%.*s %.*s/%.*s",
	    SPAN_PRINT(l->host), SPAN_PRINT(l->instance), SPAN_PRINT(l->daemon)));
	ev.reason = span_of(l->status.n != 0 ?
	    arena_print(s->arena, "%.*s relay %.*s, queue ID %.*s",
	    SPAN_PRINT(l->status), SPAN_PRINT(span_sub(l->relay, 0, 200)),
	    SPAN_PRINT(l->queue_id)) :
	    arena_print(s->arena, "queue ID %.*s", SPAN_PRINT(l->queue_id)));
	digest_fields(fields, sizeof(fields) / sizeof(fields[0]), ev.digest);
	return ev;
}

static bool
is_done_code(enum evidence_code c)
{
	return c == CODE_SENT_NEXT_HOP || c == CODE_SENT_LOCAL || c == CODE_BOUNCED;
}

/* What the stretch adds to what the ledger knows of a recipient. */
static void
add_stretch(const struct stretch *s, const struct docid *id,
    struct followed_recipient *r)
{
	for (size_t i = 0; i < s->finding_count; i++) {
		const struct finding *f = &s->findings[i];
		enum evidence_code code = f->evidence.code;

		if (memcmp(f->id.uuid, id->uuid, sizeof(id->uuid)) != 0 ||
		    !span_equal(f->recipient, r->address))
			continue;
		r->has_status |= is_done_code(code) || code == CODE_DEFERRED;
		r->is_done |= is_done_code(code);
	}
}

enum whom { WHOM_ALL, WHOM_NOT_DONE, WHOM_WITHOUT_STATUS };

static bool
is_meant(const struct followed_recipient *r, enum whom whom)
{
	switch (whom) {
	case WHOM_NOT_DONE:
		return !r->is_done;
	case WHOM_WITHOUT_STATUS:
		return !r->has_status;
	default:
		return true;
	}
}

/* The line is about every recipient, or those still open: how many, or -1. */
static long
tell_all(struct joiner *j, const struct followed *f, const struct logline *l,
    enum evidence_code code, enum whom whom, struct stretch *s, struct err *e)
{
	struct followed_recipient *list;
	size_t before = s->finding_count, count;

	if (follow_recipients(j->desk->store, s->arena, f, &list, &count, e) < 0)
		return -1;
	for (size_t i = 0; i < count && whom != WHOM_ALL; i++)
		add_stretch(s, &f->id, &list[i]);
	for (size_t i = 0; i < count; i++)
		if (is_meant(&list[i], whom))
			add_finding(s, &f->id, list[i].address)->evidence =
			    evidence_of(s, l, code);
	return (long)(s->finding_count - before);
}

static enum evidence_code
code_of_delivery(const struct logline *l, bool is_alias)
{
	switch (l->kind) {
	case LOGLINE_SENT:
		/* One member of a list has it: no word of the others. */
		return l->is_local && !is_alias ? CODE_SENT_LOCAL : CODE_SENT_NEXT_HOP;
	case LOGLINE_BOUNCED:
		return CODE_BOUNCED;
	default:
		return CODE_DEFERRED;
	}
}

/* The same was said already in this stretch: for an alias by any member. */
static bool
is_in_stretch(const struct stretch *s, const struct docid *id,
    struct span address, const struct evidence *ev, bool is_alias)
{
	for (size_t i = s->finding_count; i > 0; i--) {
		const struct finding *f = &s->findings[i - 1];

		if (f->evidence.source != SOURCE_LOG ||
		    memcmp(f->id.uuid, id->uuid, sizeof(id->uuid)) != 0 ||
		    !span_equal(f->recipient, address) ||
		    f->evidence.code != ev->code)
			continue;
		return is_alias || memcmp(f->evidence.digest, ev->digest,
		    sizeof(ev->digest)) == 0;
	}
	return false;
}

/* A deferral that comes again at each retry, a list's members: once is enough. */
static bool
is_said_before(const struct followed_recipient *r, const struct evidence *ev,
    bool is_alias)
{
	if (is_alias && (r->codes & FOLLOW_CODE(ev->code)) != 0)
		return true;
	return ev->code == CODE_DEFERRED && r->last.code == CODE_DEFERRED &&
	    memcmp(r->last.digest, ev->digest, sizeof(ev->digest)) == 0;
}

/* The recipient as the client gave it, else as it was delivered to.  1, 0, -1. */
static int
find_recipient(struct joiner *j, const struct followed *f,
    const struct logline *l, struct stretch *s, struct followed_recipient *r,
    bool *is_alias, struct err *e)
{
	struct span to = address_canonical(s->arena, l->recipient);
	struct span original = address_canonical(s->arena, l->original);
	int rc = 0;

	if (original.n != 0)
		rc = follow_recipient(j->desk->store, s->arena, f, original, r, e);
	*is_alias = rc == 1 && !span_equal_nocase(original, to);
	if (rc == 0)
		rc = follow_recipient(j->desk->store, s->arena, f, to, r, e);
	return rc;
}

static int
tell_one(struct joiner *j, const struct followed *f, const struct logline *l,
    struct stretch *s, struct err *e)
{
	struct followed_recipient r;
	struct evidence ev;
	bool is_alias;
	int rc = find_recipient(j, f, l, s, &r, &is_alias, e);

	if (rc <= 0)
		return rc;
	ev = evidence_of(s, l, code_of_delivery(l, is_alias));
	if (is_said_before(&r, &ev, is_alias) ||
	    is_in_stretch(s, &f->id, r.address, &ev, is_alias))
		return 0;
	add_finding(s, &f->id, r.address)->evidence = ev;
	return 0;
}

static void
alarm(struct joiner *j, struct stretch *s, const struct followed *f,
    const char *event, const char *reason, long recipients)
{
	char id[DOCID_TEXT_SIZE];

	counter_add(&j->desk->counters.log_alarms, 1);
	log_event(LOG_LEVEL_ERROR, event, "id", docid_print(&f->id, id),
	    "queue_id", arena_string(s->arena, f->queue_id),
	    "recipients", arena_print(s->arena, "%ld", recipients),
	    "reason", reason, NULL);
}

/* It is over for all whom ${whom} means, and nobody said how. */
static int
tell_vanished(struct joiner *j, struct followed *f, const struct logline *l,
    enum whom whom, struct stretch *s, struct err *e)
{
	long n = tell_all(j, f, l, CODE_VANISHED, whom, s, e);

	if (n < 0)
		return -1;
	if (n > 0 && l->kind == LOGLINE_REMOVED)
		alarm(j, s, f, "mail-vanished", "Postfix removed it and reported "
		    "no delivery", n);
	f->ended_ms = l->time_ms;
	put_followed(s, f);
	return 0;
}

/* Only of a life that was read from its first line on can we say what is not in it. */
static bool
is_read_whole(const struct followed *f, const struct stretch *s)
{
	return f->has_birth && f->begun_ms > s->gap_ms;
}

static int
tell_removed(struct joiner *j, struct followed *f, const struct logline *l,
    struct stretch *s, struct err *e)
{
	if (is_read_whole(f, s))
		return tell_vanished(j, f, l, WHOM_WITHOUT_STATUS, s, e);
	f->ended_ms = l->time_ms;
	put_followed(s, f);
	return 0;
}

static int
tell_queued(struct joiner *j, struct followed *f, const struct logline *l,
    struct stretch *s, struct err *e)
{
	if (f->is_queued)
		return 0;
	if (tell_all(j, f, l, CODE_QUEUED, WHOM_ALL, s, e) < 0)
		return -1;
	f->is_queued = true;
	put_followed(s, f);
	return 0;
}

/* The new queue ID is the document that the old one was. */
static int
take_origin(struct joiner *j, const struct logline *l, struct stretch *s,
    struct err *e)
{
	struct logline before = *l;
	struct slot *slot = slot_of(j, l->queue_id, l->instance);
	struct followed *origin, next;
	int rc;

	before.queue_id = l->origin_id;
	rc = locate(j, &before, s, &origin, e);
	if (rc <= 0)
		return rc;
	origin->ended_ms = l->time_ms;
	put_followed(s, origin);
	next = (struct followed){ .id = origin->id, .queue_id = l->queue_id,
	    .instance = l->instance, .origin_id = l->origin_id,
	    .begun_ms = l->time_ms, .trust = s->trust, .has_birth = true };
	put_followed(s, &next);
	slot_take(slot, l->queue_id, l->instance);
	slot_follow(slot, &next);
	return 0;
}

static int
take_known(struct joiner *j, struct followed *f, const struct logline *l,
    struct stretch *s, struct err *e)
{
	switch (l->kind) {
	case LOGLINE_QUEUED:
		return tell_queued(j, f, l, s, e);
	case LOGLINE_SENT:
	case LOGLINE_DEFERRED:
	case LOGLINE_BOUNCED:
		return tell_one(j, f, l, s, e);
	case LOGLINE_EXPIRED:
		return tell_all(j, f, l, CODE_BOUNCED, WHOM_NOT_DONE, s, e) < 0 ? -1 : 0;
	case LOGLINE_HELD:
		return tell_all(j, f, l, CODE_HOLD, WHOM_NOT_DONE, s, e) < 0 ? -1 : 0;
	case LOGLINE_RELEASED:
		return tell_all(j, f, l, CODE_RELEASED, WHOM_NOT_DONE, s, e) < 0 ? -1 : 0;
	case LOGLINE_REQUEUED:
		return tell_all(j, f, l, CODE_REQUEUED, WHOM_NOT_DONE, s, e) < 0 ? -1 : 0;
	case LOGLINE_REMOVED:
		return tell_removed(j, f, l, s, e);
	case LOGLINE_DELETED:
		return tell_vanished(j, f, l, WHOM_NOT_DONE, s, e);
	case LOGLINE_REFUSED:
		return tell_vanished(j, f, l, WHOM_WITHOUT_STATUS, s, e);
	case LOGLINE_STUCK:
		alarm(j, s, f, "notice-stuck", "Postfix cannot send a notice", 0);
		return 0;
	default:
		return 0;
	}
}

int
joiner_take(struct joiner *j, const struct logline *line, struct stretch *s,
    struct err *e)
{
	struct followed *f;
	struct slot *slot;
	int rc;

	if (line->queue_id.n > QUEUE_ID_LONGEST ||
	    line->instance.n > INSTANCE_LONGEST)
		return 0;
	if (line->kind == LOGLINE_ORIGIN)
		return take_origin(j, line, s, e);
	if (line->kind == LOGLINE_MESSAGE_ID) {
		slot = slot_of(j, line->queue_id, line->instance);
		slot_take(slot, line->queue_id, line->instance);
		note_birth(slot, line);
		return 0;
	}
	rc = locate(j, line, s, &f, e);
	return rc == 1 ? take_known(j, f, line, s, e) : rc;
}
