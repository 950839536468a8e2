/* SPDX-License-Identifier: BSD-2-Clause */
#include "extract/sink.h"

#include "format_internal.h"

/* RFC 9580 6.2: a message in armour is encrypted; with 7 it may be only signed. */
static int
pgp_extract(struct span bytes, struct sink *out)
{
	struct span signed_text = span_of("-----BEGIN PGP SIGNED MESSAGE-----");

	if (span_find(bytes, span_of("-----BEGIN PGP MESSAGE-----")) < bytes.n ||
	    span_find(bytes, signed_text) == bytes.n)
		sink_reason(out, PART_ENCRYPTED);
	return format_text.extract(bytes, out);
}

const struct format format_pgp = { "application/pgp-encrypted", pgp_extract, NULL };
