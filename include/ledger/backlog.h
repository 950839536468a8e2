/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef LEDGER_BACKLOG_H
#define LEDGER_BACKLOG_H

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"

struct err;
struct finding;

#define BACKLOG_BYTES ((size_t)1024 * 1024)

/*
 * Evidence that came while the ledger could not take it, in memory and in a
 * file beside the ledger whose room was taken before: a full disk does not keep
 * it from being written.  Bounded; any thread.
 */
struct backlog;

/**
 * backlog_open(folder, e):
 * The backlog of the ledger ${folder}, with what its file holds.  NULL only if
 * the file is of somebody else's making; where the disk has no room for it,
 * memory alone must do.
 */
struct backlog *backlog_open(const char *folder, struct err *e);

/** backlog_free(b): What is in it stays in the file; NULL is nothing. */
void backlog_free(struct backlog *b);

/**
 * backlog_add(b, list, n, e):
 * Keep ${n} findings.  1 kept and on disk, 0 kept in memory only, -1 there is no room.
 */
int backlog_add(struct backlog *b, const struct finding *list, size_t n, struct err *e);

/** backlog_bytes(b): How much is in it. Cheap. */
size_t backlog_bytes(const struct backlog *b);

/** backlog_is_empty(b): Is nothing in it? Cheap. */
bool backlog_is_empty(const struct backlog *b);

/**
 * backlog_read(b, a, list, count):
 * All that is in it, in ${a}.  Return a mark for backlog_drop.
 */
size_t backlog_read(struct backlog *b, struct arena *a, struct finding **list, size_t *count);

/** backlog_drop(b, mark): Forget what was read up to ${mark}, unless more came since: it is in the ledger. */
void backlog_drop(struct backlog *b, size_t mark);

#endif /* !LEDGER_BACKLOG_H */
