/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef BASE_SOURCE_H
#define BASE_SOURCE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "base/span.h"

struct arena;
struct err;

/* Whole text files for the pure layers, and what is wrong with them. */
struct source {
	const char *name;	/* as errors name it */
	struct span text;	/* NUL behind it */
	struct source *next;	/* in the order of loading */
};

/* A set of sources below one root.  Owns them.  One thread. */
struct sources {
	char *root;		/* absolute folder, after symlinks */
	struct source *first;
	struct source_alias *aliases;	/* how files were asked for */
	int64_t read_ms;	/* when sources_open read it; 0: nobody knows */
	bool is_packed;		/* the disk is not looked at: */
	struct source *packed;	/* what has not been asked for yet */
};

/**
 * sources_open(path, suffix, e):
 * Load ${path}: a file, or every file directly in a folder whose name ends in
 * ${suffix}, in order of name (no such file is an error).  The root is the
 * folder.  Refused: an empty file, one over 16 MiB, one that others may write,
 * one that changed while it was read, one that is not UTF-8.  Return the set,
 * or NULL with the reason, which names the file.
 */
struct sources *sources_open(const char *path, const char *suffix, struct err *e);

/**
 * sources_text(name, text):
 * A set with one source made from ${text} (copied), for tests; its root is ".".
 */
struct sources *sources_text(const char *name, struct span text);

/**
 * sources_get(set, from, relative, e):
 * The file ${relative} to the folder of ${from}, loaded once.  Refused: an
 * absolute path, "..", a place outside the root after symlinks, and what
 * sources_open refuses (an empty list file is allowed).  NULL with the reason.
 */
const struct source *sources_get(struct sources *set, const struct source *from,
    struct span relative, struct err *e);

/**
 * sources_pack(a, set):
 * All of ${set}, which sources_open made, in bytes that sources_unpack reads: its
 * files as they were, whatever becomes of them.  In ${a}.
 */
struct span sources_pack(struct arena *a, const struct sources *set);

/**
 * sources_unpack(bytes, name, e):
 * The set that was packed; sources_get finds in it what was asked for then and
 * nothing else.  NULL with the reason, which begins with ${name}, if ${bytes} are
 * not whole.
 */
struct sources *sources_unpack(struct span bytes, const char *name, struct err *e);

/** sources_free(set): NULL is nothing. */
void sources_free(struct sources *set);

#endif /* !BASE_SOURCE_H */
