/* SPDX-License-Identifier: BSD-2-Clause */
#include <stdio.h>

#include "base/buffer.h"
#include "extract/sink.h"
#include "mail/charset.h"

#include "format_internal.h"

/* Outlook's letters (MS-OXMSG): a property is a stream, an attachment a storage. */

#define DEPTH 8		/* letters in letters */

static struct span
property(struct ole *o, uint32_t storage, unsigned property, unsigned type)
{
	char name[32];

	snprintf(name, sizeof(name), "__substg1.0_%04X%04X", property, type);
	return ole_stream(o, storage, name);
}

static int
put_properties(struct ole *o, uint32_t storage, struct sink *out)
{
	static const unsigned shown[] = { MAPI_SUBJECT, MAPI_SENDER, MAPI_TO, MAPI_CC,
	    MAPI_BODY, MAPI_HTML, MAPI_RTF };
	static const unsigned types[] = { MAPI_WIDE, MAPI_STRING, MAPI_BINARY };
	struct span value;
	size_t i, k;

	for (i = 0; i < sizeof(shown) / sizeof(shown[0]); i++)
		for (k = 0; k < sizeof(types) / sizeof(types[0]); k++) {
			value = property(o, storage, shown[i], types[k]);
			if (value.n == 0)
				continue;
			if (mapi_put(shown[i], types[k], value, out) < 0 ||
			    sink_break(out) < 0)
				return -1;
		}
	return 0;
}

static struct span
attachment_name(struct ole *o, uint32_t storage, struct arena *a)
{
	static const unsigned names[] = { MAPI_LONG_NAME, MAPI_NAME };
	struct span value;
	size_t i;

	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		value = property(o, storage, names[i], MAPI_WIDE);
		if (value.n != 0)
			return charset_decode(a, span_of("UTF-16LE"), value, NULL);
		value = property(o, storage, names[i], MAPI_STRING);
		if (value.n != 0)
			return charset_decode(a, (struct span){ NULL, 0 }, value, NULL);
	}
	return (struct span){ NULL, 0 };
}

static int put_letter(struct ole *o, uint32_t storage, struct sink *out, size_t depth);

static int
put_attachment(struct ole *o, uint32_t storage, struct sink *out, size_t depth)
{
	struct span bytes = property(o, storage, MAPI_DATA, MAPI_BINARY);
	uint32_t letter = ole_next(o, storage, "__substg1.0_3701000D", 0);
	struct arena *a;
	int rc = 0;

	if (letter != 0)
		return put_letter(o, letter, out, depth + 1);
	if (bytes.n == 0)
		return 0;
	a = arena_new();
	rc = sink_member(out, attachment_name(o, storage, a), bytes);
	arena_free(a);
	return rc;
}

static int
put_letter(struct ole *o, uint32_t storage, struct sink *out, size_t depth)
{
	uint32_t one = 0;

	if (depth == DEPTH) {
		sink_reason(out, PART_DEPTH);
		return 0;
	}
	if (put_properties(o, storage, out) < 0)
		return -1;
	while ((one = ole_next(o, storage, "__attach_version1.0_", one)) != 0)
		if (put_attachment(o, one, out, depth) < 0)
			return -1;
	return 0;
}

int
msg_extract(struct ole *o, uint32_t storage, struct sink *out)
{
	return put_letter(o, storage, out, 0);
}
