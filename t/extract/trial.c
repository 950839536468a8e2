/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A format for tests: a document is a list of orders, a line each, and does
 * what they say.  It stands in for every format of the library.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "extract/format.h"
#include "extract/sink.h"

#include "trial.h"

static int
say_text(struct sink *out, size_t n)
{
	char *text = malloc(n + 1);
	int rc;

	must(text != NULL);
	memset(text, 'a', n);
	rc = sink_text(out, (struct span){ text, n });
	free(text);
	return rc;
}

/* "nest 3" holds "nest 2" and so on down to "nest 0". */
static int
say_nest(struct sink *out, size_t n)
{
	char inner[32];

	snprintf(inner, sizeof(inner), "nest %zu", n - 1);
	return n == 0 ? 0 : sink_member(out, span_of("inner"), span_of(inner));
}

static int
say_wide(struct sink *out, size_t n)
{
	while (n-- != 0)
		if (sink_member(out, span_of("leaf"), span_of("text 1")) < 0)
			return -1;
	return 0;
}

static int
say_unpack(struct sink *out, size_t n)
{
	while (n-- != 0)
		if (sink_unpacked(out, 1 << 20) < 0)
			return -1;
	return 0;
}

static int
say_reason(struct sink *out, size_t n)
{
	sink_reason(out, (enum part_reason)n);
	return 0;
}

static int
say_member(struct sink *out, size_t n)
{
	return sink_member_unread(out, span_of("locked"), n, PART_ENCRYPTED);
}

static int
say_picture(struct sink *out, size_t n)
{
	(void)n;
	return sink_member(out, span_of("a.png"), span_of("picture"));
}

static int
say_break(struct sink *out, size_t n)
{
	(void)n;
	return sink_break(out);
}

static int
say_fail(struct sink *out, size_t n)
{
	(void)out;
	(void)n;
	return -1;
}

static const struct trial_order orders[] = {
	{ "break", say_break }, { "fail", say_fail }, { "locked", say_member },
	{ "nest", say_nest }, { "picture", say_picture }, { "reason", say_reason },
	{ "text", say_text }, { "unpack", say_unpack }, { "wide", say_wide },
	{ NULL, NULL },
};

static int
obey(const struct trial_order *list, struct span line, struct sink *out)
{
	size_t blank = span_find_byte(line, ' '), n = 0, i;
	struct span word = span_sub(line, 0, blank);

	for (i = blank + 1; i < line.n && line.p[i] >= '0' && line.p[i] <= '9'; i++)
		n = n * 10 + (size_t)(line.p[i] - '0');
	for (; list->word != NULL; list++)
		if (span_is(word, list->word))
			return list->obey(out, n);
	return 1;
}

static int
trial_extract(struct span bytes, struct sink *out)
{
	struct span line;
	int rc;

	while (span_line(&bytes, &line)) {
		if ((rc = obey(orders, line, out)) == 1)
			rc = obey(trial_more, line, out);
		if (rc == 1)
			rc = sink_text(out, line);
		if (rc < 0)
			return -1;
	}
	return 0;
}

static const struct format trial = { "text/x-trial", trial_extract, NULL };

const struct format *
format_find(struct span bytes, struct span name, const char **type)
{
	(void)name;
	*type = trial.type;
	if (span_is(bytes, "picture"))
		*type = "image/png";
	else if (span_is(bytes, "mystery"))
		*type = "application/x-mystery";
	else
		return &trial;
	return NULL;
}

void
format_warm(void)
{
}
