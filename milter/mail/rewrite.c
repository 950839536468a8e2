/* SPDX-License-Identifier: BSD-2-Clause */
#include "mail/map.h"
#include "mail/unicode.h"

#include "mail/rewrite.h"

static void
add_run(struct rewrite *r, size_t length, size_t in, size_t in_length)
{
	if (r->map != NULL)
		map_add(r->map, r->out.n - length, length, in, in_length);
}

void
rewrite_copy(struct rewrite *r, size_t at)
{
	size_t n = at - r->done;

	if (n == 0)
		return;
	buffer_add(&r->out, span_sub(r->in, r->done, n));
	add_run(r, n, r->done, n);
	r->done = at;
}

void
rewrite_put(struct rewrite *r, const uint32_t *codes, size_t count, size_t at, size_t n)
{
	size_t start, i;

	rewrite_copy(r, at);
	start = r->out.n;
	for (i = 0; i < count; i++)
		r->out.n += unicode_put(codes[i], buffer_reserve(&r->out, 4));
	add_run(r, r->out.n - start, at, n);
	r->done = at + n;
}

void
rewrite_drop(struct rewrite *r, size_t at, size_t n)
{
	rewrite_copy(r, at);
	r->done = at + n;
}

struct span
rewrite_end(struct rewrite *r)
{
	rewrite_copy(r, r->in.n);
	return buffer_span(&r->out);
}
