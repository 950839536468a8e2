/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef EXTRACT_WIRE_INTERNAL_H
#define EXTRACT_WIRE_INTERNAL_H

#include <stdint.h>

#include "extract/sandbox.h"
#include "extract/sink.h"

/*
 * Records, from a sink to findings: documents open and close like brackets.
 * Between processes of one build on one machine: the byte order is its own.
 */
enum wire_kind {
	WIRE_OPEN = 1,	/* a document: size (8 bytes), type, NUL, name */
	WIRE_TEXT,	/* more text of the innermost open one */
	WIRE_CLOSE,	/* the innermost open one ends: reason (4 bytes) */
	WIRE_FATE,	/* the server: what became of the helper: reason (4 bytes) */
};

struct wire_record {
	uint32_t kind;
	uint32_t length;	/* of what follows */
};

#define WIRE_BYTES 32768	/* written at once, at most */
#define WIRE_TEXT_BYTES (WIRE_BYTES / 4)	/* added to a record at once, at most */
#define WIRE_NAME_BYTES 1024	/* of a name or a type, at most */

/*
 * A request to the server, a packet; two descriptors come with it: the bytes, and
 * where the records go.
 */
struct wire_request {
	struct sink_limits sink;
	struct sandbox_limits sandbox;
	uint64_t size;		/* of the bytes */
	char name[WIRE_NAME_BYTES];	/* NUL-terminated, may be cut */
};

#endif /* !EXTRACT_WIRE_INTERNAL_H */
