/* SPDX-License-Identifier: BSD-2-Clause */
#include <magic.h>

#include "base/err.h"

#include "format_internal.h"

#define LOOK_BYTES ((size_t)256 * 1024)	/* a type is told early, or not at all */

static const char unknown[] = "application/octet-stream";

/* The database is read where files can be opened, and used where they cannot. */
static magic_t cookie;

void
magic_warm(void)
{
	if (cookie != NULL)
		return;
	cookie = magic_open(MAGIC_MIME_TYPE | MAGIC_NO_CHECK_COMPRESS |
	    MAGIC_NO_CHECK_CDF | MAGIC_NO_CHECK_JSON | MAGIC_NO_CHECK_CSV);
	must(cookie != NULL);
	must(magic_load(cookie, NULL) == 0);
}

const char *
magic_type(struct span bytes)
{
	const char *type;

	if (bytes.n == 0)
		return "application/x-empty";
	magic_warm();
	bytes = span_sub(bytes, 0, LOOK_BYTES);
	type = magic_buffer(cookie, bytes.p, bytes.n);
	return type != NULL ? type : unknown;
}
