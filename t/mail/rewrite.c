/* SPDX-License-Identifier: BSD-2-Clause */
#include <criterion/criterion.h>

#include "mail/map.h"

#include "mail/rewrite.h"

Test(rewrite, what_is_not_spoken_of_is_copied_and_all_of_it_maps_back)
{
	struct arena *a = arena_new();
	struct map m = { .arena = a };
	struct rewrite r = { .in = span_of("one two three"), .out = { .arena = a },
	    .map = &m };
	struct span got;
	size_t at, n;

	rewrite_put(&r, (const uint32_t[]){ 0x1EAC, 'x' }, 2, 4, 3);
	rewrite_drop(&r, 7, 2);
	got = rewrite_end(&r);
	cr_assert(span_equal(got, span_of("one Ậxhree")), "%.*s", SPAN_PRINT(got));
	cr_expect_eq(m.out_end, got.n);
	map_back(&m, 4, 3, &at, &n);
	cr_expect_eq(at, 4);
	cr_expect_eq(n, 3);
	map_back(&m, 8, 4, &at, &n);
	cr_expect_eq(at, 9);
	cr_expect_eq(n, 4);
	arena_free(a);
}
