/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef SOURCE_INTERNAL_H
#define SOURCE_INTERNAL_H

#include <stdbool.h>

#include "base/source.h"

struct err;

/**
 * source_load(path, name, may_be_empty, e):
 * One file as sources_open would take it, under ${name}; free with source_drop.
 * NULL with the reason, which begins with ${name}.
 */
struct source *source_load(const char *path, const char *name,
    bool may_be_empty, struct err *e);

/* What struct source points into; the source is its first member. */
struct entry {
	struct source source;
	char *name;
	char *bytes;
	char *real;	/* the path after symlinks; NULL for sources_text */
	bool is_opened;	/* by sources_open, not asked for by another file */
};

/* One path by which a file was asked for. */
struct source_alias {
	char *path, *real;
	struct source_alias *next;
};

/** source_entry(name, text): A new one that holds a copy of ${text}. */
struct entry *source_entry(const char *name, struct span text);

/** sources_new(root): A set without files. */
struct sources *sources_new(const char *root);

/** sources_append(first, src): ${src} behind the others. */
void sources_append(struct source **first, struct source *src);

/** sources_note(set, path, real): ${real} was asked for as ${path}. */
void sources_note(struct sources *set, const char *path, const char *real);

/** source_drop(src): NULL is nothing. */
void source_drop(struct source *src);

#endif /* !SOURCE_INTERNAL_H */
