/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef BASE_BUFFER_H
#define BASE_BUFFER_H

#include <stddef.h>

#include "base/arena.h"
#include "base/span.h"

/* Bytes that grow in an arena.  Begin with { .arena = a }. */
struct buffer {
	struct arena *arena;
	char *p;
	size_t n;
	size_t size;
};

/** buffer_add(b, s): Append ${s}. */
void buffer_add(struct buffer *b, struct span s);

/** buffer_text(b, text): Append the NUL-terminated ${text}. */
void buffer_text(struct buffer *b, const char *text);

/** buffer_byte(b, byte): Append one byte. */
void buffer_byte(struct buffer *b, char byte);

/** buffer_print(b, format, ...): Append formatted text. */
void buffer_print(struct buffer *b, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/** buffer_reserve(b, n): Make room for ${n} more bytes and return where they go. */
char *buffer_reserve(struct buffer *b, size_t n);

/** buffer_span(b): What is in ${b}; valid until ${b} grows. */
struct span buffer_span(const struct buffer *b);

/** buffer_string(b): What is in ${b}, NUL-terminated; valid until ${b} grows. */
char *buffer_string(struct buffer *b);

#endif /* !BASE_BUFFER_H */
