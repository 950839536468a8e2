/* SPDX-License-Identifier: BSD-2-Clause */
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/log.h"
#include "filter/desk.h"
#include "filter/notice.h"
#include "filter/pipeline.h"
#include "filter/snapshot.h"
#include "filter/spool.h"
#include "ledger/writer.h"
#include "mail/address.h"

#include "filter/session.h"
#include "session_internal.h"

struct session *
session_new(struct desk *d, const char *client, const char *hostname)
{
	struct session *s = calloc(1, sizeof(*s));

	must(s != NULL);
	s->desk = d;
	snprintf(s->client, sizeof(s->client), "%s", client);
	s->hostname = strdup(hostname != NULL && hostname[0] != '\0' ?
	    hostname : d->config.hostname);
	must(s->hostname != NULL);
	s->spool = spool_new(&d->spool_limits);
	counter_add(&d->counters.sessions, 1);
	return s;
}

void
session_free(struct session *s)
{
	if (s == NULL)
		return;
	session_abort(s);
	spool_free(s->spool);
	counter_add(&s->desk->counters.sessions, -1);
	free(s->hostname);
	free(s);
}

void
session_expect(struct session *s)
{
	s->message.is_expected = true;
	writer_expect(s->desk->writer);
}

void
session_release(struct session *s)
{
	if (s->message.is_expected)
		writer_release(s->desk->writer);
	s->message.is_expected = false;
}

void
session_abort(struct session *s)
{
	session_release(s);
	digest_drop(s->message.body);
	snapshot_release(s->desk->snapshots, s->message.snapshot);
	arena_free(s->message.arena);
	s->message = (struct transaction){ 0 };
	spool_reset(s->spool);
}

static struct span
without_brackets(struct span text)
{
	if (text.n >= 2 && text.p[0] == '<' && text.p[text.n - 1] == '>')
		return span_sub(text, 1, text.n - 2);
	return text;
}

/* The value of an ESMTP argument such as "ENVID=..."; empty if it is not there. */
static struct span
argument(char *const *arguments, const char *prefix)
{
	for (; arguments != NULL && *arguments != NULL; arguments++) {
		struct span text = span_of(*arguments);

		if (span_starts_nocase(text, prefix))
			return span_sub(text, strlen(prefix), text.n);
	}
	return (struct span){ NULL, 0 };
}

static bool
is_double_bounce(const struct session *s, struct span sender)
{
	struct span domain = address_domain(sender);

	if (!span_starts_nocase(sender, "double-bounce@"))
		return false;
	return span_is(domain, s->hostname) ||
	    span_is(domain, s->desk->config.hostname);
}

void
session_mail(struct session *s, const char *sender, char *const *arguments,
    const char *login)
{
	struct transaction *t = &s->message;

	session_abort(s);
	t->arena = arena_new();
	t->snapshot = snapshot_hold(s->desk->snapshots);
	t->raw_sender = arena_copy(t->arena,
	    without_brackets(span_trim(span_of(sender))));
	t->sender = address_canonical(t->arena, t->raw_sender);
	t->login = arena_copy(t->arena, span_of(login));
	t->envelope_id = stamp_xtext_decode(t->arena,
	    arena_copy(t->arena, argument(arguments, "ENVID=")));
	t->ret = arena_copy(t->arena, argument(arguments, "RET="));
	t->is_notice = t->sender.n == 0 || is_double_bounce(s, t->sender);
	t->body = digest_begin();
}

/* NOTIFY as contrib/postfix writes it: nobody but us asked. */
#define OUR_NOTIFY "DELAY,FAILURE,SUCCESS"

void
session_recipient(struct session *s, const char *recipient, char *const *arguments)
{
	struct transaction *t = &s->message;
	struct span notify = argument(arguments, "NOTIFY=");
	struct addressee *one;

	if (t->addressee_count >= s->desk->config.recipient_limit) {
		t->has_too_many_recipients = true;
		return;
	}
	if (t->addressee_count == t->addressee_size) {
		size_t size = t->addressee_size != 0 ? 2 * t->addressee_size : 8;

		t->addressees = arena_grow(t->arena, t->addressees,
		    t->addressee_size * sizeof(*one), size * sizeof(*one));
		t->addressee_size = size;
	}
	one = &t->addressees[t->addressee_count++];
	*one = (struct addressee){
		.raw = arena_copy(t->arena,
		    without_brackets(span_trim(span_of(recipient)))),
		.is_our_notify = span_equal(notify, span_of(OUR_NOTIFY)),
		.has_success_notify =
		    span_find(notify, span_of("SUCCESS")) < notify.n,
	};
	one->address = address_canonical(t->arena, one->raw);
}

static void
keep_header(struct session *s, struct span name, struct span value)
{
	struct transaction *t = &s->message;
	struct header *h;

	if (t->headers.count >= s->desk->config.header_count_limit)
		return;
	if (t->headers.count == t->header_size) {
		size_t size = t->header_size != 0 ? 2 * t->header_size : 32;

		t->headers.list = arena_grow(t->arena, t->headers.list,
		    t->header_size * sizeof(*h), size * sizeof(*h));
		t->header_size = size;
	}
	h = &t->headers.list[t->headers.count++];
	h->name = arena_copy(t->arena, name);
	h->value = arena_copy(t->arena, value);
}

void
session_header(struct session *s, const char *name, const char *value)
{
	keep_header(s, span_of(name), span_of(value));
	spool_add(s->spool, span_of(name));
	spool_add(s->spool, span_of(": "));
	spool_add(s->spool, span_of(value));
	spool_add(s->spool, span_of("\r\n"));
}

static void
classify(struct session *s)
{
	struct transaction *t = &s->message;
	struct counters *c = &s->desk->counters;
	struct message headers_only = { .headers = t->headers };
	struct letter letter = {
		.sender = t->sender,
		.client = span_of(s->client),
		.login = t->login,
		.authserv_ids = span_of(s->desk->config.authserv_id),
		.message = &headers_only,
	};

	t->sender_class = t->is_notice ? SENDER_FOREIGN :
	    policy_classify(t->snapshot->policy, &letter);
	if (t->sender_class == SENDER_SPOOFED)
		log_event(LOG_LEVEL_WARNING, "spoofed",
		    "from", arena_string(t->arena, t->sender),
		    "client", s->client, NULL);
	counter_add(t->sender_class == SENDER_MINISTRY ? &c->ministry :
	    t->sender_class == SENDER_SPOOFED ? &c->spoofed : &c->foreign, 1);
}

void
session_headers_end(struct session *s, struct answer *answer)
{
	struct transaction *t = &s->message;

	*answer = (struct answer){ .reply = REPLY_CONTINUE };
	classify(s);
	spool_add(s->spool, span_of("\r\n"));
	t->may_acknowledge = notice_is_expected(s);
	t->wants_body = t->sender_class != SENDER_FOREIGN || t->may_acknowledge;
	if (!t->wants_body) {
		counter_add(&s->desk->counters.messages, 1);
		answer->reply = REPLY_ACCEPT;
		return;
	}
	if (t->is_notice)
		return;
	if (atomic_load(&s->desk->is_draining))
		pipeline_defer(answer, "421", "4.3.2",
		    "Vanthu is shutting down, try again later");
	else if (counter_add(&s->desk->counters.sessions, 0) >
	    (int64_t)s->desk->config.session_limit)
		pipeline_defer(answer, "421", "4.3.2",
		    "too many connections, try again later");
	else if (t->sender_class == SENDER_MINISTRY)
		session_expect(s);
}

void
session_body(struct session *s, struct span bytes)
{
	if (!s->message.wants_body)
		return;
	digest_add(s->message.body, bytes);
	spool_add(s->spool, bytes);
}

void
session_end(struct session *s, const char *queue_id, struct answer *answer)
{
	struct counters *c = &s->desk->counters;

	s->message.queue_id = arena_copy(s->message.arena, span_of(queue_id));
	counter_add(&c->messages, 1);
	counter_add(&c->ending, 1);
	pipeline_end(s, answer);
	counter_add(&c->ending, -1);
}
