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

/* What a state's own words lack, its suffix has, which is complete already. */
static void
complete(struct automaton *m, struct order *o, uint32_t state)
{
	uint32_t suffix = o->suffixes[state], to;
	uint32_t *row = m->next + state * m->class_count;
	const uint32_t *other = m->next + suffix * m->class_count;
	size_t class;

	m->beyond[state] = state == 0 ? 0 : m->report[suffix];
	m->report[state] = m->says[state] != 0 ? state : m->beyond[state];
	for (class = 0; class < m->class_count; class++) {
		to = row[class];
		if (to != 0) {
			o->suffixes[to] = state == 0 ? 0 : other[class];
			o->queue[o->count++] = to;
		} else if (state != 0)
			row[class] = other[class];
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
reorder_rows(struct automaton *m, const struct order *o, const uint32_t *ranks)
{
	uint32_t *new = resize(NULL, o->count * m->class_count, sizeof(*new));
	const uint32_t *row;
	size_t i, class;

	for (i = 0; i < o->count; i++) {
		row = m->next + o->queue[i] * m->class_count;
		for (class = 0; class < m->class_count; class++)
			new[i * m->class_count + class] = ranks[row[class]] |
			    (m->report[row[class]] != 0 ? AUTOMATON_SAYS : 0);
	}
	free(m->next);
	m->next = new;
}

/*
 * Texts are read near the root nearly all the time: its states are put side by
 * side, else each of them costs a line of the cache and a page.
 */
static void
reorder(struct automaton *m, const struct order *o)
{
	uint32_t *ranks = resize(NULL, o->count, sizeof(*ranks));
	uint32_t *says = resize(NULL, o->count, sizeof(*says));
	size_t i;

	for (i = 0; i < o->count; i++) {
		ranks[o->queue[i]] = (uint32_t)i;
		says[i] = m->says[o->queue[i]];
	}
	reorder_rows(m, o, ranks);
	m->report = reordered(m->report, o, ranks);
	m->beyond = reordered(m->beyond, o, ranks);
	free(m->says);
	m->says = says;
	free(ranks);
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
	reorder(m, &o);
	free(o.queue);
	free(o.suffixes);
}

void
automaton_end(struct automaton *m)
{
	free(m->next);
	free(m->says);
	free(m->report);
	free(m->beyond);
	free(m->announcements);
}
