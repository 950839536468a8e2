/* SPDX-License-Identifier: BSD-2-Clause */
#include <criterion/criterion.h>

#include "base/span.h"

static const struct span none = { NULL, 0 };

Test(span, a_null_string_is_empty)
{
	cr_assert_eq(span_of(NULL).n, 0);
	cr_assert_eq(span_of("abc").n, 3);
}

Test(span, a_part_is_cut_to_fit)
{
	struct span s = span_of("abcdef");

	cr_assert(span_equal(span_sub(s, 2, 3), span_of("cde")));
	cr_assert(span_equal(span_sub(s, 4, 100), span_of("ef")));
	cr_assert_eq(span_sub(s, 7, 1).n, 0);
	cr_assert_eq(span_sub(s, (size_t)-1, (size_t)-1).n, 0);
	cr_assert_eq(span_sub(none, 0, 1).n, 0);
}

Test(span, trimming_takes_blanks_tabs_and_line_ends_off_both_ends)
{
	cr_assert(span_equal(span_trim(span_of(" \t a b\r\n")), span_of("a b")));
	cr_assert_eq(span_trim(span_of(" \r\n\t")).n, 0);
	cr_assert_eq(span_trim(none).n, 0);
}

Test(span, case_is_ignored_for_ascii_letters_alone)
{
	cr_assert(span_is(span_of("X-Mailer"), "x-MAILER"));
	cr_assert_not(span_is(span_of("X-Mailer"), "x-maile"));
	cr_assert_not(span_is(span_of("["), "{"));
	cr_assert_not(span_equal_nocase(span_of("Đ"), span_of("đ")));
	cr_assert_not(span_equal(span_of("A"), span_of("a")));
	cr_assert(span_equal(none, span_of("")));
}

Test(span, a_prefix_may_be_the_whole_but_not_more)
{
	cr_assert(span_starts_nocase(span_of("Re: x"), "RE:"));
	cr_assert(span_starts_nocase(span_of("Re:"), "re:"));
	cr_assert_not(span_starts_nocase(span_of("Re"), "re:"));
}

Test(span, what_is_not_found_is_at_the_end)
{
	struct span s = { "a\0bc", 4 };

	cr_assert_eq(span_find(s, span_of("bc")), 2);
	cr_assert_eq(span_find(s, span_of("cb")), 4);
	cr_assert_eq(span_find(s, span_of("a string longer than it")), 4);
	cr_assert_eq(span_find_byte(s, '\0'), 1);
	cr_assert_eq(span_find_byte(s, 'x'), 4);
	cr_assert_eq(span_find_byte(none, 'x'), 0);
}

Test(span, lines_end_in_lf_or_crlf_and_the_last_in_nothing)
{
	struct span rest = span_of("one\r\ntwo\n\nfo\rur\r"), line;

	cr_assert(span_line(&rest, &line) && span_equal(line, span_of("one")));
	cr_assert(span_line(&rest, &line) && span_equal(line, span_of("two")));
	cr_assert(span_line(&rest, &line) && line.n == 0);
	cr_assert(span_line(&rest, &line) && span_equal(line, span_of("fo\rur\r")));
	cr_assert_not(span_line(&rest, &line));
}

Test(span, a_final_line_end_begins_no_further_line)
{
	struct span rest = span_of("a\n"), line;

	cr_assert(span_line(&rest, &line));
	cr_assert_not(span_line(&rest, &line));
}
