/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * extract [DOCX PDF]: what reading a document costs beside the bare library, in one
 * process, and in a helper with its fork and its sandbox.  CPU time of all processes
 * in one run; prints ratios, never bare times.  Without arguments two files of
 * $VANTHU_CORPUS.  Exit 1 past 3 for the DOCX, 2 for the PDF, in one process: what
 * a fork costs is the machine's.
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
#include <unistd.h>

#include "base/buffer.h"
#include "base/clock.h"
#include "base/err.h"
#include "extract/client.h"
#include "extract/format.h"
#include "extract/server.h"

#include "../extract/fixture.h"

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

/*
 * What ROUNDS documents cost the library.  In a process of its own: the servers
 * that start later shall find our memory as a daemon's is, not as a library left it.
 */
static double
alone(struct span bytes, void (*bare)(struct span))
{
	double ms, begin;
	int ends[2], i;
	pid_t pid;

	must(pipe(ends) == 0 && (pid = fork()) >= 0);
	if (pid == 0) {
		format_warm();
		bare(bytes);
		begin = cpu_ms();
		for (i = 0; i < ROUNDS; i++)
			bare(bytes);
		ms = cpu_ms() - begin;
		_exit(texts == 0 || write(ends[1], &ms, sizeof(ms)) != sizeof(ms));
	}
	close(ends[1]);
	must(read(ends[0], &ms, sizeof(ms)) == sizeof(ms));
	close(ends[0]);
	must(waitpid(pid, NULL, 0) == pid);
	return ms;
}

static void
ours(struct span bytes)
{
	struct arena *a = arena_new();
	struct findings f = fixture_extract(a, span_of("a"), bytes, &limits.sink);

	must(f.list[0].text.n != 0);
	texts += f.list[0].text.n;
	arena_free(a);
}

/* In turns, so that none has the quieter machine.  Is it cheap enough? */
static bool
compare(const char *name, struct span bytes, void (*bare)(struct span), double most)
{
	double bare_ms = 0, our_ms = 0, helper_ms = 0;
	int i;

	for (i = 0; i < TURNS; i++) {
		helper_ms += in_helpers(bytes);
		bare_ms += alone(bytes, bare);
		our_ms += alone(bytes, ours);
	}
	printf("%s: %.2f of the library alone (at most %.0f), %.2f in a helper\n",
	    name, our_ms / bare_ms, most, helper_ms / bare_ms);
	return our_ms / bare_ms <= most;
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
	bool is_cheap = compare("docx", docx_bytes, bare_docx, 3);

	is_cheap = compare("pdf", pdf_bytes, bare_pdf, 2) && is_cheap;
	arena_free(a);
	return is_cheap ? 0 : 1;
}
