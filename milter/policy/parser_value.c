/* SPDX-License-Identifier: BSD-2-Clause */
#include <string.h>

#include "base/fault.h"
#include "base/source.h"
#include "mail/address.h"
#include "mail/unicode.h"

#include "policy/units.h"
#include "parser_internal.h"

/* What numbers of a field mean; fields of one predicate mean the same. */
enum measure { MEASURE_COUNT, MEASURE_SIZE, MEASURE_TIME, MEASURE_DATE, MEASURE_URGENCY };

static enum measure
measure_of(enum field_kind kind)
{
	switch (kind) {
	case FIELD_SIZE:
	case FIELD_ATTACHMENT_SIZE:
		return MEASURE_SIZE;
	case FIELD_TIME:
		return MEASURE_TIME;
	case FIELD_DATE:
		return MEASURE_DATE;
	case FIELD_URGENCY:
		return MEASURE_URGENCY;
	default:
		return MEASURE_COUNT;
	}
}

/* Up to nine digits; -1 if ${s} is anything else. */
static int64_t
digits(struct span s)
{
	int64_t value = 0;
	size_t i;

	if (s.n == 0 || s.n > 9)
		return -1;
	for (i = 0; i < s.n; i++) {
		if (s.p[i] < '0' || s.p[i] > '9')
			return -1;
		value = 10 * value + (s.p[i] - '0');
	}
	return value;
}

/* "500", "64K", "1M", "2G" bytes. */
static int64_t
size(struct span s)
{
	static const char units[] = "KMG";
	const char *unit = s.n != 0 && s.p[s.n - 1] != '\0' ?
	    strchr(units, s.p[s.n - 1]) : NULL;
	int64_t value;

	if (unit == NULL)
		return digits(s);
	value = digits(span_sub(s, 0, s.n - 1));
	return value < 0 ? value : value << (10 * (unit - units + 1));
}

static int64_t
time_of_day(struct span s)
{
	size_t colon = span_find_byte(s, ':');
	int64_t hour = digits(span_sub(s, 0, colon));
	int64_t minute = digits(span_sub(s, colon + 1, s.n));

	if (s.n - colon != 3 || hour < 0 || hour > 24 || minute < 0 ||
	    minute > 59 || hour * 60 + minute > 24 * 60)
		return -1;
	return hour * 60 + minute;
}

static int64_t
measured(struct parser *p, const struct token *t, enum measure measure)
{
	int64_t day = -1;
	enum urgency u;

	switch (measure) {
	case MEASURE_SIZE:
		return size(t->text);
	case MEASURE_TIME:
		return time_of_day(t->text);
	case MEASURE_DATE:
		return calendar_parse_day(t->text, &day) ? day : -1;
	case MEASURE_URGENCY:
		u = urgency_parse(p->policy->arena, t->text);
		return u == URGENCY_COUNT ? -1 : (int64_t)u;
	default:
		return digits(t->text);
	}
}

static void
number(struct parser *p, const struct token *t, struct predicate *pr)
{
	static const char *const examples[] = {
		[MEASURE_COUNT] = "number (say 5)",
		[MEASURE_SIZE] = "size (say 500K or 1M)",
		[MEASURE_TIME] = "time of day (say 17:30)",
		[MEASURE_DATE] = "day (say 2026-11-15)",
		[MEASURE_URGENCY] = "class of urgency (say khan or hoa-toc)",
	};
	enum measure measure = measure_of(pr->fields[0].kind);

	pr->number = measured(p, t, measure);
	if (pr->number < 0 && t->kind != TOKEN_BAD)
		parser_fault(p, t, "'%.*s' is no %s", SPAN_PRINT(t->text),
		    examples[measure]);
}

static int
relation(struct parser *p, struct predicate *pr)
{
	static const char *const operators[] = {
		[RELATION_EQUAL] = "=", [RELATION_LESS] = "<",
		[RELATION_AT_MOST] = "<=", [RELATION_MORE] = ">",
		[RELATION_AT_LEAST] = ">=",
	};
	const struct token *t = p->now;
	int i;

	pr->comparison = COMPARE_NUMBER;
	for (i = RELATION_EQUAL; i <= RELATION_AT_LEAST; i++)
		if (token_is(t, operators[i]))
			break;
	if (i > RELATION_AT_LEAST)
		return parser_unexpected(p, "'=', '<', '<=', '>' or '>='");
	pr->relation = (enum relation)i;
	parser_take(p);
	if (p->now->kind != TOKEN_WORD && p->now->kind != TOKEN_STRING)
		return parser_unexpected(p, "a number");
	number(p, parser_take(p), pr);
	return 0;
}

static bool
has_kind(const struct predicate *pr, enum field_kind kind)
{
	size_t i;

	for (i = 0; i < pr->field_count; i++)
		if (pr->fields[i].kind == kind)
			return true;
	return false;
}

static void
check_kind(struct parser *p, const struct token *t, const struct predicate *pr)
{
	const char *near;
	size_t i;

	for (i = 0; unit_kinds[i] != NULL; i++)
		if (pr->lower.n == 0 || span_equal(pr->lower, span_of(unit_kinds[i])))
			return;
	near = fault_suggest(pr->lower, unit_kinds);
	parser_fault(p, t, near != NULL ?
	    "unknown kind of unit '%.*s' (did you mean '%s'?)" :
	    "unknown kind of unit '%.*s'%s", SPAN_PRINT(t->text),
	    near != NULL ? near : "");
}

static void
value(struct parser *p, const struct token *t, struct predicate *pr)
{
	struct arena *a = p->policy->arena;

	pr->comparison = COMPARE_EQUAL;
	pr->value = arena_copy(a, t->text);
	pr->value_token = t;
	pr->lower = list_lower(a, t->text);
	pr->address = arena_copy(a,
	    unicode_lower(a, address_canonical(a, pr->value)));
	if (has_kind(pr, FIELD_SENDER_KIND) || has_kind(pr, FIELD_RECIPIENT_KIND))
		check_kind(p, t, pr);
	if (!has_kind(pr, FIELD_CLIENT))
		return;
	pr->comparison = COMPARE_NETWORK;
	if (pr->field_count > 1)
		parser_fault(p, t, "'client' stands alone before '=' and 'in'");
	if (network_parse(t->text, &pr->network) < 0)
		parser_fault(p, t, "'%.*s' is no network (say 192.0.2.0/24)",
		    SPAN_PRINT(t->text));
}

static int
equals(struct parser *p, struct predicate *pr)
{
	const struct token *t = p->now;

	if (t->kind != TOKEN_STRING && t->kind != TOKEN_WORD &&
	    t->kind != TOKEN_ADDRESS)
		return parser_unexpected(p, "a value after '='");
	value(p, parser_take(p), pr);
	return 0;
}

static int
in(struct parser *p, struct predicate *pr)
{
	if (p->now->kind == TOKEN_WORD && has_kind(pr, FIELD_CLIENT)) {
		value(p, parser_take(p), pr);
		return 0;
	}
	if (p->now->kind != TOKEN_LIST)
		return parser_unexpected(p, "'@list' after 'in'");
	pr->comparison = COMPARE_IN_LIST;
	parser_named_list(p, parser_take(p), pr);
	return 0;
}

static int
comparison(struct parser *p, struct predicate *pr)
{
	const struct token *t = p->now;

	if (!token_is(t, "=") && !token_is(t, "~") && !token_is(t, "in"))
		return parser_unexpected(p, "'=', 'in' or '~'");
	parser_take(p);
	if (token_is(t, "="))
		return equals(p, pr);
	return token_is(t, "in") ? in(p, pr) : parser_matches(p, pr);
}

/* The bit of the reason that ${t} names; 0 if there is none. */
static unsigned
reason_bit(const struct token *t)
{
	const char *name;
	unsigned i;

	for (i = PART_READ + 1; i <= PART_HELPER; i++) {
		name = part_reason_name((enum part_reason)i);
		if (t->kind == TOKEN_WORD && span_equal(t->text, span_of(name)))
			return 1u << i;
	}
	return 0;
}

static unsigned
reasons_that_are(bool is_transient)
{
	unsigned i, mask = 0;

	for (i = PART_READ + 1; i <= PART_HELPER; i++)
		if (part_reason_is_transient((enum part_reason)i) == is_transient)
			mask |= 1u << i;
	return mask;
}

static void
unknown_reason(struct parser *p, const struct token *t)
{
	const char *names[PART_HELPER + 1];
	unsigned i;

	for (i = PART_READ + 1; i <= PART_HELPER; i++)
		names[i - 1] = part_reason_name((enum part_reason)i);
	names[i - 1] = NULL;
	parser_unknown(p, t, "reason", names);
}

/* "(encrypted, no-text)" */
static int
reason_list(struct parser *p, struct predicate *pr)
{
	const struct token *t;

	do {
		parser_take(p);
		t = p->now;
		if (t->kind != TOKEN_WORD)
			return parser_unexpected(p, "a reason such as encrypted");
		if (reason_bit(parser_take(p)) == 0)
			unknown_reason(p, t);
		pr->reasons |= reason_bit(t);
	} while (token_is(p->now, ","));
	if (!token_is(p->now, ")"))
		return parser_unexpected(p, "')'");
	parser_take(p);
	return 0;
}

/* "uninspectable", "... permanent", "... transient", "...(encrypted, no-text)" */
static int
reasons(struct parser *p, struct predicate *pr)
{
	bool is_transient = token_is(p->now, "transient");

	if (token_is(p->now, "("))
		return reason_list(p, pr);
	pr->reasons = reasons_that_are(is_transient);
	if (is_transient || token_is(p->now, "permanent"))
		parser_take(p);
	else
		pr->reasons |= reasons_that_are(true);
	return 0;
}

/* Commas join what compares alike: texts and values, or numbers of one measure. */
static bool
are_alike(struct parser *p, const struct predicate *pr)
{
	const struct field *first = &pr->fields[0], *one;
	size_t i;

	for (i = 1; i < pr->field_count; i++) {
		one = &pr->fields[i];
		if (field_is_truth(first->kind) || field_is_truth(one->kind))
			parser_fault(p, pr->token, "'%s' stands alone", field_names[
			    field_is_truth(first->kind) ? first->kind : one->kind]);
		else if (field_is_number(first->kind) != field_is_number(one->kind) ||
		    measure_of(first->kind) != measure_of(one->kind))
			parser_fault(p, pr->token, "'%s' and '%s' do not compare with "
			    "the same things", field_names[first->kind],
			    field_names[one->kind]);
		else
			continue;
		return false;
	}
	return true;
}

static bool
is_operator(const struct token *t)
{
	return t->kind == TOKEN_OPERATOR || token_is(t, "in");
}

/* A field that a fault has told of: whatever it was compared with goes too. */
static int
skip_comparison(struct parser *p)
{
	if (!is_operator(p->now))
		return 0;
	parser_take(p);
	if (!parser_ends(p))
		parser_take(p);
	return 0;
}

int
parser_comparison(struct parser *p, struct predicate *pr)
{
	size_t i;

	pr->comparison = COMPARE_TRUTH;
	for (i = 0; i < pr->field_count; i++)
		if (pr->fields[i].kind == FIELD_COUNT)
			return pr->field_count == 1 && !token_is(p->now, "~") ?
			    skip_comparison(p) : comparison(p, pr);
	if (!are_alike(p, pr))
		return skip_comparison(p);
	if (pr->fields[0].kind == FIELD_UNINSPECTABLE)
		return reasons(p, pr);
	if (field_is_truth(pr->fields[0].kind))
		return 0;
	if (field_is_number(pr->fields[0].kind))
		return relation(p, pr);
	return comparison(p, pr);
}
