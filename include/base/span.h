/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef BASE_SPAN_H
#define BASE_SPAN_H

#include <stdbool.h>
#include <stddef.h>

/* Bytes that somebody else owns; may hold NULs; p may be NULL if n is 0. */
struct span {
	const char *p;
	size_t n;
};

/* For printf: "%.*s", SPAN_PRINT(s). */
#define SPAN_PRINT(s) ((int)(s).n), ((s).n != 0 ? (s).p : "")

/** span_of(text): The bytes of NUL-terminated ${text}; NULL gives none. */
struct span span_of(const char *text);

/** span_sub(s, start, n): At most ${n} bytes of ${s} from ${start}, cut to fit. */
struct span span_sub(struct span s, size_t start, size_t n);

/** span_trim(s): ${s} without blanks, tabs, CR and LF at both ends. */
struct span span_trim(struct span s);

/** span_equal(a, b): Are the bytes the same? */
bool span_equal(struct span a, struct span b);

/** span_equal_nocase(a, b): The same, ASCII letters without case? */
bool span_equal_nocase(struct span a, struct span b);

/** span_is(s, text): Is ${s} equal to ${text}, ASCII letters without case? */
bool span_is(struct span s, const char *text);

/** span_starts_nocase(s, prefix): Does ${s} begin with ${prefix}, without case? */
bool span_starts_nocase(struct span s, const char *prefix);

/** span_find(s, needle): Offset of the first ${needle} in ${s}, or ${s}.n. */
size_t span_find(struct span s, struct span needle);

/** span_find_byte(s, byte): Offset of the first ${byte} in ${s}, or ${s}.n. */
size_t span_find_byte(struct span s, char byte);

/**
 * span_line(rest, line):
 * Take the next line off ${rest} into ${line}, without its LF or CRLF.
 * Return false when nothing is left.
 */
bool span_line(struct span *rest, struct span *line);

#endif /* !BASE_SPAN_H */
