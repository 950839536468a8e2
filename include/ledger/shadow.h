/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef LEDGER_SHADOW_H
#define LEDGER_SHADOW_H

#include <stddef.h>
#include <stdint.h>

#include "base/span.h"

struct arena;
struct err;

#define SHADOWS_MAX 100
#define SHADOW_NOTE_LONGEST 300

/* A rule that an operator has put in shadow for a while: breaking the glass. */
struct shadow {
	const char *rule;
	int64_t until_ms;	/* UTC milliseconds: from then on it acts again */
	const char *operator;	/* who did, as the system knows them */
	const char *note;	/* why; may be "" */
};

/* All of them, in a file of the ledger's folder.  Any thread. */
struct shadows;

/** shadows_open(folder, e): Those in ${folder}, none if there is no file; NULL with the reason. */
struct shadows *shadows_open(const char *folder, struct err *e);

/** shadows_free(s): NULL is nothing. */
void shadows_free(struct shadows *s);

/**
 * shadows_put(s, one, e):
 * Put one->rule in shadow until one->until_ms, durably; what was said of it before
 * is replaced.  0, or -1 with the reason: nothing has changed then.
 */
int shadows_put(struct shadows *s, const struct shadow *one, struct err *e);

/** shadows_end(s, rule, e): Let ${rule} act again.  1 done, 0 it was in no shadow of ours, -1. */
int shadows_end(struct shadows *s, struct span rule, struct err *e);

/** shadows_at(s, now_ms, a, count): Those in force at ${now_ms}, copied into ${a}. */
const struct shadow *shadows_at(struct shadows *s, int64_t now_ms,
    struct arena *a, size_t *count);

#endif /* !LEDGER_SHADOW_H */
