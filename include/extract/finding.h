/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef EXTRACT_FINDING_H
#define EXTRACT_FINDING_H

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "base/span.h"
#include "mail/mime.h"

/* What was found in one document: itself first, then what is inside it. */
struct finding {
	const char *path;	/* below the document: "" is itself, "2", "2/1" */
	struct span name;	/* valid UTF-8; empty for the document itself */
	const char *type;	/* by content; NULL: nobody came to look */
	size_t size;		/* bytes */
	struct span text;	/* valid UTF-8 */
	enum part_reason reason;
};

struct findings {
	struct finding *list;	/* at least the document itself */
	size_t count;
};

/* The bounds of a stream that a sink wrote; whoever wrote it is not trusted. */
struct finding_limits {
	size_t text_bytes;
	size_t members;
	size_t depth;
};

/**
 * findings_read(a, stream, limits, f):
 * Read what a sink wrote.  What is still open at the end of ${stream} gets
 * the reason that the server says, PART_HELPER if it says none; a stream that no sink
 * would write ends there, with PART_HELPER for all that is open.  Never fails.
 */
void findings_read(struct arena *a, struct span stream,
    const struct finding_limits *limits, struct findings *f);

#endif /* !EXTRACT_FINDING_H */
