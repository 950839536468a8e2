/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef EFFORT_INTERNAL_H
#define EFFORT_INTERNAL_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "policy/effort.h"
#include "policy/syntax.h"

#define SYMBOLS_MAX 64
#define PLACES_MAX 512		/* more: the pattern is not understood */
#define REPEAT_BIG 10		/* so many rounds are as good as endless */

/* One character of the pattern, as a state: "this one was read last". */
struct place {
	uint64_t symbols;	/* that it may read, by number */
	uint32_t code;		/* one that it may read; 0 if none is known */
	struct span source;
	size_t group;		/* places that lead to each other; 0: it never comes back */
};

/* Which place can follow which (Glushkov's automaton). */
struct graph {
	struct arena *arena;
	unsigned flags;		/* of the pattern */
	struct place *places;
	size_t count, words;	/* words: of a set of places */
	uint64_t *follow;	/* sets, one of each place */
	uint64_t *twice;	/* the same, where there is more than one way */
	uint64_t *start;	/* what may come first */
	uint32_t symbols[SYMBOLS_MAX];
	size_t symbol_count;
	size_t groups;
	struct span *loops;	/* by group: the repeat that makes it */
};

static inline bool
places_has(const uint64_t *set, size_t i)
{
	return (set[i / 64] >> (i % 64)) & 1;
}

static inline void
places_add(uint64_t *set, size_t i)
{
	set[i / 64] |= (uint64_t)1 << (i % 64);
}

/** graph_row(g, sets, i): The set of place ${i} in ${sets}. */
static inline uint64_t *
graph_row(const struct graph *g, uint64_t *sets, size_t i)
{
	return sets + i * g->words;
}

/** symbols_collect(g, root): The characters that the pattern names, and some of every kind, become symbols. */
void symbols_collect(struct graph *g, const struct node *root);

/** symbols_written(source): The character that ${source} stands for, or 0 if it is a class. */
uint32_t symbols_written(struct span source);

/** symbols_of(g, node): The symbols that a place made of ${node} may read. */
uint64_t symbols_of(const struct graph *g, const struct node *node);

/**
 * graph_build(a, root, flags):
 * The graph of a pattern; NULL if it has too many places.  What lies in a
 * lookaround is there and is not led to.
 */
struct graph *graph_build(struct arena *a, const struct node *root, unsigned flags);

/** graph_is_worth_it(root): Has it repeats that might share a text between them? */
bool graph_is_worth_it(const struct node *root);

/* A hostile text: the way to the repeats, and what to repeat. */
struct pump {
	struct span prefix, word;
	struct span where;	/* in the pattern */
	bool is_exponential;	/* as the syntax has it */
};

#define PUMPS_MAX 16

/** graph_pumps(g, pumps): Words that can be read in more than one way; at most PUMPS_MAX. */
size_t graph_pumps(const struct graph *g, struct pump *pumps);

#endif /* !EFFORT_INTERNAL_H */
