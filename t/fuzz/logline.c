/* SPDX-License-Identifier: BSD-2-Clause */
#include "track/logline.h"

#include "fuzz.h"

#define NOW_MS 1795521600000

static int
is_inside(struct span piece, struct span line)
{
	return piece.n == 0 || (piece.p >= line.p && piece.p + piece.n <= line.p + line.n);
}

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
	struct span line = fuzz_span(bytes, n);
	struct logline l;

	if (!logline_parse(line, NOW_MS, &l))
		return 0;
	FUZZ_MUST(l.queue_id.n != 0 && is_inside(l.queue_id, line));
	FUZZ_MUST(is_inside(l.message_id, line) && is_inside(l.origin_id, line));
	FUZZ_MUST(is_inside(l.recipient, line) && is_inside(l.original, line));
	FUZZ_MUST(is_inside(l.relay, line) && is_inside(l.status, line));
	return 0;
}
