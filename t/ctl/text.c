/* SPDX-License-Identifier: BSD-2-Clause */
#include <criterion/criterion.h>

#include "ctl/text.h"

static bool
visible_is(const char *text, const char *wanted)
{
	struct arena *a = arena_new();
	bool is = span_equal(text_visible(a, span_of(text)), span_of(wanted));

	arena_free(a);
	return is;
}

Test(text, a_byte_that_is_not_utf_8_is_replaced_alone)
{
	uint32_t code;

	cr_assert_eq(text_next(span_of("\xc3(x"), 0, &code), 1);
	cr_assert_eq(code, 0xfffd);
	cr_assert_eq(text_next(span_of("\xe1\xba\xac"), 0, &code), 3);
	cr_assert_eq(code, 0x1eac);
	cr_assert_eq(text_next(span_of("\xed\xa0\x80"), 0, &code), 1);
	cr_assert_eq(text_next(span_of("\xf0\x9f"), 0, &code), 1);
	cr_assert_eq(text_next(span_of(""), 0, &code), 0);
}

Test(text, what_could_command_a_terminal_does_not_reach_it)
{
	cr_assert(visible_is("a\033[31mb", "a\uFFFD[31mb"));
	cr_assert(visible_is("a\r\nb\tc", "a  b c"));
	cr_assert(visible_is("a\u202eb", "a\uFFFDb"));
	cr_assert(visible_is("a\xc2\x9b" "2Jb", "a\uFFFD2Jb"));
	cr_assert(visible_is("MẬT", "MẬT"));
}

Test(text, a_cut_says_that_it_is_one)
{
	struct arena *a = arena_new();

	cr_assert(span_equal(text_cut(a, span_of("Hà Nội"), 6), span_of("Hà Nội")));
	cr_assert(span_equal(text_cut(a, span_of("Hà Nội"), 4), span_of("Hà …")));
	cr_assert(span_equal(text_cut(a, span_of("文文文"), 4), span_of("文…")));
	arena_free(a);
}
