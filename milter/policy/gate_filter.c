/* SPDX-License-Identifier: BSD-2-Clause */
#include "gate_internal.h"

static bool
has(const uint64_t *bits, unsigned at)
{
	return bits[at >> 6] >> (at & 63) & 1;
}

static void
add(uint64_t *bits, unsigned at)
{
	bits[at >> 6] |= (uint64_t)1 << (at & 63);
}

static unsigned
pair(const unsigned char *p)
{
	return (unsigned)p[0] << 8 | p[1];
}

static unsigned
triple(const unsigned char *p)
{
	uint32_t all = (uint32_t)p[0] << 16 | (uint32_t)p[1] << 8 | p[2];

	return all * 0x9e3779b1u >> 16;
}

void
filter_add(struct filter *f, const struct window *w)
{
	add(f->pairs, pair(w->bytes));
	add(f->pairs, pair(w->bytes + 1));
	add(f->triples, triple(w->bytes));
}

/* The next pair at ${at}, ${at} + 2, ... that belongs to a window. */
static size_t
next_pair(const uint64_t *pairs, const unsigned char *p, size_t n, size_t at)
{
	for (; at + 8 < n; at += 8)
		if ((unsigned)has(pairs, pair(p + at)) |
		    (unsigned)has(pairs, pair(p + at + 2)) |
		    (unsigned)has(pairs, pair(p + at + 4)) |
		    (unsigned)has(pairs, pair(p + at + 6)))
			break;
	for (; at + 1 < n; at += 2)
		if (has(pairs, pair(p + at)))
			break;
	return at;
}

size_t
filter_next(const struct filter *f, struct span text, size_t from)
{
	const unsigned char *p = (const unsigned char *)text.p;
	size_t at = from;

	for (;; at += 2) {
		at = next_pair(f->pairs, p, text.n, at);
		if (at + 1 >= text.n)
			return text.n;
		if (at > from && has(f->triples, triple(p + at - 1)))
			return at - 1;
		if (at + 2 < text.n && has(f->triples, triple(p + at)))
			return at;
	}
}
