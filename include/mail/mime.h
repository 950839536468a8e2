/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef MAIL_MIME_H
#define MAIL_MIME_H

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "base/span.h"
#include "mail/header.h"
#include "mail/transfer.h"

/* The one door to GMime: structure only.  Decoding is ours. */

enum part_reason {	/* why a part could not be looked into */
	PART_READ,		/* it was, or need not be */
	PART_ENCRYPTED,
	PART_NO_TEXT,
	PART_DAMAGED,
	PART_DEPTH,
	PART_SIZE,
	PART_UNSUPPORTED,
	/* These pass: another try may read it. */
	PART_TIME,
	PART_MEMORY,
	PART_HELPER,
};

struct part {
	const char *path;	/* as IMAP: "1", "2.1"; a message's own multipart "0", "2.0" */
	const char *type;	/* declared, lower case: "text/plain" */
	struct span charset;	/* of a text part; may be empty */
	struct span name;	/* file name, decoded; empty = none */
	struct span other_name;	/* where the type names another one than the disposition */
	enum transfer_encoding encoding;
	struct headers headers;	/* of the part */
	struct span raw;	/* as transferred; points into the message, of one uuencoded in a
				   text into that, decoded */
	bool is_attachment;	/* has a name, or is no text, multipart or message */
	bool is_container;	/* multipart or message/rfc822 */
	bool is_inside;		/* found in an attachment: "2/1"; no headers, no raw */
	const char *true_type;	/* by content; NULL: nobody looked */
	size_t size;		/* bytes, decoded; of one inside, and once true_type is set */
	enum part_reason reason;
};

struct mime_limits {
	size_t parts;
	size_t depth;
	size_t header_bytes;
	size_t header_count;
};

struct parts {
	struct part *list;	/* parents before children, in order */
	size_t count;
	size_t size;		/* room in the list */
	enum part_reason reason;	/* of the message as a whole */
};

/** parts_add(a, parts): One more, zeroed, at the end of the list, which may move. */
struct part *parts_add(struct arena *a, struct parts *parts);

/** mime_init(): Once per process, before any thread. */
void mime_init(void);

/**
 * mime_parse(a, raw, limits, parts):
 * The structure of the message ${raw}, which must live as long as ${a}'s
 * results.  A prescan bounds the parts, the depth and the headers before GMime
 * sees the bytes; past a bound ${parts} holds what is known (at least one
 * part: the message's body) and the reason PART_SIZE or PART_DEPTH.
 * Parts of message/rfc822 follow below it.  A type or an encoding declared
 * twice is PART_DAMAGED, and the part is listed once for each reading (the same
 * path again).  Never fails.
 */
void mime_parse(struct arena *a, struct span raw, const struct mime_limits *limits,
    struct parts *parts);

/** part_reason_is_transient(r): May another try read it? */
bool part_reason_is_transient(enum part_reason r);

/** part_reason_name(r): "encrypted", ... as policy and inspect say it; NULL for PART_READ. */
const char *part_reason_name(enum part_reason r);

#endif /* !MAIL_MIME_H */
