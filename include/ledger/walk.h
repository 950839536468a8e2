/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef LEDGER_WALK_H
#define LEDGER_WALK_H

#include <stdbool.h>
#include <stdint.h>

#include "ledger/item.h"

struct err;
struct store;

/**
 * walk_items(s, visit, context, e):
 * Call ${visit} for every document, followed by each of its recipients, each
 * followed by its evidence, in the order of IDs; then for every message that was
 * followed in the log.  The item lives only during the call; no transaction is
 * open then (records come in short reads, at most about a MiB at once), so what
 * is written meanwhile may or may not be among them.  ${visit} returns false to
 * stop.  Return how many were visited; -1 with the reason, also for a record
 * that makes no sense.
 */
int64_t walk_items(struct store *s, bool (*visit)(const struct item *, void *),
    void *context, struct err *e);

#endif /* !LEDGER_WALK_H */
