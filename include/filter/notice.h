/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef FILTER_NOTICE_H
#define FILTER_NOTICE_H

#include <stdbool.h>

struct message;
struct session;

/**
 * notice_is_expected(s):
 * May the message whose header ${s} has acknowledge a document of ours, so that
 * its body must be read?  When in doubt, yes.
 */
bool notice_is_expected(struct session *s);

/**
 * notice_record(s, m):
 * If ${m} acknowledges documents of ours, record what it says, durably; while
 * the ledger cannot take it, in its backlog.  What cannot be kept at all is logged
 * in full.  A notice is never refused: true only if it may be discarded, being a success
 * notice that nobody but we asked for, recorded.
 */
bool notice_record(struct session *s, const struct message *m);

#endif /* !FILTER_NOTICE_H */
