/* SPDX-License-Identifier: BSD-2-Clause */
#include <string.h>

#include "base/buffer.h"
#include "mail/unicode.h"

#include "effort_internal.h"

#define TRACKS_MAX 3
#define STATES_MAX 20000	/* of one pattern, over all searches */
#define NOWHERE UINT32_MAX

/* Up to three readers of one text, each at a place of its own. */
struct state {
	uint16_t at[TRACKS_MAX];
	bool has_parted;	/* two readers went different ways */
	uint32_t code;		/* the character read last */
	uint32_t parent;
};

struct search {
	const struct graph *graph;
	struct arena *arena;
	size_t tracks;
	size_t groups[TRACKS_MAX];	/* that a reader stays in; 0: goes anywhere */
	struct state *states;
	size_t count, size;
	uint32_t *table;		/* state + 1 by its hash */
	size_t table_size;
	size_t *budget;
};

static size_t
hash_of(const struct search *s, const struct state *one)
{
	size_t hash = one->has_parted, i;

	for (i = 0; i < s->tracks; i++)
		hash = hash * 1000003 + one->at[i];
	return (hash ^ hash >> 16) & (s->table_size - 1);
}

static bool
is_same(const struct search *s, const struct state *x, const struct state *y)
{
	return x->has_parted == y->has_parted &&
	    memcmp(x->at, y->at, s->tracks * sizeof(x->at[0])) == 0;
}

static void
table_put(struct search *s, size_t index)
{
	size_t i = hash_of(s, &s->states[index]);

	while (s->table[i] != 0)
		i = (i + 1) & (s->table_size - 1);
	s->table[i] = (uint32_t)index + 1;
}

static void
make_room(struct search *s)
{
	size_t size = s->size == 0 ? 16 : 4 * s->size, i;

	if (s->count < s->size)
		return;
	s->states = arena_grow(s->arena, s->states, s->size * sizeof(*s->states),
	    size * sizeof(*s->states));
	s->size = size;
	s->table_size = 4 * size;
	s->table = ARENA_ARRAY(s->arena, uint32_t, s->table_size);
	for (i = 0; i < s->count; i++)
		table_put(s, i);
}

static bool
is_known(const struct search *s, const struct state *one)
{
	size_t i = hash_of(s, one);

	for (; s->table[i] != 0; i = (i + 1) & (s->table_size - 1))
		if (is_same(s, &s->states[s->table[i] - 1], one))
			return true;
	return false;
}

static void
add_state(struct search *s, const struct state *one)
{
	make_room(s);
	if (is_known(s, one) || *s->budget == 0)
		return;
	(*s->budget)--;
	s->states[s->count++] = *one;
	table_put(s, s->count - 1);
}

/* A character of ${symbols}, or of the only reader's place. */
static uint32_t
code_of(const struct search *s, const struct state *one, uint64_t symbols)
{
	if (s->tracks == 1)
		return s->graph->places[one->at[0]].code;
	return s->graph->symbols[__builtin_ctzll(symbols)];
}

static bool
parts(const struct search *s, const struct state *from, const struct state *to)
{
	const struct graph *g = s->graph;

	if (s->tracks != 2 || from->has_parted)
		return from->has_parted;
	return to->at[0] != to->at[1] ||
	    places_has(graph_row(g, g->twice, from->at[0]), to->at[0]);
}

/* All readers from the ${track}th on go one step, on the same character. */
static void
step(struct search *s, uint32_t from, struct state *to, size_t track,
    uint64_t symbols)
{
	const struct graph *g = s->graph;
	const struct state before = s->states[from];
	const uint64_t *row;
	uint64_t rest, both;
	size_t k, i;

	if (track == s->tracks) {
		to->has_parted = parts(s, &before, to);
		to->code = code_of(s, to, symbols);
		to->parent = from;
		add_state(s, to);
		return;
	}
	row = graph_row(g, g->follow, before.at[track]);
	for (k = 0; k < g->words; k++)
		for (rest = row[k]; rest != 0; rest &= rest - 1) {
			i = 64 * k + (size_t)__builtin_ctzll(rest);
			both = symbols & g->places[i].symbols;
			if ((s->groups[track] != 0 &&
			    g->places[i].group != s->groups[track]) ||
			    (both == 0 && s->tracks > 1))
				continue;
			to->at[track] = (uint16_t)i;
			step(s, from, to, track + 1, both);
		}
}

/* From the states that ${s} begins with to ${goal}; NOWHERE if there is no way. */
static uint32_t
search_run(struct search *s, const struct state *goal)
{
	struct state to = { .at = { 0 } };
	uint32_t at;

	for (at = 0; at < s->count; at++) {
		if (s->states[at].parent != NOWHERE &&
		    is_same(s, &s->states[at], goal))
			return at;
		step(s, at, &to, 0, UINT64_MAX);
	}
	return NOWHERE;
}

/* What was read on the way to the state ${at}. */
static struct span
word_to(const struct search *s, uint32_t at)
{
	struct buffer b = { .arena = s->arena };
	size_t n = 0;
	uint32_t i, *codes;

	for (i = at; i != NOWHERE; i = s->states[i].parent)
		n++;
	codes = ARENA_ARRAY(s->arena, uint32_t, n);
	for (i = at, n = 0; i != NOWHERE; i = s->states[i].parent)
		codes[n++] = s->states[i].code;
	while (n-- > 0)
		if (codes[n] != 0)
			b.n += unicode_put(codes[n], buffer_reserve(&b, 4));
	return buffer_span(&b);
}

/* The shortest text that leads from the pattern's beginning to ${place}. */
static struct span
prefix_to(const struct graph *g, size_t place, size_t *budget)
{
	struct search s = { .graph = g, .arena = g->arena, .tracks = 1,
	    .budget = budget };
	struct state one = { .parent = NOWHERE };
	uint32_t at;
	size_t i;

	for (i = 0; i < g->count; i++) {
		if (!places_has(g->start, i))
			continue;
		one.at[0] = (uint16_t)i;
		one.code = g->places[i].code;
		add_state(&s, &one);
		if (i == place)
			return word_to(&s, (uint32_t)s.count - 1);
	}
	one.at[0] = (uint16_t)place;
	at = search_run(&s, &one);
	return at == NOWHERE ? span_of("") : word_to(&s, at);
}

static void
add_pump(const struct search *s, uint32_t at, size_t place, struct pump *pumps,
    size_t *n)
{
	const struct graph *g = s->graph;
	struct span word = word_to(s, at);
	size_t i;

	for (i = 0; i < *n; i++)
		if (span_equal(pumps[i].word, word))
			return;
	if (*n == PUMPS_MAX || word.n == 0)
		return;
	pumps[*n].word = word;
	pumps[*n].prefix = prefix_to(g, place, s->budget);
	pumps[*n].where = g->loops[g->places[place].group];
	pumps[*n].is_exponential = s->tracks == 2;
	(*n)++;
}

/*
 * Two readers of the same text that begin at one place, part, and meet there
 * again: each round doubles the ways.
 */
static void
find_exponential(const struct graph *g, size_t place, size_t *budget,
    struct pump *pumps, size_t *n)
{
	size_t group = g->places[place].group;
	struct search s = { .graph = g, .arena = g->arena, .tracks = 2,
	    .groups = { group, group }, .budget = budget };
	struct state one = { .at = { (uint16_t)place, (uint16_t)place },
	    .parent = NOWHERE };
	uint32_t at;

	add_state(&s, &one);
	one.has_parted = true;
	at = search_run(&s, &one);
	if (at != NOWHERE)
		add_pump(&s, at, place, pumps, n);
}

/*
 * One reader stays in the first repeat and one in the second, while a third
 * goes from the first to the second: the text can be divided anywhere.
 */
static void
find_polynomial(const struct graph *g, size_t from, size_t to, size_t *budget,
    struct pump *pumps, size_t *n)
{
	struct search s = { .graph = g, .arena = g->arena, .tracks = 3,
	    .groups = { g->places[from].group, 0, g->places[to].group },
	    .budget = budget };
	struct state one = { .at = { (uint16_t)from, (uint16_t)from, (uint16_t)to },
	    .parent = NOWHERE };
	uint32_t at;

	add_state(&s, &one);
	one.at[1] = (uint16_t)to;
	at = search_run(&s, &one);
	if (at != NOWHERE)
		add_pump(&s, at, from, pumps, n);
}

static bool
is_first_of_group(const struct graph *g, size_t place)
{
	size_t i;

	for (i = 0; i < place; i++)
		if (g->places[i].group == g->places[place].group)
			return false;
	return true;
}

size_t
graph_pumps(const struct graph *g, struct pump *pumps)
{
	size_t budget = STATES_MAX, n = 0, i, j;

	for (i = 0; i < g->count; i++)
		if (g->places[i].group != 0 && is_first_of_group(g, i))
			find_exponential(g, i, &budget, pumps, &n);
	for (i = 0; i < g->count; i++)
		for (j = i + 1; j < g->count; j++)
			if (g->places[i].group != 0 && g->places[j].group != 0 &&
			    g->places[i].group != g->places[j].group)
				find_polynomial(g, i, j, &budget, pumps, &n);
	return n;
}
