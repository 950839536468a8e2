/* SPDX-License-Identifier: BSD-2-Clause */
#include "base/arena.h"

#include "mail/map.h"

static void
run_push(struct map *m, size_t out, size_t in, bool is_straight)
{
	size_t size;

	if (m->count == m->size) {
		size = m->size != 0 ? m->size * 2 : 8;
		m->runs = arena_grow(m->arena, m->runs,
		    m->size * sizeof(*m->runs), size * sizeof(*m->runs));
		m->size = size;
	}
	m->runs[m->count].out = out;
	m->runs[m->count].in = in;
	m->runs[m->count].is_straight = is_straight;
	m->count++;
}

static bool
run_continues(const struct map *m, size_t out, size_t in)
{
	const struct map_run *r;

	if (m->count == 0 || m->out_end != out || m->in_end != in)
		return false;
	r = &m->runs[m->count - 1];
	return r->is_straight && out - r->out == in - r->in;
}

void
map_add(struct map *m, size_t out, size_t out_length, size_t in, size_t in_length)
{
	bool is_straight = out_length == in_length;

	if (out_length == 0)
		return;
	if (!is_straight || !run_continues(m, out, in)) {
		/*
		 * A run that is not straight ends where the next one begins:
		 * an empty run keeps what was left out behind it away from it.
		 */
		if (m->count != 0 && m->in_end != in &&
		    !m->runs[m->count - 1].is_straight)
			run_push(m, out, m->in_end, false);
		run_push(m, out, in, is_straight);
	}
	m->out_end = out + out_length;
	m->in_end = in + in_length;
}

void
map_identity(struct map *m, size_t length)
{
	map_add(m, 0, length, 0, length);
}

/* The last run that begins at or before ${out}; there is one. */
static size_t
run_find(const struct map *m, size_t out)
{
	size_t low = 0, high = m->count, middle;

	while (high - low > 1) {
		middle = low + (high - low) / 2;
		if (m->runs[middle].out <= out)
			low = middle;
		else
			high = middle;
	}
	return low;
}

static size_t
run_in_end(const struct map *m, size_t i)
{
	return i + 1 < m->count ? m->runs[i + 1].in : m->in_end;
}

static size_t
run_out_end(const struct map *m, size_t i)
{
	return i + 1 < m->count ? m->runs[i + 1].out : m->out_end;
}

void
map_back(const struct map *m, size_t out, size_t length, size_t *in, size_t *in_length)
{
	const struct map_run *r;
	size_t i, end, last;

	*in = *in_length = 0;
	if (m->count == 0 || m->out_end == 0)
		return;
	if (out >= m->out_end) {
		*in = m->in_end;
		return;
	}
	last = length < m->out_end - out ? out + length : m->out_end;
	r = &m->runs[run_find(m, out)];
	*in = r->is_straight ? r->in + (out - r->out) : r->in;
	if (last == out)
		return;
	i = run_find(m, last - 1);
	r = &m->runs[i];
	end = r->is_straight ? r->in + (last - r->out) : run_in_end(m, i);
	*in_length = end > *in ? end - *in : 0;
}

static bool
map_is_identity(const struct map *m)
{
	return m->count == 0 || (m->count == 1 && m->runs[0].is_straight &&
	    m->runs[0].in == 0 && m->runs[0].out == 0);
}

/* Add ${length} straight bytes at ${in} of the middle; ${at} is ${first}'s cursor. */
static void
compose_straight(const struct map *first, struct map *to, size_t *at, size_t out,
    size_t in, size_t length)
{
	const struct map_run *r;
	size_t n;

	while (length != 0) {
		while (*at + 1 < first->count && first->runs[*at + 1].out <= in)
			(*at)++;
		r = &first->runs[*at];
		n = run_out_end(first, *at);
		n = n > in && n - in < length ? n - in : length;
		if (r->is_straight)
			map_add(to, out, n, r->in + (in - r->out), n);
		else
			map_add(to, out, n, r->in, run_in_end(first, *at) - r->in);
		out += n;
		in += n;
		length -= n;
	}
}

void
map_compose(const struct map *first, struct map *second)
{
	struct map to = { .arena = second->arena };
	const struct map_run *r;
	size_t i, n, in, in_length, at = 0;

	if (map_is_identity(first) || second->count == 0)
		return;
	for (i = 0; i < second->count; i++) {
		r = &second->runs[i];
		n = run_out_end(second, i) - r->out;
		if (r->is_straight) {
			compose_straight(first, &to, &at, r->out, r->in, n);
		} else if (n != 0) {
			map_back(first, r->in, run_in_end(second, i) - r->in,
			    &in, &in_length);
			map_add(&to, r->out, n, in, in_length);
		}
	}
	*second = to;
}
