/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef BASE_ARENA_H
#define BASE_ARENA_H

#include <stdarg.h>
#include <stddef.h>

#include "base/span.h"

/*
 * Memory that is freed whole: one arena per message.  Not for two threads at
 * once.  What a sender sizes is bounded before it is asked for here; when
 * memory runs out all the same the process ends (must).
 */
struct arena;

/** arena_new(): A new empty arena; free it with arena_free. */
struct arena *arena_new(void);

/** arena_free(a): Free ${a} and all that lives in it; NULL is nothing. */
void arena_free(struct arena *a);

/** arena_alloc(a, n): ${n} zeroed bytes, aligned for any type, never NULL. */
void *arena_alloc(struct arena *a, size_t n);

/** ARENA_NEW(a, type), ARENA_ARRAY(a, type, n): one or ${n} zeroed objects. */
#define ARENA_NEW(a, type) ((type *)arena_alloc((a), sizeof(type)))
#define ARENA_ARRAY(a, type, n) ((type *)arena_alloc_array((a), (n), sizeof(type)))

/** arena_alloc_array(a, n, size): ${n} zeroed objects of ${size}; overflow ends the process. */
void *arena_alloc_array(struct arena *a, size_t n, size_t size);

/**
 * arena_grow(a, p, old, new):
 * ${p}'s ${old} bytes in a block of ${new} >= ${old} bytes, the rest zeroed: in
 * place if ${p} was the last thing allocated, else copied.  NULL ${p} with
 * ${old} 0 is a fresh block.
 */
void *arena_grow(struct arena *a, void *p, size_t old, size_t new);

/** arena_extend(a, p, old, new): As arena_grow, the rest as it comes: for bytes that are written at once. */
void *arena_extend(struct arena *a, void *p, size_t old, size_t new);

/** arena_copy(a, s): A copy of ${s} in ${a}, with a NUL behind it. */
struct span arena_copy(struct arena *a, struct span s);

/** arena_string(a, s): As arena_copy, as a string (cut at a NUL by its reader). */
char *arena_string(struct arena *a, struct span s);

/** arena_print(a, format, ...): A formatted string in ${a}. */
char *arena_print(struct arena *a, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/** arena_bytes(a): Bytes that ${a} holds from the heap. */
size_t arena_bytes(const struct arena *a);

#endif /* !BASE_ARENA_H */
