/* SPDX-License-Identifier: BSD-2-Clause */
#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "base/arena.h"
#include "base/clock.h"
#include "base/err.h"
#include "base/log.h"
#include "ledger/backlog.h"
#include "ledger/book.h"
#include "ledger/item.h"
#include "ledger/store.h"

#include "ledger/writer.h"

#define BATCH_MAX 4096
#define REAP_MS 30000
#define RETRY_MS 1000		/* between attempts to write the backlog */
#define TIGHT_PERCENT 80
#define SLOW_MS 2	/* a commit that takes as long is worth company */

/* Work stands on its caller's stack: the caller sleeps until it is done. */
struct job {
	const struct entry *entry;	/* or */
	const struct finding *findings;
	size_t finding_count;
	const struct log_batch *log;	/* with its findings above; or NULL */
	const struct item *items;	/* or */
	size_t item_count;
	struct item_counts counts;
	struct entry_result result;
	int rc;
	struct err e;
	bool is_done;
	pthread_cond_t done;		/* its caller's own: nobody else wakes */
	struct job *next;
};

struct writer {
	struct store *store;
	struct backlog *backlog;
	pthread_t thread;
	pthread_mutex_t lock;
	pthread_cond_t work;
	struct job *first, **last;
	uint64_t waiting;
	uint64_t expected;	/* letters in hand that may be handed in */
	int64_t commit_ms;	/* the last commit took so long, */
	uint64_t company;	/* for so many jobs */
	bool is_stopping;
	/* read by any thread */
	atomic_uint_fast64_t commits, records, failures;
	atomic_uint_fast64_t evidence[SOURCE_EDXML + 1];
	struct writer_times times;
	atomic_bool is_tight;
	uint64_t tight_bytes;
	int64_t reaped_ms;
};

static int
do_log(struct store_txn *t, struct arena *a, const struct log_batch *b)
{
	for (size_t i = 0; i < b->followed_count; i++)
		if (follow_put(t, a, &b->followed[i]) < 0)
			return -1;
	return follow_put_position(t, a, &b->position);
}

static int
do_job(struct store_txn *t, struct arena *a, struct job *j, uint64_t *records)
{
	if (j->entry != NULL) {
		*records += j->entry->addressee_count;
		return book_register(t, a, j->entry, &j->result);
	}
	if (j->items != NULL) {
		*records += j->item_count;
		return book_apply(t, a, j->items, j->item_count, &j->counts);
	}
	*records += j->finding_count;
	for (size_t i = 0; i < j->finding_count; i++)
		if (book_find(t, a, &j->findings[i]) < 0)
			return -1;
	return j->log != NULL ? do_log(t, a, j->log) : 0;
}

/* All of the batch in one transaction: 0, STORE_FULL or -1. */
static int
commit_once(struct writer *w, struct job *batch, uint64_t *records, struct err *e)
{
	struct arena *a = arena_new();
	struct store_txn *t = store_begin(w->store, true, e);
	int rc = -1;

	*records = 0;
	if (t == NULL)
		goto out;
	for (struct job *j = batch; j != NULL; j = j->next)
		if (do_job(t, a, j, records) < 0)
			break;
	rc = store_commit(t, e);
out:
	arena_free(a);
	return rc;
}

/* After every commit: letters must stop well before evidence finds no room. */
static void
watch_limit(struct writer *w)
{
	bool is_tight = store_is_beyond(w->store, w->tight_bytes);

	if (is_tight && !atomic_load(&w->is_tight))
		log_event(LOG_LEVEL_WARNING, "ledger-nearly-full", "reason",
		    "raise ledger_size_limit; new letters wait", NULL);
	atomic_store(&w->is_tight, is_tight);
}

static void
look_after_map(struct writer *w)
{
	int64_t now = clock_monotonic_ms();

	watch_limit(w);
	if (now - w->reaped_ms < REAP_MS && w->reaped_ms != 0)
		return;
	w->reaped_ms = now;
	store_reap(w->store);
}

static void
count_source(struct writer *w, enum evidence_source source, uint64_t n)
{
	if (source <= SOURCE_EDXML)
		atomic_fetch_add(&w->evidence[source], n);
}

static void
count_batch(struct writer *w, const struct job *batch, int64_t took_us)
{
	int64_t jobs = 0;

	for (const struct job *j = batch; j != NULL; j = j->next, jobs++) {
		if (j->entry != NULL)
			count_source(w, j->entry->evidence.source,
			    j->entry->addressee_count);
		for (size_t i = 0; i < j->finding_count; i++)
			count_source(w, j->findings[i].evidence.source, 1);
	}
	histogram_add(&w->times.commit_us, histogram_times_us, took_us);
	histogram_add(&w->times.jobs, histogram_sizes, jobs);
}

static int
commit(struct writer *w, struct job *batch, struct err *e)
{
	int64_t began_us = clock_monotonic_ns() / 1000;
	uint64_t records;
	int rc;

	while ((rc = commit_once(w, batch, &records, e)) == STORE_FULL) {
		w->reaped_ms = 0;
		if (store_grow(w->store, e) < 0)
			break;
	}
	if (rc == 0) {
		atomic_fetch_add(&w->commits, 1);
		atomic_fetch_add(&w->records, records);
		count_batch(w, batch, clock_monotonic_ns() / 1000 - began_us);
	} else {
		atomic_fetch_add(&w->failures, 1);
	}
	look_after_map(w);
	return rc == 0 ? 0 : -1;
}

/* What waits, at most a batch of it; under the lock. */
static struct job *
take_batch(struct writer *w)
{
	struct job *batch = w->first, *end = batch;

	for (int n = 1; n < BATCH_MAX && end->next != NULL; n++)
		end = end->next;
	w->first = end->next;
	if (w->first == NULL)
		w->last = &w->first;
	end->next = NULL;
	return batch;
}

static void
finish_batch(struct writer *w, struct job *batch, int rc, const struct err *e)
{
	struct job *next;

	for (struct job *j = batch; j != NULL; j = next) {
		next = j->next;
		j->rc = rc;
		if (rc < 0)
			j->e = *e;
		j->is_done = true;
		w->waiting--;
		pthread_cond_signal(&j->done);
	}
}

/* Until somebody signals or ${until_ms} is past: is there time left? */
static bool
wait_until(struct writer *w, int64_t until_ms)
{
	struct timespec until = { until_ms / 1000, until_ms % 1000 * 1000000 };

	return pthread_cond_timedwait(&w->work, &w->lock, &until) != ETIMEDOUT;
}

/*
 * On a slow disk a commit waits for the letters that are being judged, and for
 * as many as the last one took along, at most as long as that one took: they
 * would wait for the next one otherwise.
 */
static void
wait_for_company(struct writer *w)
{
	int64_t until = clock_monotonic_ms() + w->commit_ms;

	if (w->commit_ms < SLOW_MS)
		return;
	while ((w->expected > 0 || w->waiting < w->company) && !w->is_stopping)
		if (!wait_until(w, until))
			return;
}

static bool
has_backlog(const struct writer *w)
{
	return w->backlog != NULL && !backlog_is_empty(w->backlog);
}

/* What waited for room; as long as there is none, it stays. */
static void
write_backlog(struct writer *w)
{
	struct arena *a;
	struct finding *list;
	struct job j = { .entry = NULL };
	struct err e;
	size_t mark;

	if (!has_backlog(w))
		return;
	a = arena_new();
	mark = backlog_read(w->backlog, a, &list, &j.finding_count);
	j.findings = list;
	if (commit(w, &j, &e) == 0) {
		backlog_drop(w->backlog, mark);
		log_event(LOG_LEVEL_INFO, "backlog-written", "reason",
		    arena_print(a, "%zu findings", j.finding_count), NULL);
	}
	arena_free(a);
}

static void *
write_all(void *cookie)
{
	struct writer *w = cookie;
	struct job *batch;
	int64_t began;
	struct err e;
	int rc;

	pthread_mutex_lock(&w->lock);
	for (;;) {
		if (w->first == NULL && w->is_stopping)
			break;
		if (w->first == NULL) {
			wait_until(w, clock_monotonic_ms() +
			    (has_backlog(w) ? RETRY_MS : REAP_MS));
			if (w->first == NULL) {
				pthread_mutex_unlock(&w->lock);
				write_backlog(w);
				look_after_map(w);
				pthread_mutex_lock(&w->lock);
			}
			continue;
		}
		wait_for_company(w);
		w->company = w->waiting;
		batch = take_batch(w);
		pthread_mutex_unlock(&w->lock);
		began = clock_monotonic_ms();
		rc = commit(w, batch, &e);
		pthread_mutex_lock(&w->lock);
		w->commit_ms = clock_monotonic_ms() - began;
		finish_batch(w, batch, rc, &e);
		if (rc == 0 && has_backlog(w)) {
			pthread_mutex_unlock(&w->lock);
			write_backlog(w);
			pthread_mutex_lock(&w->lock);
		}
	}
	pthread_mutex_unlock(&w->lock);
	write_backlog(w);
	return NULL;
}

static void
cond_init_monotonic(pthread_cond_t *cond)
{
	pthread_condattr_t attributes;

	pthread_condattr_init(&attributes);
	pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
	pthread_cond_init(cond, &attributes);
	pthread_condattr_destroy(&attributes);
}

struct writer *
writer_start(struct store *s, struct backlog *b, struct err *e)
{
	struct writer *w = calloc(1, sizeof(*w));
	struct store_usage u;

	must(w != NULL);
	w->store = s;
	w->backlog = b;
	store_usage(s, &u);
	w->tight_bytes = u.limit_bytes / 100 * TIGHT_PERCENT;
	w->last = &w->first;
	pthread_mutex_init(&w->lock, NULL);
	cond_init_monotonic(&w->work);
	look_after_map(w);
	if (pthread_create(&w->thread, NULL, write_all, w) == 0)
		return w;
	err_set(e, "cannot start the ledger's writer");
	free(w);
	return NULL;
}

void
writer_finish(struct writer *w)
{
	if (w == NULL)
		return;
	pthread_mutex_lock(&w->lock);
	w->is_stopping = true;
	pthread_cond_signal(&w->work);
	pthread_mutex_unlock(&w->lock);
	pthread_join(w->thread, NULL);
}

void
writer_stop(struct writer *w)
{
	if (w == NULL)
		return;
	writer_finish(w);
	pthread_mutex_destroy(&w->lock);
	pthread_cond_destroy(&w->work);
	free(w);
}

static int
hand_in(struct writer *w, struct job *j, struct err *e)
{
	pthread_cond_init(&j->done, NULL);
	pthread_mutex_lock(&w->lock);
	if (w->is_stopping) {
		pthread_mutex_unlock(&w->lock);
		pthread_cond_destroy(&j->done);
		return err_set(e, "the ledger is being closed; try again later");
	}
	*w->last = j;
	w->last = &j->next;
	w->waiting++;
	pthread_cond_signal(&w->work);
	while (!j->is_done)
		pthread_cond_wait(&j->done, &w->lock);
	pthread_mutex_unlock(&w->lock);
	pthread_cond_destroy(&j->done);
	if (j->rc < 0)
		*e = j->e;
	return j->rc;
}

int
writer_register(struct writer *w, const struct entry *entry,
    struct entry_result *result, struct err *e)
{
	struct job j = { .entry = entry };

	if (writer_is_tight(w))
		return err_set(e, "the ledger is nearly full; raise "
		    "ledger_size_limit");
	if (hand_in(w, &j, e) < 0)
		return -1;
	*result = j.result;
	return 0;
}

int
writer_find(struct writer *w, const struct finding *list, size_t n, struct err *e)
{
	struct job j = { .findings = list, .finding_count = n };

	return n != 0 ? hand_in(w, &j, e) : 0;
}

int
writer_keep(struct writer *w, const struct finding *list, size_t n, struct err *e)
{
	struct err full;

	if (writer_find(w, list, n, e) == 0)
		return 0;
	if (w->backlog == NULL || backlog_add(w->backlog, list, n, &full) < 0)
		return -1;
	return 1;
}

int
writer_follow(struct writer *w, const struct log_batch *b, struct err *e)
{
	struct job j = { .findings = b->findings,
	    .finding_count = b->finding_count, .log = b };

	return hand_in(w, &j, e);
}

int
writer_apply(struct writer *w, const struct item *list, size_t n,
    struct item_counts *counts, struct err *e)
{
	struct job j = { .items = list, .item_count = n };

	*counts = (struct item_counts){ 0 };
	if (n == 0)
		return 0;
	/* What takes away may always: room must be made for evidence. */
	if (list->kind < ITEM_FORGET_DOCUMENT && writer_is_tight(w))
		return err_set(e, "the ledger is nearly full; raise "
		    "ledger_size_limit");
	if (hand_in(w, &j, e) < 0)
		return -1;
	*counts = j.counts;
	return 0;
}

void
writer_expect(struct writer *w)
{
	pthread_mutex_lock(&w->lock);
	w->expected++;
	pthread_mutex_unlock(&w->lock);
}

void
writer_release(struct writer *w)
{
	pthread_mutex_lock(&w->lock);
	if (--w->expected == 0)
		pthread_cond_signal(&w->work);
	pthread_mutex_unlock(&w->lock);
}

void
writer_counts(const struct writer *w, struct writer_counts *c)
{
	struct writer *unlocked = (struct writer *)w;

	pthread_mutex_lock(&unlocked->lock);
	c->waiting = w->waiting;
	pthread_mutex_unlock(&unlocked->lock);
	c->commits = atomic_load(&w->commits);
	c->records = atomic_load(&w->records);
	c->failures = atomic_load(&w->failures);
	for (int i = 0; i <= SOURCE_EDXML; i++)
		c->evidence[i] = atomic_load(&w->evidence[i]);
}

const struct writer_times *
writer_times(const struct writer *w)
{
	return &w->times;
}

bool
writer_is_tight(const struct writer *w)
{
	return atomic_load(&w->is_tight);
}
