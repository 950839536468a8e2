/* SPDX-License-Identifier: BSD-2-Clause */
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "base/err.h"

#include "base/buffer.h"

#define SIZE_FIRST 64

char *
buffer_reserve(struct buffer *b, size_t n)
{
	size_t size = b->size != 0 ? b->size : SIZE_FIRST;

	must(n <= SIZE_MAX / 4 - b->n);
	while (size - b->n < n)
		size *= 2;
	if (size != b->size) {
		b->p = arena_extend(b->arena, b->p, b->size, size);
		b->size = size;
	}
	return b->p + b->n;
}

void
buffer_add(struct buffer *b, struct span s)
{
	if (s.n == 0)
		return;
	memcpy(buffer_reserve(b, s.n), s.p, s.n);
	b->n += s.n;
}

void
buffer_text(struct buffer *b, const char *text)
{
	buffer_add(b, span_of(text));
}

void
buffer_byte(struct buffer *b, char byte)
{
	*buffer_reserve(b, 1) = byte;
	b->n++;
}

void
buffer_print(struct buffer *b, const char *format, ...)
{
	va_list ap, again;
	int n;

	va_start(ap, format);
	va_copy(again, ap);
	n = vsnprintf(NULL, 0, format, ap);
	must(n >= 0);
	vsnprintf(buffer_reserve(b, (size_t)n + 1), (size_t)n + 1, format, again);
	b->n += (size_t)n;
	va_end(again);
	va_end(ap);
}

struct span
buffer_span(const struct buffer *b)
{
	return (struct span){ b->p, b->n };
}

char *
buffer_string(struct buffer *b)
{
	*buffer_reserve(b, 1) = '\0';
	return b->p;
}
