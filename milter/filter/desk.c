/* SPDX-License-Identifier: BSD-2-Clause */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/err.h"
#include "base/fault.h"
#include "base/log.h"
#include "filter/snapshot.h"
#include "ledger/backlog.h"
#include "ledger/keyfile.h"
#include "ledger/shadow.h"
#include "ledger/store.h"
#include "ledger/writer.h"
#include "policy/policy.h"
#include "track/keyring.h"

#include "filter/desk.h"

static int
make_first_key(const char *folder, struct err *e)
{
	struct keyring *k = keyring_new();
	uint8_t id;
	int rc = -1;

	if (keyfile_load(folder, k, e) < 0)
		goto out;
	if (keyring_count(k) == 0 &&
	    keyfile_make(folder, clock_now_ms(), &id, e) < 0)
		goto out;
	rc = 0;
out:
	keyring_free(k);
	return rc;
}

static void
set_limits(struct desk *d)
{
	long cores = sysconf(_SC_NPROCESSORS_ONLN);

	if (d->config.judge_limit == 0)
		d->config.judge_limit = 4 * (size_t)(cores > 0 ? cores : 1);
	d->spool_limits = (struct spool_limits){
		.folder = d->config.spool,
		.memory = d->config.memory_limit,
		.message = d->config.message_size_limit,
		.total = d->config.spool_limit,
		.bytes = &d->counters.spool_bytes,
	};
}

static struct snapshot_places
places_of(const struct desk *d)
{
	return (struct snapshot_places){ .policy = d->config.policy,
	    .keys = d->config.keys, .kept = d->config.ledger };
}

void
desk_failure(const struct faults *f, const struct err *e, char *text, size_t size)
{
	const struct fault *first = f->first;

	while (first != NULL && first->is_warning)
		first = first->next;
	if (first == NULL)
		snprintf(text, size, "%s", e->text);
	else
		snprintf(text, size, "%s:%zu:%zu: %s (%zu in all; see them "
		    "with: milterctl policy check)", first->file, first->line,
		    first->column, first->message, f->errors);
}

/* The files do not check: what was in force before the restart is again. */
static struct snapshot *
fall_back(struct desk *d, const struct faults *f, const struct err *why,
    char *text, size_t size)
{
	struct snapshot_places places = places_of(d);
	struct faults of_kept = { 0 };
	struct snapshot *last;
	struct err e;

	desk_failure(f, why, text, size);
	last = snapshot_load_last(&places, &of_kept, &e);
	if (last != NULL)
		log_event(LOG_LEVEL_ERROR, "policy-broken", "reason", text,
		    "in_force", "the last good policy",
		    "policy", policy_digest(last->policy), NULL);
	else if (e.text[0] != '\0')
		log_event(LOG_LEVEL_ERROR, "no-last-policy", "reason", e.text, NULL);
	faults_end(&of_kept);
	return last;
}

static int
open_snapshots(struct desk *d, struct faults *f, struct err *e)
{
	struct snapshot_places places = places_of(d);
	struct snapshot *first;
	char broken[1024] = "";

	first = snapshot_load(&places, NULL, f, e);
	if (first == NULL)
		first = fall_back(d, f, e, broken, sizeof(broken));
	if (first == NULL)
		return -1;
	d->snapshots = snapshots_new(first);
	if (broken[0] != '\0')
		snapshots_note(d->snapshots, broken);
	return 0;
}

int
desk_open(struct desk *d, struct faults *f, struct err *e)
{

	pthread_mutex_init(&d->judge_lock, NULL);
	pthread_mutex_init(&d->reload_lock, NULL);
	pthread_cond_init(&d->judge_free, NULL);
	d->started_ms = clock_now_ms();
	set_limits(d);
	if (make_first_key(d->config.keys, e) < 0)
		return -1;
	if (open_snapshots(d, f, e) < 0)
		return -1;
	if ((d->shadows = shadows_open(d->config.ledger, e)) == NULL)
		return -1;
	d->store = store_open(d->config.ledger, d->config.ledger_size_limit, e);
	if (d->store == NULL)
		return -1;
	d->backlog = backlog_open(d->config.ledger, e);
	if (d->backlog == NULL)
		return -1;
	d->writer = writer_start(d->store, d->backlog, e);
	return d->writer != NULL ? 0 : -1;
}

void
desk_finish(struct desk *d)
{
	writer_finish(d->writer);
}

void
desk_close(struct desk *d)
{
	writer_stop(d->writer);
	backlog_free(d->backlog);
	store_close(d->store);
	snapshots_free(d->snapshots);
	shadows_free(d->shadows);
	d->shadows = NULL;
	d->writer = NULL;
	d->backlog = NULL;
	d->store = NULL;
	d->snapshots = NULL;
}

static int
reload(struct desk *d, struct faults *f, struct err *e)
{
	const struct snapshot *before = snapshot_hold(d->snapshots);
	struct snapshot_places places = places_of(d);
	struct snapshot *next;
	char broken[1024];

	next = snapshot_load(&places, before, f, e);
	snapshot_release(d->snapshots, before);
	if (next == NULL) {
		desk_failure(f, e, broken, sizeof(broken));
		snapshots_note(d->snapshots, broken);
		counter_add(&d->counters.reload_failures, 1);
		return -1;
	}
	snapshot_swap(d->snapshots, next);
	snapshots_note(d->snapshots, NULL);
	counter_add(&d->counters.reloads, 1);
	return 0;
}

int
desk_reload(struct desk *d, struct faults *f, struct err *e)
{
	int rc;

	pthread_mutex_lock(&d->reload_lock);
	rc = reload(d, f, e);
	pthread_mutex_unlock(&d->reload_lock);
	return rc;
}

void
desk_judge_begin(struct desk *d)
{
	pthread_mutex_lock(&d->judge_lock);
	while (d->judging >= d->config.judge_limit)
		pthread_cond_wait(&d->judge_free, &d->judge_lock);
	d->judging++;
	pthread_mutex_unlock(&d->judge_lock);
}

void
desk_judge_end(struct desk *d)
{
	pthread_mutex_lock(&d->judge_lock);
	d->judging--;
	pthread_cond_signal(&d->judge_free);
	pthread_mutex_unlock(&d->judge_lock);
}
