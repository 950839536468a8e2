/* SPDX-License-Identifier: BSD-2-Clause */
#include <criterion/criterion.h>

#include <string.h>

#include "base/buffer.h"

Test(buffer, parts_follow_each_other)
{
	struct arena *a = arena_new();
	struct buffer b = { .arena = a };

	buffer_text(&b, "one");
	buffer_byte(&b, ' ');
	buffer_add(&b, span_of("two"));
	buffer_print(&b, " %d%s", 3, "!");
	cr_assert_str_eq(buffer_string(&b), "one two 3!");
	cr_assert_eq(buffer_span(&b).n, 10);
	arena_free(a);
}

Test(buffer, an_untouched_one_is_empty)
{
	struct arena *a = arena_new();
	struct buffer b = { .arena = a };

	cr_assert_eq(buffer_span(&b).n, 0);
	buffer_add(&b, (struct span){ NULL, 0 });
	buffer_text(&b, NULL);
	cr_assert_eq(buffer_span(&b).n, 0);
	cr_assert_str_eq(buffer_string(&b), "");
	arena_free(a);
}

Test(buffer, the_nul_of_a_string_is_not_part_of_it)
{
	struct arena *a = arena_new();
	struct buffer b = { .arena = a };
	int i;

	for (i = 0; i < 1000; i++) {
		buffer_byte(&b, 'a');
		cr_assert_eq(strlen(buffer_string(&b)), i + 1);
	}
	arena_free(a);
}

Test(buffer, two_that_grow_in_turn_keep_apart)
{
	struct arena *a = arena_new();
	struct buffer one = { .arena = a }, two = { .arena = a };
	int i;

	for (i = 0; i < 5000; i++) {
		buffer_byte(&one, '1');
		buffer_text(&two, "22");
	}
	cr_assert_eq(strspn(buffer_string(&one), "1"), 5000);
	cr_assert_eq(strspn(buffer_string(&two), "2"), 10000);
	arena_free(a);
}

Test(buffer, reserved_room_counts_only_when_used)
{
	struct arena *a = arena_new();
	struct buffer b = { .arena = a };

	memcpy(buffer_reserve(&b, 300), "abc", 3);
	cr_assert_eq(b.n, 0);
	cr_assert_geq(b.size, 300);
	b.n += 3;
	cr_assert_str_eq(buffer_string(&b), "abc");
	arena_free(a);
}
