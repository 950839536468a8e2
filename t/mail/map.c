/* SPDX-License-Identifier: BSD-2-Clause */
#include <criterion/criterion.h>

#include "base/arena.h"

#include "mail/map.h"

static struct map
map_of(struct arena *a)
{
	return (struct map){ .arena = a };
}

static void
check_back(const struct map *m, size_t out, size_t n, size_t in, size_t in_n)
{
	size_t got, length;

	map_back(m, out, n, &got, &length);
	cr_expect_eq(got, in, "out %zu+%zu begins at %zu, not %zu", out, n, got, in);
	cr_expect_eq(length, in_n, "out %zu+%zu takes %zu, not %zu", out, n, length, in_n);
}

Test(map, an_identity_is_one_run_that_maps_every_byte_to_itself)
{
	struct arena *a = arena_new();
	struct map m = map_of(a);

	map_identity(&m, 10);
	cr_assert_eq(m.count, 1);
	check_back(&m, 3, 4, 3, 4);
	arena_free(a);
}

Test(map, straight_neighbours_become_one_run)
{
	struct arena *a = arena_new();
	struct map m = map_of(a);

	map_add(&m, 0, 3, 5, 3);
	map_add(&m, 3, 4, 8, 4);
	cr_assert_eq(m.count, 1);
	check_back(&m, 2, 3, 7, 3);
	arena_free(a);
}

Test(map, a_hit_never_takes_in_what_was_left_out_behind_it)
{
	struct arena *a = arena_new();
	struct map m = map_of(a);

	map_add(&m, 0, 1, 0, 5);	/* "&amp;" */
	map_add(&m, 1, 2, 9, 2);	/* behind "</b>" */
	check_back(&m, 0, 1, 0, 5);
	check_back(&m, 1, 1, 9, 1);
	check_back(&m, 0, 2, 0, 10);
	arena_free(a);
}

Test(map, composing_two_maps_reaches_the_first_input)
{
	struct arena *a = arena_new();
	struct map first = map_of(a), second = map_of(a);

	map_add(&first, 0, 2, 0, 2);
	map_add(&first, 2, 3, 2, 1);	/* one byte became three */
	map_add(&first, 5, 2, 3, 2);
	map_add(&second, 0, 1, 1, 1);
	map_add(&second, 1, 2, 2, 3);	/* and three became two */
	map_add(&second, 3, 1, 5, 1);
	map_compose(&first, &second);
	check_back(&second, 0, 1, 1, 1);
	check_back(&second, 1, 2, 2, 1);
	check_back(&second, 3, 1, 3, 1);
	check_back(&second, 0, 4, 1, 3);
	arena_free(a);
}

Test(map, a_place_behind_the_end_is_the_end)
{
	struct arena *a = arena_new();
	struct map m = map_of(a);

	check_back(&m, 0, 5, 0, 0);
	map_identity(&m, 4);
	check_back(&m, 9, 5, 4, 0);
	check_back(&m, 2, 50, 2, 2);
	arena_free(a);
}
