/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef FILTER_PARENT_H
#define FILTER_PARENT_H

#include <stdbool.h>

struct config;
struct err;

/**
 * parent_lock(c, e):
 * Take daemon.lock in ${c}'s ledger: who holds it alone writes there.  Waits at
 * most 5 s.  0 (held until the process and its children end), or -1.
 */
int parent_lock(const struct config *c, struct err *e);

/**
 * parent_run(c, ready):
 * Keep the filter running: start it, restart it when it dies, pass SIGHUP on as
 * a reload and SIGTERM or SIGINT as a drain.  Once it serves for the first
 * time write a byte to ${ready} and close it (-1: none).  Return the exit status.
 */
int parent_run(struct config *c, int ready);

#endif /* !FILTER_PARENT_H */
