/* SPDX-License-Identifier: BSD-2-Clause */
#include "base/regex.h"
#include "mail/unicode.h"

#include "syntax_internal.h"

#define DEPTH_MAX 30

static struct node *choice(struct syntax *s);

void
syntax_lose(struct syntax *s)
{
	s->is_lost = true;
	s->at = s->text.n;
}

uint32_t
syntax_peek(const struct syntax *s)
{
	uint32_t code;

	return unicode_next(s->text, s->at, &code) == 0 ? 0 : code;
}

uint32_t
syntax_take(struct syntax *s)
{
	uint32_t code = 0;

	s->at += unicode_next(s->text, s->at, &code);
	return code;
}

struct node *
syntax_node(struct syntax *s, enum node_kind kind, size_t start)
{
	struct node *node = ARENA_NEW(s->arena, struct node);

	node->kind = kind;
	node->source = span_sub(s->text, start, s->at - start);
	return node;
}

static bool
takes(struct syntax *s, char c)
{
	if (s->at == s->text.n || s->text.p[s->at] != c)
		return false;
	s->at++;
	return true;
}

/* Between items: what the flag x makes invisible. */
static void
skip(struct syntax *s)
{
	uint32_t c;

	while (s->is_extended && s->at < s->text.n) {
		c = syntax_peek(s);
		if (c == 0x85 || c == 0x200e || c == 0x200f || c == 0x2028 ||
		    c == 0x2029)
			syntax_lose(s);
		else if (c == '#')
			s->at += span_find_byte(span_sub(s->text, s->at,
			    s->text.n), '\n');
		else if (c == ' ' || (c >= '\t' && c <= '\r'))
			s->at++;
		else
			return;
	}
}

static void
skip_name(struct syntax *s, char end)
{
	s->at += span_find_byte(span_sub(s->text, s->at, s->text.n), end);
	if (!takes(s, end))
		syntax_lose(s);
}

/* "(?i)" is over at once; "(?i:" goes on. */
static bool
is_flags_alone(struct syntax *s)
{
	while (takes(s, 'i') || takes(s, 'm') || takes(s, 's') || takes(s, '-'))
		;
	if (takes(s, ')'))
		return true;
	if (!takes(s, ':'))
		syntax_lose(s);
	return false;
}

/* Behind "(?": what kind of group it is, up to where its contents begin. */
static enum node_kind
group_kind(struct syntax *s, bool *is_atomic)
{
	if (takes(s, '=') || takes(s, '!'))
		return NODE_LOOK;
	if (takes(s, '|') || takes(s, ':'))
		return NODE_CHOICE;
	if ((*is_atomic = takes(s, '>')))
		return NODE_CHOICE;
	if (takes(s, '\'')) {
		skip_name(s, '\'');
		return NODE_CHOICE;
	}
	if (takes(s, 'P') && syntax_peek(s) != '<')
		syntax_lose(s);
	if (takes(s, '<')) {
		if (takes(s, '=') || takes(s, '!'))
			return NODE_LOOK;
		if (syntax_peek(s) == '*')
			syntax_lose(s);
		skip_name(s, '>');
		return NODE_CHOICE;
	}
	return is_flags_alone(s) ? NODE_EMPTY : NODE_CHOICE;
}

static struct node *
group(struct syntax *s, size_t start)
{
	enum node_kind kind = NODE_CHOICE;
	struct node *node, *inner;
	bool is_atomic = false;

	if (syntax_peek(s) == '*' || s->depth >= DEPTH_MAX)
		syntax_lose(s);
	if (takes(s, '?'))
		kind = group_kind(s, &is_atomic);
	if (kind == NODE_EMPTY || s->is_lost)
		return syntax_node(s, NODE_EMPTY, start);
	s->depth++;
	inner = choice(s);
	s->depth--;
	if (!takes(s, ')'))
		syntax_lose(s);
	if (kind == NODE_CHOICE && !is_atomic)
		return inner;
	node = syntax_node(s, kind == NODE_LOOK ? kind : NODE_SEQUENCE, start);
	node->first = inner;
	node->is_atomic = is_atomic;
	return node;
}

static struct node *
atom(struct syntax *s)
{
	size_t start = s->at;
	uint32_t c = syntax_take(s);
	struct node *node;

	switch (c) {
	case '(':
		return group(s, start);
	case '[':
		return syntax_class(s);
	case '\\':
		return syntax_escape(s);
	case '^':
	case '$':
		return syntax_node(s, NODE_EMPTY, start);
	case '*':
	case '+':
	case '?':
		syntax_lose(s);
		break;
	default:
		break;
	}
	node = syntax_node(s, NODE_SET, start);
	if (c != '.')
		syntax_character(node, c);
	return node;
}

static bool
number(struct syntax *s, uint32_t *n)
{
	size_t start = s->at;

	*n = 0;
	while (s->at < s->text.n && s->text.p[s->at] >= '0' &&
	    s->text.p[s->at] <= '9' && s->at - start < 6)
		*n = 10 * *n + (uint32_t)(s->text.p[s->at++] - '0');
	return s->at != start;
}

/*
 * "{2,5}".  What later versions of PCRE2 read as a quantifier and this one as
 * text, or the other way round, is not understood.
 */
static bool
braces(struct syntax *s, uint32_t *least, uint32_t *most)
{
	size_t start = s->at++;

	if (takes(s, ',') || takes(s, ' ') || takes(s, '\t')) {
		syntax_lose(s);
		return false;
	}
	if (!number(s, least)) {
		s->at = start;
		return false;
	}
	*most = *least;
	if (takes(s, ',') && !number(s, most))
		*most = SYNTAX_ENDLESS;
	if (takes(s, '}'))
		return true;
	syntax_lose(s);
	return false;
}

static bool
quantifier(struct syntax *s, uint32_t *least, uint32_t *most)
{
	skip(s);
	*least = 0;
	*most = SYNTAX_ENDLESS;
	if (takes(s, '*'))
		return true;
	if (takes(s, '+')) {
		*least = 1;
		return true;
	}
	if (takes(s, '?')) {
		*most = 1;
		return true;
	}
	return syntax_peek(s) == '{' && braces(s, least, most);
}

/* What makes a quantifier possessive or lazy; with the flag x not behind a gap. */
static bool
is_possessive(struct syntax *s)
{
	size_t end = s->at;
	uint32_t c;

	skip(s);
	c = syntax_peek(s);
	if (s->at != end && (c == '+' || c == '?' || c == '*' || c == '{'))
		syntax_lose(s);
	if (takes(s, '+'))
		return true;
	takes(s, '?');
	return false;
}

static struct node *
item(struct syntax *s)
{
	size_t start = s->at;
	struct node *node = atom(s), *repeat;
	uint32_t least, most;

	while (quantifier(s, &least, &most)) {
		repeat = syntax_node(s, NODE_REPEAT, start);
		repeat->first = node;
		repeat->least = least;
		repeat->most = most;
		repeat->is_atomic = is_possessive(s);
		node = repeat;
	}
	return node;
}

static struct node *
sequence(struct syntax *s)
{
	struct node *node = syntax_node(s, NODE_SEQUENCE, s->at);
	struct node **last = &node->first;

	for (skip(s); s->at < s->text.n && syntax_peek(s) != '|' &&
	    syntax_peek(s) != ')'; skip(s)) {
		*last = item(s);
		last = &(*last)->next;
	}
	return node;
}

static struct node *
choice(struct syntax *s)
{
	struct node *node = syntax_node(s, NODE_CHOICE, s->at);
	struct node **last = &node->first;

	do {
		*last = sequence(s);
		last = &(*last)->next;
	} while (takes(s, '|'));
	return node;
}

struct node *
syntax_parse(struct arena *a, struct span pattern, unsigned flags)
{
	struct syntax s = { .arena = a, .text = pattern,
	    .is_extended = (flags & REGEX_EXTENDED) != 0 };
	struct node *node = choice(&s);

	if (s.at < s.text.n)
		syntax_lose(&s);
	return s.is_lost ? NULL : node;
}
