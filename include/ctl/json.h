/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef CTL_JSON_H
#define CTL_JSON_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "base/span.h"

/*
 * JSON (RFC 8259) as it is written: begin with { .out = file }.  A line end
 * follows whatever closes at depth 0: one value, one line.
 */
struct json {
	FILE *out;
	unsigned depth;
	bool has_value;		/* one before: a comma is due */
};

/** json_begin(j, bracket): Open '{' or '['. */
void json_begin(struct json *j, char bracket);

/** json_end(j, bracket): Close with '}' or ']'. */
void json_end(struct json *j, char bracket);

/** json_key(j, name): The name of the member that comes next. */
void json_key(struct json *j, const char *name);

/** json_text(j, s): A string; bytes of ${s} that are not UTF-8 become U+FFFD. */
void json_text(struct json *j, struct span s);

/** json_text_or_null(j, s): A string, or null if ${s} is empty. */
void json_text_or_null(struct json *j, struct span s);

/** json_number(j, n), json_bool(j, b), json_null(j): One such value. */
void json_number(struct json *j, int64_t n);
void json_bool(struct json *j, bool b);
void json_null(struct json *j);

/** json_time(j, ms): RFC 3339 with zone; null if ${ms} is 0. */
void json_time(struct json *j, int64_t ms);

/** json_hex(j, p, n): Bytes as a string of hexadecimal digits. */
void json_hex(struct json *j, const void *p, size_t n);

#endif /* !CTL_JSON_H */
