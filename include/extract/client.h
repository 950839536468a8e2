/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef EXTRACT_CLIENT_H
#define EXTRACT_CLIENT_H

#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/span.h"
#include "extract/finding.h"
#include "extract/sandbox.h"
#include "extract/sink.h"

struct config;
struct histogram;

/* Who has documents read by the fork server (server.h).  Any thread, many at once. */
struct client;

struct client_limits {
	struct sink_limits sink;	/* text and members: of one message */
	struct sandbox_limits sandbox;	/* of one document */
	size_t attachments;		/* of a message that are looked into */
	int64_t message_time_ms;	/* of all documents of a message, waiting included */
	size_t at_once;			/* helpers at work at the same time */
	size_t cache_bytes;		/* of findings that are remembered (cache.h) */
};

/** client_configured(c): The limits that ${c} sets. */
struct client_limits client_configured(const struct config *c);

/** client_new(fd, limits): Ask through ${fd}, the client's end of server_socket, which stays the caller's. */
struct client *client_new(int fd, const struct client_limits *limits);

/** client_free(c): Nobody may be waiting; NULL is nothing. */
void client_free(struct client *c);

/** client_limits(c): As given. */
const struct client_limits *client_limits(const struct client *c);

/**
 * client_extract(c, a, name, bytes, sink, deadline_ms, f):
 * What is in the document ${bytes}, called ${name}: ${f} lives in ${a}.  ${sink} is
 * what is left of the message's limits.  A document that was seen before is not
 * read again; else it waits for its turn until ${deadline_ms} of
 * the monotonic clock.  Never fails: what could not be read has its reason,
 * PART_HELPER if there is no server.
 */
void client_extract(struct client *c, struct arena *a, struct span name,
    struct span bytes, const struct sink_limits *sink, int64_t deadline_ms,
    struct findings *f);

/** client_times(c): How long client_extract took for what was not remembered, in histogram_times_us; lives as long as ${c}. */
const struct histogram *client_times(const struct client *c);

/** client_cached(c): How often nothing had to be read. */
uint64_t client_cached(const struct client *c);

#endif /* !EXTRACT_CLIENT_H */
