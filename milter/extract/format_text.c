/* SPDX-License-Identifier: BSD-2-Clause */
#include "extract/sink.h"
#include "mail/charset.h"
#include "mail/html.h"
#include "mail/map.h"

#include "format_internal.h"

#define DECLARATION_BYTES 1024	/* HTML 12.2.3.2: where a charset is declared */

/* The charset that the head of an HTML file declares; empty if none. */
static struct span
declared_charset(struct span html)
{
	struct span head = span_sub(html, 0, DECLARATION_BYTES), s;
	size_t n = 0;

	s = span_sub(head, span_find(head, span_of("charset=")), head.n);
	s = span_sub(s, span_of("charset=").n, s.n);
	if (s.n != 0 && (s.p[0] == '"' || s.p[0] == '\''))
		s = span_sub(s, 1, s.n);
	while (n < s.n && (s.p[n] == '-' || s.p[n] == '_' || s.p[n] == ':' ||
	    (s.p[n] >= '0' && s.p[n] <= '9') || (s.p[n] >= 'A' && s.p[n] <= 'Z') ||
	    (s.p[n] >= 'a' && s.p[n] <= 'z')))
		n++;
	return span_sub(s, 0, n);
}

static int
text_extract(struct span bytes, struct sink *out)
{
	struct arena *a = arena_new();
	struct span charset = span_of(plain_charset(bytes));
	int rc = sink_text(out, charset_decode(a, charset, bytes, NULL));

	arena_free(a);
	return rc;
}

static int
html_extract(struct span bytes, struct sink *out)
{
	struct arena *a = arena_new();
	struct map m = { .arena = a };
	struct span html = charset_decode(a, declared_charset(bytes), bytes, NULL);
	int rc = sink_text(out, html_text(a, html, &m));

	arena_free(a);
	return rc;
}

/* A flat office file, a drawing or any other XML; what is none after all is text. */
static int
xml_extract(struct span bytes, struct sink *out)
{
	struct span start = span_sub(bytes, 0, 4096);
	enum markup kind = MARKUP_PLAIN;
	int rc;

	if (span_find(start, span_of("urn:oasis:names:tc:opendocument")) < start.n)
		kind = MARKUP_ODF;
	else if (span_find(start, span_of("schemas.microsoft.com/office/")) < start.n)
		kind = MARKUP_OOXML;
	if ((rc = markup_read(kind, bytes, out, NULL)) == 1)
		return -1;
	return rc == 0 ? 0 : text_extract(bytes, out);
}

const struct format format_text = { "text/plain", text_extract, NULL };
const struct format format_html = { "text/html", html_extract, NULL };
const struct format format_xml = { "text/xml", xml_extract, NULL };
