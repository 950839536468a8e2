/* SPDX-License-Identifier: BSD-2-Clause */
#include "extract/sink.h"
#include "mail/charset.h"

#include "format_internal.h"

/*
 * winmail.dat (MS-OXTNEF): attributes, of which some hold MAPI properties.  Read
 * here and not by libytnef, which trusts lengths and allocates what they say.
 */

enum attribute { SUBJECT = 0x8004, BODY = 0x800C, ATTACH_DATA = 0x800F,
    ATTACH_TITLE = 0x8010, ATTACH_BEGIN = 0x9002, PROPERTIES = 0x9003,
    ATTACH_PROPERTIES = 0x9005 };

#define HEAD_BYTES 6
#define MULTIPLE 0x1000
#define NAMED 0x8000

struct letter {
	struct sink *sink;
	struct arena *arena;
	struct span name, data;		/* of the attachment under way */
	bool has_attachment;
	struct span rest;		/* of a list of properties */
};

static struct span
take(struct letter *l, size_t n)
{
	struct span s = span_sub(l->rest, 0, n);

	l->rest = span_sub(l->rest, n, l->rest.n);
	return s;
}

static size_t
take_number(struct letter *l)
{
	return read_32(take(l, 4), 0);
}

/* Bytes behind their length, filled up to four. */
static struct span
take_counted(struct letter *l)
{
	size_t n = take_number(l);
	struct span s = take(l, n);

	take(l, (4 - n % 4) % 4);
	return s;
}

static int
put_property(struct letter *l, unsigned property, unsigned type, struct span value)
{
	struct span none = { NULL, 0 };

	switch (property) {
	case MAPI_SUBJECT:
	case MAPI_BODY:
	case MAPI_HTML:
	case MAPI_RTF:
		if (mapi_put(property, type, value, l->sink) < 0)
			return -1;
		return sink_break(l->sink);
	case MAPI_LONG_NAME:
		l->name = charset_decode(l->arena,
		    type == MAPI_WIDE ? span_of("UTF-16LE") : none, value, NULL);
		return 0;
	case MAPI_DATA:
		l->data = value;
		return 0;
	}
	return 0;
}

static size_t
fixed_size(unsigned type)
{
	switch (type) {
	case 0x05: case 0x06: case 0x07: case 0x14: case 0x40:
		return 8;
	case 0x48:
		return 16;
	default:
		return 4;
	}
}

/* A property of our own making has a name: a number, or text. */
static void
skip_name(struct letter *l)
{
	take(l, 16);
	if (take_number(l) == 0)
		take(l, 4);
	else
		take_counted(l);
}

static int
put_values(struct letter *l, unsigned property, unsigned type)
{
	bool is_counted = type == MAPI_STRING || type == MAPI_WIDE ||
	    type == MAPI_BINARY || type == MAPI_OBJECT;
	size_t count = 1;
	struct span value;

	if (is_counted || (property & MULTIPLE << 16))
		count = take_number(l);
	for (; count != 0 && l->rest.n != 0; count--) {
		value = is_counted ? take_counted(l) : take(l, fixed_size(type));
		if (type == MAPI_OBJECT)	/* behind the interface it came by */
			value = span_sub(value, 16, value.n);
		if (is_counted && put_property(l, property & 0xFFFF, type, value) < 0)
			return -1;
	}
	return 0;
}

static int
put_properties(struct letter *l, struct span list)
{
	size_t count;
	unsigned type, property;

	l->rest = list;
	for (count = take_number(l); count != 0 && l->rest.n != 0; count--) {
		type = read_16(l->rest, 0);
		property = read_16(l->rest, 2);
		take(l, 4);
		if (property & NAMED)
			skip_name(l);
		if (type & MULTIPLE)
			property |= MULTIPLE << 16;
		if (put_values(l, property, type & ~(unsigned)MULTIPLE) < 0)
			return -1;
	}
	return 0;
}

static int
put_attachment(struct letter *l)
{
	int rc = 0;

	if (l->has_attachment && l->data.n != 0)
		rc = sink_member(l->sink, l->name, l->data);
	l->name = l->data = (struct span){ NULL, 0 };
	return rc;
}

static int
put_attribute(struct letter *l, unsigned attribute, struct span value)
{
	struct span none = { NULL, 0 };
	struct span text = span_sub(value, 0, span_find_byte(value, '\0'));

	switch (attribute) {
	case SUBJECT:
	case BODY:
		if (format_text.extract(text, l->sink) < 0)
			return -1;
		return sink_break(l->sink);
	case ATTACH_BEGIN:
		if (put_attachment(l) < 0)
			return -1;
		l->has_attachment = true;
		return 0;
	case ATTACH_TITLE:
		l->name = charset_decode(l->arena, none, text, NULL);
		return 0;
	case ATTACH_DATA:
		l->data = value;
		return 0;
	case PROPERTIES:
	case ATTACH_PROPERTIES:
		return put_properties(l, value);
	}
	return 0;
}

static int
tnef_extract(struct span bytes, struct sink *out)
{
	struct letter l = { .sink = out, .arena = arena_new() };
	struct span rest = span_sub(bytes, HEAD_BYTES, bytes.n);
	size_t n;
	int rc = 0;

	while (rest.n >= 11 && rc == 0) {
		n = read_32(rest, 5);
		rc = put_attribute(&l, read_16(rest, 1), span_sub(rest, 9, n));
		if (n > rest.n - 11)
			sink_reason(out, PART_DAMAGED);
		rest = span_sub(rest, 9, rest.n);
		rest = span_sub(rest, n, rest.n);
		rest = span_sub(rest, 2, rest.n);	/* a sum that nobody checks */
	}
	if (rc == 0)
		rc = put_attachment(&l);
	arena_free(l.arena);
	return rc;
}

const struct format format_tnef = { "application/vnd.ms-tnef", tnef_extract, NULL };
