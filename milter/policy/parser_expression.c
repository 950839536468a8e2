/* SPDX-License-Identifier: BSD-2-Clause */
#include <string.h>

#include "base/fault.h"
#include "base/source.h"

#include "parser_internal.h"

#define DEPTH_MAX 200	/* "not" and "(" in each other, links of a chain */

static int or_level(struct parser *p, struct expression **e);

static struct expression *
expression_new(struct parser *p, enum expression_kind kind,
    struct expression *left, struct expression *right)
{
	struct expression *e = ARENA_NEW(p->policy->arena, struct expression);

	e->kind = kind;
	e->left = left;
	e->right = right;
	return e;
}

static int
deeper(struct parser *p)
{
	if (++p->depth <= DEPTH_MAX)
		return 0;
	parser_fault(p, p->now, "the condition is too long; make it two rules");
	parser_skip(p);
	return -1;
}

/* After a fault: its "}" is not that of the rule, which begins a line of its own. */
static int
leave_attachment(struct parser *p)
{
	const struct token *t = p->now;

	if (token_is(t, "}") &&
	    !(t->is_first && t->indent <= p->statement->indent)) {
		parser_take(p);
		parser_skip(p);
	}
	return -1;
}

/* "attachment { ... }": all of it is true of one and the same attachment. */
static int
attachment(struct parser *p, struct expression **e)
{
	struct expression *inner;

	if (p->is_attachment)
		return parser_unexpected(p, "a field of the attachment");
	parser_take(p);
	parser_take(p);
	p->is_attachment = true;
	if (or_level(p, &inner) < 0)
		return leave_attachment(p);
	p->is_attachment = false;
	if (!token_is(p->now, "}"))
		return parser_unexpected(p, "'}'");
	parser_take(p);
	*e = expression_new(p, EXPRESSION_ATTACHMENT, inner, NULL);
	return 0;
}

static int
primary(struct parser *p, struct expression **e)
{
	if (token_is(p->now, "(")) {
		parser_take(p);
		if (or_level(p, e) < 0)
			return -1;
		if (!token_is(p->now, ")"))
			return parser_unexpected(p, "')'");
		parser_take(p);
		return 0;
	}
	if (token_is(p->now, "attachment") && token_is(p->now + 1, "{"))
		return attachment(p, e);
	*e = expression_new(p, EXPRESSION_PREDICATE, NULL, NULL);
	return parser_predicate(p, &(*e)->predicate);
}

static int
not_level(struct parser *p, struct expression **e)
{
	struct expression *inner;

	if (deeper(p) < 0)
		return -1;
	if (!token_is(p->now, "not"))
		return primary(p, e);
	parser_take(p);
	if (not_level(p, &inner) < 0)
		return -1;
	*e = expression_new(p, EXPRESSION_NOT, inner, NULL);
	return 0;
}

static int
and_level(struct parser *p, struct expression **e)
{
	struct expression *right;

	if (not_level(p, e) < 0)
		return -1;
	while (token_is(p->now, "and")) {
		parser_take(p);
		if (not_level(p, &right) < 0)
			return -1;
		*e = expression_new(p, EXPRESSION_AND, *e, right);
	}
	return 0;
}

static int
or_level(struct parser *p, struct expression **e)
{
	struct expression *right;

	if (and_level(p, e) < 0)
		return -1;
	while (token_is(p->now, "or")) {
		parser_take(p);
		if (and_level(p, &right) < 0)
			return -1;
		*e = expression_new(p, EXPRESSION_OR, *e, right);
	}
	return 0;
}

int
parser_expression(struct parser *p, struct expression **e)
{
	p->depth = 0;
	p->is_attachment = false;
	p->is_except = false;
	return or_level(p, e);
}

int
parser_except(struct parser *p, struct expression **e)
{
	p->depth = 0;
	p->is_attachment = false;
	p->is_except = true;
	return or_level(p, e);
}
