/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef MAIL_VIEW_H
#define MAIL_VIEW_H

#include "base/arena.h"
#include "base/span.h"
#include "mail/map.h"

/* Patterns run on what a reader sees.  `folded`, `legacy`, `bare` join `text` here. */
enum view_name { VIEW_TEXT, VIEW_COUNT };

struct view {
	enum view_name name;
	const char *part;	/* path, or "header:Subject", or "name:PATH" */
	struct span text;	/* valid UTF-8 */
	struct map map;		/* back to the decoded bytes of the part */
};

/** view_title(name): "text". */
const char *view_title(enum view_name name);

/** view_of_text(a, part, text): The text view of UTF-8 ${text}, say a decoded header. */
struct view *view_of_text(struct arena *a, const char *part, struct span text);

/**
 * view_of_part(a, part, decoded, charset, is_html):
 * The text view of the transfer-decoded bytes of a text part.
 */
struct view *view_of_part(struct arena *a, const char *part, struct span decoded,
    struct span charset, int is_html);

/** view_locate(v, start, length, offset, width): Where a hit in ${v} stands in the decoded part. */
void view_locate(const struct view *v, size_t start, size_t length, size_t *offset,
    size_t *width);

#endif /* !MAIL_VIEW_H */
