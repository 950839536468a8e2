/* SPDX-License-Identifier: BSD-2-Clause */
#include <string.h>

#include "format_internal.h"

#define LOOK_BYTES ((size_t)64 * 1024)
#define CONTROLS 16		/* of so many bytes one may be one: VISCII has letters there */
#define FIELD_BYTES 16384	/* where a message's fields are looked for */

static bool
is_control(unsigned char c)
{
	return c < ' ' && strchr("\b\t\n\v\f\r\x1A\x1B", c) == NULL;
}

const char *
plain_charset(struct span bytes)
{
	size_t zeros[2] = { 0, 0 }, i;

	bytes = span_sub(bytes, 0, 1024);
	for (i = 0; i < bytes.n; i++)
		zeros[i & 1] += bytes.p[i] == '\0';
	if (bytes.n >= 8 && zeros[1] > bytes.n / 8 && zeros[0] == 0)
		return "UTF-16LE";
	if (bytes.n >= 8 && zeros[0] > bytes.n / 8 && zeros[1] == 0)
		return "UTF-16BE";
	return NULL;
}

static bool
is_text(struct span bytes)
{
	size_t controls = 0, i;

	bytes = span_sub(bytes, 0, LOOK_BYTES);
	if (plain_charset(bytes) != NULL ||
	    (bytes.n >= 2 && (read_16(bytes, 0) == 0xFEFF || read_16(bytes, 0) == 0xFFFE)))
		return true;
	for (i = 0; i < bytes.n; i++) {
		if (bytes.p[i] == '\0')
			return false;
		controls += is_control((unsigned char)bytes.p[i]);
	}
	return controls <= bytes.n / CONTROLS;
}

static bool
ends(struct span name, const char *ending)
{
	struct span e = span_of(ending);

	return name.n >= e.n && span_equal_nocase(span_sub(name, name.n - e.n, e.n), e);
}

static bool
is_field(struct span line)
{
	static const char *const fields[] = { "cc:", "content-type:", "date:",
	    "delivered-to:", "from:", "message-id:", "mime-version:", "received:",
	    "return-path:", "subject:", "to:" };
	size_t i;

	for (i = 0; i < sizeof(fields) / sizeof(fields[0]); i++)
		if (span_starts_nocase(line, fields[i]))
			return true;
	return false;
}

/* Does it begin with fields, two of them such as letters have? */
static bool
is_mail(struct span bytes)
{
	struct span rest = span_sub(bytes, 0, FIELD_BYTES), line;
	size_t known = 0, colon;

	while (span_line(&rest, &line) && line.n != 0) {
		colon = span_find_byte(line, ':');
		if (line.p[0] == ' ' || line.p[0] == '\t' || span_starts_nocase(line, "From "))
			continue;
		if (colon == line.n || span_find_byte(line, ' ') < colon)
			break;
		known += is_field(line);
	}
	return known >= 2;
}

static bool
is_html(struct span bytes)
{
	static const char *const tags[] = { "<!doctype html", "<html", "<head", "<body",
	    "<meta", "<title" };
	struct span start = span_trim(span_sub(bytes, 0, 1024));
	size_t at, i;

	for (at = 0; at < start.n; at++) {
		at += span_find_byte(span_sub(start, at, start.n), '<');
		for (i = 0; i < sizeof(tags) / sizeof(tags[0]); i++)
			if (span_starts_nocase(span_sub(start, at, start.n), tags[i]))
				return true;
	}
	return false;
}

static bool
is_pgp(struct span bytes)
{
	struct span start = span_sub(bytes, 0, 4096);

	return span_find(start, span_of("-----BEGIN PGP MESSAGE-----")) < start.n ||
	    span_find(start, span_of("-----BEGIN PGP SIGNED MESSAGE-----")) < start.n;
}

const struct format *
plain_find(struct span bytes, struct span name, const char **type)
{
	const struct format *f = &format_text;

	if (bytes.n == 0 || !is_text(bytes))
		return NULL;
	if (is_mail(bytes) || (ends(name, ".eml") && !markup_is_xml(bytes)))
		f = &format_mail;
	else if (is_html(bytes) || ends(name, ".html") || ends(name, ".htm"))
		f = &format_html;
	else if (markup_is_xml(bytes))
		f = &format_xml;
	else if (is_pgp(bytes))
		f = &format_pgp;
	*type = f->type;
	return f;
}
