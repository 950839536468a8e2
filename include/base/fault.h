/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef BASE_FAULT_H
#define BASE_FAULT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "base/span.h"

struct source;

/* What is wrong with files that people write: all of it, in one run. */
struct fault {
	const char *file;
	size_t line;		/* from 1 */
	size_t column;		/* from 1, in characters */
	bool is_warning;
	char *message;
	char *excerpt;		/* the line itself; may be NULL */
	size_t width;		/* characters to underline, at least 1 */
	struct fault *next;
};

/* Begin with { 0 }; end with faults_end.  Does not own sources' names: a
 * fault copies what it needs. */
struct faults {
	struct fault *first, *last;
	size_t errors, warnings;
};

/**
 * faults_add(f, src, offset, length, format, ...):
 * An error at the byte ${offset} of ${src}'s text, ${length} bytes wide.  ${src}
 * may be NULL (no place).
 */
void faults_add(struct faults *f, const struct source *src, size_t offset,
    size_t length, const char *format, ...) __attribute__((format(printf, 5, 6)));

/** faults_warn: as faults_add, a warning: it stops nothing. */
void faults_warn(struct faults *f, const struct source *src, size_t offset,
    size_t length, const char *format, ...) __attribute__((format(printf, 5, 6)));

/**
 * faults_print(f, out, with_excerpt):
 * Each as "file:line:col: message" (warnings: "file:line:col: warning: ..."),
 * sorted by file and place; with the line and a caret below if wanted.
 */
void faults_print(const struct faults *f, FILE *out, bool with_excerpt);

/** faults_end(f): Free what ${f} holds. */
void faults_end(struct faults *f);

/**
 * fault_suggest(word, known):
 * The entry of ${known} (ended by NULL) nearest to ${word} by edit distance,
 * transpositions counted once; NULL if none is near enough to have been meant.
 */
const char *fault_suggest(struct span word, const char *const *known);

#endif /* !BASE_FAULT_H */
