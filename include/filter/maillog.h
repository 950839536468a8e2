/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef FILTER_MAILLOG_H
#define FILTER_MAILLOG_H

#include <stddef.h>

struct desk;
struct err;
struct logfiles;

/*
 * Follows Postfix's log: what it says of messages that are documents of ours
 * becomes evidence, durable in one transaction with how far the log was read.
 */
struct maillog;

/** maillog_new(d, e): Read on from where the ledger says. NULL with the reason. */
struct maillog *maillog_new(struct desk *d, struct err *e);

/** maillog_free(m): NULL is nothing; its thread must not run. */
void maillog_free(struct maillog *m);

/** maillog_give(m, l): Take the open files ${l}: all of them, or the log alone to see whether it is another file now. Any thread. */
void maillog_give(struct maillog *m, struct logfiles *l, char order);

/**
 * maillog_read(m, e):
 * Read all that is there now and record it.  Return how many lines were read;
 * or -1: the ledger cannot be read or written now, nothing is lost, call again.
 */
long maillog_read(struct maillog *m, struct err *e);

/**
 * maillog_start(m, socket, e):
 * Follow in a thread of its own, which asks over ${socket} for files
 * (CHILD_WANT_LOGS) and whether the log is still the same file
 * (CHILD_WANT_LOG); maillog_give is the answer.  0 or -1.
 */
int maillog_start(struct maillog *m, int socket, struct err *e);

/** maillog_stop(m): End the thread, if it runs; what it read is recorded.  NULL is nothing. */
void maillog_stop(struct maillog *m);

#endif /* !FILTER_MAILLOG_H */
