/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef EXTRACT_CACHE_H
#define EXTRACT_CACHE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "base/span.h"
#include "extract/finding.h"
#include "extract/sink.h"

/*
 * What was found in the documents that came last: a circular goes to every
 * province in a letter of its own, with one and the same attachment.  In memory
 * alone, least recently asked for first to go.  Any thread.
 */
struct cache;

/** cache_new(bytes): Keeps findings of at most so many bytes; 0: none. */
struct cache *cache_new(size_t bytes);

/** cache_free(c): NULL is nothing. */
void cache_free(struct cache *c);

/**
 * cache_get(c, a, name, bytes, limits, f):
 * What is known of the document ${bytes}, called ${name}, copied into ${a}.  False
 * if nothing is, or if it is more than ${limits} allow now.
 */
bool cache_get(struct cache *c, struct arena *a, struct span name, struct span bytes,
    const struct sink_limits *limits, struct findings *f);

/**
 * cache_put(c, name, bytes, f):
 * Remember ${f}, unless another try may find more: a reason that is transient
 * or a limit's.
 */
void cache_put(struct cache *c, struct span name, struct span bytes,
    const struct findings *f);

#endif /* !EXTRACT_CACHE_H */
