/* SPDX-License-Identifier: BSD-2-Clause */
#include "base/arena.h"
#include "base/clock.h"
#include "base/err.h"
#include "base/log.h"
#include "base/regex.h"
#include "extract/attachment.h"
#include "filter/desk.h"
#include "filter/notice.h"
#include "filter/registry.h"
#include "filter/snapshot.h"
#include "filter/spool.h"
#include "ledger/shadow.h"
#include "mail/message.h"

#include "filter/pipeline.h"
#include "session_internal.h"

void
pipeline_defer(struct answer *answer, const char *code, const char *enhanced,
    const char *text)
{
	*answer = (struct answer){ .reply = REPLY_TEMPFAIL,
	    .code = code, .enhanced = enhanced, .text = text };
}

/* A letter that could not even be read: what the administrator chose. */
static void
answer_error(struct session *s, struct answer *answer, const char *text)
{
	static const char *const choices[] = { "tempfail", "accept", "reject" };

	log_event(LOG_LEVEL_ERROR, "error", "queue_id",
	    s->message.queue_id.p, "reason", text,
	    "on_error", choices[s->desk->config.on_error], NULL);
	pipeline_defer(answer, "451", "4.3.0",
	    "Vanthu cannot judge this letter; its log says why");
	if (s->desk->config.on_error == ON_ERROR_ACCEPT)
		*answer = (struct answer){ .reply = REPLY_CONTINUE };
	if (s->desk->config.on_error != ON_ERROR_REJECT)
		return;
	answer->reply = REPLY_REJECT;
	answer->code = "554";
	answer->enhanced = "5.3.0";
}

/* Of foreign mail any part will do; a letter is judged whole or it waits. */
static bool
is_whole(struct session *s, struct answer *answer)
{
	if (s->message.sender_class == SENDER_FOREIGN)
		return true;
	if (s->message.has_too_many_recipients) {
		answer_error(s, answer, "more recipients than recipient_limit");
		return false;
	}
	switch (spool_answer(s->spool)) {
	case SPOOL_TOO_LARGE:
		answer_error(s, answer, "larger than message_size_limit");
		return false;
	case SPOOL_NO_ROOM:
		pipeline_defer(answer, "452", "4.3.1",
		    "no room in the spool, try again later");
		return false;
	default:
		return true;
	}
}

/* The letter in hand; NULL with the answer why not. */
static struct message *
finish(struct session *s, struct answer *answer)
{
	const struct config *c = &s->desk->config;
	struct message_limits limits = {
		.mime = { c->part_limit, c->depth_limit, c->header_size_limit,
		    c->header_count_limit },
		.text_bytes = c->text_limit,
	};
	struct span raw;
	struct err e;

	if (!is_whole(s, answer))
		return NULL;
	if (spool_bytes(s->spool, &raw, &e) < 0) {
		answer_error(s, answer, e.text);
		return NULL;
	}
	return message_read(s->message.arena, raw, &limits);
}

static void
shadow_rules(struct session *s, struct letter *l)
{
	struct arena *a = s->message.arena;
	struct shadowing *list;
	const struct shadow *shadows = shadows_at(s->desk->shadows, l->now_ms, a,
	    &l->shadowing_count);

	list = ARENA_ARRAY(a, struct shadowing, l->shadowing_count + 1);
	for (size_t i = 0; i < l->shadowing_count; i++)
		list[i] = (struct shadowing){ shadows[i].rule, shadows[i].until_ms };
	l->shadowing = list;
}

static const struct verdict *
judge(struct session *s, const struct message *m)
{
	struct transaction *t = &s->message;
	const struct config *c = &s->desk->config;
	struct span *recipients =
	    ARENA_ARRAY(t->arena, struct span, t->addressee_count + 1);
	struct letter letter = {
		.sender = t->sender,
		.recipients = recipients,
		.recipient_count = t->addressee_count,
		.client = span_of(s->client),
		.login = t->login,
		.authserv_ids = span_of(c->authserv_id),
		.message = m,
		.now_ms = clock_now_ms(),
	};
	struct regex_scratch *scratch = regex_scratch_new(
	    (uint32_t)c->regex_steps, clock_monotonic_ms() + c->judge_time_ms);
	const struct verdict *v;

	for (size_t i = 0; i < t->addressee_count; i++)
		recipients[i] = t->addressees[i].address;
	shadow_rules(s, &letter);
	v = policy_judge(t->snapshot->policy, &letter, t->arena, scratch);
	regex_scratch_free(scratch);
	return v;
}

/* Helpers have turns of their own: who waits for one leaves his seat to others. */
static void
extract(struct session *s, struct message *m)
{
	struct desk *d = s->desk;

	if (d->extract == NULL || s->message.sender_class != SENDER_MINISTRY ||
	    !attachments_are_there(m))
		return;
	desk_judge_end(d);
	attachments_extract(d->extract, s->message.arena, m);
	desk_judge_begin(d);
}

/* Only reading and judging take a seat: nobody waits for the disk in one. */
static const struct verdict *
read_and_judge(struct session *s, struct answer *answer, struct message **m)
{
	const struct verdict *v = NULL;

	desk_judge_begin(s->desk);
	*m = finish(s, answer);
	if (*m != NULL)
		extract(s, *m);
	if (*m != NULL && s->message.sender_class != SENDER_FOREIGN)
		v = judge(s, *m);
	desk_judge_end(s->desk);
	session_release(s);
	return v;
}

void
pipeline_end(struct session *s, struct answer *answer)
{
	struct message *m;
	const struct verdict *v;

	*answer = (struct answer){ .reply = REPLY_CONTINUE };
	v = read_and_judge(s, answer, &m);
	if (s->message.sender_class == SENDER_FOREIGN)
		answer->reply = REPLY_CONTINUE;
	if (m == NULL)
		return;
	if (s->message.may_acknowledge && notice_record(s, m))
		answer->reply = REPLY_DISCARD;
	if (v == NULL)
		return;
	registry_count(s, v);
	registry_answer(s, m, v, answer);
}
