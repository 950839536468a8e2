/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef FILTER_DESK_H
#define FILTER_DESK_H

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/config.h"
#include "filter/counters.h"
#include "filter/spool.h"

struct backlog;
struct client;
struct err;
struct faults;
struct shadows;
struct snapshots;
struct store;
struct writer;

/*
 * What all sessions share: the snapshot, the ledger, the counters; and the
 * configuration, which does not change while the filter runs.
 */
struct desk {
	struct config config;
	struct snapshots *snapshots;
	struct shadows *shadows;
	struct store *store;
	struct writer *writer;
	struct client *extract;		/* looks into attachments; NULL: nobody does */
	struct backlog *backlog;
	struct counters counters;
	struct spool_limits spool_limits;
	atomic_bool is_draining;
	int64_t started_ms;
	/* at most judge_limit messages are judged at once; others wait */
	pthread_mutex_t reload_lock;	/* one reload at a time */
	pthread_mutex_t judge_lock;
	pthread_cond_t judge_free;
	size_t judging;
};

/**
 * desk_open(d, f, e):
 * With ${d}'s configuration filled in: make the first key if there is none,
 * load policy and keys, open the ledger, start its writer.  A policy that does not
 * check gives way to the last good one, if one was kept, and the log says so.  0;
 * or -1 with the policy's faults in ${f} or the reason in ${e}.  desk_close in
 * either case.
 */
int desk_open(struct desk *d, struct faults *f, struct err *e);

/** desk_finish(d): Commit what waits; what comes later is refused, and may still look. */
void desk_finish(struct desk *d);

/** desk_close(d): Finish and free; no thread may use ${d}. */
void desk_close(struct desk *d);

/** desk_reload(d, f, e): Swap in policy and keys if they check; else the old ones stay and -1. Any thread. */
int desk_reload(struct desk *d, struct faults *f, struct err *e);

/**
 * desk_failure(f, e, text, size):
 * Why a policy was refused, on one line: its first error stands for all; ${e} if
 * there is none.
 */
void desk_failure(const struct faults *f, const struct err *e, char *text,
    size_t size);

/** desk_judge_begin(d), desk_judge_end(d): A seat at the table where messages are judged. */
void desk_judge_begin(struct desk *d);
void desk_judge_end(struct desk *d);

#endif /* !FILTER_DESK_H */
