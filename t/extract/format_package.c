/* SPDX-License-Identifier: BSD-2-Clause */
#include <criterion/criterion.h>

#include <stdint.h>

#include "base/buffer.h"
#include "extract/format.h"

#include "fixture.h"

/* A zip file whose entries are stored as they are. */
struct zip {
	struct buffer files, directory;
	unsigned count;
	unsigned flags;		/* of the entries to come: 1 is encrypted */
};

static uint32_t
checksum(struct span s)
{
	uint32_t sum = ~0u;
	size_t i;
	int bit;

	for (i = 0; i < s.n; i++) {
		sum ^= (unsigned char)s.p[i];
		for (bit = 0; bit < 8; bit++)
			sum = sum >> 1 ^ (sum & 1 ? 0xEDB88320u : 0);
	}
	return ~sum;
}

static void
put(struct buffer *b, size_t width, size_t number)
{
	for (; width != 0; width--, number >>= 8)
		buffer_byte(b, (char)(number & 0xFF));
}

/* What the head of a file and its line in the directory have in common. */
static void
put_entry(struct buffer *b, const struct zip *z, struct span name, struct span bytes)
{
	put(b, 2, 20);
	put(b, 2, z->flags);
	put(b, 6, 0);		/* stored; no time */
	put(b, 4, checksum(bytes));
	put(b, 4, bytes.n);
	put(b, 4, bytes.n);
	put(b, 2, name.n);
	put(b, 2, 0);
}

static void
zip_add(struct zip *z, const char *name, const char *text)
{
	struct span bytes = span_of(text);
	size_t at = z->files.n;

	put(&z->files, 4, 0x04034B50);
	put_entry(&z->files, z, span_of(name), bytes);
	buffer_text(&z->files, name);
	buffer_add(&z->files, bytes);
	put(&z->directory, 4, 0x02014B50);
	put(&z->directory, 2, 20);
	put_entry(&z->directory, z, span_of(name), bytes);
	put(&z->directory, 10, 0);
	put(&z->directory, 4, at);
	buffer_text(&z->directory, name);
	z->count++;
}

static struct span
zip_end(struct zip *z)
{
	size_t at = z->files.n;

	buffer_add(&z->files, buffer_span(&z->directory));
	put(&z->files, 4, 0x06054B50);
	put(&z->files, 4, 0);
	put(&z->files, 2, z->count);
	put(&z->files, 2, z->count);
	put(&z->files, 4, z->directory.n);
	put(&z->files, 4, at);
	put(&z->files, 2, 0);
	return buffer_span(&z->files);
}

static struct arena *arena;
static struct zip zip;

static void
setup(void)
{
	arena = arena_new();
	zip = (struct zip){ .files = { .arena = arena }, .directory = { .arena = arena } };
	format_warm();
}

static void
teardown(void)
{
	arena_free(arena);
}

TestSuite(format_package, .init = setup, .fini = teardown);

/* The text of the document itself. */
static void
expect_text(const char *text, enum part_reason reason)
{
	struct findings f = fixture_extract(arena, span_of("a"), zip_end(&zip),
	    &fixture_limits);

	cr_expect(span_equal(f.list[0].text, span_of(text)), "\"%.*s\" and not \"%s\"",
	    SPAN_PRINT(f.list[0].text), text);
	cr_expect_eq(f.list[0].reason, reason, "%d and not %d", f.list[0].reason, reason);
}

#define WORD "<w:document xmlns:w='http://schemas.openxmlformats.org/w'>"
#define SHEET "xmlns='http://schemas.openxmlformats.org/s'"

static void
add_word(const char *name, const char *body)
{
	zip_add(&zip, "[Content_Types].xml", "<Types/>");
	zip_add(&zip, name, arena_print(arena, WORD "%s</w:document>", body));
}

Test(format_package, letters_in_runs_of_their_own_are_a_word)
{
	add_word("word/document.xml", "<w:p><w:r><w:t>TUY</w:t></w:r><w:r><w:t>ỆT</w:t></w:r>"
	    "<w:r><w:tab/><w:t>M</w:t></w:r><w:r><w:t>ẬT</w:t></w:r></w:p><w:p><w:t>a</w:t></w:p>");
	expect_text("TUYỆT\tMẬT\na\n", PART_READ);
}

Test(format_package, a_box_parts_no_word_around_it)
{
	add_word("word/document.xml", "<w:p><w:t>công v</w:t><w:txbxContent><w:p><w:t>MẬT</w:t></w:p>"
	    "</w:txbxContent><w:t>ăn</w:t><w:br/><w:t>b</w:t></w:p>");
	expect_text("MẬT\ncông văn\nb\n", PART_READ);
}

Test(format_package, what_a_part_is_its_content_tells)
{
	add_word("word/theme/other.xml", "<w:p><w:t>MẬT</w:t></w:p>");
	zip_add(&zip, "word/x.xml", "<w:styles xmlns:w='http://schemas.openxmlformats.org/w'>no</w:styles>");
	zip_add(&zip, "customXml/item1.xml", "<x><y>mot</y><y>hai</y></x>");
	expect_text("MẬT\nmot\nhai\n", PART_READ);
}

Test(format_package, fields_stamps_and_symbols_are_read)
{
	add_word("word/document.xml", "<w:p><w:instrText>EQ x(MAT)</w:instrText><w:t>a</w:t>"
	    "<w:sym w:char='F04D'/><v:textpath string='stamp'/></w:p>");
	expect_text("EQ x(MAT)\nstamp\naM\n", PART_READ);
}

Test(format_package, a_workbook_is_read_with_its_header)
{
	zip_add(&zip, "[Content_Types].xml", "<Types/>");
	zip_add(&zip, "xl/sharedStrings.xml", "<sst " SHEET "><si><r><t>M</t></r><r><t>ẬT</t></r></si></sst>");
	zip_add(&zip, "xl/worksheets/sheet1.xml", "<worksheet " SHEET "><row><c t='s'><v>0</v></c>"
	    "<c><v>12</v></c><c><v>13</v></c><c t='inlineStr'><is><t>trong</t></is></c></row>"
	    "<oddHeader>&amp;L&amp;\"Arial,Bold\"&amp;14tren&amp;Rphai</oddHeader></worksheet>");
	expect_text("MẬT\n12\t13\ntrong\ntren\nphai\n", PART_READ);
}

Test(format_package, an_open_document_is_read_with_its_notes)
{
	zip_add(&zip, "mimetype", "application/vnd.oasis.opendocument.text");
	zip_add(&zip, "content.xml", "<office:document-content xmlns:office='o' xmlns:text='t'>"
	    "<text:p>công v<text:note><text:p>ghi</text:p></text:note>ăn<text:s text:c='2'/>a"
	    "<text:line-break/>b</text:p></office:document-content>");
	zip_add(&zip, "styles.xml", "<office:document-styles xmlns:office='o' xmlns:text='t'>no"
	    "<text:p>MẬT</text:p></office:document-styles>");
	expect_text("ghi\ncông văn  a\nb\nMẬT\n", PART_READ);
}

Test(format_package, an_encrypted_open_document_says_so)
{
	zip_add(&zip, "mimetype", "application/vnd.oasis.opendocument.text");
	zip_add(&zip, "content.xml", "\1\2\3");
	zip_add(&zip, "META-INF/manifest.xml", "<m:manifest xmlns:m='m'><m:encryption-data/></m:manifest>");
	expect_text("", PART_ENCRYPTED);
}

Test(format_package, what_is_broken_is_read_as_far_as_it_goes)
{
	zip_add(&zip, "[Content_Types].xml", "<Types/>");
	zip_add(&zip, "word/document.xml", WORD "<w:p><w:t>MẬT</w:t></w:p><w:p></w:q>");
	expect_text("MẬT\n", PART_DAMAGED);
}

Test(format_package, markup_that_is_too_deep_is_no_document)
{
	struct buffer deep = { .arena = arena };
	size_t i;

	buffer_text(&deep, WORD);
	for (i = 0; i < 100000; i++)
		buffer_text(&deep, "<a>");
	zip_add(&zip, "[Content_Types].xml", "<Types/>");
	zip_add(&zip, "word/document.xml", buffer_string(&deep));
	expect_text("", PART_DAMAGED);
}

Test(format_package, what_is_embedded_is_a_member)
{
	struct findings f;

	add_word("word/document.xml", "<w:p><w:t>a</w:t></w:p>");
	zip_add(&zip, "word/embeddings/b.bin", "{\\rtf1 MAT}");
	zip_add(&zip, "word/printerSettings/1.bin", "\1\2\3");
	f = fixture_extract(arena, span_of("a"), zip_end(&zip), &fixture_limits);
	cr_assert_eq(f.count, 2);
	cr_expect_str_eq(f.list[0].type,
	    "application/vnd.openxmlformats-officedocument.wordprocessingml.document");
	cr_expect_str_eq(f.list[1].type, "text/rtf");
	cr_expect(span_is(f.list[1].name, "word/embeddings/b.bin"));
	cr_expect(span_is(f.list[1].text, "MAT\n"));
}

Test(format_package, an_encrypted_entry_keeps_its_name)
{
	struct findings f;

	zip_add(&zip, "a.txt", "MAT");
	zip.flags = 1;
	zip_add(&zip, "công văn.txt", "\1\2\3\4\5\6\7\10\11\12\13\14\15");
	f = fixture_extract(arena, span_of("a"), zip_end(&zip), &fixture_limits);
	cr_assert_eq(f.count, 3);
	cr_expect_eq(f.list[0].reason, PART_READ);
	cr_expect(span_is(f.list[1].text, "MAT"));
	cr_expect_eq(f.list[2].reason, PART_ENCRYPTED);
	cr_expect(span_equal(f.list[2].name, span_of("công văn.txt")));
}

Test(format_package, a_name_in_any_script_is_kept)
{
	struct findings f;

	zip.flags = 0x800;	/* it is UTF-8 */
	zip_add(&zip, "MẬT/公文.txt", "a");
	zip.flags = 0;
	zip_add(&zip, "M\xC2\xF2T.txt", "b");
	f = fixture_extract(arena, span_of("a"), zip_end(&zip), &fixture_limits);
	cr_assert_eq(f.count, 3);
	cr_expect(span_equal(f.list[1].name, span_of("MẬT/公文.txt")));
	cr_expect(span_equal(f.list[2].name, span_of("MÂòT.txt")));
}

Test(format_package, letters_are_capitals_where_they_are_shown_so)
{
	add_word("word/document.xml", "<w:p><w:pPr><w:rPr><w:caps/></w:rPr></w:pPr>"
	    "<w:r><w:t>a</w:t></w:r><w:r><w:rPr><w:caps/></w:rPr><w:t>mật đi</w:t></w:r>"
	    "<w:r><w:rPr><w:caps w:val='0'/></w:rPr><w:t>mật</w:t></w:r>"
	    "<w:r><w:rPr w:cap='all'/><w:t>mËt</w:t></w:r></w:p>");
	expect_text("aMẬT ĐImậtMËT\n", PART_READ);
}
