/* SPDX-License-Identifier: BSD-2-Clause */
#include <criterion/criterion.h>

#include "base/arena.h"

#include "mail/transfer.h"

static void
check(enum transfer_encoding encoding, const char *raw, const char *want)
{
	struct arena *a = arena_new();
	struct span got = transfer_decode(a, encoding, span_of(raw));

	cr_expect(span_equal(got, span_of(want)), "'%s' gave '%.*s', not '%s'", raw,
	    SPAN_PRINT(got), want);
	arena_free(a);
}

Test(transfer, names_are_read_without_case_comments_and_blanks)
{
	cr_expect_eq(transfer_parse(span_of(" Base64 (x)\r\n")), TRANSFER_BASE64);
	cr_expect_eq(transfer_parse(span_of("QUOTED-PRINTABLE")),
	    TRANSFER_QUOTED_PRINTABLE);
	cr_expect_eq(transfer_parse(span_of("x-uuencode")), TRANSFER_UUENCODE);
	cr_expect_eq(transfer_parse(span_of("8bit")), TRANSFER_IDENTITY);
	cr_expect_eq(transfer_parse(span_of("nonsense")), TRANSFER_IDENTITY);
}

Test(transfer, base64_survives_line_ends_rubbish_and_missing_padding)
{
	check(TRANSFER_BASE64, "TeG6rFQ=", "M\xE1\xBA\xACT");
	check(TRANSFER_BASE64, "Te\r\nG6\r\nrFQ", "M\xE1\xBA\xACT");
	check(TRANSFER_BASE64, "!T*eG6rF-Q=", "M\xE1\xBA\xACT");
	check(TRANSFER_BASE64, "TQ==TQ==", "MM");
	check(TRANSFER_BASE64, "", "");
}

Test(transfer, quoted_printable_joins_soft_breaks_and_keeps_what_is_no_escape)
{
	check(TRANSFER_QUOTED_PRINTABLE, "M=E1=BA=\r\n=acT", "M\xE1\xBA\xACT");
	check(TRANSFER_QUOTED_PRINTABLE, "a=  \r\nb", "ab");
	check(TRANSFER_QUOTED_PRINTABLE, "a=XYb", "a=XYb");
	check(TRANSFER_QUOTED_PRINTABLE, "ends=", "ends");
}

Test(transfer, quoted_printable_drops_blanks_at_line_ends_but_not_encoded_ones)
{
	check(TRANSFER_QUOTED_PRINTABLE, "a \t\r\nb", "a\r\nb");
	check(TRANSFER_QUOTED_PRINTABLE, "a=20\r\nb", "a \r\nb");
}

Test(transfer, uuencode_is_read_and_plain_text_under_its_name_is_kept)
{
	check(TRANSFER_UUENCODE, "begin 644 x\n#0V%T\n`\nend\n", "Cat");
	check(TRANSFER_UUENCODE, "no such thing", "no such thing");
}

Test(transfer, identity_is_the_same_bytes)
{
	struct arena *a = arena_new();
	struct span raw = span_of("as it is");

	cr_assert_eq(transfer_decode(a, TRANSFER_IDENTITY, raw).p, raw.p);
	arena_free(a);
}

static void
check_file(const char *text, const char *name, const char *want)
{
	struct arena *a = arena_new();
	struct span rest = span_of(text), called, file;

	cr_assert(transfer_uuencoded(&rest, &called, &file), "%s", text);
	cr_expect(span_equal(called, span_of(name)));
	file = transfer_decode(a, TRANSFER_UUENCODE, file);
	cr_expect(span_equal(file, span_of(want)), "'%.*s'", SPAN_PRINT(file));
	cr_expect(!transfer_uuencoded(&rest, &called, &file));
	arena_free(a);
}

Test(transfer, a_file_among_the_lines_of_a_text_is_found)
{
	check_file("x\nbegin 644 a b.txt\n%3>&ZK%0 \n`\nend\ny\n", "a b.txt", "M\xE1\xBA\xACT");
	check_file("begin 0644 a\r\n%3>&ZK%0 \r\n\r\nend\r\n", "a", "M\xE1\xBA\xACT");
	check_file("begin 644 a\n%3>&ZK%0 \nand no end", "a", "M\xE1\xBA\xACT");
	check_file("begin 644 x\nbegin 644 a\n%3>&ZK%0\nend\n", "a", "M\xE1\xBA\xACT");
}

Test(transfer, text_that_speaks_of_one_is_text)
{
	static const char *const texts[] = { "begin 644 a\nand then go on\nend\n",
		"begin 9 a\n%3>&ZK%0\nend\n", "> begin 644 a\n%3>&ZK%0\nend\n",
		"begin 644 \n%3>&ZK%0\n", "begin 644 a\n", "begin 644 a\nend\n", "" };
	struct span rest, name, file;
	size_t i;

	for (i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		rest = span_of(texts[i]);
		cr_expect(!transfer_uuencoded(&rest, &name, &file), "%s", texts[i]);
	}
}
