/* SPDX-License-Identifier: BSD-2-Clause */
#include <string.h>

#include "gate_internal.h"

/* A text being looked at. */
struct scan {
	const struct gate *gate;
	struct span text;
	uint64_t *set;
	uint64_t *said;		/* announcements that are in ${set} already */
};

static bool
is_inside(struct span s, size_t at)
{
	return ((unsigned char)s.p[at] & 0xc0) == 0x80;
}

/* The character at ${at} < n, which moves behind it; a text cut short cannot lead out. */
static inline uint32_t
take(struct span s, size_t *at)
{
	const unsigned char *p = (const unsigned char *)s.p + *at;
	size_t n = p[0] < 0x80 ? 1 : p[0] < 0xe0 ? 2 : p[0] < 0xf0 ? 3 : 4;

	if (n > s.n - *at)
		n = 1;
	*at += n;
	switch (n) {
	case 1:
		return p[0];
	case 2:
		return (p[0] & 0x1fu) << 6 | (p[1] & 0x3fu);
	case 3:
		return (p[0] & 0x0fu) << 12 | (p[1] & 0x3fu) << 6 | (p[2] & 0x3fu);
	default:
		return (p[0] & 0x07u) << 18 | (p[1] & 0x3fu) << 12 |
		    (p[2] & 0x3fu) << 6 | (p[3] & 0x3fu);
	}
}

static uint16_t
class_at(const struct scan *s, size_t at)
{
	return alphabet_class(&s->gate->alphabet, take(s->text, &at));
}

static size_t
before(struct span text, size_t at)
{
	do
		at--;
	while (at > 0 && is_inside(text, at));
	return at;
}

/* As far before ${at} as a literal may begin whose window stands there, but not before ${floor}. */
static size_t
beginning(const struct scan *s, size_t at, size_t floor)
{
	size_t k;
	bool is_blank;

	while (at > floor && is_inside(s->text, at))
		at--;
	for (k = 0; k < s->gate->back && at > floor; k++) {
		do {
			at = before(s->text, at);
			is_blank = class_at(s, at) == ALPHABET_BLANK;
		} while (is_blank && at > floor && class_at(s,
		    before(s->text, at)) == ALPHABET_BLANK);
	}
	return at < floor ? floor : at;
}

/* Everything that ends in ${state}.  Whoever has been said has said the rest. */
static void
report(struct scan *s, uint32_t state)
{
	const struct automaton *m = &s->gate->automaton;
	uint32_t i, pattern;

	for (; state != 0; state = m->beyond[state]) {
		i = m->says[state];
		if (gate_may_match(s->said, i))
			return;
		s->said[i / 64] |= (uint64_t)1 << i % 64;
		for (; i != 0; i = m->announcements[i].next) {
			pattern = m->announcements[i].pattern;
			s->set[pattern / 64] |= (uint64_t)1 << pattern % 64;
		}
	}
}

/*
 * From ${at}, where no literal is open, until none is open behind ${window}:
 * whatever begins later is announced by a later window.
 */
static size_t
read_from(struct scan *s, size_t at, size_t window)
{
	const struct automaton *m = &s->gate->automaton;
	const struct alphabet *alphabet = &s->gate->alphabet;
	bool is_after_blank = false;
	uint32_t state = 0;
	uint16_t class;

	while (at < s->text.n && (state != 0 || at <= window)) {
		class = alphabet_class(alphabet, take(s->text, &at));
		if (class == ALPHABET_BLANK && is_after_blank)
			continue;
		is_after_blank = class == ALPHABET_BLANK;
		state = automaton_step(m, state, class);
		if (automaton_says(m, state))
			report(s, m->report[state]);
	}
	return at;
}

const uint64_t *
gate_scan(const struct gate *g, struct arena *a, struct span text)
{
	struct scan s = { .gate = g, .text = text };
	size_t at, window;

	if (g->guarded == 0 || text.n == 0)
		return g->always;
	s.set = ARENA_ARRAY(a, uint64_t, g->set_words);
	s.said = ARENA_ARRAY(a, uint64_t, g->automaton.announced / 64 + 1);
	memcpy(s.set, g->always, g->set_words * sizeof(*s.set));
	for (at = 0; (window = filter_next(&g->filter, text, at)) < text.n; )
		at = read_from(&s, beginning(&s, window, at), window);
	return s.set;
}
