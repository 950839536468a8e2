/* SPDX-License-Identifier: BSD-2-Clause */
#include "base/arena.h"
#include "base/err.h"
#include "base/regex.h"
#include "mail/unicode.h"

#include "policy/list.h"
#include "match_internal.h"

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
	case COMPARE_TRUTH:
		break;
	}
	return truth_of(m->sender_class == SENDER_SPOOFED);
}

static enum truth
recipients(struct match *m, struct match_hits *h, const struct predicate *pr,
    const struct field *f)
{
	const struct letter *l = m->letter;
	enum truth one, any = TRUTH_NO, all = truth_of(l->recipient_count != 0);
	size_t i;

	for (i = 0; i < l->recipient_count; i++) {
		one = compare(m, h, pr, f, l->recipients[i]);
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
	size_t i;

	for (i = 0; i < parts->count; i++)
		if (parts->list[i].is_attachment)
			truth = truth_or(truth, compare(m, h, pr, f,
			    span_of(parts->list[i].type)));
	return truth;
}

enum truth
match_value(struct match *m, struct match_hits *h, const struct predicate *pr,
    const struct field *f)
{
	switch (f->kind) {
	case FIELD_RECIPIENT:
		return recipients(m, h, pr, f);
	case FIELD_ATTACHMENT_TYPE:
		return types(m, h, pr, f);
	case FIELD_SENDER:
		return compare(m, h, pr, f, m->letter->sender);
	case FIELD_LOGIN:
		return compare(m, h, pr, f, m->letter->login);
	default:
		return compare(m, h, pr, f, m->letter->client);
	}
}
