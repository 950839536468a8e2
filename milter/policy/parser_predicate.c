/* SPDX-License-Identifier: BSD-2-Clause */
#include <string.h>

#include "base/err.h"
#include "base/fault.h"
#include "base/regex.h"
#include "base/source.h"

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

/* "authentication dkim" */
static int
method(struct parser *p, struct field *field)
{
	if (p->now->kind != TOKEN_WORD)
		return parser_unexpected(p, "a method such as dkim or spf");
	field->header = arena_string(p->policy->arena, parser_take(p)->text);
	return 0;
}

/* In "attachment { ... }" a field goes without its first word. */
static enum field_kind
bound_kind(struct parser *p, const struct token *t, struct span name)
{
	struct arena *a = p->policy->arena;
	enum field_kind kind = field_parse(span_of(arena_print(a,
	    "attachment.%.*s", SPAN_PRINT(name))));

	if (kind == FIELD_COUNT || !field_is_bound(kind))
		kind = field_parse(name);
	if (kind != FIELD_COUNT && !field_is_bound(kind))
		parser_fault(p, t, "'%.*s' is nothing of one attachment: name, type, "
		    "truetype, size, text and uninspectable are", SPAN_PRINT(name));
	return kind;
}

static enum field_kind
field_kind(struct parser *p, const struct token *t, struct span name)
{
	enum field_kind kind;

	if (token_is(t, "working") && token_is(p->now, "day")) {
		parser_take(p);
		return FIELD_WORKING_DAY;
	}
	kind = p->is_attachment ? bound_kind(p, t, name) : field_parse(name);
	p->policy->wants_number |= kind == FIELD_NUMBER;
	return kind;
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
	field->kind = field_kind(p, t, name);
	field->is_all = quantifier != NULL && token_is(quantifier, "all");
	if (quantifier != NULL && !field_is_recipient(field->kind))
		parser_fault(p, quantifier, "'%.*s' speaks of recipients only",
		    SPAN_PRINT(quantifier->text));
	if (field->kind == FIELD_COUNT)
		unknown_field(p, t, name);
	else if (field->kind == FIELD_HEADER)
		return header_field(p, t, rest, field);
	else if (field->kind == FIELD_AUTHENTICATION)
		return method(p, field);
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

/* Has it a field that is looked at in all its views? */
static bool
has_unnamed_views(const struct predicate *pr)
{
	size_t i;

	for (i = 0; i < pr->field_count; i++)
		if (field_is_viewed(pr->fields[i].kind) && !pr->fields[i].has_view)
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
	pr->value_token = t;
	pr->flags = flags;
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
	pr->literals = &p->policy->literals->literals;
	pr->is_bare = (flags & REGEX_CASELESS) != 0 && has_unnamed_views(pr) &&
	    pattern_is_bare(t->text);
	p->policy->has_bare = p->policy->has_bare || pr->is_bare;
	pr->caseless = pr->regex;
	if ((flags & REGEX_CASELESS) == 0 && has_views(pr))
		pr->caseless = own_regex(p, regex_compile(folded,
		    flags | REGEX_CASELESS, &offset, &e));
	if (pr->caseless == NULL)	/* too large without case only */
		parser_fault(p, t, "pattern: %s", e.text);
}

void
parser_named_list(struct parser *p, const struct token *t, struct predicate *pr)
{
	(void)p;
	pr->list_token = t;
}

int
parser_matches(struct parser *p, struct predicate *pr)
{
	if (p->now->kind == TOKEN_REGEX)
		regex(p, parser_take(p), pr);
	else if (p->now->kind == TOKEN_LIST) {
		pr->comparison = COMPARE_HAS_LIST;
		parser_named_list(p, parser_take(p), pr);
	} else
		return parser_unexpected(p, "'/pattern/' or '@list' after '~'");
	return 0;
}

int
parser_predicate(struct parser *p, struct predicate **out)
{
	struct predicate *pr = ARENA_NEW(p->policy->arena, struct predicate);

	*out = pr;
	pr->token = p->now;
	pr->list_source = p->src;
	pr->next = p->policy->predicates;
	p->policy->predicates = pr;
	if (p->now->kind == TOKEN_LIST && p->is_except) {
		pr->comparison = COMPARE_HAS_LIST;
		parser_named_list(p, parser_take(p), pr);
		return 0;
	}
	if (fields(p, pr) < 0)
		return -1;
	return parser_comparison(p, pr);
}
