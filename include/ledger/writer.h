/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef LEDGER_WRITER_H
#define LEDGER_WRITER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/histogram.h"
#include "ledger/follow.h"
#include "track/document.h"
#include "track/evidence.h"

struct backlog;
struct err;
struct item;
struct item_counts;
struct store;

/*
 * The one thread that writes.  Callers of any thread hand in work and sleep
 * until it is durable; whatever is waiting when a commit begins shares it.
 */
struct writer;

/* A letter to be recorded with one evidence of the filter for each addressee. */
struct entry {
	struct document document;	/* with a candidate ID */
	const struct addressee *addressees;
	size_t addressee_count;
	struct evidence evidence;	/* the same for each */
	bool is_registered;		/* tracked: the retry key decides the ID in force */
};

struct entry_result {
	struct docid id;		/* in force */
	bool is_retry;			/* the ID was there before */
};

struct writer_counts {
	uint64_t commits;
	uint64_t records;		/* recipients and evidence in them */
	uint64_t failures;
	uint64_t waiting;		/* right now */
	uint64_t evidence[SOURCE_EDXML + 1];	/* by source, duplicates too */
};

/* How commits went. */
struct writer_times {
	struct histogram commit_us;	/* histogram_times_us */
	struct histogram jobs;		/* that shared one: histogram_sizes */
};

/**
 * writer_start(s, b, e):
 * Start the thread on ${s}, which it alone writes from now on.  What is in ${b}
 * (NULL: there is none) it writes as soon as it can.  Both must outlive it.
 */
struct writer *writer_start(struct store *s, struct backlog *b, struct err *e);

/** writer_finish(w): Commit what waits and stop the thread; what is handed in later is refused.  Once; NULL is nothing. */
void writer_finish(struct writer *w);

/** writer_stop(w): Finish and free, when no thread uses ${w}; NULL is nothing. */
void writer_stop(struct writer *w);

/**
 * writer_register(w, entry, result, e):
 * Record ${entry} durably: get-or-put on its retry key inside the transaction,
 * missing addressees and evidence added, attempts counted.  Blocks until
 * committed.  0 with the ${result}; -1 with the reason: nothing is recorded.
 */
int writer_register(struct writer *w, const struct entry *entry,
    struct entry_result *result, struct err *e);

/* Evidence for one recipient of a document. */
struct finding {
	struct docid id;
	struct span recipient;		/* canonical */
	struct evidence evidence;
};

/**
 * writer_find(w, list, n, e):
 * Record ${n} findings durably.  One whose document or recipient is not known is
 * kept all the same (flag no-origin).  A duplicate changes nothing.  0 or -1.
 */
int writer_find(struct writer *w, const struct finding *list, size_t n, struct err *e);

/**
 * writer_keep(w, list, n, e):
 * As writer_find; but what cannot be written now waits in the backlog.  0 in the
 * ledger; 1 it waits, with the reason; -1 there is no room for it either.
 */
int writer_keep(struct writer *w, const struct finding *list, size_t n, struct err *e);

/**
 * writer_expect(w), writer_release(w):
 * A letter is in hand that may be registered soon; it no longer is, or it is
 * about to be.  On a slow disk a commit waits for such letters, and for as many
 * as the commit before it took along, at most as long as that one took; on a
 * fast one (under 2 ms), or after one alone with none in hand, it never waits.
 */
void writer_expect(struct writer *w);
void writer_release(struct writer *w);

/* What a stretch of Postfix's log said. */
struct log_batch {
	const struct finding *findings;
	size_t finding_count;
	const struct followed *followed;	/* in the order of the log */
	size_t followed_count;
	struct log_position position;		/* behind the stretch */
};

/**
 * writer_follow(w, b, e):
 * Record findings, messages and position durably in one transaction: after a
 * crash the log is read on from where its evidence ends.  0 or -1.
 */
int writer_follow(struct writer *w, const struct log_batch *b, struct err *e);

/**
 * writer_apply(w, list, n, counts, e):
 * Apply ${n} items (book_apply) durably in one transaction.  0 with what they
 * changed; -1 with the reason: nothing is.
 */
int writer_apply(struct writer *w, const struct item *list, size_t n,
    struct item_counts *counts, struct err *e);

/** writer_counts(w, c): What was done so far. */
void writer_counts(const struct writer *w, struct writer_counts *c);

/** writer_times(w): How commits went so far; lives as long as ${w}. */
const struct writer_times *writer_times(const struct writer *w);

/** writer_is_tight(w): Is the map beyond 80 % of its limit? New letters wait then, evidence does not. */
bool writer_is_tight(const struct writer *w);

#endif /* !LEDGER_WRITER_H */
