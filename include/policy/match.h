/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef POLICY_MATCH_H
#define POLICY_MATCH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/span.h"
#include "policy/rule.h"
#include "policy/urgency.h"
#include "policy/verdict.h"

struct arena;
struct gate;
struct part;
struct policy;
struct regex_scratch;
struct view;

#define MATCH_LOOKED_AT 10000	/* hits of one predicate */
#define MATCH_KEPT 100		/* hits of one rule */

/* A text that is looked into more than once, known by its number. */
struct match_view {
	const struct view *view;
	struct span lower;	/* NULL until a list asks for it */
	const uint64_t *candidates;	/* patterns that may match; NULL until one asks */
};

struct match_header {
	const char *name;
	struct view **views;
	size_t count;
	struct match_header *next;
};

/* What an exception covers: bytes of a part, or of a view that stands alone. */
struct excuse {
	size_t view;		/* its number; of the text view for bytes of the part */
	size_t start, end;
};

/* One letter being judged, over all its rules. */
struct match {
	const struct policy *policy;
	const struct letter *letter;
	const struct part *attachment;	/* the one that is asked about; NULL: all */
	enum sender_class sender_class;
	struct arena *arena;
	struct regex_scratch *scratch;
	const struct gate *gate;	/* NULL: every pattern is tried */
	const uint64_t *anywhere;	/* patterns that may match in a subject, text or name; NULL: any */
	bool has_unread;	/* of texts of attachments ${anywhere} says nothing */
	struct match_view *views;
	size_t view_count, view_size;
	struct match_header *headers;
	bool has_number;	/* looked for: */
	int number_found;	/* as number_find */
	struct span number;
	bool has_urgency;	/* looked for: */
	enum urgency urgency;
};

/* One rule being looked at: where hits go. */
struct match_hits {
	bool is_except;			/* collecting excuses, not hits */
	struct excuse *excuses;		/* sorted and disjoint once sealed */
	size_t excuse_count, excuse_size;
	struct hit *hits;
	size_t hit_count;
	size_t places;			/* hits in texts since the start, kept or not */
	const struct template_piece *template;
	struct span number;
	bool has_number;		/* looked for in the first hit */
	const char *reason;		/* of the last unknown */
};

/**
 * match_predicate(m, h, pr, may_ignore):
 * Is ${pr} true of the letter?  Hits in texts, less what ${h} excuses, are
 * added to ${h}.  Unknown if a limit or the deadline stopped a pattern, or if
 * a text that was needed is incomplete (${may_ignore} the latter).
 */
enum truth match_predicate(struct match *m, struct match_hits *h,
    const struct predicate *pr, bool may_ignore);

/** match_expression(m, h, e, may_ignore): The same for a whole condition (Kleene). */
enum truth match_expression(struct match *m, struct match_hits *h,
    const struct expression *e, bool may_ignore);

/** match_urgency(m): How urgent the letter is; looked for once. */
enum urgency match_urgency(struct match *m);

/** match_is_asked(m, p): Is ${p} an attachment that is asked about? */
bool match_is_asked(const struct match *m, const struct part *p);

/** match_is_within(m, path): Is ${path} of the attachment that is asked about, or of what lies inside of it? */
bool match_is_within(const struct match *m, const char *path);

/** match_seal(h): The excuses are complete: sort and join them. */
void match_seal(struct match_hits *h);

/** truth_and(a, b), truth_or(a, b), truth_not(a): Kleene's three values. */
enum truth truth_and(enum truth a, enum truth b);
enum truth truth_or(enum truth a, enum truth b);
enum truth truth_not(enum truth a);

#endif /* !POLICY_MATCH_H */
