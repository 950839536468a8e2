/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * extract [DOCX PDF]: what reading a document in a helper costs, its fork and its
 * sandbox included, beside the bare library without either.  CPU time of all
 * processes in one run; prints ratios, never bare times.  Without arguments two
 * files of $VANTHU_CORPUS.  Exit 1 past 3 for the DOCX, 2 for the PDF.
 */
#include <sys/resource.h>
#include <sys/wait.h>

#include <archive.h>
#include <archive_entry.h>
#include <expat.h>
#include <poppler.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/buffer.h"
#include "base/clock.h"
#include "base/err.h"
#include "extract/client.h"
#include "extract/server.h"

#define WARM_ROUNDS 20
#define ROUNDS 200
#define TURNS 3

/* Nothing is remembered: each document is read. */
static const struct client_limits limits = {
	.sink = { .text_bytes = 32 << 20, .unpacked_bytes = 100 << 20, .ratio = 200,
	    .members = 1000, .depth = 10 },
	.sandbox = { .memory_bytes = (size_t)512 << 20, .time_ms = 10000 },
	.message_time_ms = 20000, .at_once = 1, .cache_bytes = 0,
};

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

static double
used_ms(const struct rusage *u)
{
	return (double)(u->ru_utime.tv_sec + u->ru_stime.tv_sec) * 1e3 +
	    (double)(u->ru_utime.tv_usec + u->ru_stime.tv_usec) / 1e3;
}

static void
ask(struct client *c, struct span bytes)
{
	struct arena *a = arena_new();
	struct findings f = { 0 };

	client_extract(c, a, span_of("a"), bytes, &limits.sink,
	    clock_monotonic_ms() + limits.message_time_ms, &f);
	must(f.count != 0 && f.list[0].text.n != 0);
	arena_free(a);
}

/* What ${rounds} documents cost client, server and helpers, a start included. */
static double
serve(struct span bytes, int rounds)
{
	struct rusage used;
	struct client *c;
	struct err e;
	double begin = cpu_ms();
	pid_t server;
	int fd;

	must((server = server_start(&fd, &e)) > 0);
	c = client_new(fd, &limits);
	while (rounds-- > 0)
		ask(c, bytes);
	client_free(c);
	close(fd);
	must(wait4(server, NULL, 0, &used) == server);
	return used_ms(&used) + cpu_ms() - begin;
}

static double
in_helpers(struct span bytes)
{
	double start = serve(bytes, WARM_ROUNDS);

	return serve(bytes, WARM_ROUNDS + ROUNDS) - start;
}

static double
alone(struct span bytes, void (*bare)(struct span))
{
	double begin = cpu_ms();
	int i;

	for (i = 0; i < ROUNDS; i++)
		bare(bytes);
	return cpu_ms() - begin;
}

/* In turns, so that neither has the quieter machine. */
static double
compare(struct span bytes, void (*bare)(struct span))
{
	double bare_ms = 0, our_ms = 0;
	int i;

	alone(bytes, bare);
	for (i = 0; i < TURNS; i++) {
		our_ms += in_helpers(bytes);
		bare_ms += alone(bytes, bare);
	}
	if (getenv("BENCH_TIMES") != NULL)
		printf("bare %.3f ms, helper %.3f ms\n", bare_ms / ROUNDS / TURNS, our_ms / ROUNDS / TURNS);
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

	docx_ratio = compare(docx_bytes, bare_docx);
	pdf_ratio = compare(pdf_bytes, bare_pdf);
	printf("docx: %.2f of libarchive and expat alone (at most 3)\n", docx_ratio);
	printf("pdf: %.2f of poppler alone (at most 2)\n", pdf_ratio);
	must(texts != 0);
	arena_free(a);
	return docx_ratio > 3 || pdf_ratio > 2;
}
