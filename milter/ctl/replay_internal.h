/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef REPLAY_INTERNAL_H
#define REPLAY_INTERNAL_H

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "base/span.h"

struct context;
struct err;
struct verdict;

/* Saved letters: those of a file, an mbox, a Maildir or a folder of all of them. */
struct saved;

/* One of them. */
struct saved_letter {
	const char *source;	/* its path; "path#3" is the third of an mbox */
	char *bytes;
	size_t n;
	const char *fault;	/* why it cannot be read; NULL */
};

/**
 * saved_open(path, size_limit, e):
 * List what is in ${path}: in a folder everything but what begins with a dot, in
 * order of name; of a Maildir, cur and new.  A letter of more than ${size_limit}
 * bytes is a fault.  NULL with the reason if ${path} is not there.
 */
struct saved *saved_open(const char *path, size_t size_limit, struct err *e);

/** saved_next(s, a, l): The next letter, in ${a}; false when there are no more. */
bool saved_next(struct saved *s, struct arena *a, struct saved_letter *l);

/** saved_percent(s): How much of the bytes was given out. */
unsigned saved_percent(const struct saved *s);

/** saved_close(s): NULL is nothing. */
void saved_close(struct saved *s);

/** outcome_is_same(a, b): Would the same become of the letter, by the same rules? */
bool outcome_is_same(const struct verdict *a, const struct verdict *b);

/** outcome_change(a, old, new): The kind of change for a summary: "accept -> reject". */
const char *outcome_change(struct arena *a, const struct verdict *old,
    const struct verdict *new);

enum report_format { REPORT_TABLE, REPORT_JSON, REPORT_CSV };

/* What is told of a replay: the letters one by one, in the end how many of them. */
struct report;

/* A letter that was judged twice. */
struct report_row {
	const char *source;
	struct span message_id;
	const struct verdict *old;
	const struct verdict *new;
};

/** report_new(ctx, a, format, is_all): In ${a}; is_all: of unchanged ones too. */
struct report *report_new(const struct context *ctx, struct arena *a,
    enum report_format format, bool is_all);

/** report_row(r, row): Tell and count it; nothing of ${row} is kept. */
void report_row(struct report *r, const struct report_row *row);

/** report_fault(r, source, why): Say that a letter could not be read, and count it. */
void report_fault(struct report *r, const char *source, const char *why);

/** report_progress(r, percent): Show it, on a terminal alone and not too often. */
void report_progress(struct report *r, unsigned percent);

/** report_end(r): The summary, and the exit status. */
int report_end(struct report *r);

#endif /* !REPLAY_INTERNAL_H */
