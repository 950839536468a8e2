/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef T_EXTRACT_FIXTURE_H
#define T_EXTRACT_FIXTURE_H

#include <sys/mman.h>

#include <unistd.h>

#include "base/err.h"
#include "extract/finding.h"
#include "extract/sink.h"

static const struct sink_limits fixture_limits = { .text_bytes = 1 << 20,
	.unpacked_bytes = 32 << 20, .ratio = 200, .members = 100, .depth = 4 };

/* Everything that was written to ${fd}. */
static inline struct span
fixture_stream(struct arena *a, int fd)
{
	off_t n = lseek(fd, 0, SEEK_END);
	char *p = arena_alloc(a, (size_t)n + 1);

	must(pread(fd, p, (size_t)n, 0) == n);
	return (struct span){ p, (size_t)n };
}

/* What is found in ${bytes} without a sandbox around the format. */
static inline struct findings
fixture_extract(struct arena *a, struct span name, struct span bytes,
    const struct sink_limits *limits)
{
	struct finding_limits bounds = { limits->text_bytes, limits->members,
	    limits->depth };
	int fd = memfd_create("records", MFD_CLOEXEC);
	struct sink *s = sink_new(fd, limits);
	struct findings f;

	must(fd >= 0);
	must(sink_document(s, name, bytes) == 0);
	sink_free(s);
	findings_read(a, fixture_stream(a, fd), &bounds, &f);
	close(fd);
	return f;
}

#endif /* !T_EXTRACT_FIXTURE_H */
