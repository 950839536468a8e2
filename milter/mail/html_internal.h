/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef MAIL_HTML_INTERNAL_H
#define MAIL_HTML_INTERNAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/span.h"

/** html_entity(s, code): The reference at the start of ${s} ("&"); return its length or 0. */
size_t html_entity(struct span s, uint32_t *code);

/* What a style says of one of the ways to hide; and of capitals, which hide small letters. */
enum look { LOOK_SILENT, LOOK_HIDES, LOOK_SHOWS, LOOK_INSISTS /* !important */ };

enum { LOOK_DISPLAY, LOOK_VISIBILITY, LOOK_FONT, LOOK_OPACITY, LOOK_CAPITALS, LOOK_COUNT };

enum attribute { ATTRIBUTE_STYLE, ATTRIBUTE_CLASS, ATTRIBUTE_ID, ATTRIBUTE_MEDIA,
	ATTRIBUTE_TYPE };

/* One tag, from "<" to ">". */
struct tag {
	struct span name;
	char lower[12];		/* the name in lower case, cut */
	size_t end;		/* behind its ">" */
	bool is_end;		/* "</..." */
	bool has_hidden;	/* the attribute: any style counts more */
	bool has_size;		/* <font size=3> */
	bool has_title;
	unsigned attributes;	/* bits of those that were seen */
	struct span classes, id, media, type;
	enum look looks[LOOK_COUNT];
};

/** style_parse(looks, style): What the declarations of ${style} say, in ${looks}. */
void style_parse(enum look *looks, struct span style);

/** looks_doubt(looks): Nobody knows what is hidden: nothing is. */
void looks_doubt(enum look *looks);

#define SHEET_RULES 128		/* those about hiding; where there are more, none hides */

/* What all <style>s of a text say about hiding. */
struct sheet {
	size_t count;
	bool is_doubtful;	/* not all of it was understood: nothing hides */
	bool may_insist;	/* something in it may show what a tag's own style hides */
	struct sheet_rule {
		struct span tag, class, id;	/* empty is any */
		bool is_certain;	/* there is nothing else to it */
		enum look looks[LOOK_COUNT];
	} rules[SHEET_RULES];
};

/** sheet_parse(s, css): Add the rules of ${css}, which must live as long as ${s}. */
void sheet_parse(struct sheet *s, struct span css);

/** sheet_hides(s): Can any of its rules hide anything? */
bool sheet_hides(const struct sheet *s);

/** sheet_apply(s, t): Add to the looks of ${t} what ${s} says about it. */
void sheet_apply(const struct sheet *s, struct tag *t);

/** tag_is_hidden(t): Is what is in the element hidden, whatever its own styles? */
bool tag_is_hidden(const struct tag *t);

/* What is known to fail from here on, so that nothing is looked for twice. */
struct scan {
	bool ignores_quotes;
	bool no_greater;
};

/** tag_parse(s, at, scan, t): Read the tag at ${at}; false if it has no end. */
bool tag_parse(struct span s, size_t at, struct scan *scan, struct tag *t);

#endif /* !MAIL_HTML_INTERNAL_H */
