/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef FILTER_SESSION_H
#define FILTER_SESSION_H

#include <stdbool.h>

#include "base/span.h"
#include "track/stamp.h"

struct desk;

/*
 * One connection of the MTA and the message that is on it.  Callbacks come one
 * at a time, but not always in the same thread: nothing is kept in a thread.
 */
struct session;

enum reply { REPLY_CONTINUE, REPLY_ACCEPT, REPLY_REJECT, REPLY_TEMPFAIL, REPLY_DISCARD, REPLY_HOLD };

/* What the MTA is told.  Lives as long as the message. */
struct answer {
	enum reply reply;
	const char *code;	/* of reject and tempfail: "550" */
	const char *enhanced;	/* "5.7.1" */
	const char *text;	/* for people; for hold the reason */
	struct edits edits;	/* before the reply, in order */
};

/** session_new(d, client, hostname): A session with the peer ${client} (IP address as text) of the MTA ${hostname}. */
struct session *session_new(struct desk *d, const char *client, const char *hostname);

/** session_free(s): With the message that is on it; NULL is nothing; never blocks. */
void session_free(struct session *s);

/** session_mail(s, sender, arguments, login): A message begins; ${arguments} end with NULL, ${login} may be NULL. */
void session_mail(struct session *s, const char *sender, char *const *arguments, const char *login);

/** session_recipient(s, recipient, arguments): One more addressee. */
void session_recipient(struct session *s, const char *recipient, char *const *arguments);

/** session_header(s, name, value): One more field; folds in ${value} as "\n" and blanks. */
void session_header(struct session *s, const char *name, const char *value);

/** session_headers_end(s, answer): Continue, or no more of this message is wanted (accept), or it must wait (tempfail). */
void session_headers_end(struct session *s, struct answer *answer);

/** session_body(s, bytes): The next bytes of the body. */
void session_body(struct session *s, struct span bytes);

/** session_end(s, queue_id, answer): End of message: judge, record, answer. ${queue_id} may be NULL. */
void session_end(struct session *s, const char *queue_id, struct answer *answer);

/** session_abort(s): Forget the message, after session_end too. */
void session_abort(struct session *s);

#endif /* !FILTER_SESSION_H */
