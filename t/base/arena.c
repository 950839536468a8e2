/* SPDX-License-Identifier: BSD-2-Clause */
#include <criterion/criterion.h>

#include <signal.h>
#include <stdalign.h>
#include <stdint.h>
#include <string.h>

#include "base/arena.h"

Test(arena, what_it_gives_is_zeroed_and_aligned)
{
	struct arena *a = arena_new();
	size_t n, i;
	char *p;

	for (n = 0; n < 9000; n = n * 2 + 1) {
		p = arena_alloc(a, n);
		cr_assert_eq((uintptr_t)p % alignof(max_align_t), 0);
		for (i = 0; i < n; i++)
			cr_assert_eq(p[i], 0);
		if (n != 0)
			memset(p, 0xff, n);
	}
	arena_free(a);
	arena_free(NULL);
}

Test(arena, two_things_never_overlap)
{
	struct arena *a = arena_new();
	char *p[500];
	int i, j;

	for (i = 0; i < 500; i++)
		memset(p[i] = arena_alloc(a, (size_t)i), i & 0xff, (size_t)i);
	for (i = 0; i < 500; i++) {
		for (j = 0; j < i; j++)
			cr_assert_eq((unsigned char)p[i][j], i & 0xff);
	}
	arena_free(a);
}

Test(arena, growing_the_last_thing_stays_in_place)
{
	struct arena *a = arena_new();
	char *p = arena_grow(a, NULL, 0, 10);

	cr_assert_eq(arena_grow(a, p, 10, 900), p);
	arena_free(a);
}

Test(arena, growing_an_older_thing_copies_it)
{
	struct arena *a = arena_new();
	char *p = arena_string(a, span_of("kept")), *q;

	arena_alloc(a, 1);
	q = arena_grow(a, p, 5, 100);
	cr_assert_neq(p, q);
	cr_assert_str_eq(q, "kept");
	cr_assert_str_eq(p, "kept");
	arena_free(a);
}

Test(arena, a_thing_alone_in_its_block_leaves_no_copies_behind)
{
	struct arena *a = arena_new();
	size_t n = 1 << 16;
	char *p = arena_grow(a, NULL, 0, n);

	memset(p, 'x', n);
	for (; n < 1 << 24; n *= 2)
		p = arena_grow(a, p, n, 2 * n);
	cr_assert_eq(p[(1 << 16) - 1], 'x');
	cr_assert_lt(arena_bytes(a), (1 << 24) + (1 << 16));
	cr_assert_geq(arena_bytes(a), 1 << 24);
	arena_free(a);
}

Test(arena, a_copy_has_a_nul_behind_it_and_outlives_its_original)
{
	struct arena *a = arena_new();
	char text[] = "a\0b";
	struct span s = arena_copy(a, (struct span){ text, 3 });

	memset(text, 'x', sizeof(text));
	cr_assert_eq(s.n, 3);
	cr_assert_eq(memcmp(s.p, "a\0b", 4), 0);
	cr_assert_str_eq(arena_string(a, (struct span){ NULL, 0 }), "");
	arena_free(a);
}

Test(arena, printing_makes_room_for_any_length)
{
	struct arena *a = arena_new();

	cr_assert_eq(strlen(arena_print(a, "%*d", 100000, 1)), 100000);
	cr_assert_str_eq(arena_print(a, "%s-%d", "x", 3), "x-3");
	arena_free(a);
}

Test(arena, an_array_whose_size_overflows_ends_the_process, .signal = SIGABRT)
{
	arena_alloc_array(arena_new(), SIZE_MAX / 2, 3);
}

Test(arena, a_huge_request_ends_the_process, .signal = SIGABRT)
{
	arena_alloc(arena_new(), SIZE_MAX - 3);
}

Test(arena, what_has_grown_is_zeroed)
{
	struct arena *a = arena_new();
	char *p;

	memset(arena_extend(a, NULL, 0, 200), 'x', 200);
	arena_free(a);
	a = arena_new();
	p = arena_grow(a, NULL, 0, 100);
	for (int i = 0; i < 100; i++)
		cr_assert_eq(p[i], 0);
	memset(p, 'x', 100);
	p = arena_grow(a, p, 100, 9000);
	for (int i = 0; i < 9000; i++)
		cr_assert_eq(p[i], i < 100 ? 'x' : 0);
	arena_free(a);
}
