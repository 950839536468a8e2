/* SPDX-License-Identifier: BSD-2-Clause */
#include <stdalign.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"

#include "base/arena.h"

#define ALIGN alignof(max_align_t)
#define BLOCK_FIRST 4096
#define BLOCK_LARGEST ((size_t)256 * 1024)

struct block {
	struct block *next;
	size_t size;
	size_t used;
	alignas(max_align_t) char bytes[];
};

struct arena {
	struct block *first;	/* where the last thing was allocated */
	size_t held_bytes;
	size_t next_size;
};

struct arena *
arena_new(void)
{
	struct arena *a = calloc(1, sizeof(*a));

	must(a != NULL);
	a->held_bytes = sizeof(*a);
	a->next_size = BLOCK_FIRST;
	return a;
}

void
arena_free(struct arena *a)
{
	struct block *b;

	if (a == NULL)
		return;
	while ((b = a->first) != NULL) {
		a->first = b->next;
		free(b);
	}
	free(a);
}

static size_t
rounded(size_t n)
{
	must(n <= SIZE_MAX / 2);
	return (n + ALIGN - 1) & ~(size_t)(ALIGN - 1);
}

static struct block *
add_block(struct arena *a, size_t n)
{
	size_t size = a->next_size - sizeof(struct block);
	struct block *b;

	if (n > size)
		size = n;
	else if (a->next_size < BLOCK_LARGEST)
		a->next_size *= 2;
	b = malloc(sizeof(*b) + size);
	must(b != NULL);
	b->size = size;
	b->used = 0;
	b->next = a->first;
	a->first = b;
	a->held_bytes += sizeof(*b) + size;
	return b;
}

static void *
take(struct arena *a, size_t n)
{
	struct block *b = a->first;
	size_t whole = rounded(n != 0 ? n : 1);
	void *p;

	if (b == NULL || b->size - b->used < whole)
		b = add_block(a, whole);
	p = b->bytes + b->used;
	b->used += whole;
	return p;
}

void *
arena_alloc(struct arena *a, size_t n)
{
	return memset(take(a, n), 0, n);
}

void *
arena_alloc_array(struct arena *a, size_t n, size_t size)
{
	size_t bytes;

	must(!__builtin_mul_overflow(n, size, &bytes));
	return arena_alloc(a, bytes);
}

/*
 * A thing alone in its block, the last one: let the heap move the block, else
 * a text that grows by doubling would leave all its former selves behind.
 */
static void *
grow_block(struct arena *a, size_t whole)
{
	struct block *b = a->first;

	a->held_bytes += whole - b->size;
	b = realloc(b, sizeof(*b) + whole);
	must(b != NULL);
	b->size = b->used = whole;
	a->first = b;
	return b->bytes;
}

void *
arena_extend(struct arena *a, void *p, size_t old, size_t new)
{
	struct block *b = a->first;
	size_t had = rounded(old != 0 ? old : 1);
	size_t whole = rounded(new != 0 ? new : 1);
	void *fresh;

	must(new >= old);
	if (p == NULL)
		return take(a, new);
	if (b != NULL && b->used >= had && p == b->bytes + b->used - had) {
		if (whole - had <= b->size - b->used) {
			b->used += whole - had;
			return p;
		}
		if (b->used == had)
			return grow_block(a, whole);
	}
	fresh = take(a, new);
	return memcpy(fresh, p, old);
}

void *
arena_grow(struct arena *a, void *p, size_t old, size_t new)
{
	char *grown = arena_extend(a, p, old, new);

	memset(grown + old, 0, new - old);
	return grown;
}

struct span
arena_copy(struct arena *a, struct span s)
{
	return (struct span){ arena_string(a, s), s.n };
}

char *
arena_string(struct arena *a, struct span s)
{
	char *p = take(a, s.n + 1);

	if (s.n != 0)
		memcpy(p, s.p, s.n);
	p[s.n] = '\0';
	return p;
}

char *
arena_print(struct arena *a, const char *format, ...)
{
	va_list ap, again;
	char *p;
	int n;

	va_start(ap, format);
	va_copy(again, ap);
	n = vsnprintf(NULL, 0, format, ap);
	must(n >= 0);
	p = take(a, (size_t)n + 1);
	vsnprintf(p, (size_t)n + 1, format, again);
	va_end(again);
	va_end(ap);
	return p;
}

size_t
arena_bytes(const struct arena *a)
{
	return a->held_bytes;
}
