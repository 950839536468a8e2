/* SPDX-License-Identifier: BSD-2-Clause */
#include "extract/sink.h"

#include "format_rtf_internal.h"

int
rtf_hex(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if ((c | 0x20) >= 'a' && (c | 0x20) <= 'f')
		return (c | 0x20) - 'a' + 10;
	return -1;
}

void
rtf_object_hex(struct rtf *r, unsigned char byte)
{
	int digit = rtf_hex((char)byte);

	if (digit < 0)
		return;
	if (r->nibble == 0) {
		r->nibble = digit + 1;
		return;
	}
	buffer_byte(&r->object, (char)((r->nibble - 1) << 4 | digit));
	r->nibble = 0;
}

/* A string behind its length; false: it does not fit. */
static bool
string_next(struct span *rest, struct span *s)
{
	size_t n = read_32(*rest, 0);

	if (rest->n < 4 || n > rest->n - 4)
		return false;
	*s = span_sub(*rest, 4, n);
	*rest = span_sub(*rest, 4 + n, rest->n);
	return true;
}

/* MS-OLEDS 2.2.5: version, kind, class, topic, item, the object's own bytes. */
int
rtf_object_end(struct rtf *r)
{
	struct span rest = buffer_span(&r->object), class, topic, item, native, name;
	uint32_t kind = read_32(rest, 4);
	int rc = 0;

	rest = span_sub(rest, 8, rest.n);
	if (kind == 2 && string_next(&rest, &class) && string_next(&rest, &topic) &&
	    string_next(&rest, &item) && string_next(&rest, &native)) {
		name = (struct span){ NULL, 0 };
		if (span_starts_nocase(class, "Package"))
			ole_packaged(native, &name, &native);
		rc = sink_member(r->body.sink, name, native);
	}
	r->object.n = 0;
	r->nibble = 0;
	return rc;
}
