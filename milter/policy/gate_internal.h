/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef GATE_INTERNAL_H
#define GATE_INTERNAL_H

#include "base/arena.h"
#include "policy/gate.h"

#define ALPHABET_CODES 0x110000
#define ALPHABET_CLASSES 4096
#define ALPHABET_BLANK 1	/* the class of blanks; 0 is that of all other characters */
#define ALPHABET_VARIANTS 8	/* ways to write one character */
#define FILTER_WORDS 1024	/* 65,536 bits */
#define WINDOW_BYTES 3
#define AUTOMATON_CELLS ((size_t)8 << 20)

/* Characters to the classes that literals are made of. */
struct alphabet {
	struct arena *arena;
	uint16_t *pages[ALPHABET_CODES / 256];	/* NULL: class 0 throughout */
	size_t class_count;
	uint32_t (*variants)[ALPHABET_VARIANTS];	/* by class, while building */
	uint8_t *variant_counts;
	size_t size;
};

/** alphabet_add(b, code): The class of the folded ${code}; 0 if there are too many. */
uint16_t alphabet_add(struct alphabet *b, uint32_t code);

/** alphabet_close(b): Give every character the class of what it folds to. */
void alphabet_close(struct alphabet *b);

static inline uint16_t
alphabet_class(const struct alphabet *b, uint32_t code)
{
	const uint16_t *page;

	if (code >= ALPHABET_CODES || (page = b->pages[code >> 8]) == NULL)
		return 0;
	return page[code & 0xff];
}

/* Classes of a literal. */
struct word {
	const uint16_t *classes;
	size_t n;
	size_t back;	/* characters before the one in which the window begins */
};

/* Three bytes in a row. */
struct window {
	unsigned char bytes[WINDOW_BYTES];
};

/* How common pairs of bytes are. */
struct prose {
	uint32_t pairs[65536];
	uint32_t bytes[256];
	uint32_t total;
};

/** prose_read(p): Count ordinary Vietnamese prose. */
void prose_read(struct prose *p);

/** window_choose(b, p, w, found): Cut ${w} around its rarest window and list the ways to write that in ${found}; 0 if it has none. */
size_t window_choose(const struct alphabet *b, const struct prose *p,
    struct word *w, struct window *found);
#define WINDOWS_MAX 64	/* that ${found} has room for */

struct filter {
	uint64_t pairs[FILTER_WORDS];
	uint64_t triples[FILTER_WORDS];
};

/** filter_add(f, w): Let ${w} be found. */
void filter_add(struct filter *f, const struct window *w);

/** filter_next(f, text, from): Where, at ${from} or later, a window may stand; text.n if nowhere. */
size_t filter_next(const struct filter *f, struct span text, size_t from);

/* One pattern that a state announces. */
struct announcement {
	uint32_t pattern;
	uint32_t next;		/* 0: none */
};

struct automaton {
	size_t class_count;
	uint32_t *next;		/* by state and class, while building; state 0 is the root */
	uint64_t *rows;		/* of a closed one, by state: row_words each */
	size_t row_words;
	uint32_t *near;		/* of a closed one, by state and class: the states next to the root */
	size_t near_states;
	uint64_t *saying;	/* a bit for each state that reports something */
	uint32_t *says;		/* by state: the first announcement, 0 if none */
	uint32_t *report;	/* by state: its longest suffix that says something, 0 if none */
	uint32_t *beyond;	/* by state: the same for shorter suffixes */
	size_t states, size;
	struct announcement *announcements;
	size_t announced, announced_size;
};

/*
 * A row: its first child and, in the upper half, the state for its longest suffix;
 * and a bit for each class that leads to a child.  Children stand side by side, in
 * order of their classes, so that no more is needed: a tenth of what a table would
 * take.  Texts are read near the root most of the time: those states have a table,
 * as long as it stays in the processor's cache.
 */
#define ROW_LINKS 0
#define ROW_CLASSES 1
#define NEAR_BYTES ((size_t)256 * 1024)

static inline uint32_t
count_bits(uint64_t x)
{
	x -= x >> 1 & 0x5555555555555555u;
	x = (x & 0x3333333333333333u) + (x >> 2 & 0x3333333333333333u);
	x = (x + (x >> 4)) & 0x0f0f0f0f0f0f0f0fu;
	return (uint32_t)(x * 0x0101010101010101u >> 56);
}

/** automaton_step(m, state, class): The state behind one more character. */
static inline uint32_t
automaton_step(const struct automaton *m, uint32_t state, uint16_t class)
{
	const uint64_t *row, *bits;
	uint64_t bit = (uint64_t)1 << class % 64;
	size_t word = class / 64, i;
	uint32_t child;

	for (;;) {
		if (state < m->near_states)
			return m->near[state * m->class_count + class];
		row = m->rows + state * m->row_words;
		bits = row + ROW_CLASSES;
		if ((bits[word] & bit) != 0)
			break;
		state = (uint32_t)(row[ROW_LINKS] >> 32);
	}
	child = (uint32_t)row[ROW_LINKS] + count_bits(bits[word] & (bit - 1));
	for (i = 0; i < word; i++)
		child += count_bits(bits[i]);
	return child;
}

/** automaton_says(m, state): Does it report anything? */
static inline bool
automaton_says(const struct automaton *m, uint32_t state)
{
	return (m->saying[state / 64] >> state % 64 & 1) != 0;
}

/** automaton_add(m, w, pattern): Let ${w} announce ${pattern}; false if that takes too much memory. */
bool automaton_add(struct automaton *m, const struct word *w, uint32_t pattern);

/** automaton_close(m): Words have been added: make it complete. */
void automaton_close(struct automaton *m);

/** automaton_end(m): Free what is in ${m}. */
void automaton_end(struct automaton *m);

struct gate {
	struct arena *arena;
	size_t pattern_count;
	size_t guarded;
	uint64_t *always;	/* patterns that nothing keeps out */
	size_t set_words;
	size_t back;		/* characters from a window to its word's beginning */
	struct alphabet alphabet;
	struct filter filter;
	struct automaton automaton;
};

#endif /* !GATE_INTERNAL_H */
