/* SPDX-License-Identifier: BSD-2-Clause */
#include <criterion/criterion.h>

#include <string.h>

#include "base/buffer.h"
#include "extract/format.h"

#include "fixture.h"

static const char *
type_of(const char *bytes, size_t n, const char *name)
{
	const char *type;

	format_find((struct span){ bytes, n }, span_of(name), &type);
	return type;
}

#define TYPE(bytes, name) type_of(bytes, sizeof(bytes) - 1, name)

Test(format, bytes_decide_and_not_the_name)
{
	cr_expect_str_eq(TYPE("Số: 12/BGDĐT\n", "a.docx"), "text/plain");
	cr_expect_str_eq(TYPE("\0\1\2\3", "a.txt"), "application/octet-stream");
	cr_expect_str_eq(TYPE("%PDF-1.4\n", "a.txt"), "application/pdf");
	cr_expect_str_eq(TYPE("{\\rtf1 a}", "a.doc"), "text/rtf");
	cr_expect_str_eq(TYPE("From: a\nSubject: b\n\nc\n", "a.txt"), "message/rfc822");
	cr_expect_str_eq(TYPE("<!DOCTYPE html><p>a", "a.txt"), "text/html");
	cr_expect_str_eq(TYPE("\x89PNG\r\n\x1A\n\0\0\0\rIHDR\0\0\0\1\0\0\0\1\10\2\0\0\0", "a.txt"),
	    "image/png");
	cr_expect_str_eq(TYPE("GIF89a, cười\n", "a.gif"), "text/plain");
	cr_expect_str_eq(TYPE("MẬT", "a.html"), "text/html");
}

/* The text of all that is found in ${n} bytes, and the first reason there is. */
static struct span
text_of(struct arena *a, const char *bytes, size_t n, enum part_reason *reason)
{
	struct buffer text = { .arena = a };
	struct findings f;
	size_t i;

	format_warm();
	f = fixture_extract(a, span_of("a"), (struct span){ bytes, n }, &fixture_limits);
	*reason = PART_READ;
	for (i = 0; i < f.count; i++) {
		buffer_add(&text, f.list[i].text);
		if (*reason == PART_READ)
			*reason = f.list[i].reason;
	}
	return buffer_span(&text);
}

static void
expect_text_of(const char *bytes, size_t n, const char *text)
{
	struct arena *a = arena_new();
	enum part_reason reason;
	struct span got = text_of(a, bytes, n, &reason);

	cr_expect(span_equal(got, span_of(text)), "\"%.*s\" and not \"%s\"",
	    SPAN_PRINT(got), text);
	cr_expect_eq(reason, PART_READ, "%.*s", (int)n, bytes);
	arena_free(a);
}

#define EXPECT_TEXT(bytes, text) expect_text_of(bytes, sizeof(bytes) - 1, text)

static void
expect_reason_of(const char *bytes, size_t n, enum part_reason wanted)
{
	struct arena *a = arena_new();
	enum part_reason reason;

	text_of(a, bytes, n, &reason);
	cr_expect_eq(reason, wanted, "%d and not %d", reason, wanted);
	arena_free(a);
}

#define EXPECT_REASON(bytes, reason) expect_reason_of(bytes, sizeof(bytes) - 1, reason)

Test(rtf, characters_of_every_kind_are_read)
{
	EXPECT_TEXT("{\\rtf1\\ansi T\\u7888?I M\\u7852\\'3fT\\par a\\tab b}", "TỐI MẬT\na\tb\n");
	EXPECT_TEXT("{\\rtf1\\ansi{\\u55357?\\u56832?}}", "\xF0\x9F\x98\x80\n");
	EXPECT_TEXT("{\\rtf1\\ansicpg932{\\fonttbl{\\f0\\fcharset128 A;}}\\f0 \\'83\\'41}", "ア\n");
	EXPECT_TEXT("{\\rtf1 M\\{\\}\\\\}", "M{}\\\n");
}

Test(rtf, bytes_of_legacy_fonts_stay_windows_1252)
{
	EXPECT_TEXT("{\\rtf1\\ansi\\ansicpg1258{\\fonttbl{\\f0\\fcharset163 .VnTime;}}"
	    "\\f0 tuy\\'d6t m\\'cbt}", "tuyÖt mËt\n");
	EXPECT_TEXT("{\\rtf1\\ansi{\\fonttbl{\\f1\\fcharset0 VNI-Times;}}\\f1 ma\\'e4t}", "maät\n");
}

Test(rtf, letters_are_capitals_where_they_are_shown_so)
{
	EXPECT_TEXT("{\\rtf1 a{\\caps m\\u7853?t}b\\caps m\\'cbt\\caps0 c\\caps d\\plain e}",
	    "aM\u1EACTbM\u00CBTcDe\n");
}

Test(rtf, what_stands_aside_is_read_and_parts_no_word)
{
	EXPECT_TEXT("{\\rtf1{\\header M\\u7852?T\\par}van}", "MẬT\nvan\n");
	EXPECT_TEXT("{\\rtf1 m{\\footnote ghi}\\u7853?t\\par}", "mật\nghi\n");
	EXPECT_TEXT("{\\rtf1{\\info{\\title MAT}}{\\*\\unknown no}{\\stylesheet no;}a}", "MAT\na\n");
	EXPECT_TEXT("{\\rtf1{\\info{\\upr{\\title M?T}{\\*\\ud{\\title M\\u7852?T}}}}a}",
	    "M?T\nMẬT\na\n");
	EXPECT_TEXT("{\\rtf1{\\shp{\\*\\shpinst{\\sp{\\sn gtextUNICODE}{\\sv MAT}}"
	    "{\\sp{\\sn other}{\\sv no}}{\\shptxt box}}}a}", "MAT\nbox\na\n");
}

Test(rtf, an_object_is_a_member)
{
	/* version, kind 2, class "Package", no topic, no item, 16 bytes: label, path, data "MAT" */
	EXPECT_TEXT("{\\rtf1{\\object\\objemb{\\*\\objdata 01050000 02000000 08000000"
	    "5061636b61676500 00000000 00000000 17000000 0200 6100 6200 00000300 02000000 6300"
	    "03000000 4d4154}}}", "MAT");
}

Test(plain, text_in_any_charset_is_read)
{
	EXPECT_TEXT("\xFF\xFEM\0\xAC\x1ET\0", "\xEF\xBB\xBFMẬT");
	EXPECT_TEXT("t\xB5i li\xD6u m\xCBt", "tµi liÖu mËt");
	EXPECT_TEXT("<html><meta charset=windows-1258><p>M\xC2\xF2T", "M\xC3\x82\xCC\xA3T");
}

Test(cms, what_is_signed_is_read_and_what_is_enveloped_is_not)
{
	EXPECT_TEXT("\x30\x21\x06\x09\x2A\x86\x48\x86\xF7\x0D\x01\x07\x02\xA0\x14\x30\x12\x02\x01\x01"
	    "\x31\x00\x30\x0B\x06\x02\x2A\x03\xA0\x05\x04\x03MAT", "MAT");
	EXPECT_TEXT("\x30\x80\x06\x09\x2A\x86\x48\x86\xF7\x0D\x01\x07\x02\xA0\x80\x30\x80\x02\x01\x01"
	    "\x31\x00\x30\x80\x06\x02\x2A\x03\xA0\x80\x24\x80\x04\x01M\x04\x02" "AT\0\0\0\0\0\0",
	    "MAT");
	EXPECT_REASON("\x30\x0D\x06\x09\x2A\x86\x48\x86\xF7\x0D\x01\x07\x03\xA0\x00", PART_ENCRYPTED);
}

Test(pgp, what_is_encrypted_says_so_and_what_is_signed_is_read)
{
	EXPECT_REASON("-----BEGIN PGP MESSAGE-----\n\nhQEM\n", PART_ENCRYPTED);
	EXPECT_TEXT("-----BEGIN PGP SIGNED MESSAGE-----\n\nMAT\n",
	    "-----BEGIN PGP SIGNED MESSAGE-----\n\nMAT\n");
}

Test(tnef, the_body_and_the_attachments_are_read)
{
	EXPECT_TEXT("\x78\x9F\x3E\x22\1\0"
	    "\1\x0C\x80\2\0\4\0\0\0body\0\0"
	    "\2\2\x90\6\0\0\0\0\0\0\0"
	    "\2\x10\x80\1\0\2\0\0\0a\0\0\0"
	    "\2\x0F\x80\6\0\3\0\0\0MAT\0\0", "body\nMAT");
}

Test(mail, a_letter_is_read_with_all_that_hangs_on_it)
{
	EXPECT_TEXT("Subject: mot\nMIME-Version: 1.0\nContent-Type: multipart/mixed; boundary=b\n\n"
	    "--b\n\nhai\n--b\nContent-Type: application/rtf; name=a.rtf\n\n{\\rtf1 ba}\n--b--\n",
	    "mot\nhai\nba\n");
}

Test(xml, entities_that_swell_are_stopped)
{
	static const char head[] = "<!DOCTYPE a [<!ENTITY a0 \"lol lol lol lol lol\">";
	struct arena *a = arena_new();
	struct buffer b = { .arena = a };
	enum part_reason reason;
	struct span text;
	int i, k;

	buffer_text(&b, head);
	for (i = 1; i < 10; i++) {
		buffer_print(&b, "<!ENTITY a%d \"", i);
		for (k = 0; k < 10; k++)
			buffer_print(&b, "&a%d;", i - 1);
		buffer_text(&b, "\">");
	}
	buffer_text(&b, "]><a>&a9;</a>");
	text = text_of(a, buffer_string(&b), b.n, &reason);
	cr_expect_lt(text.n, 10 << 20);
	arena_free(a);
}

Test(xml, what_a_drawing_says_is_read)
{
	EXPECT_TEXT("<svg xmlns='http://www.w3.org/2000/svg'><style>no</style>"
	    "<text>M<tspan>AT</tspan></text></svg>", "MAT\n");
}

#define PDF(objects) "%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n" objects \
	"trailer<</Root 1 0 R>>\n%%EOF\n"
#define PDF_PAGE "3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 9 9]>>endobj\n"

Test(pdf, without_a_page_there_is_nothing_to_read)
{
	EXPECT_TEXT(PDF("2 0 obj<</Type/Pages/Kids[]/Count 0>>endobj\n"), "");
	EXPECT_TEXT(PDF("4 0 obj<</Length 9>>stream\n(M\xE1\xBA\xACT)Tj\nendstream endobj\n"), "");
}

Test(pdf, a_page_that_another_reader_may_find_is_damage)
{
	EXPECT_REASON(PDF("2 0 obj<</Type/Pages/Kids[]/Count 0>>endobj\n" PDF_PAGE),
	    PART_DAMAGED);
	EXPECT_REASON(PDF("2 0 obj<</Kids[3 0 R]/Count 0>>endobj\n3 0 obj<<>>endobj\n"),
	    PART_DAMAGED);
	EXPECT_REASON(PDF("3 0 obj<</Type/P#61ge>>endobj\n"), PART_DAMAGED);
	EXPECT_REASON(PDF("3 0 obj<</Type/ObjStm/N 1>>endobj\n"), PART_DAMAGED);
}

Test(pdf, a_page_without_text_is_a_scan)
{
	EXPECT_REASON(PDF("2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj\n" PDF_PAGE),
	    PART_NO_TEXT);
}

/* An LZMA stream of zeros that no format takes: libarchive does not open it. */
Test(archive, one_that_cannot_be_opened_is_damaged)
{
	EXPECT_REASON(
	    "\135\000\000\000\001\000\000\000\000\000\000\000\000\000\000\000"
	    "\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000"
	    "\000\000\000\000\000\000\000\000\000\000\053\000\100\000\000\000"
	    "\000\000\000\053\000\100\000\000\000\000\000\000\223\355\254\277"
	    "\175\000\000", PART_DAMAGED);
}
