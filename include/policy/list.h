/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef POLICY_LIST_H
#define POLICY_LIST_H

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "base/regex.h"
#include "base/span.h"

/* Words and phrases, compared in lower case after folding (mail/fold). */
struct list {
	struct arena *arena;
	struct span *raw;	/* as written, trimmed */
	struct span *entries;	/* lower case, folded, one blank between words */
	size_t *places;		/* of raw, in its source */
	struct span *addresses;	/* canonical, lower case; NULL before list_seal */
	size_t count;
	size_t size;
	struct span *sorted;	/* entries in order of their bytes */
};

/** list_lower(a, s): ${s} as lists compare it: folded, lower case, blanks joined. */
struct span list_lower(struct arena *a, struct span s);

/** list_add(l, entry, place): Add ${entry}, which stands at ${place}; one without any visible character is left out. */
void list_add(struct list *l, struct span entry, size_t place);

/** list_add_lines(l, text): Add each line of ${text}; "#" begins a comment. */
void list_add_lines(struct list *l, struct span text);

/** list_seal(l): Make ${l} ready to be looked into; nothing is added after this. */
void list_seal(struct list *l);

/** list_has(l, lower): Is one entry the whole of ${lower}, which list_lower made? */
bool list_has(const struct list *l, struct span lower);

/** list_has_address(l, address): Is one entry the canonical ${address}, lower case? */
bool list_has_address(const struct list *l, struct span address);

/* A text and the same text in lower case: as many characters, not always bytes. */
struct list_text {
	struct span text;
	struct span lower;
	size_t at, lower_at;	/* where to look next; begin with 0, 0 */
	bool is_after_word;	/* begin with false */
};

/**
 * list_next(l, t, hit):
 * The next place in ${t} where an entry stands as whole words, the longest of
 * those that begin there; a blank of the entry is one or two blanks on the same
 * line.  Return 1 with ${hit} in bytes of t->text, or 0.
 */
int list_next(const struct list *l, struct list_text *t, struct regex_hit *hit);

#endif /* !POLICY_LIST_H */
