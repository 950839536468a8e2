/* SPDX-License-Identifier: BSD-2-Clause */
#include <criterion/criterion.h>

#include "base/arena.h"
#include "mail/map.h"

#include "mail/charset.h"

static void
check_bytes(const char *charset, struct span bytes, const char *want)
{
	struct arena *a = arena_new();
	struct map m = { .arena = a };
	struct span got = charset_decode(a, span_of(charset), bytes, &m);

	cr_expect(span_equal(got, span_of(want)), "%s gave '%.*s', not '%s'", charset,
	    SPAN_PRINT(got), want);
	cr_expect_eq(m.out_end, got.n);
	arena_free(a);
}

static void
check(const char *charset, const char *bytes, const char *want)
{
	check_bytes(charset, span_of(bytes), want);
}

Test(charset, utf8_is_utf8_whatever_the_label_says)
{
	check("windows-1258", "MẬT", "MẬT");
	check("us-ascii", "MẬT", "MẬT");
	check("", "MẬT", "MẬT");
	check("no-such-charset", "MẬT", "MẬT");
}

Test(charset, the_three_vietnamese_charsets_are_read)
{
	check("windows-1258", "M\xC2\xF2T", "MÂ\u0323T");
	check("viscii", "M\x87T", "MẬT");
	check("TCVN5712-1", "m\xCBt", "mật");
}

Test(charset, windows_1252_is_the_last_resort)
{
	check("", "M\xCBT \x80 \x93x\x94", "MËT € “x”");
	check("iso-8859-1", "\x93MËT\xCB", "“MÃ‹TË");
	check("x-unknown", "\xCB", "Ë");
	check("//TRANSLIT", "\xCB", "Ë");
	check("", "\x81\xFF", "\xC2\x81ÿ");
}

Test(charset, what_cannot_be_read_becomes_a_replacement_and_the_rest_is_kept)
{
	check("utf-8", "a\xFFMẬT\xE1\xBA", "a\uFFFDMẬT\uFFFD\uFFFD");
	check("gb2312", "\xC4\xE3\xFF!", "你\uFFFD!");
	check("windows-1258", "a\xD2z", "a\u0309z");
}

Test(charset, one_wrong_byte_makes_no_mojibake_of_the_rest)
{
	check("", "M\xCBT\nTỐI MẬT\xFF\nso", "MËT\nTỐI MẬT\uFFFD\nso");
	check("us-ascii", "MẬT\n\xFF", "MẬT\nÿ");
	check("utf-8", "M\xCBT\nMẬT", "MËT\nMẬT");
	check("windows-1258", "TỐI MẬT\xFF", "TỐI MẬT\uFFFD");
	check("viscii", "M\x87T \xC3\x83", "MẬT ÃẶ");
}

Test(charset, utf16_is_read_by_label_mark_and_zero_bytes)
{
	check_bytes("utf-16le", (struct span){ "M\0\xAC\x1ET\0", 6 }, "MẬT");
	check_bytes("utf-16", (struct span){ "M\0\xAC\x1ET\0", 6 }, "MẬT");
	check_bytes("utf-16", (struct span){ "\0M\x1E\xAC\0T", 6 }, "MẬT");
	check_bytes("", (struct span){ "\xFF\xFEM\0\xAC\x1ET\0", 8 }, "\uFEFFMẬT");
}

Test(charset, labels_that_change_ascii_hold_even_for_ascii)
{
	check("utf-7", "M+Hqw-T", "MẬT");
	check("iso-2022-jp", "\x1B$BF|\x1B(B!", "日!");
}

Test(charset, every_character_maps_back_to_its_bytes)
{
	struct arena *a = arena_new();
	struct map m = { .arena = a };
	struct span got;
	size_t in, n;

	got = charset_decode(a, span_of("windows-1258"), span_of("ab M\xC2\xF2T c"), &m);
	map_back(&m, 3, got.n - 5, &in, &n);
	cr_expect_eq(in, 3);
	cr_expect_eq(n, 4);
	map_back(&m, 4, 2, &in, &n);		/* Â */
	cr_expect_eq(in, 4);
	cr_expect_eq(n, 1);
	arena_free(a);
}

Test(charset, overlong_forms_and_surrogates_are_not_utf8)
{
	cr_expect(charset_is_utf8(span_of("a MẬT \U0001F600")));
	cr_expect(!charset_is_utf8(span_of("\xC0\xAF")));
	cr_expect(!charset_is_utf8(span_of("\xE0\x80\xAF")));
	cr_expect(!charset_is_utf8(span_of("\xED\xA0\x80")));
	cr_expect(!charset_is_utf8(span_of("\xF4\x90\x80\x80")));
	cr_expect(!charset_is_utf8(span_of("abcdefgh\xE1\xBA")));
}

Test(charset, a_code_that_is_no_character_is_replaced)
{
	struct arena *a = arena_new();
	struct span got = charset_decode(a, span_of("ucs4"),
	    (struct span){ "\0\0\0M\xFF\xFFn?", 8 }, NULL);

	cr_expect(charset_is_utf8(got), "PCRE2 is told that it is");
	cr_expect_eq(got.p[0], 'M');
	arena_free(a);
}
