/* SPDX-License-Identifier: BSD-2-Clause */
#include <pthread.h>
#include <stdio.h>
#include <unistd.h>

#include "base/buffer.h"
#include "base/clock.h"
#include "base/err.h"
#include "base/regex.h"
#include "ctl/options.h"
#include "extract/attachment.h"
#include "extract/client.h"
#include "mail/address.h"
#include "policy/policy.h"
#include "policy/verdict.h"

#include "replay_internal.h"
#include "verb_internal.h"

#define WORKERS_MAX 64

static const char *const formats[] = { "table", "json", "csv", NULL };

static const struct option_rule known[] = {
	{ "sender", OPTION_VALUE }, { "recipient", OPTION_LIST },
	{ "policy", OPTION_VALUE }, { "against", OPTION_VALUE },
	{ "format", OPTION_VALUE }, { "all", OPTION_FLAG },
	{ NULL, OPTION_FLAG },
};

/* What is asked, and what the workers share. */
struct replay {
	const struct config *config;
	const char *source;
	const char *sender;		/* NULL: as the letter says */
	const struct span *recipients;
	size_t recipient_count;		/* 0: as the letter says */
	enum report_format format;
	bool is_all;
	struct policy *old, *new;
	struct client *client;
	int64_t now_ms;
	pthread_mutex_t lock;		/* of all that follows */
	pthread_cond_t turn;
	struct saved *saved;
	struct report *report;
	size_t taken, told;		/* letters; they are told in the order they were taken */
};

/* A letter at work. */
struct job {
	struct arena *arena;
	size_t number;
	struct saved_letter saved;
	struct report_row row;
};

static bool
take(struct replay *r, struct job *job)
{
	bool is_one;

	pthread_mutex_lock(&r->lock);
	is_one = !ferror(stdout) && saved_next(r->saved, job->arena, &job->saved);
	if (is_one)
		job->number = r->taken++;
	pthread_mutex_unlock(&r->lock);
	return is_one;
}

static struct span
claimed_sender(struct arena *a, const struct message *m)
{
	const struct header *h = header_find(&m->headers, "Return-Path", 0);

	if (h == NULL)
		h = header_find(&m->headers, "From", 0);
	return h == NULL ? (struct span){ NULL, 0 } : address_first(a, h->value);
}

/* As many as a letter may have at the daemon. */
static void
claimed_recipients(struct arena *a, const struct config *c, struct letter *l)
{
	static const char *const names[] = { "To", "Cc" };
	struct buffer b = { .arena = a };
	const struct header *h;
	struct span address;

	for (size_t i = 0; i < 2; i++) {
		for (size_t nth = 0; (h = header_find(&l->message->headers, names[i],
		    nth)) != NULL; nth++) {
			struct span rest = h->value;

			while (l->recipient_count < c->recipient_limit &&
			    address_next(a, &rest, &address)) {
				buffer_add(&b, (struct span){
				    (const char *)&address, sizeof(address) });
				l->recipient_count++;
			}
		}
	}
	l->recipients = (const struct span *)(const void *)b.p;
}

static void
address_it(const struct replay *r, struct arena *a, struct letter *l)
{
	l->is_authenticated = true;
	l->sender = r->sender != NULL ? address_canonical(a, span_of(r->sender)) :
	    claimed_sender(a, l->message);
	l->recipients = r->recipients;
	l->recipient_count = r->recipient_count;
	if (l->recipient_count == 0)
		claimed_recipients(a, r->config, l);
}

static const struct verdict *
judge_by(const struct replay *r, const struct policy *p, const struct letter *l,
    struct arena *a)
{
	struct regex_scratch *scratch = regex_scratch_new(
	    (uint32_t)r->config->regex_steps,
	    clock_monotonic_ms() + r->config->judge_time_ms);
	const struct verdict *v = policy_judge(p, l, a, scratch);

	regex_scratch_free(scratch);
	return v;
}

static void
judge(const struct replay *r, struct job *job)
{
	struct arena *a = job->arena;
	struct message *m = context_parse(a, r->config, job->saved.bytes, job->saved.n);
	struct letter l = { .message = m, .now_ms = r->now_ms,
	    .authserv_ids = span_of(r->config->authserv_id) };

	address_it(r, a, &l);
	if (policy_classify(r->old, &l) == SENDER_MINISTRY ||
	    policy_classify(r->new, &l) == SENDER_MINISTRY)
		attachments_extract(r->client, a, m);
	job->row = (struct report_row){ job->saved.source, m->message_id,
	    judge_by(r, r->old, &l, a), judge_by(r, r->new, &l, a) };
}

static void
tell(struct replay *r, const struct job *job)
{
	pthread_mutex_lock(&r->lock);
	while (r->told != job->number)
		pthread_cond_wait(&r->turn, &r->lock);
	if (job->saved.fault != NULL)
		report_fault(r->report, job->saved.source, job->saved.fault);
	else
		report_row(r->report, &job->row);
	report_progress(r->report, saved_percent(r->saved));
	r->told++;
	pthread_cond_broadcast(&r->turn);
	pthread_mutex_unlock(&r->lock);
}

static void *
work(void *context)
{
	struct replay *r = context;
	bool is_one = true;

	while (is_one) {
		struct job job = { .arena = arena_new() };

		if ((is_one = take(r, &job))) {
			if (job.saved.fault == NULL)
				judge(r, &job);
			tell(r, &job);
		}
		arena_free(job.arena);
	}
	return NULL;
}

/* One for each core; this thread is one of them, should there be no other. */
static void
work_together(struct replay *r)
{
	long cores = sysconf(_SC_NPROCESSORS_ONLN);
	pthread_t workers[WORKERS_MAX];
	size_t n = 0;

	while (n < WORKERS_MAX && (long)n + 1 < cores &&
	    pthread_create(&workers[n], NULL, work, r) == 0)
		n++;
	work(r);
	while (n > 0)
		pthread_join(workers[--n], NULL);
}

/* The fork server begins before there are threads. */
static int
replay_all(const struct context *ctx, struct arena *a, struct replay *r)
{
	struct client_limits limits = client_configured(r->config);
	struct extractor x;
	struct err e;
	int status;

	if ((r->saved = saved_open(r->source, r->config->message_size_limit, &e)) ==
	    NULL)
		return fail(STATUS_UNREACHABLE, "%s", e.text);
	if ((status = context_extractor(r->config, &x)) == STATUS_FINE) {
		r->report = report_new(ctx, a, r->format, r->is_all);
		r->client = client_new(x.fd, &limits);
		work_together(r);
		client_free(r->client);
		context_extractor_end(&x);
		status = report_end(r->report);
	}
	saved_close(r->saved);
	return status;
}

static int
replay(const struct context *ctx, struct arena *a, struct replay *r,
    const char *old, const char *new)
{
	int status;

	if ((status = context_policy(old, &r->old)) == STATUS_FINE &&
	    (status = context_policy(new, &r->new)) == STATUS_FINE)
		status = replay_all(ctx, a, r);
	policy_free(r->old);
	policy_free(r->new);
	return status;
}

static void
take_recipients(struct arena *a, const struct options *o, struct replay *r)
{
	struct span *list = ARENA_ARRAY(a, struct span, o->given_count + 1);
	const char *value;
	size_t at = 0;

	while ((value = options_next(o, "recipient", &at)) != NULL)
		list[r->recipient_count++] = address_canonical(a, span_of(value));
	r->recipients = list;
}

static int
parse(struct arena *a, const struct options *o, struct replay *r, struct err *e)
{
	int format;

	if (o->operand_count != 1)
		return err_set(e, "replay needs one SOURCE");
	if (options_get(o, "policy") == NULL)
		return err_set(e, "--policy is needed");
	format = options_choice("format", options_get(o, "format"), formats, e);
	if (format < 0)
		return -1;
	r->source = o->operands[0];
	r->sender = options_get(o, "sender");
	take_recipients(a, o, r);
	r->now_ms = clock_now_ms();
	r->format = (enum report_format)format;
	r->is_all = options_get(o, "all") != NULL;
	return 0;
}

int
replay_run(const struct context *ctx, struct arena *a, int argc, char **argv)
{
	struct replay r = { .lock = PTHREAD_MUTEX_INITIALIZER,
	    .turn = PTHREAD_COND_INITIALIZER };
	const char *against;
	struct options o;
	struct config c;
	struct err e;
	int status;

	if (verb_options("policy", a, known, argc, argv, &o) != 0)
		return STATUS_USAGE;
	if (parse(a, &o, &r, &e) < 0)
		return fail_usage("policy", "%s", e.text);
	against = options_get(&o, "against");
	if ((status = context_config(ctx, against == NULL, &c)) != STATUS_FINE)
		return status;
	r.config = &c;
	status = replay(ctx, a, &r, against != NULL ? against : c.policy,
	    options_get(&o, "policy"));
	config_end(&c);
	return status;
}
