/* SPDX-License-Identifier: BSD-2-Clause */
#include <criterion/criterion.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/err.h"
#include "base/regex.h"

static struct err e;

static struct regex *
compiled(const char *pattern, unsigned flags)
{
	struct regex *re;
	size_t offset;

	re = regex_compile(span_of(pattern), flags, &offset, &e);
	cr_assert_not_null(re, "%s", e.text);
	return re;
}

/* All hits as "start+length ", or "?" where it is undecided. */
static const char *
hits_of(const char *pattern, unsigned flags, struct span subject)
{
	struct regex_scratch *s = regex_scratch_new(0, 0);
	struct regex *re = compiled(pattern, flags);
	static char text[1000];
	struct regex_hit hit;
	size_t at = 0, n = 0;
	int rc;

	text[0] = '\0';
	while ((rc = regex_next(re, s, subject, at, &hit, &e)) == 1) {
		n += (size_t)snprintf(text + n, sizeof(text) - n, "%zu+%zu ",
		    hit.start, hit.length);
		at = regex_after(subject, &hit);
	}
	if (rc < 0)
		strcpy(text, "?");
	regex_free(re);
	regex_scratch_free(s);
	return text;
}

Test(regex, each_hit_is_found_once)
{
	cr_assert_str_eq(hits_of("a+", 0, span_of("aa b a")), "0+2 5+1 ");
	cr_assert_str_eq(hits_of("x", 0, span_of("aa")), "");
	cr_assert_str_eq(hits_of("x", 0, (struct span){ NULL, 0 }), "");
}

Test(regex, empty_hits_go_on_by_whole_characters)
{
	cr_assert_str_eq(hits_of("b*", 0, span_of("ậb")), "0+0 3+1 4+0 ");
	cr_assert_str_eq(hits_of("$", 0, (struct span){ NULL, 0 }), "0+0 ");
}

Test(regex, vietnamese_letters_have_case_and_word_bounds)
{
	cr_assert_str_eq(hits_of("\\bđộ mật\\b", REGEX_CASELESS,
	    span_of("xĐỘ ĐỘ MẬT")), "7+11 ");
}

Test(regex, flags_mean_what_they_say)
{
	struct span s = span_of("a\nb");

	cr_assert_str_eq(hits_of("^b", 0, s), "");
	cr_assert_str_eq(hits_of("^b", REGEX_MULTILINE, s), "2+1 ");
	cr_assert_str_eq(hits_of("a.b", 0, s), "");
	cr_assert_str_eq(hits_of("a.b", REGEX_DOTALL, s), "0+3 ");
	cr_assert_str_eq(hits_of("A # letter", REGEX_EXTENDED | REGEX_CASELESS, s),
	    "0+1 ");
}

Test(regex, a_bad_pattern_names_its_place)
{
	size_t offset = 99;

	cr_assert_null(regex_compile(span_of("ab(c"), 0, &offset, &e));
	cr_assert_eq(offset, 4);
	cr_assert_neq(e.text[0], '\0');
	cr_assert_null(regex_compile(span_of("a\\C"), 0, &offset, &e));
	cr_assert_null(regex_compile(span_of("\xff"), 0, &offset, &e));
}

Test(regex, the_anchor_that_windows_would_break_is_refused)
{
	size_t offset;

	cr_assert_null(regex_compile(span_of("ab\\Gc"), 0, &offset, &e));
	cr_assert_eq(offset, 2);
	regex_free(compiled("a\\\\Gb", 0));
	regex_free(compiled("\\Qa\\G\\Eb", 0));
	cr_assert_null(regex_compile(span_of("\\Qa\\E\\G"), 0, &offset, &e));
}

Test(regex, groups_are_known_by_name_and_may_be_absent)
{
	struct regex *re = compiled("(?<number>\\d+)|(?<word>[a-z]+)", 0);
	struct regex_scratch *s = regex_scratch_new(0, 0);
	struct span text = span_of("-- abc");
	struct regex_hit hit;
	int word = regex_group(re, "word");

	cr_assert_eq(word, 2);
	cr_assert_eq(regex_group(re, "none"), -1);
	cr_assert_eq(regex_next(re, s, text, 0, &hit, &e), 1);
	cr_assert(span_equal(regex_capture(s, word, text), span_of("abc")));
	cr_assert_eq(regex_capture(s, regex_group(re, "number"), text).n, 0);
	cr_assert_eq(regex_capture(s, -1, text).n, 0);
	cr_assert_eq(regex_capture(s, 9, text).n, 0);
	cr_assert_eq(regex_next(re, s, text, 6, &hit, &e), 0);
	cr_assert_eq(regex_capture(s, word, text).n, 0);
	regex_free(re);
	regex_scratch_free(s);
}

Test(regex, one_scratch_serves_patterns_with_more_and_fewer_groups)
{
	struct regex *few = compiled("a", 0), *many = compiled("(a)(b)(c)(d)", 0);
	struct regex_scratch *s = regex_scratch_new(0, 0);
	struct span text = span_of("abcd");
	struct regex_hit hit;

	cr_assert_eq(regex_next(few, s, text, 0, &hit, &e), 1);
	cr_assert_eq(regex_next(many, s, text, 0, &hit, &e), 1);
	cr_assert(span_equal(regex_capture(s, 4, text), span_of("d")));
	cr_assert_eq(regex_next(few, s, text, 0, &hit, &e), 1);
	cr_assert_eq(regex_capture(s, 4, text).n, 0);
	regex_free(few);
	regex_free(many);
	regex_scratch_free(s);
}

/* Three-byte characters, so that windows would cut some of them. */
Test(regex, no_place_in_a_long_text_is_lost_between_windows)
{
	size_t n = 30000, at;
	char *text = malloc(n), want[64];

	for (at = 4080; at < 4110; at++) {
		size_t i;

		for (i = 0; i + 3 <= at; i += 3)
			memcpy(text + i, "ậ", 3);
		memset(text + i, '.', n - i);
		memcpy(text + at, "MẬT", 5);
		snprintf(want, sizeof(want), "%zu+5 ", at);
		cr_assert_str_eq(hits_of("mật", REGEX_CASELESS,
		    (struct span){ text, n }), want, "at %zu", at);
	}
	free(text);
}

Test(regex, a_hit_may_span_windows_and_look_behind_them)
{
	size_t n = 20000;
	char *text = malloc(n);

	memset(text, ' ', n);
	text[4095] = 'a';
	text[4096] = 'b';
	text[19999] = 'z';
	cr_assert_str_eq(hits_of("(?<=a)b", 0, (struct span){ text, n }),
	    "4096+1 ");
	cr_assert_str_eq(hits_of("b *z", 0, (struct span){ text, n }),
	    "4096+15904 ");
	cr_assert_str_eq(hits_of("^b|b\\z|z\\z", 0, (struct span){ text, n }),
	    "19999+1 ");
	free(text);
}

Test(regex, no_window_begins_inside_a_character)
{
	size_t n = 30000, i;
	char *text = malloc(n);

	for (i = 0; i < n; i += 3)
		memcpy(text + i, "ậ", 3);
	cr_assert_str_eq(hits_of("[^ậ]", 0, (struct span){ text, n }), "");
	free(text);
}

Test(regex, too_many_steps_are_undecided_never_a_no)
{
	cr_assert_str_eq(hits_of("(a+)+$", 0,
	    span_of("aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa!")), "?");
	cr_assert_neq(e.text[0], '\0');
}

Test(regex, after_the_deadline_nothing_is_decided)
{
	int64_t now = clock_monotonic_ms();
	struct regex_scratch *s = regex_scratch_new(0, now - 1);
	struct regex *re = compiled("a", 0);
	struct regex_hit hit;

	cr_assert_eq(regex_next(re, s, span_of("a"), 0, &hit, &e), -1);
	regex_free(re);
	regex_scratch_free(s);
}

/* Short traps, each below the limit: only the clock ends it. */
Test(regex, a_text_of_many_traps_ends_near_the_deadline, .timeout = 20)
{
	static const char trap[] = "aaaaaaaaaaaaaaa!";
	size_t n = (size_t)16 << 20, i;
	struct regex *re = compiled("(a+)+$", 0);
	struct regex_scratch *s;
	char *text = malloc(n);
	struct regex_hit hit;
	int64_t begun;

	for (i = 0; i < n; i += 16)
		memcpy(text + i, trap, 16);
	begun = clock_monotonic_ms();
	s = regex_scratch_new(0, begun + 100);
	cr_assert_eq(regex_next(re, s, (struct span){ text, n }, 0, &hit, &e), -1);
	cr_assert_lt(clock_monotonic_ms() - begun, 3000);
	regex_free(re);
	regex_scratch_free(s);
	free(text);
}

Test(regex, a_long_harmless_text_costs_no_square_of_its_length, .timeout = 20)
{
	size_t n = (size_t)16 << 20;
	char *text = malloc(n);
	int64_t begun = clock_monotonic_ms();

	memset(text, ' ', n);
	text[n - 1] = 'x';
	cr_assert_str_eq(hits_of("xy|z", 0, (struct span){ text, n }), "");
	cr_assert_str_eq(hits_of("xy", 0, (struct span){ text, n }), "");
	cr_assert_lt(clock_monotonic_ms() - begun, 5000);
	free(text);
}
