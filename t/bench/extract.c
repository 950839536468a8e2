/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * extract [DOCX PDF]: what reading a document costs, beside the bare library.
 * CPU time in one run; prints ratios, never bare times.  Without arguments two
 * files of $VANTHU_CORPUS.  Exit 1 past 3 for the DOCX, 2 for the PDF.
 */
#include <archive.h>
#include <archive_entry.h>
#include <expat.h>
#include <poppler.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/buffer.h"
#include "extract/format.h"

#include "../extract/fixture.h"

#define ROUNDS 200

static const struct sink_limits limits = { .text_bytes = 32 << 20,
	.unpacked_bytes = 100 << 20, .ratio = 200, .members = 1000, .depth = 10 };

static double
cpu_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
	return (double)now.tv_sec * 1e3 + (double)now.tv_nsec / 1e6;
}

static size_t texts;	/* bytes that the bare libraries gave: both sides did work */

static void XMLCALL
count_text(void *data, const XML_Char *text, int n)
{
	(void)data;
	(void)text;
	texts += (size_t)n;
}

static bool
is_text_of_word(const char *name)
{
	static const char *const dull[] = { "styles", "theme", "settings", "fontTable",
	    "numbering" };
	size_t i;

	for (i = 0; i < sizeof(dull) / sizeof(dull[0]); i++)
		if (strstr(name, dull[i]) != NULL)
			return false;
	return strstr(name, ".xml") != NULL && strstr(name, ".rels") == NULL;
}

/* libarchive into expat, as short as it can be written. */
static void
bare_docx(struct span bytes)
{
	struct archive *r = archive_read_new();
	struct archive_entry *e;
	char block[65536];
	XML_Parser p;
	ssize_t n;

	archive_read_support_format_zip(r);
	must(archive_read_open_memory(r, bytes.p, bytes.n) == ARCHIVE_OK);
	while (archive_read_next_header(r, &e) == ARCHIVE_OK) {
		if (!is_text_of_word(archive_entry_pathname(e)))
			continue;
		p = XML_ParserCreateNS(NULL, '|');
		XML_SetCharacterDataHandler(p, count_text);
		while ((n = archive_read_data(r, block, sizeof(block))) > 0)
			XML_Parse(p, block, (int)n, 0);
		XML_Parse(p, block, 0, 1);
		XML_ParserFree(p);
	}
	archive_read_free(r);
}

static void
bare_pdf(struct span bytes)
{
	GBytes *all = g_bytes_new_static(bytes.p, bytes.n);
	PopplerDocument *d = poppler_document_new_from_bytes(all, NULL, NULL);
	PopplerPage *page;
	char *text;
	int i;

	must(d != NULL);
	for (i = 0; i < poppler_document_get_n_pages(d); i++) {
		page = poppler_document_get_page(d, i);
		text = poppler_page_get_text(page);
		texts += strlen(text);
		g_free(text);
		g_object_unref(page);
	}
	g_object_unref(d);
	g_bytes_unref(all);
}

static void
ours(struct span bytes)
{
	struct arena *a = arena_new();

	must(fixture_extract(a, span_of("a"), bytes, &limits).list[0].text.n != 0);
	arena_free(a);
}

/* The ratio of both ways, in turns so that neither has the quieter machine. */
static double
compare(struct span bytes, void (*bare)(struct span))
{
	double begin, bare_ms = 0, our_ms = 0;
	int i;

	for (i = 0; i < ROUNDS; i++) {
		begin = cpu_ms();
		bare(bytes);
		bare_ms += cpu_ms() - begin;
		begin = cpu_ms();
		ours(bytes);
		our_ms += cpu_ms() - begin;
	}
	return our_ms / bare_ms;
}

static struct span
read_file(struct arena *a, const char *path)
{
	FILE *f = fopen(path, "rb");
	struct buffer b = { .arena = a };
	size_t n;

	if (f == NULL) {
		printf("extract: skipped, no file %s\n", path);
		exit(77);
	}
	while ((n = fread(buffer_reserve(&b, 65536), 1, 65536, f)) != 0)
		b.n += n;
	fclose(f);
	return buffer_span(&b);
}

int
main(int argc, char **argv)
{
	struct arena *a = arena_new();
	const char *corpus = getenv("VANTHU_CORPUS");
	const char *docx = argc == 3 ? argv[1] : arena_print(a,
	    "%s/office/tika/microsoft/testWORD.docx", corpus != NULL ? corpus : "");
	const char *pdf = argc == 3 ? argv[2] : arena_print(a,
	    "%s/vietnamese/legacy/tcvn3/2007-1AF57_02-2007.pdf", corpus != NULL ? corpus : "");
	struct span docx_bytes = read_file(a, docx), pdf_bytes = read_file(a, pdf);
	double docx_ratio, pdf_ratio;

	format_warm();
	docx_ratio = compare(docx_bytes, bare_docx);
	pdf_ratio = compare(pdf_bytes, bare_pdf);
	printf("docx: %.2f of libarchive and expat alone (at most 3)\n", docx_ratio);
	printf("pdf: %.2f of poppler alone (at most 2)\n", pdf_ratio);
	must(texts != 0);
	arena_free(a);
	return docx_ratio > 3 || pdf_ratio > 2;
}
