/* SPDX-License-Identifier: BSD-2-Clause */
#include "extract/sink.h"

#include "format_internal.h"

/* PowerPoint's binary slides (MS-PPT): records in records. */

enum record { TEXT_WIDE = 0x0FA0, TEXT_BYTES = 0x0FA8, STRING = 0x0FBA,
    ENCRYPTION = 0x2F14 };

#define CONTAINER 0x000F		/* in the version: others are inside */
#define ENCRYPTED_TOKEN 0xF3D1C4DFu	/* of the stream "Current User" */

static void
put_record(struct pen *p, unsigned type, struct span record)
{
	size_t i;

	if (type == TEXT_WIDE || type == STRING)
		for (i = 0; i + 2 <= record.n; i += 2)
			pen_put(p, read_16(record, i) == '\v' ? '\n' : read_16(record, i));
	else
		for (i = 0; i < record.n; i++)
			pen_put(p, record.p[i] == '\v' ? '\n' : (unsigned char)record.p[i]);
	pen_break(p);
}

/* A container's records follow its head as if they stood beside it. */
static bool
put_records(struct pen *p, struct span rest)
{
	unsigned type;
	size_t n;

	while (rest.n >= 8 && !p->stopped) {
		type = read_16(rest, 2);
		n = read_32(rest, 4);
		if (type == ENCRYPTION)
			return false;
		if ((read_16(rest, 0) & CONTAINER) == CONTAINER)
			n = 0;
		else if (type == TEXT_WIDE || type == TEXT_BYTES || type == STRING)
			put_record(p, type, span_sub(rest, 8, n));
		rest = span_sub(rest, 8, rest.n);
		rest = span_sub(rest, n, rest.n);
	}
	return true;
}

int
ppt_extract(struct ole *o, uint32_t storage, struct sink *out)
{
	struct pen p = { .sink = out };
	struct span user = ole_stream(o, storage, "Current User");

	if (read_32(user, 12) == ENCRYPTED_TOKEN ||
	    !put_records(&p, ole_stream(o, storage, "PowerPoint Document")))
		sink_reason(out, PART_ENCRYPTED);
	return pen_lift(&p);
}
