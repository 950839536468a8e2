/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef LEDGER_RECENT_H
#define LEDGER_RECENT_H

#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/span.h"
#include "track/docid.h"
#include "track/evidence.h"

struct err;
struct store;
struct store_txn;

/*
 * The latest evidence in the order in which it was written, each with a number
 * one above that of the one before: for those who watch.  The last 10,000 are kept.
 */
struct recent {
	uint64_t number;
	struct docid id;
	struct span recipient;
	struct evidence evidence;
};

/** recent_last(s, number, e): The number of the latest, 0 if there is none. 0 or -1. */
int recent_last(struct store *s, uint64_t *number, struct err *e);

/**
 * recent_read(s, a, after, list, count, e):
 * Up to 1,000 with numbers above ${after}, in order, in ${a}.  0 or -1.
 */
int recent_read(struct store *s, struct arena *a, uint64_t after,
    struct recent **list, size_t *count, struct err *e);

/** recent_add(t, a, key): Inside the writer's transaction: the evidence of that ${key} is new. 0 or -1. */
int recent_add(struct store_txn *t, struct arena *a, struct span key);

#endif /* !LEDGER_RECENT_H */
