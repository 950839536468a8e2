/* SPDX-License-Identifier: BSD-2-Clause */
#include <criterion/criterion.h>

#include "policy/pattern.h"

static void
check_fold(const char *text, const char *want)
{
	struct arena *a = arena_new();
	struct span got = pattern_fold(a, span_of(text));

	cr_expect(span_equal(got, span_of(want)), "'%s' gives '%.*s'", text,
	    SPAN_PRINT(got));
	arena_free(a);
}

Test(pattern, a_tone_is_found_in_either_place)
{
	check_fold("HOẢ\\h+TỐC", "H(?:OẢ|ỎA)\\h+TỐC");
	check_fold("hỏa|thuý|khoẻ", "h(?:ỏa|oả)|th(?:uý|úy)|kh(?:oẻ|ỏe)");
}

Test(pattern, only_what_stands_for_itself_is_touched)
{
	check_fold("[HOẢ]\\QOẢ\\E(?#OẢ)OẢ+", "[HOẢ]\\QOẢ\\E(?#OẢ)OẢ+");
	check_fold("[]oả]x\\oả", "[]oả]x\\oả");
	check_fold("hoa", "hoa");
}

Test(pattern, decomposed_letters_are_composed_but_not_with_an_escape)
{
	check_fold("MA\u0323\u0302T", "MẬT");
	check_fold("\\s\u0301A\u0302\u0323", "\\s\u0301Ậ");
}

Test(pattern, is_bare_if_all_its_letters_are_ascii)
{
	cr_expect(pattern_is_bare(span_of("tuyet\\h*mat")));
	cr_expect(pattern_is_bare(span_of("mat–khau")));
	cr_expect(!pattern_is_bare(span_of("mật")));
	cr_expect(!pattern_is_bare(span_of("\\d+\\w")));
}
