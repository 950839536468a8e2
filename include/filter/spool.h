/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef FILTER_SPOOL_H
#define FILTER_SPOOL_H

#include <stdatomic.h>
#include <stddef.h>

#include "base/span.h"

struct err;

/*
 * The bytes of one message after another: in memory while they are few, in a
 * file without a name when they are many.  One thread at a time.
 */
struct spool;

struct spool_limits {
	const char *folder;
	size_t memory;			/* bytes kept in memory */
	size_t message;			/* bytes of one message */
	size_t total;			/* bytes of all files together */
	atomic_int_fast64_t *bytes;	/* of all files together, shared */
};

enum spool_answer {
	SPOOL_KEPT,
	SPOOL_TOO_LARGE,	/* the message is beyond its limit: the rest is dropped */
	SPOOL_NO_ROOM,		/* the disk or the total is full: the rest is dropped */
};

/** spool_new(limits): An empty spool; ${limits} must outlive it. */
struct spool *spool_new(const struct spool_limits *limits);

/** spool_free(s): Free it and its file; NULL is nothing. */
void spool_free(struct spool *s);

/** spool_add(s, bytes): Append; what an earlier call refused stays refused. */
enum spool_answer spool_add(struct spool *s, struct span bytes);

/** spool_bytes(s, bytes, e): All that was kept, until the next call. 0, or -1 with the reason. */
int spool_bytes(struct spool *s, struct span *bytes, struct err *e);

/** spool_answer(s): The worst answer so far. */
enum spool_answer spool_answer(const struct spool *s);

/** spool_reset(s): Forget the message, keep the memory. */
void spool_reset(struct spool *s);

#endif /* !FILTER_SPOOL_H */
