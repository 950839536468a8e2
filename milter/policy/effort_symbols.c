/* SPDX-License-Identifier: BSD-2-Clause */
#include <string.h>

#include "base/err.h"
#include "base/regex.h"
#include "mail/unicode.h"

#include "effort_internal.h"

/* What else a class may take: a few of every kind. */
static const char common[] = "a0 -\"AzZ9_\t\n.,:;/@(+=\x01" "ậẬđ";

static void
add_symbol(struct graph *g, uint32_t code)
{
	size_t i;

	for (i = 0; i < g->symbol_count; i++)
		if (g->symbols[i] == code)
			return;
	if (g->symbol_count < SYMBOLS_MAX)
		g->symbols[g->symbol_count++] = code;
}

static void
add_symbols(struct graph *g, struct span text)
{
	uint32_t code;
	size_t at = 0, n;

	while ((n = unicode_next(text, at, &code)) != 0) {
		if (code >= 0x80 || strchr("\\[]^{}", (int)code) == NULL)
			add_symbol(g, code);
		at += n;
	}
}

uint32_t
symbols_written(struct span source)
{
	size_t skip = source.n > 1 && source.p[0] == '\\';
	uint32_t code = 0;
	size_t n = unicode_next(source, skip, &code);

	if (n == 0 || skip + n != source.n)
		return 0;
	if (skip != 0)
		return code < 0x80 && !unicode_is_word(code) ? code : 0;
	return code == '.' ? 0 : code;
}

static void
collect(struct graph *g, const struct node *node)
{
	for (; node != NULL; node = node->next) {
		if (node->kind == NODE_SET)
			add_symbols(g, node->source);
		collect(g, node->first);
	}
}

/* The written ones first: of two that would do, they are the likelier. */
void
symbols_collect(struct graph *g, const struct node *root)
{
	collect(g, root);
	add_symbols(g, (struct span){ common, sizeof(common) - 1 });
}

static uint64_t
all_symbols(const struct graph *g)
{
	return g->symbol_count == 64 ? UINT64_MAX :
	    ((uint64_t)1 << g->symbol_count) - 1;
}

static bool
is_same(const struct graph *g, uint32_t x, uint32_t y)
{
	return x == y || ((g->flags & REGEX_CASELESS) != 0 &&
	    unicode_caseless(x) == unicode_caseless(y));
}

static bool
is_of_common_class(char name, uint32_t code)
{
	bool is_digit = code >= '0' && code <= '9';

	switch (name) {
	case 's':
		return code == ' ' || code == '\t' || code == '\n';
	case 'h':
		return code == ' ' || code == '\t';
	case 'd':
		return is_digit;
	default:
		return unicode_is_word(code);
	}
}

static uint64_t
by_name(const struct graph *g, char name)
{
	uint64_t set = 0;
	size_t i;

	for (i = 0; i < g->symbol_count; i++)
		if (is_of_common_class(name, g->symbols[i]))
			set |= (uint64_t)1 << i;
	return set;
}

/* Of any other class PCRE2 itself is asked. */
static uint64_t
by_asking(const struct graph *g, struct span source)
{
	const char *text = arena_print(g->arena, "\\A(?:%.*s)\\z", SPAN_PRINT(source));
	struct regex_scratch *scratch = regex_scratch_new(0, 0);
	struct regex *re = regex_compile_slow(span_of(text),
	    g->flags & (REGEX_CASELESS | REGEX_DOTALL));
	struct regex_hit hit;
	struct err e;
	char bytes[4];
	uint64_t set = 0;
	size_t i, n;

	for (i = 0; re != NULL && i < g->symbol_count; i++) {
		n = unicode_put(g->symbols[i], bytes);
		if (regex_next(re, scratch, (struct span){ bytes, n }, 0, &hit,
		    &e) == 1)
			set |= (uint64_t)1 << i;
	}
	regex_free(re);
	regex_scratch_free(scratch);
	return set;
}

uint64_t
symbols_of(const struct graph *g, const struct node *node)
{
	struct span s = node->source;
	uint32_t code = symbols_written(s);
	uint64_t set = 0;
	size_t i;

	if (node->kind == NODE_ANY || span_equal(s, span_of(".")))
		return all_symbols(g);
	if (s.n == 2 && s.p[0] == '\\' && strchr("shdw", s.p[1]) != NULL)
		return by_name(g, s.p[1]);
	if (code == 0)
		return by_asking(g, s);
	for (i = 0; i < g->symbol_count; i++)
		if (is_same(g, code, g->symbols[i]))
			set |= (uint64_t)1 << i;
	return set;
}
