/* SPDX-License-Identifier: BSD-2-Clause */
#include <string.h>

#include "base/err.h"
#include "base/fault.h"
#include "base/source.h"
#include "mail/address.h"

#include "policy/parser.h"
#include "parser_internal.h"

static const char *const blocks[] = { "ministry", "list", "rule", "phase",
    "include", "units", "calendar", "deadline", "test", NULL };
static const char *const ministry_words[] = { "domain", "network", "login", NULL };

const struct token *
parser_take(struct parser *p)
{
	const struct token *t = p->now;

	if (t->kind != TOKEN_END)
		p->now++;
	return t;
}

bool
parser_is_block(const struct token *t)
{
	size_t i;

	for (i = 0; blocks[i] != NULL; i++)
		if (token_is(t, blocks[i]))
			return true;
	return false;
}

/* A deeper line belongs to the statement above it. */
bool
parser_ends(const struct parser *p)
{
	const struct token *t = p->now;

	return t->kind == TOKEN_END || token_is(t, "}") ||
	    (t->is_first && t->indent <= p->statement->indent);
}

void
parser_note(struct parser *p, struct statement **at, const struct token *from)
{
	struct statement *new = ARENA_NEW(p->policy->arena, struct statement);

	new->from = from;
	new->end = p->now;
	while (*at != NULL)
		at = &(*at)->next;
	*at = new;
}

void
parser_braces(struct parser *p)
{
	size_t depth = 0;
	const struct token *t;

	do {
		t = parser_take(p);
		depth += token_is(t, "{");
		depth -= token_is(t, "}") && depth > 0;
	} while (depth > 0 && t->kind != TOKEN_END);
}

void
parser_skip(struct parser *p)
{
	while (!parser_ends(p)) {
		if (token_is(p->now, "{"))
			parser_braces(p);
		else
			parser_take(p);
	}
}

int
parser_unexpected(struct parser *p, const char *wanted)
{
	const struct token *t = p->now;

	if (t->kind == TOKEN_END)
		parser_fault(p, t, "expected %s, but the file ends", wanted);
	else if (t->kind != TOKEN_BAD)
		parser_fault(p, t, "expected %s, not '%.*s'", wanted,
		    (int)(t->length > 40 ? 40 : t->length), p->src->text.p + t->offset);
	parser_skip(p);
	return -1;
}

void
parser_unknown(struct parser *p, const struct token *t, const char *what,
    const char *const *known)
{
	const char *near;

	if (t->kind == TOKEN_BAD)
		return;
	near = fault_suggest(t->text, known);
	if (near != NULL)
		parser_fault(p, t, "unknown %s '%.*s' (did you mean '%s'?)", what,
		    SPAN_PRINT(t->text), near);
	else
		parser_fault(p, t, "unknown %s '%.*s'", what, SPAN_PRINT(t->text));
}

static void
ministry_add(struct parser *p, struct ministry_entry **at, const struct token *t,
    struct span text, const struct network *network)
{
	struct ministry_entry *entry = ARENA_NEW(p->policy->arena, struct ministry_entry);

	entry->text = arena_copy(p->policy->arena, text);
	entry->source = p->src;
	entry->offset = t->offset;
	entry->length = t->length;
	if (network != NULL)
		entry->network = *network;
	entry->next = *at;
	*at = entry;
}

static void
ministry_domain(struct parser *p, const struct token *t)
{
	struct arena *a = p->policy->arena;
	struct span domain = address_domain(address_canonical(a,
	    span_of(arena_print(a, "x@%.*s", SPAN_PRINT(t->text)))));

	if (domain.n == 0 || span_find_byte(t->text, '@') != t->text.n ||
	    span_find_byte(t->text, '.') == t->text.n ||
	    t->text.p[0] == '.' || t->text.p[0] == '*')
		parser_fault(p, t, "'%.*s' is no domain (say moet.edu.vn; "
		    "what is below it is meant too)", SPAN_PRINT(t->text));
	else
		ministry_add(p, &p->policy->domains, t, domain, NULL);
}

static void
ministry_network(struct parser *p, const struct token *t)
{
	struct network n;

	if (network_parse(t->text, &n) < 0)
		parser_fault(p, t, "'%.*s' is no network (say 192.0.2.0/24 or "
		    "2001:db8::/32)", SPAN_PRINT(t->text));
	else
		ministry_add(p, &p->policy->networks, t, t->text, &n);
}

static bool
is_ministry_word(const struct token *t)
{
	return token_is(t, "domain") || token_is(t, "network") ||
	    token_is(t, "login");
}

static void
ministry_statement(struct parser *p)
{
	const struct token *t, *word = p->statement = parser_take(p);

	if (!is_ministry_word(word)) {
		parser_unknown(p, word, "word in a ministry block", ministry_words);
		parser_skip(p);
		return;
	}
	if (parser_ends(p)) {
		parser_fault(p, word, "'%.*s' needs a value", SPAN_PRINT(word->text));
		return;
	}
	while (!parser_ends(p)) {
		if (is_ministry_word(p->now))
			return;
		t = parser_take(p);
		if (t->kind != TOKEN_WORD && t->kind != TOKEN_STRING)
			parser_fault(p, t, "expected a value of '%.*s'",
			    SPAN_PRINT(word->text));
		else if (token_is(word, "domain"))
			ministry_domain(p, t);
		else if (token_is(word, "network"))
			ministry_network(p, t);
		else
			ministry_add(p, &p->policy->logins, t, t->text, NULL);
	}
}

static void
ministry(struct parser *p)
{
	p->policy->has_ministry = true;
	if (!token_is(p->now, "{")) {
		parser_unexpected(p, "'{'");
		return;
	}
	parser_take(p);
	while (p->now->kind != TOKEN_END && !token_is(p->now, "}"))
		ministry_statement(p);
	if (p->now->kind == TOKEN_END)
		parser_fault(p, p->now, "'}' of the ministry block is missing");
	parser_take(p);
}

/* The entry ${name}; one that exists already is a fault and gets a list of its own. */
static struct named_list *
list_new(struct parser *p, const struct token *name)
{
	struct policy *policy = p->policy;
	struct named_list *l, **at;
	bool exists = policy_list(policy, name->text) != NULL;

	if (exists)
		parser_fault(p, name, "list '%.*s' exists already",
		    SPAN_PRINT(name->text));
	l = ARENA_NEW(policy->arena, struct named_list);
	l->name = arena_string(policy->arena, name->text);
	l->list.arena = policy->arena;
	l->source = l->entry_source = p->src;
	l->is_faulty = exists;
	l->offset = name->offset;
	l->length = name->length;
	for (at = &policy->lists; *at != NULL; at = &(*at)->next)
		;
	*at = l;
	return l;
}

static void
list_file(struct parser *p, struct named_list *l)
{
	const struct token *path;
	const struct source *src;
	struct err e = { "" };

	parser_take(p);
	if (p->now->kind != TOKEN_STRING) {
		parser_unexpected(p, "a file name in quotes");
		return;
	}
	path = parser_take(p);
	src = sources_get(p->set, p->src, path->text, &e);
	if (src == NULL) {
		parser_fault(p, path, "%s", e.text);
		l->is_faulty = true;
		return;
	}
	list_add_lines(&l->list, src->text);
	l->entry_source = src;
}

static void
list_inline(struct parser *p, struct named_list *l)
{
	const struct token *t;

	parser_take(p);
	while (p->now->kind != TOKEN_END && !token_is(p->now, "}")) {
		t = parser_take(p);
		if (t->kind == TOKEN_STRING)
			list_add(&l->list, t->text, t->offset + 1);
		else if (t->kind != TOKEN_BAD && !token_is(t, ","))
			parser_fault(p, t, "expected an entry in quotes");
	}
	if (p->now->kind == TOKEN_END)
		parser_fault(p, p->now, "'}' of list '%s' is missing", l->name);
	parser_take(p);
}

static void
list(struct parser *p)
{
	const struct token *name;
	struct named_list *l;

	if (p->now->kind != TOKEN_WORD) {
		parser_unexpected(p, "the list's name");
		return;
	}
	name = parser_take(p);
	l = list_new(p, name);
	if (token_is(p->now, "file"))
		list_file(p, l);
	else if (token_is(p->now, "{"))
		list_inline(p, l);
	else
		parser_unexpected(p, "'file' or '{'");
}

static void
block(struct parser *p)
{
	const struct token *word = p->statement = parser_take(p);

	if (token_is(word, "ministry"))
		ministry(p);
	else if (token_is(word, "list"))
		list(p);
	else if (token_is(word, "rule"))
		parser_rule(p);
	else if (token_is(word, "test"))
		parser_trial(p);
	else if (!parser_block(p)) {
		if (token_is(word, "}"))
			parser_fault(p, word, "'}' without a block");
		else
			parser_unknown(p, word, "block", blocks);
		parser_skip(p);
		return;
	}
	p->statement = word;
	if (!p->now->is_first && p->now->kind != TOKEN_END &&
	    fault_suggest(p->now->text, blocks) == NULL)
		parser_unexpected(p, "the next block");
}

void
parser_run(struct policy *policy, struct sources *set, const struct source *src,
    struct faults *f)
{
	struct parser p = { .policy = policy, .set = set, .src = src, .faults = f };
	size_t count;

	p.statement = p.now = lexer_run(policy->arena, src, f, &count);
	while (p.now->kind != TOKEN_END)
		block(&p);
}
