/* SPDX-License-Identifier: BSD-2-Clause */
#include <string.h>

#include "base/err.h"
#include "base/log.h"
#include "filter/desk.h"
#include "mail/address.h"

#include "maillog_internal.h"

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
tell_all(struct desk *d, const struct followed *f, const struct logline *l,
    enum evidence_code code, enum whom whom, struct stretch *s, struct err *e)
{
	struct followed_recipient *list;
	size_t before = s->finding_count, count;

	if (follow_recipients(d->store, s->arena, f, &list, &count, e) < 0)
		return -1;
	for (size_t i = 0; i < count && whom != WHOM_ALL; i++)
		stretch_complete(s, &f->id, &list[i]);
	for (size_t i = 0; i < count; i++)
		if (is_meant(&list[i], whom))
			stretch_add(s, &f->id, list[i].address)->evidence =
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
find_recipient(struct desk *d, const struct followed *f,
    const struct logline *l, struct stretch *s, struct followed_recipient *r,
    bool *is_alias, struct err *e)
{
	struct span to = address_canonical(s->arena, l->recipient);
	struct span original = address_canonical(s->arena, l->original);
	int rc = 0;

	if (original.n != 0)
		rc = follow_recipient(d->store, s->arena, f, original, r, e);
	*is_alias = rc == 1 && !span_equal_nocase(original, to);
	if (rc == 0)
		rc = follow_recipient(d->store, s->arena, f, to, r, e);
	return rc;
}

static int
tell_one(struct desk *d, const struct followed *f, const struct logline *l,
    struct stretch *s, struct err *e)
{
	struct followed_recipient r;
	struct evidence ev;
	bool is_alias;
	int rc = find_recipient(d, f, l, s, &r, &is_alias, e);

	if (rc <= 0)
		return rc;
	ev = evidence_of(s, l, code_of_delivery(l, is_alias));
	if (is_said_before(&r, &ev, is_alias) ||
	    stretch_has(s, &f->id, r.address, &ev, is_alias))
		return 0;
	stretch_add(s, &f->id, r.address)->evidence = ev;
	return 0;
}

static void
alarm(struct desk *d, struct stretch *s, const struct followed *f,
    const char *event, const char *reason, long recipients)
{
	char id[DOCID_TEXT_SIZE];

	counter_add(&d->counters.log_alarms, 1);
	log_event(LOG_LEVEL_ERROR, event, "id", docid_print(&f->id, id),
	    "queue_id", arena_string(s->arena, f->queue_id),
	    "recipients", arena_print(s->arena, "%ld", recipients),
	    "reason", reason, NULL);
}

/* It is over for all whom ${whom} means, and nobody said how. */
static int
tell_vanished(struct desk *d, struct followed *f, const struct logline *l,
    enum whom whom, struct stretch *s, struct err *e)
{
	long n = tell_all(d, f, l, CODE_VANISHED, whom, s, e);

	if (n < 0)
		return -1;
	if (n > 0 && l->kind == LOGLINE_REMOVED)
		alarm(d, s, f, "mail-vanished", "Postfix removed it and reported "
		    "no delivery", n);
	f->ended_ms = l->time_ms;
	stretch_follow(s, f);
	return 0;
}

/* Only of a life that was read from its first line on can we say what is not in it. */
static bool
is_read_whole(const struct followed *f, const struct stretch *s)
{
	return f->has_birth && f->begun_ms > s->gap_ms;
}

static int
tell_removed(struct desk *d, struct followed *f, const struct logline *l,
    struct stretch *s, struct err *e)
{
	if (is_read_whole(f, s))
		return tell_vanished(d, f, l, WHOM_WITHOUT_STATUS, s, e);
	f->ended_ms = l->time_ms;
	stretch_follow(s, f);
	return 0;
}

static int
tell_queued(struct desk *d, struct followed *f, const struct logline *l,
    struct stretch *s, struct err *e)
{
	if (f->is_queued)
		return 0;
	if (tell_all(d, f, l, CODE_QUEUED, WHOM_ALL, s, e) < 0)
		return -1;
	f->is_queued = true;
	stretch_follow(s, f);
	return 0;
}

int
stretch_tell(struct desk *d, struct followed *f, const struct logline *l,
    struct stretch *s, struct err *e)
{
	switch (l->kind) {
	case LOGLINE_QUEUED:
		return tell_queued(d, f, l, s, e);
	case LOGLINE_SENT:
	case LOGLINE_DEFERRED:
	case LOGLINE_BOUNCED:
		return tell_one(d, f, l, s, e);
	case LOGLINE_EXPIRED:
		return tell_all(d, f, l, CODE_BOUNCED, WHOM_NOT_DONE, s, e) < 0 ? -1 : 0;
	case LOGLINE_HELD:
		return tell_all(d, f, l, CODE_HOLD, WHOM_NOT_DONE, s, e) < 0 ? -1 : 0;
	case LOGLINE_RELEASED:
		return tell_all(d, f, l, CODE_RELEASED, WHOM_NOT_DONE, s, e) < 0 ? -1 : 0;
	case LOGLINE_REQUEUED:
		return tell_all(d, f, l, CODE_REQUEUED, WHOM_NOT_DONE, s, e) < 0 ? -1 : 0;
	case LOGLINE_REMOVED:
		return tell_removed(d, f, l, s, e);
	case LOGLINE_DELETED:
		return tell_vanished(d, f, l, WHOM_NOT_DONE, s, e);
	case LOGLINE_REFUSED:
		return tell_vanished(d, f, l, WHOM_WITHOUT_STATUS, s, e);
	case LOGLINE_STUCK:
		alarm(d, s, f, "notice-stuck", "Postfix cannot send a notice", 0);
		return 0;
	default:
		return 0;
	}
}
