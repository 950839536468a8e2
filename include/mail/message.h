/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef MAIL_MESSAGE_H
#define MAIL_MESSAGE_H

#include <stddef.h>

#include "base/arena.h"
#include "base/span.h"
#include "mail/header.h"
#include "mail/mime.h"
#include "mail/view.h"

struct message_limits {
	struct mime_limits mime;
	size_t text_bytes;	/* of decoded text, over all parts */
};

/* A message as it is judged; all of it lives in the arena it was read into. */
struct message {
	struct span raw;
	struct headers headers;
	struct parts parts;
	struct view *subject;		/* NULL if there is none */
	struct view **texts;		/* one per text part that is shown */
	size_t text_count;
	struct view **names;		/* one per attachment name, in order of parts */
	size_t name_count, name_size;
	struct view **attachments;	/* texts of attachments: part is the path of one, or begins
					   with it and "/" (what an archive holds); text parts among
					   them are in ${texts} too, the same view */
	size_t attachment_count, attachment_size;
	struct span message_id;		/* with <>, as it stands; empty if none */
	enum part_reason reason;	/* why its text is incomplete; PART_READ if it is whole */
};

/**
 * message_read(a, raw, limits):
 * Read ${raw} (RFC 5322, CRLF or LF): fields, parts, text views.  ${raw} must
 * live as long as the result.  Never fails: what cannot be read has a reason.
 */
struct message *message_read(struct arena *a, struct span raw,
    const struct message_limits *limits);

/**
 * message_add_text(a, m, part, text):
 * Add UTF-8 ${text} that was taken out of an attachment to ${m}->attachments;
 * ${a} is the arena of ${m}, in which both strings must live.  ${part} is the path
 * of the attachment ("2"), or what lies inside of it behind a slash
 * ("2/letter.docx").  To be done between reading and judging.
 */
void message_add_text(struct arena *a, struct message *m, const char *part,
    struct span text);

/**
 * message_add_part(a, m, p):
 * Add a part that was found inside of an attachment of ${m}, with a view of its name.
 * The list of parts may move.
 */
void message_add_part(struct arena *a, struct message *m, const struct part *p);

/** message_header_views(a, m, name, count): The views of all fields called ${name}: ${count} in an array. */
struct view **message_header_views(struct arena *a, const struct message *m,
    const char *name, size_t *count);

/** part_decode(a, p): The transfer-decoded bytes of ${p}; none of one that is_inside. */
struct span part_decode(struct arena *a, const struct part *p);

/** part_size(a, p): How many bytes those are, or were. */
size_t part_size(struct arena *a, const struct part *p);

#endif /* !MAIL_MESSAGE_H */
