/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef EXTRACT_SINK_H
#define EXTRACT_SINK_H

#include <stddef.h>

#include "base/span.h"
#include "mail/mime.h"

/*
 * Where the text of a document goes, inside the sandbox.  It keeps the bounds,
 * so that a format need not: past one it says so, and the format stops.  Not
 * for two threads at once.
 */
struct sink;

struct sink_limits {
	size_t text_bytes;	/* of text, over the document and all inside it */
	size_t unpacked_bytes;	/* that come out of compression, likewise */
	size_t ratio;		/* unpacked bytes for each byte of the document */
	size_t members;		/* documents inside it, at any depth */
	size_t depth;		/* documents in documents; 0: none is looked into */
};

/** sink_new(fd, limits): Records go to ${fd} as finding.h reads them; free it with sink_free. */
struct sink *sink_new(int fd, const struct sink_limits *limits);

/** sink_free(s): NULL is nothing; ${fd} stays open. */
void sink_free(struct sink *s);

/**
 * sink_document(s, name, bytes):
 * Read one document whole: what it is (format_find), its text, and what is
 * inside it.  Once per sink.  Return 0, or -1 if ${fd} does not take it.
 */
int sink_document(struct sink *s, struct span name, struct span bytes);

/* The rest is for formats. */

/** sink_text(s, utf8): Add text; it may be cut anywhere, even inside a character. -1: a limit is reached, stop. */
int sink_text(struct sink *s, struct span utf8);

/** sink_break(s): End the line, if it is not ended. -1: stop. */
int sink_break(struct sink *s);

/** sink_flush(s): What was added so far is safe, whatever becomes of the rest.  -1: stop. */
int sink_flush(struct sink *s);

/**
 * sink_unpacked(s, n):
 * ${n} more bytes came out of compression, be they text, markup or a member.
 * -1: that is too much (PART_SIZE), stop.  Ask before they are kept.
 */
int sink_unpacked(struct sink *s, size_t n);

/** sink_room(s): How many bytes may still be unpacked. */
size_t sink_room(const struct sink *s);

/**
 * sink_member(s, name, bytes):
 * A file inside this one: it is looked into before this returns and is found as
 * a document of its own, with its own reason.  -1: a limit is reached, stop.
 */
int sink_member(struct sink *s, struct span name, struct span bytes);

/**
 * sink_member_unread(s, name, size, reason):
 * A file inside this one that cannot be looked into, say an encrypted one.
 * ${size} as the archive states it, 0 if it does not.  -1: stop.
 */
int sink_member_unread(struct sink *s, struct span name, size_t size,
    enum part_reason reason);

/** sink_reason(s, reason): This document could not be read, or not wholly; the first reason stays. */
void sink_reason(struct sink *s, enum part_reason reason);

#endif /* !EXTRACT_SINK_H */
