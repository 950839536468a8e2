/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef FILTER_CHILD_H
#define FILTER_CHILD_H

#include <sys/types.h>

#include <stdbool.h>

struct config;

/* What the parent tells the filter (logfile_send). */
#define CHILD_RELOAD 'r'
#define CHILD_DRAIN 'd'
/* What it hears, a byte each; it answers the last two with the same and files. */
#define CHILD_READY '!'
#define CHILD_WANT_LOGS 'L'	/* Postfix's log and what it was rotated to */
#define CHILD_WANT_LOG 'l'	/* the log as it is now */

/**
 * child_run(c, parent, fd, extract, is_detached):
 * Be the filter: drop root, open policy, keys and ledger, bind the sockets,
 * write CHILD_READY to ${fd}, serve, do as ${fd} says, end when it closes.
 * ${extract} is the client's end of extract/server.h.  ${parent} is the process that must still be our parent; a detached filter lets
 * go of stdin, stdout and stderr once it is ready.  Takes ${c}.  Return
 * the exit status; what went wrong was said on stderr and in the log.
 */
int child_run(struct config *c, pid_t parent, int fd, int extract, bool is_detached);

#endif /* !FILTER_CHILD_H */
