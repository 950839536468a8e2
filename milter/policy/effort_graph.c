/* SPDX-License-Identifier: BSD-2-Clause */
#include <string.h>

#include "effort_internal.h"

/* What may come first and last in a piece of the pattern. */
struct piece {
	uint64_t *first, *last;
	bool is_nullable;
};

struct building {
	struct graph *graph;
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
	one->symbols = symbols_of(g, node);
	one->code = symbols_written(node->source);
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
	struct building b = { .graph = g };

	count_places(root, &g->count);
	if (g->count == 0 || g->count > PLACES_MAX)
		return NULL;
	g->arena = a;
	g->flags = flags;
	g->words = (g->count + 63) / 64;
	g->places = ARENA_ARRAY(a, struct place, g->count);
	g->follow = ARENA_ARRAY(a, uint64_t, g->count * g->words);
	g->twice = ARENA_ARRAY(a, uint64_t, g->count * g->words);
	b.loops = ARENA_ARRAY(a, struct span, g->count);
	symbols_collect(g, root);
	g->start = build(&b, root).first;
	group(&b);
	return g;
}
