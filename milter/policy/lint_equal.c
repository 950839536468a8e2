/* SPDX-License-Identifier: BSD-2-Clause */
#include <string.h>
#include <strings.h>

#include "policy/lexer.h"
#include "lint_internal.h"

bool
lint_field_is_equal(const struct field *a, const struct field *b)
{
	if (a->kind != b->kind || a->is_all != b->is_all ||
	    a->has_view != b->has_view || (a->has_view && a->view != b->view))
		return false;
	return a->header == b->header || (a->header != NULL &&
	    b->header != NULL && strcasecmp(a->header, b->header) == 0);
}

/* What the fields are compared with, as it is written. */
static const struct token *
operand(const struct predicate *pr)
{
	return pr->list_token != NULL ? pr->list_token : pr->value_token;
}

static bool
token_is_equal(const struct token *a, const struct token *b)
{
	if (a == NULL || b == NULL)
		return a == b;
	return span_equal(a->text, b->text) && span_equal(a->flags, b->flags);
}

static bool
predicate_is_equal(const struct predicate *a, const struct predicate *b)
{
	size_t i;

	if (a->comparison != b->comparison || a->field_count != b->field_count ||
	    a->relation != b->relation || a->number != b->number ||
	    a->reasons != b->reasons || !token_is_equal(operand(a), operand(b)))
		return false;
	for (i = 0; i < a->field_count; i++)
		if (!lint_field_is_equal(&a->fields[i], &b->fields[i]))
			return false;
	return true;
}

bool
lint_is_equal(const struct expression *a, const struct expression *b)
{
	if (a == NULL || b == NULL)
		return a == b;
	if (a->kind != b->kind)
		return false;
	if (a->kind == EXPRESSION_PREDICATE)
		return predicate_is_equal(a->predicate, b->predicate);
	return lint_is_equal(a->left, b->left) && lint_is_equal(a->right, b->right);
}

static uint32_t
mix(uint32_t hash, uint32_t value)
{
	return (hash ^ value) * 16777619u;	/* FNV-1a */
}

static uint32_t
predicate_hash(const struct predicate *pr)
{
	const struct token *t = operand(pr);
	uint32_t hash = mix(2166136261u, (uint32_t)pr->comparison);
	size_t i;

	hash = mix(mix(hash, (uint32_t)pr->relation), (uint32_t)pr->number);
	for (i = 0; i < pr->field_count; i++)
		hash = mix(hash, (uint32_t)pr->fields[i].kind);
	for (i = 0; t != NULL && i < t->text.n; i++)
		hash = mix(hash, (unsigned char)t->text.p[i]);
	return hash;
}

uint32_t
lint_hash(const struct expression *e)
{
	if (e == NULL)
		return 0;
	if (e->kind == EXPRESSION_PREDICATE)
		return predicate_hash(e->predicate);
	return mix(mix(mix(2166136261u, (uint32_t)e->kind), lint_hash(e->left)),
	    lint_hash(e->right));
}
