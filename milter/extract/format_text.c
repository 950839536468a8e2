/* SPDX-License-Identifier: BSD-2-Clause */
#include "extract/sink.h"

#include "extract/format.h"

static int
text_extract(struct span bytes, struct sink *out)
{
	sink_text(out, bytes);
	return 0;
}

const struct format format_text = { "text/plain", text_extract, NULL };
