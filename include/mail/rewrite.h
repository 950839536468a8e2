/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef MAIL_REWRITE_H
#define MAIL_REWRITE_H

#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/buffer.h"
#include "base/span.h"

struct map;

/*
 * A text made from another one by changing some of it, from its beginning to its
 * end: what is not spoken of is copied.  Begin with { .in = s, .out = { .arena = a
 * }, .map = m }; ${m}, if not NULL, gets the way back.
 */
struct rewrite {
	struct span in;
	struct buffer out;
	struct map *map;
	size_t done;		/* bytes of ${in} that are dealt with */
};

/** rewrite_copy(r, at): Copy what is not dealt with before ${at}. */
void rewrite_copy(struct rewrite *r, size_t at);

/** rewrite_put(r, codes, count, at, n): Put ${count} characters for the ${n} bytes at ${at}. */
void rewrite_put(struct rewrite *r, const uint32_t *codes, size_t count, size_t at,
    size_t n);

/** rewrite_drop(r, at, n): Leave out the ${n} bytes at ${at}. */
void rewrite_drop(struct rewrite *r, size_t at, size_t n);

/** rewrite_end(r): Copy the rest and return all of it. */
struct span rewrite_end(struct rewrite *r);

#endif /* !MAIL_REWRITE_H */
