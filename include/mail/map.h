/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef MAIL_MAP_H
#define MAIL_MAP_H

#include <stdbool.h>
#include <stddef.h>

struct arena;

/*
 * From a place in a derived text back to the bytes that it was made of.  Runs
 * are in order; in a straight run both sides advance byte by byte, else the
 * whole run stems from the input at its start.
 */
struct map_run {
	size_t out;		/* where the run begins in the derived text */
	size_t in;		/* where it begins in the input */
	bool is_straight;
};

struct map {
	struct arena *arena;
	struct map_run *runs;
	size_t count;
	size_t size;
	size_t out_end;		/* length of the derived text */
	size_t in_end;		/* end of the input that the last run covers */
};

/** map_add(m, out, out_length, in, in_length): Say that out came from in; merges straight neighbours. */
void map_add(struct map *m, size_t out, size_t out_length, size_t in, size_t in_length);

/** map_identity(m, length): out and in are the same ${length} bytes. */
void map_identity(struct map *m, size_t length);

/** map_back(m, out, length, in, in_length): The smallest stretch of input that covers out. */
void map_back(const struct map *m, size_t out, size_t length, size_t *in, size_t *in_length);

/** map_compose(first, second): Make ${second} (text <- middle) one of text <- input, ${first} being middle <- input. */
void map_compose(const struct map *first, struct map *second);

#endif /* !MAIL_MAP_H */
