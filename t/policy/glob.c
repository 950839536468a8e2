/* SPDX-License-Identifier: BSD-2-Clause */
#include <criterion/criterion.h>

#include "policy/glob.h"

static bool
is(const char *pattern, const char *text)
{
	return glob_matches(span_of(pattern), span_of(text));
}

Test(glob, a_star_stands_for_anything_and_case_for_nothing)
{
	cr_assert(is("*", ""));
	cr_assert(is("*@Moet.edu.vn", "VP@moet.EDU.vn"));
	cr_assert(is("phong*.hn@*", "phongcntt.hn@x.hn@y"));
	cr_assert(is("a*b*c", "abbxbc"));
	cr_assert_not(is("*@moet.edu.vn", "vp@moet.edu.vn.evil"));
	cr_assert_not(is("a*b", "a"));
	cr_assert_not(is("", "a"));
}

Test(glob, only_a_text_with_a_star_is_a_pattern)
{
	cr_assert(glob_is(span_of("*@a.vn")));
	cr_assert_not(glob_is(span_of("vp@a.vn")));
}
