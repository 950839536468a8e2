/* SPDX-License-Identifier: BSD-2-Clause */
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"

#include "policy/match.h"
#include "match_internal.h"

enum truth
truth_and(enum truth a, enum truth b)
{
	if (a == TRUTH_NO || b == TRUTH_NO)
		return TRUTH_NO;
	return a == TRUTH_YES && b == TRUTH_YES ? TRUTH_YES : TRUTH_UNKNOWN;
}

enum truth
truth_or(enum truth a, enum truth b)
{
	return truth_not(truth_and(truth_not(a), truth_not(b)));
}

enum truth
truth_not(enum truth a)
{
	if (a == TRUTH_UNKNOWN)
		return a;
	return a == TRUTH_YES ? TRUTH_NO : TRUTH_YES;
}

bool
match_is_asked(const struct match *m, const struct part *p)
{
	return m->attachment != NULL ? p == m->attachment : p->is_attachment;
}

bool
match_is_within(const struct match *m, const char *path)
{
	size_t n;

	if (m->attachment == NULL)
		return true;
	n = strlen(m->attachment->path);
	return strncmp(path, m->attachment->path, n) == 0 &&
	    (path[n] == '\0' || path[n] == '/');
}

static enum part_reason
first_of(enum part_reason a, enum part_reason b)
{
	return a != PART_READ ? a : b;
}

/* Why an attachment's text is not there, be it of the one asked about or of any. */
static enum part_reason
unread_attachment(const struct match *m)
{
	const struct parts *parts = &m->letter->message->parts;
	size_t i;

	for (i = 0; i < parts->count; i++)
		if (parts->list[i].reason != PART_READ &&
		    parts->list[i].is_attachment &&
		    match_is_within(m, parts->list[i].path))
			return parts->list[i].reason;
	return PART_READ;
}

/* Which reason, if any, makes what is behind ${kind} incomplete? */
static enum part_reason
missing(const struct match *m, enum field_kind kind)
{
	const struct message *msg = m->letter->message;

	if (m->attachment != NULL)
		return kind == FIELD_ATTACHMENT_TEXT ? unread_attachment(m) : PART_READ;
	switch (kind) {
	case FIELD_TEXT:
	case FIELD_NUMBER:
		return first_of(msg->parts.reason, msg->reason);
	case FIELD_ATTACHMENT_TEXT:
		return first_of(msg->parts.reason, unread_attachment(m));
	case FIELD_ATTACHMENT_NAME:
	case FIELD_ATTACHMENT_TYPE:
	case FIELD_ATTACHMENT_TRUETYPE:
	case FIELD_ATTACHMENT_SIZE:
	case FIELD_SIGNED:
	case FIELD_ENCRYPTED:
		return msg->parts.reason;
	default:
		return PART_READ;
	}
}

static enum truth
match_field(struct match *m, struct match_hits *h, const struct predicate *pr,
    const struct field *f, bool may_ignore)
{
	enum part_reason reason = missing(m, f->kind);
	enum truth truth;

	if (field_is_viewed(f->kind))
		truth = match_text(m, h, pr, f);
	else if (field_is_truth(f->kind))
		truth = match_fact(m, pr, f);
	else if (field_is_number(f->kind))
		truth = match_number(m, h, pr, f);
	else
		truth = match_value(m, h, pr, f);
	if (truth != TRUTH_NO || reason == PART_READ || may_ignore)
		return truth;
	h->reason = arena_print(m->arena, "%s is incomplete: %s",
	    field_names[f->kind], part_reason_name(reason));
	return TRUTH_UNKNOWN;
}

enum truth
match_predicate(struct match *m, struct match_hits *h, const struct predicate *pr,
    bool may_ignore)
{
	enum truth truth = TRUTH_NO;
	size_t i;

	for (i = 0; i < pr->field_count; i++)
		truth = truth_or(truth, match_field(m, h, pr, &pr->fields[i],
		    may_ignore));
	return truth;
}

/* What a condition that is not true had found counts for nothing. */
static void
roll_back(struct match_hits *h, const struct match_hits *before)
{
	h->hit_count = before->hit_count;
	h->excuse_count = before->excuse_count;
	h->places = before->places;
	h->number = before->number;
	h->has_number = before->has_number;
}

static enum truth
match_both(struct match *m, struct match_hits *h, const struct expression *e,
    bool may_ignore)
{
	enum truth left, right;

	left = match_expression(m, h, e->left, may_ignore);
	if (e->kind == EXPRESSION_AND && left == TRUTH_NO)
		return TRUTH_NO;
	right = match_expression(m, h, e->right, may_ignore);
	return e->kind == EXPRESSION_AND ? truth_and(left, right) :
	    truth_or(left, right);
}

/* One attachment after the other; those beyond the limits could be it too. */
static enum truth
match_attachments(struct match *m, struct match_hits *h,
    const struct expression *e, bool may_ignore)
{
	const struct parts *parts = &m->letter->message->parts;
	enum truth truth = TRUTH_NO;
	size_t i;

	for (i = 0; i < parts->count; i++) {
		if (!parts->list[i].is_attachment)
			continue;
		m->attachment = &parts->list[i];
		truth = truth_or(truth, match_expression(m, h, e->left, may_ignore));
	}
	m->attachment = NULL;
	if (truth != TRUTH_NO || parts->reason == PART_READ || may_ignore)
		return truth;
	h->reason = arena_print(m->arena, "the attachments are incomplete: %s",
	    part_reason_name(parts->reason));
	return TRUTH_UNKNOWN;
}

enum truth
match_expression(struct match *m, struct match_hits *h, const struct expression *e,
    bool may_ignore)
{
	struct match_hits before = *h;
	enum truth truth;

	if (e->kind == EXPRESSION_NOT) {
		truth = truth_not(match_expression(m, h, e->left, false));
		roll_back(h, &before);
		return truth;
	}
	if (e->kind == EXPRESSION_PREDICATE)
		truth = match_predicate(m, h, e->predicate, may_ignore);
	else if (e->kind == EXPRESSION_ATTACHMENT)
		truth = match_attachments(m, h, e, may_ignore);
	else
		truth = match_both(m, h, e, may_ignore);
	if (truth == TRUTH_NO)
		roll_back(h, &before);
	return truth;
}

enum urgency
match_urgency(struct match *m)
{
	if (!m->has_urgency)
		m->urgency = urgency_of(m->letter->message);
	m->has_urgency = true;
	return m->urgency;
}

static int
excuse_order(const void *a, const void *b)
{
	const struct excuse *x = a, *y = b;

	if (x->view != y->view)
		return (x->view > y->view) - (x->view < y->view);
	return (x->start > y->start) - (x->start < y->start);
}

void
match_seal(struct match_hits *h)
{
	struct excuse *last, *now;
	size_t i, n = 0;

	if (h->excuse_count == 0)
		return;
	qsort(h->excuses, h->excuse_count, sizeof(*h->excuses), excuse_order);
	for (i = 1; i < h->excuse_count; i++) {
		last = &h->excuses[n];
		now = &h->excuses[i];
		if (now->view == last->view && now->start <= last->end) {
			if (now->end > last->end)
				last->end = now->end;
		} else
			h->excuses[++n] = *now;
	}
	h->excuse_count = n + 1;
}
