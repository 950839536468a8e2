/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef MAIL_HEADER_H
#define MAIL_HEADER_H

#include <stddef.h>

#include "base/arena.h"
#include "base/span.h"

/* One field as it came (RFC 5322 2.2): the value may hold folds and raw 8-bit. */
struct header {
	struct span name;
	struct span value;
};

/* The fields of one message or part, in order. */
struct headers {
	struct header *list;
	size_t count;
};

/** header_find(h, name, nth): The ${nth} (from 0) field called ${name}, or NULL. */
const struct header *header_find(const struct headers *h, const char *name, size_t nth);

/** header_unfold(a, value): Without the line ends of folds, trimmed. */
struct span header_unfold(struct arena *a, struct span value);

/**
 * header_decode(a, value):
 * What a reader sees: unfolded, RFC 2047 encoded words decoded (adjacent ones of
 * one charset and encoding joined as bytes first), raw 8-bit read as UTF-8 if it validates,
 * else windows-1252.  Valid UTF-8, not normalised.
 */
struct span header_decode(struct arena *a, struct span value);

/**
 * header_encode(a, text):
 * ${text} (UTF-8 without line ends) as a field's value: as it stands if it is
 * printable ASCII, else as RFC 2047 encoded words, folded with "\n ".
 */
struct span header_encode(struct arena *a, struct span text);

/**
 * headers_parse(a, raw, h, body):
 * Split ${raw} (RFC 5322 text, LF or CRLF) into fields and the offset where
 * the body begins.  Lines that are no field end the header, as in Postfix.
 */
void headers_parse(struct arena *a, struct span raw, struct headers *h, size_t *body);

/**
 * header_parameter(a, value, name):
 * A parameter of a structured field such as Content-Type (RFC 2045, RFC 2231
 * continuations and charsets, RFC 2047 in quoted values), decoded to UTF-8.
 * Empty if there is none.
 */
struct span header_parameter(struct arena *a, struct span value, const char *name);

#endif /* !MAIL_HEADER_H */
