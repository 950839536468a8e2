/* SPDX-License-Identifier: BSD-2-Clause */
#include <string.h>

#include <criterion/criterion.h>

#include "mail/header.h"

static void
check_decode(const char *value, const char *want)
{
	struct arena *a = arena_new();
	struct span got = header_decode(a, span_of(value));

	cr_expect(span_equal(got, span_of(want)), "'%s' gave '%.*s', not '%s'", value,
	    SPAN_PRINT(got), want);
	arena_free(a);
}

static void
check_parameter(const char *value, const char *name, const char *want)
{
	struct arena *a = arena_new();
	struct span got = header_parameter(a, span_of(value), name);

	cr_expect(span_equal(got, span_of(want)), "'%s' gave '%.*s', not '%s'", value,
	    SPAN_PRINT(got), want);
	arena_free(a);
}

Test(header, fields_keep_their_order_and_folds_and_the_body_begins_behind_the_blank_line)
{
	struct arena *a = arena_new();
	struct span raw = span_of("A: 1\r\nSubject: x\r\n y\r\nA : 2\r\n\r\nbody");
	struct headers h;
	size_t body;

	headers_parse(a, raw, &h, &body);
	cr_assert_eq(h.count, 3);
	cr_expect(span_equal(h.list[1].value, span_of("x\r\n y")));
	cr_expect(span_equal(header_find(&h, "a", 1)->value, span_of("2")));
	cr_expect_null(header_find(&h, "a", 2));
	cr_expect(span_equal(span_sub(raw, body, 99), span_of("body")));
	arena_free(a);
}

Test(header, a_line_that_is_no_field_ends_the_header_and_begins_the_body)
{
	struct arena *a = arena_new();
	struct span raw = span_of("From x 1 Jan\nA: 1\nthis is text\nB: 2\n");
	struct headers h;
	size_t body;

	headers_parse(a, raw, &h, &body);
	cr_expect_eq(h.count, 1);
	cr_expect(span_starts_nocase(span_sub(raw, body, 99), "this is"));
	arena_free(a);
}

Test(header, more_fields_than_the_first_room_are_kept)
{
	struct arena *a = arena_new();
	char raw[4000] = "";
	struct headers h;
	size_t body, i;

	for (i = 0; i < 300; i++)
		strcat(raw, "Aa: bb\n");
	headers_parse(a, span_of(raw), &h, &body);
	cr_assert_eq(h.count, 300);
	for (i = 0; i < 300; i++)
		cr_assert(span_equal(h.list[i].value, span_of("bb")));
	arena_free(a);
}

Test(header, encoded_words_are_decoded_and_the_blanks_between_them_go)
{
	check_decode("=?UTF-8?B?TeG6rFQ=?=", "MẬT");
	check_decode("a =?utf-8?q?M=E1=BA=ACT_x?= b", "a MẬT x b");
	check_decode("=?utf-8*vi?q?T?=\r\n =?utf-8?q?I?=", "TI");
	check_decode("=?utf-8?q?\?= x", " x");
}

Test(header, a_character_split_between_two_words_is_joined)
{
	check_decode("=?utf-8?q?M=E1?= =?UTF-8?b?uqxU?=", "MẬT");
	check_decode("=?windows-1258?q?M=C2?=\r\n\t=?windows-1258?q?=F2T?=", "MÂ\u0323T");
}

Test(header, raw_bytes_are_utf8_if_they_validate_else_windows_1252)
{
	check_decode("TỐI MẬT", "TỐI MẬT");
	check_decode("M\xCBT", "MËT");
}

Test(header, what_is_no_encoded_word_stays)
{
	check_decode("=?x", "=?x");
	check_decode("=?utf-8?z?abc?=", "=?utf-8?z?abc?=");
	check_decode("1 =? 2 ?= 3", "1 =? 2 ?= 3");
}

Test(header, sixty_kilobytes_of_word_beginnings_are_read)
{
	struct arena *a = arena_new();
	char *text = arena_alloc(a, 60001);
	size_t i;

	for (i = 0; i + 12 <= 60000; i += 12)
		memcpy(text + i, "=?utf-8?q?ab", 12);
	cr_assert_eq(header_decode(a, span_of(text)).n, 60000);
	arena_free(a);
}

Test(header, parameters_are_found_quoted_bare_and_after_comments)
{
	check_parameter("text/plain; charset=utf-8", "charset", "utf-8");
	check_parameter("text/plain; (c) charset = \"utf-8\"", "charset", "utf-8");
	check_parameter("text/plain; charset=us-ascii (Plain text)", "charset", "us-ascii");
	check_parameter("a; filename=my file (1).doc; x=y", "filename", "my file (1).doc");
	check_parameter("a; name=\"C:\\\\x\\\"y\"", "name", "C:\\x\"y");
	check_parameter("text/plain", "charset", "");
	check_parameter("a; b=\"; charset=no\"; charset=yes", "charset", "yes");
}

Test(header, names_in_rfc_2231_rfc_2047_and_raw_bytes_are_decoded)
{
	check_parameter("a; filename*=utf-8''M%E1%BA%ACT.pdf", "filename", "MẬT.pdf");
	check_parameter("a; filename*0*=utf-8''M%E1%BA; filename*1*=%ACT; filename*2=.doc",
	    "filename", "MẬT.doc");
	check_parameter("a; filename*1=b; filename*0=a", "filename", "ab");
	check_parameter("a; filename=\"=?utf-8?b?TeG6rFQ=?=.doc\"", "filename", "MẬT.doc");
	check_parameter("a; filename=\"MẬT.doc\"", "filename", "MẬT.doc");
	check_parameter("a; filename=x.txt; filename*=utf-8''y.exe", "filename", "y.exe");
}

Test(header, what_is_encoded_decodes_to_itself)
{
	static const char *const texts[] = {
		"plain", "[KHẨN] Công văn", "=?x", "",
		"Một tiêu đề dài hơn một từ mã hóa, để phải chia ra nhiều từ mà không "
		"cắt chữ nào làm đôi: ẩẫậệỗộựỹ",
	};
	struct arena *a = arena_new();
	struct span encoded;
	size_t i, j;

	for (i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		encoded = header_encode(a, span_of(texts[i]));
		for (j = 0; j < encoded.n; j++)
			cr_assert(((unsigned char)encoded.p[j] >= ' ' || encoded.p[j] ==
			    '\n') && (unsigned char)encoded.p[j] < 0x7f);
		cr_assert(span_equal(header_decode(a, encoded), span_of(texts[i])),
		    "%s", texts[i]);
	}
	cr_assert(span_equal(header_encode(a, span_of("plain")), span_of("plain")));
	arena_free(a);
}
