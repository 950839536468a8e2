/* SPDX-License-Identifier: BSD-2-Clause */
#include <string.h>

#include "mime_internal.h"

/*
 * Lines that begin with "--" per part that is allowed: dashes drawn in a text
 * are no boundaries, and 16 times the default limit cost the parser 0.15 s.
 */
#define DASH_LINES_PER_PART 16

struct scan {
	const struct mime_limits *limits;
	size_t dash_lines;
	size_t fields;		/* of the header under way, and their bytes */
	size_t bytes;
	bool in_header;
	bool has_message;	/* the header says message/...: another follows it */
};

static bool
line_is_field(struct span line)
{
	size_t n = 0;

	while (n < line.n && (unsigned char)line.p[n] > ' ' && line.p[n] != ':')
		n++;
	while (n < line.n && (line.p[n] == ' ' || line.p[n] == '\t'))
		n++;
	return n != 0 && n < line.n && line.p[n] == ':';
}

static bool
line_has_message(struct span line)
{
	static const char word[] = "message/";
	size_t at, n = sizeof(word) - 1;

	for (at = 0; at + n <= line.n; at++)
		if ((line.p[at] | 0x20) == 'm' &&
		    span_starts_nocase(span_sub(line, at, n), word))
			return true;
	return false;
}

static void
header_begin(struct scan *s)
{
	s->in_header = true;
	s->has_message = false;
	s->fields = s->bytes = 0;
}

static bool
header_line(struct scan *s, struct span line)
{
	bool is_more = s->fields != 0 && (line.p[0] == ' ' || line.p[0] == '\t');

	if (!is_more && !line_is_field(line))
		return true;	/* the parser passes over it as well */
	s->fields += !is_more;
	s->bytes += line.n + 1;
	if (s->fields > s->limits->header_count || s->bytes > s->limits->header_bytes)
		return false;
	s->has_message = s->has_message || line_has_message(line);
	return true;
}

bool
mime_is_bounded(struct span raw, const struct mime_limits *limits)
{
	struct scan s = { .limits = limits };
	struct span line;

	header_begin(&s);
	while (span_line(&raw, &line)) {
		if (line.n >= 2 && line.p[0] == '-' && line.p[1] == '-') {
			if (++s.dash_lines / DASH_LINES_PER_PART > limits->parts)
				return false;
			header_begin(&s);
		} else if (s.in_header && line.n == 0) {
			s.in_header = s.has_message;
			if (s.in_header)
				header_begin(&s);
		} else if (s.in_header && !header_line(&s, line)) {
			return false;
		}
	}
	return true;
}
