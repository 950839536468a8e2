/* SPDX-License-Identifier: BSD-2-Clause */
#include "base/arena.h"
#include "base/err.h"
#include "base/regex.h"
#include "mail/authentication.h"
#include "mail/message.h"
#include "mail/unicode.h"

#include "policy/list.h"
#include "policy/units.h"
#include "match_internal.h"
#include "policy_internal.h"

static bool
client_listed(const struct predicate *pr, struct span client)
{
	struct network n;
	size_t i;

	for (i = 0; i < pr->list->count; i++)
		if (network_parse(pr->list->raw[i], &n) == 0 &&
		    network_has(&n, client))
			return true;
	return false;
}

static bool
is_listed(struct match *m, const struct predicate *pr, const struct field *f,
    struct span value)
{
	if (f->kind == FIELD_CLIENT)
		return client_listed(pr, value);
	if (field_is_address(f->kind))
		return list_has_address(pr->list, unicode_lower(m->arena, value));
	return list_has(pr->list, list_lower(m->arena, value));
}

static bool
has_listed(struct match *m, const struct predicate *pr, struct span value)
{
	struct list_text t = { .text = value };
	struct regex_hit hit;

	t.lower = unicode_lower(m->arena, value);
	return list_next(pr->list, &t, &hit) == 1;
}

static bool
is_equal(struct match *m, const struct predicate *pr, const struct field *f,
    struct span value)
{
	if (field_is_address(f->kind))
		return span_equal(pr->address, unicode_lower(m->arena, value));
	return span_equal(pr->lower, list_lower(m->arena, value));
}

static enum truth
matches(struct match *m, struct match_hits *h, const struct predicate *pr,
    struct span value)
{
	struct regex_hit hit;
	struct err e = { "" };
	int rc = regex_next(pr->regex, m->scratch, value, 0, &hit, &e);

	if (rc >= 0)
		return rc == 1 ? TRUTH_YES : TRUTH_NO;
	h->reason = arena_print(m->arena, "%s", e.text);
	return TRUTH_UNKNOWN;
}

static enum truth
truth_of(bool is)
{
	return is ? TRUTH_YES : TRUTH_NO;
}

static enum truth
compare(struct match *m, struct match_hits *h, const struct predicate *pr,
    const struct field *f, struct span value)
{
	switch (pr->comparison) {
	case COMPARE_EQUAL:
		return truth_of(is_equal(m, pr, f, value));
	case COMPARE_NETWORK:
		return truth_of(network_has(&pr->network, value));
	case COMPARE_IN_LIST:
		return truth_of(is_listed(m, pr, f, value));
	case COMPARE_HAS_LIST:
		return truth_of(has_listed(m, pr, value));
	case COMPARE_REGEX:
		return matches(m, h, pr, value);
	case COMPARE_NUMBER:
	case COMPARE_TRUTH:
		break;
	}
	return TRUTH_NO;
}

/* What a field of a unit says of ${address}; empty if it is in no unit. */
static struct span
of_unit(struct match *m, const struct field *f, struct span address)
{
	const struct unit *u;

	if (m->policy->units == NULL)
		return (struct span){ NULL, 0 };
	u = units_find(m->policy->units, unicode_lower(m->arena, address));
	if (u == NULL)
		return (struct span){ NULL, 0 };
	return f->kind == FIELD_SENDER_UNIT || f->kind == FIELD_RECIPIENT_UNIT ?
	    u->code : u->kind;
}

static enum truth
recipients(struct match *m, struct match_hits *h, const struct predicate *pr,
    const struct field *f)
{
	const struct letter *l = m->letter;
	enum truth one, any = TRUTH_NO, all = truth_of(l->recipient_count != 0);
	size_t i;

	for (i = 0; i < l->recipient_count; i++) {
		one = compare(m, h, pr, f, f->kind == FIELD_RECIPIENT ?
		    l->recipients[i] : of_unit(m, f, l->recipients[i]));
		any = truth_or(any, one);
		all = truth_and(all, one);
	}
	return f->is_all ? all : any;
}

static enum truth
types(struct match *m, struct match_hits *h, const struct predicate *pr,
    const struct field *f)
{
	const struct parts *parts = &m->letter->message->parts;
	enum truth truth = TRUTH_NO;
	const char *type;
	size_t i;

	for (i = 0; i < parts->count; i++) {
		type = f->kind == FIELD_ATTACHMENT_TYPE ? parts->list[i].type :
		    parts->list[i].true_type;
		if (type != NULL && match_is_asked(m, &parts->list[i]))
			truth = truth_or(truth, compare(m, h, pr, f, span_of(type)));
	}
	return truth;
}

/* The letter's number is looked for once, whatever many rules ask. */
static enum truth
number(struct match *m, struct match_hits *h, const struct predicate *pr,
    const struct field *f)
{
	struct err e = { "" };

	if (!m->has_number) {
		m->has_number = true;
		m->number_found = number_find(&m->policy->number, m->scratch,
		    m->arena, m->letter->message, &m->number, &e);
	}
	if (m->number_found == 1)
		return compare(m, h, pr, f, m->number);
	if (m->number_found == 0)
		return TRUTH_NO;
	h->reason = "the official number could not be looked for to the end";
	return TRUTH_UNKNOWN;
}

enum truth
match_value(struct match *m, struct match_hits *h, const struct predicate *pr,
    const struct field *f)
{
	const struct letter *l = m->letter;

	switch (f->kind) {
	case FIELD_RECIPIENT:
	case FIELD_RECIPIENT_UNIT:
	case FIELD_RECIPIENT_KIND:
		return recipients(m, h, pr, f);
	case FIELD_ATTACHMENT_TYPE:
	case FIELD_ATTACHMENT_TRUETYPE:
		return types(m, h, pr, f);
	case FIELD_NUMBER:
		return number(m, h, pr, f);
	case FIELD_SENDER:
		return compare(m, h, pr, f, l->sender);
	case FIELD_SENDER_UNIT:
	case FIELD_SENDER_KIND:
		return compare(m, h, pr, f, of_unit(m, f, l->sender));
	case FIELD_AUTHENTICATION:
		return compare(m, h, pr, f, authentication_result(
		    &l->message->headers, l->authserv_ids, f->header));
	case FIELD_LOGIN:
		return compare(m, h, pr, f, l->login);
	default:
		return compare(m, h, pr, f, l->client);
	}
}
