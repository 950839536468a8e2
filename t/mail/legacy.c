/* SPDX-License-Identifier: BSD-2-Clause */
#include <criterion/criterion.h>

#include "mail/map.h"

#include "mail/legacy.h"

static void
check(enum legacy_kind kind, const char *text, const char *want)
{
	struct arena *a = arena_new();
	struct map m = { .arena = a };
	size_t unread, offset, width;
	struct span got;

	cr_expect(legacy_scan(span_of(text)) & 1U << kind, "'%s' may be %d", text, kind);
	got = legacy_read(a, kind, span_of(text), &m, &unread);
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
}
