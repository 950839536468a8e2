/* SPDX-License-Identifier: BSD-2-Clause */
#include <stdio.h>
#include <stdint.h>
#include <stdlib.h>
#include <time.h>

#include <gmime/gmime.h>

#include "base/arena.h"
#include "base/span.h"
#include "mail/message.h"

/*
 * What reading a letter costs here against what GMime needs to parse and decode
 * it, in CPU time of one run, in turns.  Usage: read [FILE...]; without a file, a
 * plain letter of 50 KB made here.  Prints one line for each; with a limit in
 * VANTHU_READ_MOST exits 1 if a ratio is above it.
 */

#define ROUNDS 400
#define LETTER_BYTES (50 * 1024)

static const struct message_limits limits = {
	.mime = { .parts = 1000, .depth = 50, .header_bytes = 262144, .header_count = 2000 },
	.text_bytes = 8 << 20,
};

static double
cpu_us(void)
{
	struct timespec t;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return (double)t.tv_sec * 1e6 + (double)t.tv_nsec / 1e3;
}

/* Reading, and every view that patterns ask for without being told. */
static void
read_ours(struct span raw)
{
	struct arena *a = arena_new();
	const struct message *m = message_read(a, raw, &limits);
	size_t i;

	for (i = 0; i < m->text_count; i++)
		if (view_is_folded(m->texts[i]))
			view_get(m->texts[i], VIEW_LEGACY);
	arena_free(a);
}

static void
decode_part(GMimeObject *parent, GMimeObject *part, gpointer user)
{
	GMimeStream *out;

	(void)parent;
	(void)user;
	if (GMIME_IS_TEXT_PART(part)) {
		g_free(g_mime_text_part_get_text(GMIME_TEXT_PART(part)));
		return;
	}
	if (!GMIME_IS_PART(part))
		return;
	out = g_mime_stream_mem_new();
	g_mime_data_wrapper_write_to_stream(g_mime_part_get_content(GMIME_PART(part)), out);
	g_object_unref(out);
}

static void
read_theirs(struct span raw)
{
	GMimeStream *in = g_mime_stream_mem_new_with_buffer(raw.p, raw.n);
	GMimeParser *parser = g_mime_parser_new_with_stream(in);
	GMimeMessage *m = g_mime_parser_construct_message(parser, NULL);

	if (m != NULL) {
		g_mime_message_foreach(m, decode_part, NULL);
		g_object_unref(m);
	}
	g_object_unref(parser);
	g_object_unref(in);
}

static double
measure(struct span raw, const char *name)
{
	double ours = 0, theirs = 0, start;
	int i;

	for (i = 0; i < ROUNDS; i++) {
		start = cpu_us();
		read_ours(raw);
		ours += cpu_us() - start;
		start = cpu_us();
		read_theirs(raw);
		theirs += cpu_us() - start;
	}
	printf("%s: %zu bytes: read in %.1f us, GMime in %.1f us: %.2f times\n", name,
	    raw.n, ours / ROUNDS, theirs / ROUNDS, ours / theirs);
	return ours / theirs;
}

static struct span
plain_letter(void)
{
	static const char head[] = "From: vp@moet.edu.vn\r\nSubject: x\r\n"
	    "MIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\n"
	    "Content-Transfer-Encoding: 8bit\r\n\r\n";
	static const char line[] = "Các đơn vị trực thuộc Bộ gửi báo cáo về Văn phòng "
	    "trước ngày 15 tháng 11 năm 2007.\r\n";
	char *p = malloc(LETTER_BYTES + sizeof(line));
	size_t n;

	if (p == NULL)
		abort();
	n = (size_t)sprintf(p, "%s", head);
	while (n < LETTER_BYTES)
		n += (size_t)sprintf(p + n, "%s", line);
	return (struct span){ p, n };
}

static struct span
file_read(const char *path)
{
	FILE *f = fopen(path, "rb");
	char *p = malloc(16 << 20);
	size_t n;

	if (f == NULL || p == NULL) {
		perror(path);
		exit(2);
	}
	n = fread(p, 1, 16 << 20, f);
	fclose(f);
	return (struct span){ p, n };
}

int
main(int argc, char **argv)
{
	const char *most = getenv("VANTHU_READ_MOST");
	double worst = 0, ratio;
	struct span raw;
	int i;

	mime_init();
	for (i = argc > 1 ? 1 : 0; i < argc; i++) {
		raw = i == 0 ? plain_letter() : file_read(argv[i]);
		ratio = measure(raw, i == 0 ? "plain letter" : argv[i]);
		worst = ratio > worst ? ratio : worst;
		free((char *)(uintptr_t)raw.p);
	}
	return most != NULL && worst > strtod(most, NULL) ? 1 : 0;
}
