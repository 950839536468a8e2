/* SPDX-License-Identifier: BSD-2-Clause */
#include <string.h>

#include "base/err.h"
#include "base/fault.h"
#include "base/regex.h"
#include "base/source.h"
#include "mail/address.h"
#include "mail/unicode.h"

#include "policy/literal.h"
#include "policy/pattern.h"
#include "parser_internal.h"

#define FIELDS_MAX 32	/* of one predicate */

static void
header_name(struct parser *p, const struct token *t, struct span name,
    struct field *field)
{
	size_t i;

	for (i = 0; i < name.n; i++)
		if (name.p[i] <= ' ' || name.p[i] >= 0x7f || name.p[i] == ':')
			break;
	if (i < name.n || name.n == 0)
		parser_fault(p, t, "this is no header's name");
	field->header = arena_string(p->policy->arena, name);
}

/* "subject:bare": behind the colon stands a view. */
static void
view(struct parser *p, const struct token *t, struct span name, struct field *field)
{
	struct token word = *t;

	field->has_view = true;
	field->view = view_parse(name);
	if (field->view != VIEW_COUNT)
		return;
	field->view = VIEW_TEXT;
	word.text = name;
	word.offset = t->offset + t->length - name.n;
	word.length = name.n;
	parser_unknown(p, &word, "view", view_names);
}

static void
unknown_field(struct parser *p, const struct token *t, struct span name)
{
	struct token word = *t;

	word.text = name;
	word.length = name.n;
	parser_unknown(p, &word, "field", field_names);
}

/* "header:NAME", "header:NAME:VIEW", "header NAME" */
static int
header_field(struct parser *p, const struct token *t, struct span rest,
    struct field *field)
{
	size_t colon = span_find_byte(rest, ':');

	if (rest.n != 0) {
		header_name(p, t, span_sub(rest, 0, colon), field);
		if (colon != rest.n)
			view(p, t, span_sub(rest, colon + 1, rest.n), field);
		return 0;
	}
	if (p->now->kind != TOKEN_STRING && p->now->kind != TOKEN_WORD)
		return parser_unexpected(p, "the header's name");
	t = parser_take(p);
	header_name(p, t, t->text, field);
	return 0;
}

static int
field(struct parser *p, struct field *field)
{
	const struct token *t, *quantifier = NULL;
	struct span name, rest;
	size_t colon;

	if (token_is(p->now, "any") || token_is(p->now, "all"))
		quantifier = parser_take(p);
	if (p->now->kind != TOKEN_WORD)
		return parser_unexpected(p, "a field");
	t = parser_take(p);
	colon = span_find_byte(t->text, ':');
	name = span_sub(t->text, 0, colon);
	rest = span_sub(t->text, colon + 1, t->text.n);
	field->kind = field_parse(name);
	field->is_all = quantifier != NULL && token_is(quantifier, "all");
	if (quantifier != NULL && field->kind != FIELD_RECIPIENT)
		parser_fault(p, quantifier, "'%.*s' speaks of recipients only",
		    SPAN_PRINT(quantifier->text));
	if (field->kind == FIELD_COUNT)
		unknown_field(p, t, name);
	else if (field->kind == FIELD_HEADER)
		return header_field(p, t, rest, field);
	else if (colon != t->text.n && !field_is_viewed(field->kind))
		parser_fault(p, t, "'%.*s' has no views", SPAN_PRINT(name));
	else if (colon != t->text.n)
		view(p, t, rest, field);
	return 0;
}

static int
fields(struct parser *p, struct predicate *pr)
{
	struct field *list = ARENA_ARRAY(p->policy->arena, struct field, FIELDS_MAX);

	pr->fields = list;
	for (;;) {
		if (pr->field_count == FIELDS_MAX)
			return parser_unexpected(p, "at most 32 fields");
		if (field(p, &list[pr->field_count]) < 0)
			return -1;
		pr->field_count++;
		if (!token_is(p->now, ","))
			return 0;
		parser_take(p);
	}
}

static unsigned
regex_flags(struct parser *p, const struct token *t)
{
	static const char letters[] = "imsx";
	unsigned flags = 0;
	const char *at;
	size_t i;

	for (i = 0; i < t->flags.n; i++) {
		at = strchr(letters, t->flags.p[i]);
		if (at != NULL)
			flags |= 1u << (at - letters);
		else
			faults_add(p->faults, p->src, t->offset + t->length -
			    t->flags.n + i, 1, "unknown flag '%c' (known: i m s x)",
			    t->flags.p[i]);
	}
	return flags;
}

static bool
has_views(const struct predicate *pr)
{
	size_t i;

	for (i = 0; i < pr->field_count; i++)
		if (field_is_viewed(pr->fields[i].kind))
			return true;
	return false;
}

static const struct regex *
own_regex(struct parser *p, struct regex *re)
{
	struct policy *policy = p->policy;
	struct owned_regex *owned;

	if (re == NULL)
		return NULL;
	owned = ARENA_NEW(policy->arena, struct owned_regex);
	owned->regex = re;
	owned->next = policy->regexes;
	policy->regexes = owned;
	return re;
}

/* What the gate will know the pattern by. */
static size_t
own_literals(struct parser *p, struct span pattern, unsigned flags)
{
	struct policy *policy = p->policy;
	struct owned_literals *owned = ARENA_NEW(policy->arena,
	    struct owned_literals);

	literals_read(policy->arena, pattern, flags, &owned->literals);
	owned->next = policy->literals;
	policy->literals = owned;
	return policy->pattern_count++;
}

static void
regex(struct parser *p, const struct token *t, struct predicate *pr)
{
	struct span folded = pattern_fold(p->policy->arena, t->text);
	unsigned flags = regex_flags(p, t);
	struct err e = { "" };
	size_t offset = 0;

	pr->comparison = COMPARE_REGEX;
	pr->regex = own_regex(p, regex_compile(folded, flags, &offset, &e));
	if (pr->regex == NULL) {	/* its fault, where it stands as written */
		folded = t->text;
		pr->regex = own_regex(p, regex_compile(folded, flags, &offset, &e));
	}
	if (pr->regex == NULL) {
		faults_add(p->faults, p->src, t->offset + 1 + offset, 1,
		    "pattern: %s", e.text);
		return;
	}
	pr->pattern = own_literals(p, folded, flags);
	pr->is_bare = (flags & REGEX_CASELESS) != 0 && pattern_is_bare(t->text);
	p->policy->has_bare = p->policy->has_bare || pr->is_bare;
	pr->caseless = pr->regex;
	if ((flags & REGEX_CASELESS) == 0 && has_views(pr))
		pr->caseless = own_regex(p, regex_compile(folded,
		    flags | REGEX_CASELESS, &offset, &e));
	if (pr->caseless == NULL)	/* too large without case only */
		parser_fault(p, t, "pattern: %s", e.text);
}

static void
named_list(struct parser *p, const struct token *t, struct predicate *pr)
{
	pr->list_token = t;
	pr->list_source = p->src;
	pr->next = p->policy->predicates;
	p->policy->predicates = pr;
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
value(struct parser *p, const struct token *t, struct predicate *pr)
{
	struct arena *a = p->policy->arena;

	pr->comparison = COMPARE_EQUAL;
	pr->value = arena_copy(a, t->text);
	pr->lower = list_lower(a, t->text);
	pr->address = arena_copy(a,
	    unicode_lower(a, address_canonical(a, pr->value)));
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
	named_list(p, parser_take(p), pr);
	return 0;
}

static int
matches(struct parser *p, struct predicate *pr)
{
	if (p->now->kind == TOKEN_REGEX)
		regex(p, parser_take(p), pr);
	else if (p->now->kind == TOKEN_LIST) {
		pr->comparison = COMPARE_HAS_LIST;
		named_list(p, parser_take(p), pr);
	} else
		return parser_unexpected(p, "'/pattern/' or '@list' after '~'");
	return 0;
}

static bool
is_later_field(const struct predicate *pr)
{
	return pr->field_count == 1 && pr->fields[0].kind == FIELD_COUNT;
}

/* A field of a later version may come with any operator, or a word, or nothing. */
static int
later_value(struct parser *p)
{
	if (p->now->kind == TOKEN_OPERATOR || token_is(p->now, "in"))
		parser_take(p);
	else if (p->now->is_first || token_is(p->now, "and") ||
	    token_is(p->now, "or") || p->now->kind != TOKEN_WORD)
		return 0;
	if (!parser_ends(p))
		parser_take(p);
	return 0;
}

static int
comparison(struct parser *p, struct predicate *pr)
{
	const struct token *t = p->now;

	if (token_is(t, "<") || token_is(t, "<=") || token_is(t, ">") ||
	    token_is(t, ">=")) {
		parser_fault(p, t, "'%.*s' belongs to a later version of the "
		    "language", SPAN_PRINT(t->text));
		parser_take(p);
		if (!parser_ends(p))
			parser_take(p);
		return 0;
	}
	if (!token_is(t, "=") && !token_is(t, "~") && !token_is(t, "in"))
		return parser_unexpected(p, "'=', 'in' or '~'");
	parser_take(p);
	if (token_is(t, "="))
		return equals(p, pr);
	return token_is(t, "in") ? in(p, pr) : matches(p, pr);
}

int
parser_predicate(struct parser *p, struct predicate **out)
{
	struct predicate *pr = ARENA_NEW(p->policy->arena, struct predicate);

	*out = pr;
	if (p->now->kind == TOKEN_LIST && p->is_except) {
		pr->comparison = COMPARE_HAS_LIST;
		named_list(p, parser_take(p), pr);
		return 0;
	}
	if (fields(p, pr) < 0)
		return -1;
	pr->comparison = COMPARE_TRUTH;
	if (is_later_field(pr) && !token_is(p->now, "=") &&
	    !token_is(p->now, "~") && !token_is(p->now, "in"))
		return later_value(p);
	if (!has_kind(pr, FIELD_SPOOFED))
		return comparison(p, pr);
	if (pr->field_count > 1)
		parser_fault(p, p->statement, "'spoofed' stands alone");
	return 0;
}
