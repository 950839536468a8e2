/* SPDX-License-Identifier: BSD-2-Clause */
#include <criterion/criterion.h>

#include "policy/list.h"

static struct list
list_of(struct arena *a, const char *lines)
{
	struct list l = { .arena = a };

	list_add_lines(&l, span_of(lines));
	list_seal(&l);
	return l;
}

static size_t
count(struct arena *a, const struct list *l, const char *text, struct regex_hit *last)
{
	struct list_text t = { .text = span_of(text) };
	size_t n = 0;

	t.lower = list_lower(a, t.text);
	while (list_next(l, &t, last) == 1)
		n++;
	return n;
}

Test(list, a_phrase_stands_as_whole_words_without_case)
{
	struct arena *a = arena_new();
	struct list l = list_of(a, "mật khẩu\n# a comment\nmật mã # behind\n\nmật\n");
	struct regex_hit hit;

	cr_assert_eq(l.count, 3);
	cr_assert_eq(count(a, &l, "ĐỔI MẬT KHẨU NGAY", &hit), 1);
	cr_assert_eq(hit.start, 7);
	cr_assert_eq(hit.length, 12);
	cr_assert_eq(count(a, &l, "mậtkhẩu xmật mậtx", &hit), 0);
	cr_assert_eq(count(a, &l, "(mật) mật mã.", &hit), 2);
	cr_assert_eq(hit.length, 9);
	arena_free(a);
}

Test(list, a_phrase_never_goes_over_the_end_of_a_line)
{
	struct arena *a = arena_new();
	struct list l = list_of(a, "mật độ");
	struct list_text t = { .text = span_of("MẬT\nĐộ khẩn"), .lower = span_of("mật\nđộ khẩn") };
	struct regex_hit hit;

	cr_assert_eq(list_next(&l, &t, &hit), 0);
	arena_free(a);
}

Test(list, offsets_survive_letters_whose_case_changes_their_length)
{
	struct arena *a = arena_new();
	struct list l = list_of(a, "mật");
	struct list_text t = { .text = span_of("\xc8\xba\xe1\xba\x9e MẬT"),
	    .lower = span_of("\xe2\xb1\xa5\xc3\x9f mật") };
	struct regex_hit hit;

	cr_assert_eq(list_next(&l, &t, &hit), 1);
	cr_assert_eq(hit.start, 6);
	cr_assert_eq(hit.length, 5);
	arena_free(a);
}

Test(list, a_whole_value_and_an_address_compare_without_case)
{
	struct arena *a = arena_new();
	struct list l = list_of(a, "Văn  Thư\nVP@MOET.edu.vn\n");

	cr_assert(list_has(&l, list_lower(a, span_of(" văn thư "))));
	cr_assert_not(list_has(&l, list_lower(a, span_of("văn thư bộ"))));
	cr_assert(list_has_address(&l, span_of("vp@moet.edu.vn")));
	cr_assert_not(list_has_address(&l, span_of("p@moet.edu.vn")));
	arena_free(a);
}

Test(list, an_entry_knows_where_its_line_stands)
{
	struct arena *a = arena_new();
	struct list l = list_of(a, "# words\n\n  một \nhai # two\n");

	cr_assert_eq(l.count, 2);
	cr_expect_eq(l.places[0], 11);
	cr_expect_eq(l.places[1], 18);
	arena_free(a);
}
