/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * look [-q | -s] FILE: what the formats find in a file, without a sandbox around
 * them.  A line for each finding: path, type, reason, bytes, bytes of text, CPU
 * ms of the whole, name; then, but with -q, the text and a line end: as it is, or
 * with -s as it is seen: a line by the likeliest reading in a legacy font, where
 * there is one, else folded.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "extract/format.h"
#include "mail/view.h"

#include "fixture.h"

static const struct sink_limits limits = { .text_bytes = 32 << 20,
	.unpacked_bytes = 100 << 20, .ratio = 200, .members = 1000, .depth = 10 };

static double
cpu_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
	return (double)now.tv_sec * 1e3 + (double)now.tv_nsec / 1e6;
}

static struct span
read_file(struct arena *a, const char *path)
{
	FILE *f = fopen(path, "rb");
	struct span s = { NULL, 0 };
	long n;
	char *p;

	if (f == NULL || fseek(f, 0, SEEK_END) != 0 || (n = ftell(f)) < 0) {
		perror(path);
		exit(2);
	}
	rewind(f);
	p = arena_alloc(a, (size_t)n + 1);
	s = (struct span){ p, fread(p, 1, (size_t)n, f) };
	fclose(f);
	return s;
}

/* The lines of ${v}, which may be fewer, each at the line of the text that it was. */
static struct span *
seen_lines(struct arena *a, const struct view *v, struct span text)
{
	struct span *seen = ARENA_ARRAY(a, struct span, text.n + 1);
	size_t at, n, offset, width;

	for (at = 0; v != NULL && at < v->text.n; at += n + 1) {
		n = span_find_byte(span_sub(v->text, at, v->text.n), '\n');
		if (n == 0)
			continue;
		view_locate(v, at, n, &offset, &width);
		while (offset != 0 && text.p[offset - 1] != '\n')
			offset--;
		seen[offset] = span_sub(v->text, at, n);
	}
	return seen;
}

static void
print_seen(struct arena *a, struct span text)
{
	const struct view *v = view_of_text(a, "1", text);
	struct span *seen = seen_lines(a, view_get(v, VIEW_LEGACY), text), line;
	size_t at, n;

	for (at = 0; at < text.n; at += n + 1) {
		n = span_find_byte(span_sub(text, at, text.n), '\n');
		line = seen[at];
		if (line.n == 0) {
			v = view_of_text(a, "1", span_sub(text, at, n));
			line = view_get(v, VIEW_FOLDED)->text;
		}
		fwrite(line.p, 1, line.n, stdout);
		putchar('\n');
	}
}

int
main(int argc, char **argv)
{
	bool is_quiet = argc == 3 && strcmp(argv[1], "-q") == 0;
	bool is_seen = argc == 3 && strcmp(argv[1], "-s") == 0;
	const char *path = argv[argc - 1], *name = strrchr(path, '/'), *reason;
	struct arena *a = arena_new();
	struct findings found;
	struct span bytes, text;
	double begin;
	size_t i;

	if (argc != 2 + (is_quiet || is_seen)) {
		fprintf(stderr, "usage: look [-q | -s] FILE\n");
		return 2;
	}
	bytes = read_file(a, path);
	format_warm();
	begin = cpu_ms();
	found = fixture_extract(a, span_of(name != NULL ? name + 1 : path), bytes, &limits);
	begin = cpu_ms() - begin;
	for (i = 0; i < found.count; i++) {
		reason = part_reason_name(found.list[i].reason);
		printf("%s\t%s\t%s\t%zu\t%zu\t%.2f\t%.*s\n", found.list[i].path,
		    found.list[i].type, reason != NULL ? reason : "read",
		    found.list[i].size, found.list[i].text.n, begin,
		    SPAN_PRINT(found.list[i].name));
		if (is_quiet)
			continue;
		text = found.list[i].text;
		if (is_seen)
			print_seen(a, text);
		else
			fwrite(text.p, 1, text.n, stdout);
		putchar('\n');
	}
	arena_free(a);
	return 0;
}
