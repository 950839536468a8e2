/* SPDX-License-Identifier: BSD-2-Clause */
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "mail/unicode.h"

#include "policy/gate.h"
#include "policy/literal.h"
#include "gate_internal.h"

static void
set_add(uint64_t *set, size_t i)
{
	set[i / 64] |= (uint64_t)1 << i % 64;
}

bool
gate_may_match(const uint64_t *set, size_t pattern)
{
	return set[pattern / 64] >> pattern % 64 & 1;
}

/* --- building --- */

struct building {
	struct gate *gate;
	struct arena *arena;
	struct prose *prose;
};

static struct word
word_of(struct building *b, struct span literal)
{
	struct alphabet *alphabet = &b->gate->alphabet;
	uint16_t *classes = ARENA_ARRAY(b->arena, uint16_t, literal.n);
	size_t at, length, n = 0;
	uint32_t code;

	for (at = 0; (length = unicode_next(literal, at, &code)) != 0; at += length)
		if ((classes[n++] = alphabet_add(alphabet, code)) == 0)
			return (struct word){ .n = 0 };
	return (struct word){ .classes = classes, .n = n };
}

static bool
guard_word(struct building *b, struct word w, uint32_t pattern)
{
	struct gate *g = b->gate;
	struct window windows[WINDOWS_MAX];
	size_t i, n;

	n = window_choose(&g->alphabet, b->prose, &w, windows);
	if (n == 0 || !automaton_add(&g->automaton, &w, pattern))
		return false;
	for (i = 0; i < n; i++)
		filter_add(&g->filter, &windows[i]);
	if (w.back > g->back)
		g->back = w.back;
	return true;
}

static struct word *
all_words(struct building *b, const struct literals *const *sets, size_t count)
{
	struct word *words;
	size_t i, j, n = 0;

	for (i = 0; i < count; i++)
		n += sets[i]->count;
	words = ARENA_ARRAY(b->arena, struct word, n + 1);
	for (i = n = 0; i < count; i++)
		for (j = 0; j < sets[i]->count; j++)
			words[n++] = word_of(b, sets[i]->list[j]);
	return words;
}

static bool
guard(struct building *b, const struct word *words, size_t n, size_t pattern)
{
	size_t i;

	for (i = 0; i < n; i++)
		if (!guard_word(b, words[i], (uint32_t)pattern))
			return false;
	return n != 0;
}

static void
build(struct building *b, const struct literals *const *sets, size_t count)
{
	struct gate *g = b->gate;
	struct word *words = all_words(b, sets, count);
	size_t i;

	alphabet_close(&g->alphabet);
	prose_read(b->prose);
	g->automaton.class_count = g->alphabet.class_count;
	for (i = 0; i < count; words += sets[i++]->count)
		if (guard(b, words, sets[i]->count, i))
			g->guarded++;
		else
			set_add(g->always, i);
	if (g->automaton.states != 0)
		automaton_close(&g->automaton);
}

struct gate *
gate_new(const struct literals *const *sets, size_t count)
{
	struct gate *g = calloc(1, sizeof(*g));
	struct building b = { .gate = g, .arena = arena_new() };
	size_t i, sure = 0;

	must(g != NULL);
	g->arena = g->alphabet.arena = arena_new();
	g->pattern_count = count;
	g->set_words = count / 64 + 1;
	g->always = ARENA_ARRAY(g->arena, uint64_t, g->set_words);
	for (i = 0; i < count; i++)
		sure += sets[i]->count != 0;
	if (sure >= GATE_LEAST) {
		b.prose = ARENA_NEW(b.arena, struct prose);
		build(&b, sets, count);
	} else
		memset(g->always, 0xff, g->set_words * sizeof(*g->always));
	arena_free(b.arena);
	return g;
}

void
gate_free(struct gate *g)
{
	if (g == NULL)
		return;
	automaton_end(&g->automaton);
	arena_free(g->arena);
	free(g);
}

size_t
gate_guards(const struct gate *g)
{
	return g->guarded;
}

size_t
gate_words(const struct gate *g)
{
	return g->set_words;
}
