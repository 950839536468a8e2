/* SPDX-License-Identifier: BSD-2-Clause */
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "filter/desk.h"

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
	const struct followed *near = stretch_find(st, l);
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
	stretch_follow(s, origin);
	next = (struct followed){ .id = origin->id, .queue_id = l->queue_id,
	    .instance = l->instance, .origin_id = l->origin_id,
	    .begun_ms = l->time_ms, .trust = s->trust, .has_birth = true };
	stretch_follow(s, &next);
	slot_take(slot, l->queue_id, l->instance);
	slot_follow(slot, &next);
	return 0;
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
	return rc == 1 ? stretch_tell(j->desk, f, line, s, e) : rc;
}
