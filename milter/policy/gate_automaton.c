/* SPDX-License-Identifier: BSD-2-Clause */
#include <stdlib.h>
#include <string.h>

#include "base/err.h"

#include "gate_internal.h"

static void *
resize(void *p, size_t count, size_t size)
{
	p = reallocarray(p, count, size);
	must(p != NULL);
	return p;
}

static uint32_t
new_state(struct automaton *m)
{
	size_t size = m->size + m->size / 2 + 64;

	if (m->states == m->size) {
		m->next = resize(m->next, size * m->class_count, sizeof(*m->next));
		m->says = resize(m->says, size, sizeof(*m->says));
		m->size = size;
	}
	memset(m->next + m->states * m->class_count, 0,
	    m->class_count * sizeof(*m->next));
	m->says[m->states] = 0;
	return (uint32_t)m->states++;
}

static void
announce(struct automaton *m, uint32_t state, uint32_t pattern)
{
	size_t size = m->announced_size == 0 ? 64 : 2 * m->announced_size;

	if (m->announced + 1 >= m->announced_size) {
		m->announcements = resize(m->announcements, size,
		    sizeof(*m->announcements));
		m->announced_size = size;
	}
	m->announcements[++m->announced] =
	    (struct announcement){ pattern, m->says[state] };
	m->says[state] = (uint32_t)m->announced;
}

bool
automaton_add(struct automaton *m, const struct word *w, uint32_t pattern)
{
	uint32_t to, state = 0;
	size_t i, at;

	if ((m->states + w->n + 1) * m->class_count > AUTOMATON_CELLS)
		return false;
	if (m->states == 0)
		new_state(m);
	for (i = 0; i < w->n; i++) {
		at = state * m->class_count + w->classes[i];
		if ((to = m->next[at]) == 0) {
			to = new_state(m);
			m->next[at] = to;
		}
		state = to;
	}
	announce(m, state, pattern);
	return true;
}

/* States in the order of their length, with the longest suffix of each. */
struct order {
	uint32_t *queue;
	uint32_t *suffixes;
	size_t count;
};

static uint32_t
child_of(const struct automaton *m, uint32_t state, size_t class)
{
	return m->next[state * m->class_count + class];
}

/* Where the longest suffix of ${state} that has a child by ${class} leads. */
static uint32_t
suffix_of(const struct automaton *m, const struct order *o, uint32_t state,
    size_t class)
{
	if (state == 0)
		return 0;
	do
		state = o->suffixes[state];
	while (state != 0 && child_of(m, state, class) == 0);
	return child_of(m, state, class);
}

/* The suffix of ${state} is shorter, and so it is complete already. */
static void
complete(struct automaton *m, struct order *o, uint32_t state)
{
	uint32_t to;
	size_t class;

	m->beyond[state] = state == 0 ? 0 : m->report[o->suffixes[state]];
	m->report[state] = m->says[state] != 0 ? state : m->beyond[state];
	for (class = 0; class < m->class_count; class++) {
		if ((to = child_of(m, state, class)) == 0)
			continue;
		o->suffixes[to] = suffix_of(m, o, state, class);
		o->queue[o->count++] = to;
	}
}

static uint32_t *
reordered(uint32_t *states, const struct order *o, const uint32_t *ranks)
{
	uint32_t *new = resize(NULL, o->count, sizeof(*new));
	size_t i;

	for (i = 0; i < o->count; i++)
		new[i] = ranks[states[o->queue[i]]];
	free(states);
	return new;
}

static void
make_row(const struct automaton *m, const struct order *o, const uint32_t *ranks,
    uint32_t state, uint64_t *row)
{
	uint32_t to, first = 0;
	size_t class;

	for (class = 0; class < m->class_count; class++) {
		if ((to = child_of(m, state, class)) == 0)
			continue;
		if (first == 0)
			first = ranks[to];
		row[ROW_CLASSES + class / 64] |= (uint64_t)1 << class % 64;
	}
	row[ROW_LINKS] = first | (uint64_t)ranks[o->suffixes[state]] << 32;
}

/* Rows instead of the table, in the order in which texts meet their states. */
static void
make_rows(struct automaton *m, const struct order *o)
{
	uint32_t *ranks = resize(NULL, o->count, sizeof(*ranks));
	uint32_t *says = resize(NULL, o->count, sizeof(*says));
	size_t i;

	m->row_words = ROW_CLASSES + (m->class_count + 63) / 64;
	m->rows = calloc(o->count, m->row_words * sizeof(*m->rows));
	must(m->rows != NULL);
	for (i = 0; i < o->count; i++) {
		ranks[o->queue[i]] = (uint32_t)i;
		says[i] = m->says[o->queue[i]];
	}
	for (i = 0; i < o->count; i++)
		make_row(m, o, ranks, o->queue[i], m->rows + i * m->row_words);
	m->report = reordered(m->report, o, ranks);
	m->beyond = reordered(m->beyond, o, ranks);
	free(m->says);
	m->says = says;
	free(m->next);
	m->next = NULL;
	free(ranks);
}

/* What the rows say of the first states, which come before what they lead to. */
static void
make_near(struct automaton *m, const struct order *o)
{
	size_t state, class, n = NEAR_BYTES / (m->class_count * sizeof(*m->near));
	const uint64_t *row;
	uint32_t child, suffix;

	n = n == 0 ? 1 : n < o->count ? n : o->count;
	m->near = resize(NULL, n * m->class_count, sizeof(*m->near));
	for (state = 0; state < n; state++) {
		row = m->rows + state * m->row_words;
		child = (uint32_t)row[ROW_LINKS];
		suffix = (uint32_t)(row[ROW_LINKS] >> 32);
		for (class = 0; class < m->class_count; class++)
			m->near[state * m->class_count + class] =
			    (row[ROW_CLASSES + class / 64] >> class % 64 & 1) != 0 ?
			    child++ : state == 0 ? 0 :
			    m->near[suffix * m->class_count + class];
	}
	m->near_states = n;
}

static void
note_saying(struct automaton *m, const struct order *o)
{
	size_t i;

	m->saying = calloc(o->count / 64 + 1, sizeof(*m->saying));
	must(m->saying != NULL);
	for (i = 0; i < o->count; i++)
		if (m->report[i] != 0)
			m->saying[i / 64] |= (uint64_t)1 << i % 64;
}

void
automaton_close(struct automaton *m)
{
	struct order o = { .count = 1 };
	size_t i;

	o.queue = resize(NULL, m->states, sizeof(*o.queue));
	o.suffixes = resize(NULL, m->states, sizeof(*o.suffixes));
	m->report = resize(NULL, m->states, sizeof(*m->report));
	m->beyond = resize(NULL, m->states, sizeof(*m->beyond));
	o.queue[0] = o.suffixes[0] = 0;
	for (i = 0; i < o.count; i++)
		complete(m, &o, o.queue[i]);
	make_rows(m, &o);
	make_near(m, &o);
	note_saying(m, &o);
	free(o.queue);
	free(o.suffixes);
}

void
automaton_end(struct automaton *m)
{
	free(m->next);
	free(m->rows);
	free(m->near);
	free(m->saying);
	free(m->says);
	free(m->report);
	free(m->beyond);
	free(m->announcements);
}
