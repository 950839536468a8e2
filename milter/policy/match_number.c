/* SPDX-License-Identifier: BSD-2-Clause */
#include "mail/message.h"

#include "match_internal.h"

static bool
holds(const struct predicate *pr, int64_t value)
{
	switch (pr->relation) {
	case RELATION_EQUAL:
		return value == pr->number;
	case RELATION_LESS:
		return value < pr->number;
	case RELATION_AT_MOST:
		return value <= pr->number;
	case RELATION_MORE:
		return value > pr->number;
	case RELATION_AT_LEAST:
		break;
	}
	return value >= pr->number;
}

static enum truth
truth_of(bool is)
{
	return is ? TRUTH_YES : TRUTH_NO;
}

/* Base64 is only counted: nobody needs the bytes for their number. */
static int64_t
size_of(struct match *m, const struct part *p)
{
	int64_t n = 0;
	size_t i;
	char c;

	if (p->is_inside || p->true_type != NULL)
		return (int64_t)p->size;
	if (p->encoding != TRANSFER_BASE64)
		return (int64_t)part_decode(m->arena, p).n;
	for (i = 0; i < p->raw.n && p->raw.p[i] != '='; i++) {
		c = p->raw.p[i];
		n += (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') ||
		    (c >= '0' && c <= '9') || c == '+' || c == '/';
	}
	return n * 3 / 4;
}

static enum truth
sizes(struct match *m, const struct predicate *pr)
{
	const struct parts *parts = &m->letter->message->parts;
	enum truth truth = TRUTH_NO;
	size_t i;

	for (i = 0; i < parts->count && truth == TRUTH_NO; i++)
		if (match_is_asked(m, &parts->list[i]))
			truth = truth_of(holds(pr, size_of(m, &parts->list[i])));
	return truth;
}

/* Of a letter with more parts than were looked at, only "more" is sure. */
static enum truth
attachments(struct match *m, struct match_hits *h, const struct predicate *pr)
{
	const struct parts *parts = &m->letter->message->parts;
	enum truth truth;
	int64_t n = 0;
	size_t i;

	for (i = 0; i < parts->count; i++)
		n += parts->list[i].is_attachment && !parts->list[i].is_inside;
	truth = truth_of(holds(pr, n));
	if (parts->reason == PART_READ || (truth == TRUTH_YES &&
	    (pr->relation == RELATION_MORE || pr->relation == RELATION_AT_LEAST)))
		return truth;
	h->reason = "the attachments could not be counted to their end";
	return TRUTH_UNKNOWN;
}

enum truth
match_number(struct match *m, struct match_hits *h, const struct predicate *pr,
    const struct field *f)
{
	const struct letter *l = m->letter;

	switch (f->kind) {
	case FIELD_ATTACHMENT_SIZE:
		return sizes(m, pr);
	case FIELD_ATTACHMENT_COUNT:
		return attachments(m, h, pr);
	case FIELD_RECIPIENT_COUNT:
		return truth_of(holds(pr, (int64_t)l->recipient_count));
	case FIELD_SIZE:
		return truth_of(holds(pr, (int64_t)l->message->raw.n));
	case FIELD_TIME:
		return truth_of(holds(pr, calendar_minute(l->now_ms)));
	case FIELD_DATE:
		return truth_of(holds(pr, calendar_day(l->now_ms)));
	default:
		return truth_of(holds(pr, (int64_t)match_urgency(m)));
	}
}
