/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef CHANGE_INTERNAL_H
#define CHANGE_INTERNAL_H

#include "ledger/item.h"

struct config;
struct err;
struct store;

/*
 * Changes of many records: through the daemon if it runs, else here under
 * daemon.lock.  Written in batches, each durable and whole.
 */
struct change;

/** change_begin(a, c, e): NULL with the reason if nobody may write now. */
struct change *change_begin(struct arena *a, const struct config *c, struct err *e);

/** change_add(x, item, e): One more; a full batch is written.  0 or -1. */
int change_add(struct change *x, const struct item *item, struct err *e);

/** change_flush(x, e): Write what was added and not written yet.  0 or -1. */
int change_flush(struct change *x, struct err *e);

/** change_store(x): The ledger, to read beside the changes; lives as long as ${x}. */
struct store *change_store(const struct change *x);

/** change_counts(x): What was changed so far. */
const struct item_counts *change_counts(const struct change *x);

/** change_free(x): What was not flushed is not written; NULL is nothing. */
void change_free(struct change *x);

#endif /* !CHANGE_INTERNAL_H */
