/* SPDX-License-Identifier: BSD-2-Clause */
#include <string.h>

#include "base/err.h"
#include "base/regex.h"
#include "mail/unicode.h"

#include "effort_internal.h"

/* What else a class may take: a few of every kind. */
static const char common[] = "a0 -\"AzZ9_\t\n.,:;/@(+=\x01" "ậẬđ";

/* What may come first and last in a piece of the pattern. */
struct piece {
	uint64_t *first, *last;
	bool is_nullable;
};

struct building {
	struct graph *graph;
	unsigned flags;
	size_t count;		/* places so far */
	size_t big;		/* big repeats around */
	struct span loop;	/* the outermost of them */
	struct span *loops;	/* by place */
};

static struct piece build(struct building *b, const struct node *node);

/* Bytes do not matter, only whether all matches have as many characters. */
static bool
is_fixed(const struct node *node, uint64_t *length)
{
	const struct node *child;
	uint64_t n = 0, of_child;
	bool is_first = true;

	if (node->kind == NODE_ANY)
		return false;
	*length = node->kind == NODE_SET;
	for (child = node->kind == NODE_LOOK ? NULL : node->first; child != NULL;
	    child = child->next) {
		if (!is_fixed(child, &of_child))
			return false;
		if (node->kind == NODE_CHOICE && !is_first && of_child != n)
			return false;
		n = node->kind == NODE_CHOICE ? of_child : n + of_child;
		is_first = false;
	}
	if (!is_first)
		*length = node->kind == NODE_REPEAT ? n * node->least : n;
	return node->kind != NODE_REPEAT || node->least == node->most;
}

/* Does ${repeat} go round in a number of ways that matters? */
static bool
is_loop(const struct node *repeat, uint32_t least_rounds)
{
	uint64_t length;

	return repeat->most >= least_rounds && (repeat->least != repeat->most ||
	    !is_fixed(repeat->first, &length));
}

static const struct node *
only_child(const struct node *node)
{
	while ((node->kind == NODE_SEQUENCE || node->kind == NODE_CHOICE) &&
	    node->first != NULL && node->first->next == NULL)
		node = node->first;
	return node;
}

static void
count_loops(const struct node *node, size_t *plain, size_t *nested)
{
	for (; node != NULL; node = node->next) {
		if (node->kind == NODE_REPEAT && is_loop(node, REPEAT_BIG)) {
			if (only_child(node->first)->kind == NODE_SET)
				(*plain)++;
			else
				(*nested)++;
		}
		count_loops(node->first, plain, nested);
	}
}

bool
graph_is_worth_it(const struct node *root)
{
	size_t plain = 0, nested = 0;

	count_loops(root, &plain, &nested);
	return nested != 0 || plain > 1;
}

static void
count_places(const struct node *node, size_t *n)
{
	for (; node != NULL; node = node->next) {
		*n += node->kind == NODE_SET || node->kind == NODE_ANY;
		count_places(node->first, n);
	}
}

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

/* The character that ${source} stands for, or 0 if it is a class. */
static uint32_t
written(struct span source)
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

/* The written ones first: of two that would do, they are the likelier. */
static void
collect_symbols(struct graph *g, const struct node *node)
{
	for (; node != NULL; node = node->next) {
		if (node->kind == NODE_SET)
			add_symbols(g, node->source);
		collect_symbols(g, node->first);
	}
}

static uint64_t
all_symbols(const struct graph *g)
{
	return g->symbol_count == 64 ? UINT64_MAX :
	    ((uint64_t)1 << g->symbol_count) - 1;
}

static bool
is_same(const struct building *b, uint32_t x, uint32_t y)
{
	return x == y || ((b->flags & REGEX_CASELESS) != 0 &&
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
by_asking(const struct building *b, struct span source)
{
	const struct graph *g = b->graph;
	const char *text = arena_print(g->arena, "\\A(?:%.*s)\\z", SPAN_PRINT(source));
	struct regex_scratch *scratch = regex_scratch_new(0, 0);
	struct regex *re = regex_compile_slow(span_of(text),
	    b->flags & (REGEX_CASELESS | REGEX_DOTALL));
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

static uint64_t
symbols_of(const struct building *b, const struct node *node)
{
	const struct graph *g = b->graph;
	struct span s = node->source;
	uint32_t code = written(s);
	uint64_t set = 0;
	size_t i;

	if (node->kind == NODE_ANY || span_equal(s, span_of(".")))
		return all_symbols(g);
	if (s.n == 2 && s.p[0] == '\\' && strchr("shdw", s.p[1]) != NULL)
		return by_name(g, s.p[1]);
	if (code == 0)
		return by_asking(b, s);
	for (i = 0; i < g->symbol_count; i++)
		if (is_same(b, code, g->symbols[i]))
			set |= (uint64_t)1 << i;
	return set;
}

static struct piece
piece_new(const struct building *b)
{
	struct graph *g = b->graph;

	return (struct piece){ ARENA_ARRAY(g->arena, uint64_t, g->words),
	    ARENA_ARRAY(g->arena, uint64_t, g->words), true };
}

static void
join(const struct graph *g, uint64_t *set, const uint64_t *other)
{
	size_t i;

	for (i = 0; i < g->words; i++)
		set[i] |= other[i];
}

static void
link_places(struct building *b, const uint64_t *last, const uint64_t *first)
{
	struct graph *g = b->graph;
	uint64_t *follow, *twice;
	size_t i, k;

	for (i = 0; i < b->count; i++) {
		if (!places_has(last, i))
			continue;
		follow = graph_row(g, g->follow, i);
		twice = graph_row(g, g->twice, i);
		for (k = 0; k < g->words; k++) {
			twice[k] |= follow[k] & first[k];
			follow[k] |= first[k];
		}
	}
}

static struct piece
build_place(struct building *b, const struct node *node)
{
	struct graph *g = b->graph;
	struct piece piece = piece_new(b);
	size_t i = b->count++;
	struct place *one = &g->places[i];

	one->source = node->source;
	one->symbols = symbols_of(b, node);
	one->code = written(node->source);
	if (one->code == 0 && one->symbols != 0)
		one->code = g->symbols[__builtin_ctzll(one->symbols)];
	b->loops[i] = b->loop;
	places_add(piece.first, i);
	places_add(piece.last, i);
	piece.is_nullable = node->kind == NODE_ANY;
	if (node->kind == NODE_ANY)
		link_places(b, piece.last, piece.first);
	return piece;
}

static struct piece
build_sequence(struct building *b, const struct node *node)
{
	struct piece all = piece_new(b), one;
	const struct node *child;

	for (child = node->first; child != NULL; child = child->next) {
		one = build(b, child);
		link_places(b, all.last, one.first);
		if (all.is_nullable)
			join(b->graph, all.first, one.first);
		if (!one.is_nullable)
			memset(all.last, 0, b->graph->words * sizeof(uint64_t));
		join(b->graph, all.last, one.last);
		all.is_nullable = all.is_nullable && one.is_nullable;
	}
	return all;
}

static struct piece
build_choice(struct building *b, const struct node *node)
{
	struct piece all = piece_new(b), one;
	const struct node *child;

	all.is_nullable = node->first == NULL;
	for (child = node->first; child != NULL; child = child->next) {
		one = build(b, child);
		join(b->graph, all.first, one.first);
		join(b->graph, all.last, one.last);
		all.is_nullable = all.is_nullable || one.is_nullable;
	}
	return all;
}

static struct piece
build_repeat(struct building *b, const struct node *node)
{
	bool is_big = is_loop(node, REPEAT_BIG);
	bool is_round = is_big || (b->big != 0 && is_loop(node, 2));
	struct span outer = b->loop;
	struct piece piece;

	if (is_big && b->big++ == 0)
		b->loop = node->source;
	piece = build(b, node->first);
	if (is_big)
		b->big--;
	b->loop = outer;
	if (is_round)
		link_places(b, piece.last, piece.first);
	piece.is_nullable = piece.is_nullable || node->least == 0;
	return piece;
}

static struct piece
build(struct building *b, const struct node *node)
{
	switch (node->kind) {
	case NODE_SET:
	case NODE_ANY:
		return build_place(b, node);
	case NODE_REPEAT:
		return build_repeat(b, node);
	case NODE_CHOICE:
		return build_choice(b, node);
	case NODE_SEQUENCE:
		return build_sequence(b, node);
	case NODE_LOOK:
		build_choice(b, node);
		return piece_new(b);
	default:
		return piece_new(b);
	}
}

/* What ${from} leads to, in one step or more. */
static void
reach(const struct graph *g, size_t from, uint64_t *set, uint16_t *queue)
{
	const uint64_t *row;
	size_t n = 0, at, i;

	queue[n++] = (uint16_t)from;
	for (at = 0; at < n; at++) {
		row = graph_row(g, g->follow, queue[at]);
		for (i = 0; i < g->count; i++)
			if (places_has(row, i) && !places_has(set, i)) {
				places_add(set, i);
				queue[n++] = (uint16_t)i;
			}
	}
}

/* Places that lead to each other form a group. */
static void
group(struct building *b)
{
	struct graph *g = b->graph;
	uint64_t *reached = ARENA_ARRAY(g->arena, uint64_t, g->count * g->words);
	uint16_t *queue = ARENA_ARRAY(g->arena, uint16_t, g->count + 1);
	size_t i, j;

	g->loops = ARENA_ARRAY(g->arena, struct span, g->count + 1);
	for (i = 0; i < g->count; i++)
		if (b->loops[i].n != 0)
			reach(g, i, graph_row(g, reached, i), queue);
	for (i = 0; i < g->count; i++) {
		if (g->places[i].group != 0 ||
		    !places_has(graph_row(g, reached, i), i))
			continue;
		g->groups++;
		g->loops[g->groups] = b->loops[i];
		for (j = i; j < g->count; j++)
			if (places_has(graph_row(g, reached, i), j) &&
			    places_has(graph_row(g, reached, j), i))
				g->places[j].group = g->groups;
	}
}

struct graph *
graph_build(struct arena *a, const struct node *root, unsigned flags)
{
	struct graph *g = ARENA_NEW(a, struct graph);
	struct building b = { .graph = g, .flags = flags };

	count_places(root, &g->count);
	if (g->count == 0 || g->count > PLACES_MAX)
		return NULL;
	g->arena = a;
	g->words = (g->count + 63) / 64;
	g->places = ARENA_ARRAY(a, struct place, g->count);
	g->follow = ARENA_ARRAY(a, uint64_t, g->count * g->words);
	g->twice = ARENA_ARRAY(a, uint64_t, g->count * g->words);
	b.loops = ARENA_ARRAY(a, struct span, g->count);
	collect_symbols(g, root);
	add_symbols(g, (struct span){ common, sizeof(common) - 1 });
	g->start = build(&b, root).first;
	group(&b);
	return g;
}
