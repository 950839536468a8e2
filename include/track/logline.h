/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef TRACK_LOGLINE_H
#define TRACK_LOGLINE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/span.h"

/* What a line of Postfix's log says of a message in its queue. */
enum logline_kind {
	LOGLINE_MESSAGE_ID,	/* cleanup read this Message-ID; "<>" = there was none */
	LOGLINE_QUEUED,		/* it is in the active queue; comes again at each retry */
	LOGLINE_SENT,		/* given to the next hop, or to a mailbox here */
	LOGLINE_DEFERRED,
	LOGLINE_BOUNCED,
	LOGLINE_EXPIRED,	/* for every recipient that is still open */
	LOGLINE_STUCK,		/* a bounce or success notice cannot be made */
	LOGLINE_REMOVED,	/* the queue file is gone: all is done */
	LOGLINE_DELETED,	/* an administrator deleted it */
	LOGLINE_HELD,
	LOGLINE_RELEASED,
	LOGLINE_REFUSED,	/* a milter refused or discarded it at its end */
	LOGLINE_REQUEUED,	/* it goes through the queue's entrance again */
	LOGLINE_ORIGIN,		/* it came again: was ${origin_id} before */
};

struct logline {
	enum logline_kind kind;
	int64_t time_ms;		/* as the log says, to the second or better */
	struct span host;
	struct span instance;		/* syslog_name up to a "/": "postfix" */
	struct span daemon;		/* "smtp" */
	struct span queue_id;
	struct span message_id;		/* of LOGLINE_MESSAGE_ID, with <> */
	struct span origin_id;		/* of LOGLINE_ORIGIN */
	/* of SENT, DEFERRED and BOUNCED: */
	struct span recipient;		/* without <>; as it was delivered to */
	struct span original;		/* as the client gave it; empty = the same */
	struct span relay;		/* "mx.x.vn[192.0.2.1]:25", "virtual", "none" */
	struct span status;		/* "2.0.0" */
	bool is_local;			/* of SENT: in a mailbox of this host */
};

/**
 * logline_parse(line, now_ms, out):
 * Read ${line} (without its line end) strictly from left to right: time (RFC
 * 3339, or "Nov 24 06:53:29" taken as the latest such moment up to a day after
 * ${now_ms}, local zone), host, syslog_name/daemon[pid], queue ID, what it
 * says.  Nothing from the first "(" of a status on is read: remote servers are
 * quoted there.  Return true with ${out}, which points into ${line}; false for
 * every other line.
 */
bool logline_parse(struct span line, int64_t now_ms, struct logline *out);

/** logline_is_final(k): Does it end a recipient's or the message's way (sent, bounced, expired)? */
bool logline_is_final(enum logline_kind k);

#endif /* !TRACK_LOGLINE_H */
