/* SPDX-License-Identifier: BSD-2-Clause */
#include <criterion/criterion.h>

#include "base/arena.h"
#include "mail/map.h"

#include "mail/unicode.h"

static void
check(const char *text, const char *want)
{
	struct arena *a = arena_new();
	struct span got = unicode_readable(a, span_of(text), NULL);

	cr_expect(span_equal(got, span_of(want)), "'%s' gave '%.*s', not '%s'", text,
	    SPAN_PRINT(got), want);
	arena_free(a);
}

Test(unicode, all_orders_of_circumflex_and_dot_below_are_one_letter)
{
	check("MA\u0302\u0323T", "MẬT");
	check("MA\u0323\u0302T", "MẬT");
	check("MÂ\u0323T", "MẬT");
	check("MẠ\u0302T", "MẬT");
	check("MẬT", "MẬT");
}

Test(unicode, a_tone_typed_before_its_quality_mark_is_put_in_order)
{
	check("TO\u0301\u0302I", "TỐI");
	check("TÓ\u0302I", "TỐI");
	check("TO\u0302\u0301I", "TỐI");
	check("KHA\u0309\u0302N", "KHẨN");
	check("GIO\u0300\u031B", "GIỜ");
}

Test(unicode, a_separator_of_lines_ends_a_line)
{
	check("a\u2028M\u2029b", "a\nM\nb");
	check("tă\u0301t", "tắt");
	check("e\u0303\u0302", "ễ");
}

Test(unicode, other_marks_keep_their_order)
{
	check("u\u0301\u0308", "ú\u0308");
	check("u\u0308\u0301", "ǘ");
}

Test(unicode, invisible_characters_go_before_marks_are_joined)
{
	check("M\u200BẬ\u200BT", "MẬT");
	check("MA\u0302\u034F\u0323T", "MẬT");
	check("MA\u200D\u0302\u2060\u0323\uFEFFT", "MẬT");
	check("M\u00ADẬ\u202ET\uFE0F", "MẬT");
	check("\u200B\u200B", "");
}

Test(unicode, every_line_end_is_a_line_feed)
{
	check("a\r\nb\rc\nd\r", "a\nb\nc\nd\n");
	check("\r\r\n\n", "\n\n\n");
	check("MẬT\u00AD\rSố", "MẬT\nSố");
}

Test(unicode, text_that_is_readable_already_is_not_copied)
{
	struct arena *a = arena_new();
	struct span s = span_of("Kính gửi các đơn vị – “khẩn”\n");

	cr_assert_eq(unicode_readable(a, s, NULL).p, s.p);
	arena_free(a);
}

Test(unicode, a_hit_maps_back_over_what_was_stripped_and_joined)
{
	struct arena *a = arena_new();
	struct map m = { .arena = a };
	struct span s = span_of("ab\r\nM\u200BA\u0302\u0323T\u200B."), got;
	size_t in, n;

	got = unicode_readable(a, s, &m);
	cr_assert(span_equal(got, span_of("ab\nMẬT.")));
	map_back(&m, 3, 5, &in, &n);		/* MẬT */
	cr_expect_eq(in, 4);
	cr_expect_eq(n, 1 + 3 + 5 + 1);
	map_back(&m, 4, 3, &in, &n);		/* Ậ alone */
	cr_expect_eq(in, 8);
	cr_expect_eq(n, 5);
	arena_free(a);
}

Test(unicode, a_character_with_a_million_marks_is_read)
{
	struct arena *a = arena_new();
	size_t i, n = 1000000;
	char *text = arena_alloc(a, 1 + 2 * n);
	struct span got;

	text[0] = 'a';
	for (i = 0; i < n; i++) {
		text[1 + 2 * i] = '\xCC';
		text[2 + 2 * i] = i % 2 ? '\x81' : '\xA3';
	}
	got = unicode_readable(a, (struct span){ text, 1 + 2 * n }, NULL);
	cr_assert_gt(got.n, n);
	arena_free(a);
}

Test(unicode, put_and_next_round_trip_at_the_edges)
{
	static const uint32_t codes[] = { 0, 0x7F, 0x80, 0x7FF, 0x800, 0xFFFF, 0x10000,
		0x10FFFF };
	char out[4];
	uint32_t code;
	size_t i, n;

	for (i = 0; i < sizeof(codes) / sizeof(codes[0]); i++) {
		n = unicode_put(codes[i], out);
		cr_expect_eq(unicode_next((struct span){ out, n }, 0, &code), n);
		cr_expect_eq(code, codes[i]);
	}
	cr_expect_eq(unicode_next((struct span){ out, 4 }, 4, &code), 0);
}

Test(unicode, lower_case_words_and_width_know_vietnamese)
{
	struct arena *a = arena_new();

	cr_expect(span_equal(unicode_lower(a, span_of("TUYỆT Đối")), span_of("tuyệt đối")));
	cr_expect(unicode_is_word(0x1EAC) && unicode_is_word('_') && unicode_is_word('7') &&
	    unicode_is_word(0x323));
	cr_expect(!unicode_is_word('-') && !unicode_is_word(' ') && !unicode_is_word(0xA0));
	cr_expect_eq(unicode_width(span_of("MẬT")), 3);
	cr_expect_eq(unicode_width(span_of("A\u0323機")), 3);
	arena_free(a);
}
