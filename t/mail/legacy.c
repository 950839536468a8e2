/* SPDX-License-Identifier: BSD-2-Clause */
#include <criterion/criterion.h>

#include "mail/map.h"

#include "mail/legacy.h"

static void
check(enum legacy_kind kind, const char *text, const char *want)
{
	struct arena *a = arena_new();
	struct map m = { .arena = a };
	size_t misfits, offset, width;
	struct span got;

	cr_expect(legacy_scan(span_of(text)) & 1U << kind, "'%s' may be %d", text, kind);
	got = legacy_read(a, kind, span_of(text), &m, &misfits);
	cr_expect(span_equal(got, span_of(want)), "'%s' gives '%.*s'", text,
	    SPAN_PRINT(got));
	cr_expect_eq(m.out_end, got.n);
	map_back(&m, 0, got.n, &offset, &width);
	cr_expect_leq(offset + width, span_of(text).n);
	arena_free(a);
}

Test(legacy, fonts_of_eight_bits_are_read_by_their_text)
{
	check(LEGACY_TCVN3, "TuyÖt mËt", "Tuyệt mật");
	check(LEGACY_TCVN3, "l\u00adu hµnh", "lưu hành");
	check(LEGACY_VNI, "TOÁI MAÄT", "TỐI MẬT");
	check(LEGACY_VNI, "ñöôøng", "đường");
	check(LEGACY_VISCII, "T\xC2\x8FI M‡T", "TỐI MẬT");
	check(LEGACY_WINDOWS_1258, "T\u00d4\u00ecI M\u00c2\u00f2T", "TÔ\u0301I MÂ\u0323T");
}

Test(legacy, viqr_needs_three_clusters)
{
	check(LEGACY_VIQR, "Co^ng va(n TO^'I MA^.T cu?a ddo+n vi.", "Công văn TỐI MẬT của đơn vi.");
	cr_expect_eq(legacy_scan(span_of("To^'i ma^.t")), 0);
	cr_expect_eq(legacy_scan(span_of("f(x) = a^2 + o(n), don't you?")), 0);
}

Test(legacy, unicode_is_not_taken_for_a_font)
{
	cr_expect_eq(legacy_scan(span_of("Hà Nội, Thông tư")), 0);
	cr_expect_eq(legacy_scan(span_of("Hà Tĩnh\nLà\n«Quân»")), 0);
	cr_expect_eq(legacy_scan(span_of("It’s 5 °C © 2007 “so”")), 0);
	cr_expect_eq(legacy_scan(span_of("Президент")), 0);
}

Test(legacy, one_document_may_mix)
{
	check(LEGACY_TCVN3, "Bộ Giáo dục\nTUYÖT MËT\nSố: 12\n\nNơi nhận\n",
	    "\nTUYệT MậT\n\n");
	check(LEGACY_TCVN3, "[MËT] Kế hoạch", "[MậT] Kế hoạch");
	check(LEGACY_VISCII, "Kế hoạch\nM‡T\n", "\nMẬT\n");
}

/* How the whole of ${text} is read as ${kind}, and what makes no sense in it. */
static size_t
misfits(enum legacy_kind kind, const char *text)
{
	struct arena *a = arena_new();
	size_t n;

	legacy_read(a, kind, span_of(text), NULL, &n);
	arena_free(a);
	return n;
}

Test(legacy, the_right_table_makes_syllables)
{
	const char *tcvn3 = "Quy\u00d5t \u00ae\u00denh ban h\u00b5nh k\u00cc" "m theo";
	const char *vni = "Quye\u00e1t \u00f1\u00f2nh ban ha\u00f8nh ke\u00f8m theo";

	cr_expect_eq(misfits(LEGACY_TCVN3, tcvn3), 0);
	cr_expect_gt(misfits(LEGACY_VNI, tcvn3), 0);
	cr_expect_gt(misfits(LEGACY_VISCII, tcvn3), 0);
	cr_expect_eq(misfits(LEGACY_VNI, vni), 0);
	cr_expect_gt(misfits(LEGACY_TCVN3, vni), 0);
	cr_expect_gt(misfits(LEGACY_VISCII, vni), 0);
	cr_expect_gt(misfits(LEGACY_WINDOWS_1258, tcvn3), 0);
	cr_expect_gt(misfits(LEGACY_WINDOWS_1258, vni), 0);
	cr_expect_eq(misfits(LEGACY_WINDOWS_1258, "M\u00c2\u00f2T kha\u00d2u"), 0);
}

Test(legacy, a_line_of_a_mixed_document_needs_no_odd_letter)
{
	check(LEGACY_TCVN3, "Bộ Giáo dục\nB\u00b8o c\u00b8o n\u00a8m\nm\u00e9t s\u00e8\n",
	    "\nBáo cáo năm\nmột số\n");
}

Test(legacy, a_word_of_a_mixed_line_is_told_by_what_no_word_holds)
{
	check(LEGACY_TCVN3, "tại Quy\u00d5t \u00ae\u00denh", "tại Quyết định");
	check(LEGACY_TCVN3, "tuyến x\u00a9y ch\u00f7a, b\u00d7nh",
	    "tuyến xây chữa, bình");
	cr_expect_eq(legacy_scan(span_of("Điều 3 × 4 «Quân» – 5 ÷ 6 m² của ông")), 0);
	cr_expect_eq(legacy_scan(span_of("Nghị\u00adquyết hòa\u00adbình")), 0);
}

Test(legacy, glyphs_of_pdf_are_the_bytes_they_stand_for)
{
	check(LEGACY_TCVN3, "nh\u2212 l\u2219nh \u00ae\u2212\u00eec", "như lãnh được");
}
