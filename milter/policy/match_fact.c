/* SPDX-License-Identifier: BSD-2-Clause */
#include <string.h>

#include "mail/header.h"
#include "mail/message.h"
#include "mail/view.h"

#include "policy_internal.h"
#include "match_internal.h"

static enum truth
truth_of(bool is)
{
	return is ? TRUTH_YES : TRUTH_NO;
}

static bool
has_reason(const struct predicate *pr, enum part_reason reason)
{
	return (pr->reasons & 1u << reason) != 0;
}

/* Of one attachment, or of the letter and all its parts. */
static bool
is_uninspectable(const struct match *m, const struct predicate *pr)
{
	const struct message *msg = m->letter->message;
	size_t i;

	for (i = 0; i < msg->parts.count; i++)
		if (has_reason(pr, msg->parts.list[i].reason) &&
		    match_is_within(m, msg->parts.list[i].path))
			return true;
	return m->attachment == NULL && (has_reason(pr, msg->parts.reason) ||
	    has_reason(pr, msg->reason));
}

/* RFC 8551 3.2: one type for all, told apart by a parameter. */
static bool
is_smime(struct match *m, const struct part *p, const char *const *types)
{
	const struct header *field;
	struct span type;
	size_t i;

	if (strcmp(p->type, "application/pkcs7-mime") != 0 &&
	    strcmp(p->type, "application/x-pkcs7-mime") != 0)
		return false;
	field = header_find(&p->headers, "Content-Type", 0);
	if (field == NULL)
		return false;
	type = header_parameter(m->arena, field->value, "smime-type");
	for (i = 0; types[i] != NULL; i++)
		if (span_is(type, types[i]))
			return true;
	return false;
}

static bool
text_begins(const struct message *msg, const char *armor)
{
	struct span text;
	size_t i, at;

	for (i = 0; i < msg->text_count; i++) {
		text = msg->texts[i]->text;
		at = span_find(text, span_of(armor));
		if (at < text.n && (at == 0 || text.p[at - 1] == '\n'))
			return true;
	}
	return false;
}

static bool
is_signed(struct match *m)
{
	static const char *const smime[] = { "signed-data", "authEnveloped-data", NULL };
	const struct message *msg = m->letter->message;
	size_t i;

	for (i = 0; i < msg->parts.count; i++)
		if (strcmp(msg->parts.list[i].type, "multipart/signed") == 0 ||
		    is_smime(m, &msg->parts.list[i], smime))
			return true;
	return text_begins(msg, "-----BEGIN PGP SIGNED MESSAGE-----");
}

static bool
is_encrypted(struct match *m)
{
	static const char *const smime[] = { "enveloped-data",
	    "authEnveloped-data", NULL };
	const struct message *msg = m->letter->message;
	size_t i;

	for (i = 0; i < msg->parts.count; i++)
		if (msg->parts.list[i].reason == PART_ENCRYPTED ||
		    strcmp(msg->parts.list[i].type, "multipart/encrypted") == 0 ||
		    is_smime(m, &msg->parts.list[i], smime))
			return true;
	return text_begins(msg, "-----BEGIN PGP MESSAGE-----");
}

enum truth
match_fact(struct match *m, const struct predicate *pr, const struct field *f)
{
	switch (f->kind) {
	case FIELD_SIGNED:
		return truth_of(is_signed(m));
	case FIELD_ENCRYPTED:
		return truth_of(is_encrypted(m));
	case FIELD_UNINSPECTABLE:
		return truth_of(is_uninspectable(m, pr));
	case FIELD_WORKING_DAY:
		return truth_of(calendar_is_working(m->policy->calendar,
		    calendar_day(m->letter->now_ms)));
	default:
		return truth_of(m->sender_class == SENDER_SPOOFED);
	}
}
