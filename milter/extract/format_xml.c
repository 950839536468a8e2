/* SPDX-License-Identifier: BSD-2-Clause */
#include <expat.h>
#include <limits.h>
#include <string.h>

#include "base/err.h"

#include "format_internal.h"

#define FEED_BYTES ((size_t)1 << 20)	/* expat counts in int */
#define DEPTH 1000			/* of elements: expat keeps each that is open */

struct reading {
	XML_Parser parser;
	const struct xml_events *events;
	void *context;
	size_t depth;
	bool is_stopped;
	bool is_too_deep;
};

/*
 * Prefixes are cut, not resolved: the formats' local names do not collide, and a
 * file whose prefixes are not declared is still read.
 */
static const char *
local_name(const char *name)
{
	const char *colon = strrchr(name, ':');

	return colon != NULL ? colon + 1 : name;
}

static void
check(struct reading *r, int rc)
{
	if (rc == 0)
		return;
	r->is_stopped = true;
	XML_StopParser(r->parser, XML_FALSE);
}

static void XMLCALL
on_start(void *data, const XML_Char *name, const XML_Char **attributes)
{
	struct reading *r = data;

	if (r->is_stopped)
		return;
	if (++r->depth > DEPTH) {
		r->is_too_deep = true;
		check(r, 1);
	} else
		check(r, r->events->start(r->context, local_name(name), attributes));
}

static void XMLCALL
on_end(void *data, const XML_Char *name)
{
	struct reading *r = data;

	r->depth--;
	if (!r->is_stopped)
		check(r, r->events->end(r->context, local_name(name)));
}

static void XMLCALL
on_text(void *data, const XML_Char *text, int n)
{
	struct reading *r = data;

	if (!r->is_stopped)
		check(r, r->events->text(r->context, (struct span){ text, (size_t)n }));
}

/* The one charset beside Unicode that office programs write. */
static int XMLCALL
on_encoding(void *data, const XML_Char *name, XML_Encoding *e)
{
	int i;

	(void)data;
	if (!span_starts_nocase(span_of(name), "windows-1252"))
		return XML_STATUS_ERROR;
	memset(e, 0, sizeof(*e));
	for (i = 0; i < 256; i++)
		e->map[i] = (int)pen_code((unsigned char)i);
	return XML_STATUS_OK;
}

int
xml_parse(struct span bytes, const struct xml_events *events, void *context)
{
	struct reading r = { .events = events, .context = context };
	enum XML_Status status = XML_STATUS_OK;
	struct span now;

	r.parser = XML_ParserCreate(NULL);
	must(r.parser != NULL);
	XML_SetUserData(r.parser, &r);
	XML_SetElementHandler(r.parser, on_start, on_end);
	XML_SetCharacterDataHandler(r.parser, on_text);
	XML_SetUnknownEncodingHandler(r.parser, on_encoding, NULL);
	do {
		now = span_sub(bytes, 0, FEED_BYTES);
		bytes = span_sub(bytes, now.n, bytes.n);
		status = XML_Parse(r.parser, now.p, (int)now.n, bytes.n == 0);
	} while (status == XML_STATUS_OK && bytes.n != 0);
	XML_ParserFree(r.parser);
	if (r.is_stopped)
		return r.is_too_deep ? -1 : 1;
	return status == XML_STATUS_OK ? 0 : -1;
}

const char *
xml_attribute(const char **attributes, const char *name)
{
	size_t i;

	for (i = 0; attributes[i] != NULL; i += 2)
		if (strcmp(local_name(attributes[i]), name) == 0)
			return attributes[i + 1];
	return NULL;
}
