/* SPDX-License-Identifier: BSD-2-Clause */
#include <criterion/criterion.h>

#include <string.h>

#include "mail/map.h"
#include "mail/unicode.h"

#include "mail/fold.h"

Test(fold, a_tone_moves_within_a_pair)
{
	uint32_t other[2];

	cr_assert(fold_tone_pair((const uint32_t[]){ 'O', 0x1EA2 }, other));
	cr_expect_eq(other[0], 0x1ECE);
	cr_expect_eq(other[1], 'A');
	cr_expect(!fold_tone_pair((const uint32_t[]){ 'u', 0xE0 }, other));
	cr_expect(!fold_tone_pair((const uint32_t[]){ 'o', 'a' }, other));
}

static void
check(const char *text, const char *want, const char *bare)
{
	struct arena *a = arena_new();
	struct map m = { .arena = a }, back = { .arena = a };
	struct span s = unicode_readable(a, span_of(text), NULL), got, plain;

	got = fold_text(a, s, &m);
	cr_expect(span_equal(got, span_of(want)), "'%s' gives '%.*s'", text,
	    SPAN_PRINT(got));
	cr_expect_eq(m.out_end, got.n);
	cr_expect_eq(fold_scan(s, FOLD_ALL) == 0, span_equal(s, got), "'%s'", text);
	plain = fold_bare(a, got, &back);
	cr_expect(span_equal(plain, span_of(bare)), "'%s' gives '%.*s'", text,
	    SPAN_PRINT(plain));
	cr_expect_eq(back.out_end, plain.n);
	arena_free(a);
}

Test(fold, what_looks_like_a_letter_is_one_with_its_tone_and_case)
{
	check("\u041C\u1EAC\u0422", "MẬT", "mat");
	check("\u041C\u0410\u0323\u0302\u0422", "MẬT", "mat");
	check("ＴỐＩ ＭẬＴ", "TỐI MẬT", "toi mat");
	check("T\u1ED0\u0406 \u0399 \uA4F2", "TỐI I I", "toi i i");
	check("\U0001D40Cậ\U0001D42D \u24C2", "Mật M", "mat m");
	check("\u00D0ộ \u0189Ộ", "Độ ĐỘ", "do do");
	check("40 m² № 1º — “x” 1l0O", "40 m² № 1º — “x” 1l0O", "40 m² № 1º — “x” 1l0o");
}

Test(fold, spaced_words_are_joined)
{
	check("M Ậ T", "MẬT", "mat");
	check("(M.Ậ.T)", "(MẬT)", "(mat)");
	check("T U Y Ệ T   M-Ậ-T", "TUYỆT MẬT", "tuyet mat");
	check("M Ậ T   Đ Ộ : x", "MẬT ĐỘ : x", "mat do : x");
	check("a: M\u00A0Ậ T số 1 2 3", "a: MẬT số 1 2 3", "a: mat so 1 2 3");
	check("a b cd e f", "a b cd e f", "a b cd e f");
	check("K. T. Q.", "K. T. Q.", "k. t. q.");
}

Test(fold, a_tone_of_an_open_syllable_has_one_place)
{
	check("HOẢ TỐC, hoà", "HỎA TỐC, hòa", "hoa toc, hoa");
	check("thuỷ khoẻ qúy", "thủy khỏe quý", "thuy khoe quy");
	check("toàn loại quý hóa", "toàn loại quý hóa", "toan loai quy hoa");
}

Test(fold, blocks_of_the_scan_have_no_seams)
{
	struct arena *a = arena_new();
	char text[200];
	size_t at;

	for (at = 0; at < 150; at++) {
		memset(text, 'a', sizeof(text));
		memcpy(text + at, " M Ậ T ", 9);
		cr_expect_eq(fold_scan((struct span){ text, 180 }, FOLD_ALL), FOLD_SPACING, "%zu", at);
		memset(text, 'a', sizeof(text));
		memcpy(text + at, "\u041C", 2);
		cr_expect_eq(fold_scan((struct span){ text, 180 }, FOLD_ALL), FOLD_LETTERS, "%zu", at);
	}
	arena_free(a);
}
