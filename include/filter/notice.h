/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef FILTER_NOTICE_H
#define FILTER_NOTICE_H

struct message;
struct session;

/**
 * notice_record(s, m):
 * If ${m} reports on documents of ours, record what it says, durably.  What
 * cannot be recorded is logged in full: a notice is let through in any case.
 */
void notice_record(struct session *s, const struct message *m);

#endif /* !FILTER_NOTICE_H */
