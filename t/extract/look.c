/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * look [-q] FILE: what the formats find in a file, without a sandbox around
 * them.  A line for each finding: path, type, reason, bytes, bytes of text, CPU
 * ms of the whole, name; then, but with -q, the text and a line end.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "extract/format.h"

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

int
main(int argc, char **argv)
{
	bool is_quiet = argc > 1 && strcmp(argv[1], "-q") == 0;
	const char *path = argv[argc - 1], *name = strrchr(path, '/'), *reason;
	struct arena *a = arena_new();
	struct findings found;
	struct span bytes;
	double begin;
	size_t i;

	if (argc != 2 + is_quiet) {
		fprintf(stderr, "usage: look [-q] FILE\n");
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
		fwrite(found.list[i].text.p, 1, found.list[i].text.n, stdout);
		putchar('\n');
	}
	arena_free(a);
	return 0;
}
