/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef MAIL_VIEW_H
#define MAIL_VIEW_H

#include <stdbool.h>

#include "base/arena.h"
#include "base/span.h"

struct view_origin;

/*
 * Patterns run on what a reader sees: on a text and on what else it can be read
 * as.  The views of one text:
 *   text    decoded, invisible characters stripped, marks in order, NFC
 *   folded  text with look-alikes, width, letter-spacing and the tone's place
 *           folded; tone and case kept.  Where folding changes nothing it is the
 *           `text` view itself, the same pointer
 *   legacy  what it says in TCVN3 (ABC), VNI, VISCII, windows-1258 or VIQR, folded; none if it
 *           cannot be that, else the likeliest first and the others at ->next
 *   bare    folded without diacritics, lower case
 */
enum view_name { VIEW_TEXT, VIEW_FOLDED, VIEW_LEGACY, VIEW_BARE, VIEW_COUNT };

struct view {
	enum view_name name;
	const char *part;		/* path, or "header:Subject", or "name:PATH" */
	struct span text;		/* valid UTF-8 */
	const struct view *next;	/* a further reading; only of `legacy` */
	struct view_origin *origin;
};

/** view_names: Every view's name, ended by NULL. */
extern const char *const view_names[];

/** view_title(name): "text", "folded", "legacy", "bare". */
const char *view_title(enum view_name name);

/** view_parse(name): The view called ${name}; VIEW_COUNT if there is none. */
enum view_name view_parse(struct span name);

/**
 * view_of_text(a, part, text):
 * The text view of UTF-8 ${text}, say a decoded header or what was taken out of
 * an attachment: its offsets are those of ${text}, which must live as long as ${a}.
 */
struct view *view_of_text(struct arena *a, const char *part, struct span text);

/**
 * view_of_part(a, part, decoded, charset, is_html):
 * The text view of the transfer-decoded bytes of a text part, which must live as
 * long as ${a}.
 */
struct view *view_of_part(struct arena *a, const char *part, struct span decoded,
    struct span charset, bool is_html);

/**
 * view_get(text, name):
 * The view called ${name} of the text whose text view is ${text}; NULL if there
 * is none.  It is made when it is first asked for, in the arena of ${text}: so
 * not for two threads at once.
 */
const struct view *view_get(const struct view *text, enum view_name name);

/**
 * view_is_folded(text):
 * Do patterns find in ${text} all that they find in its folded view?  They look
 * for a tone in either place themselves: so yes if nothing else would be folded.
 */
bool view_is_folded(const struct view *text);

/**
 * view_locate(v, start, length, offset, width):
 * Where a hit in ${v} stands in the decoded part.  The way back is found when it
 * is first asked for, as view_get says.
 */
void view_locate(const struct view *v, size_t start, size_t length, size_t *offset,
    size_t *width);

#endif /* !MAIL_VIEW_H */
