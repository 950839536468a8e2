/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef FOLD_INTERNAL_H
#define FOLD_INTERNAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/span.h"

struct map;

/* Tables over the first planes of Unicode; what lies beyond folds to nothing. */
#define FOLD_CODES 0x20000
#define FOLD_BLOCK 256

/* What stands in a table instead of the character to put. */
enum {
	FOLD_OTHER,	/* no letter, stays */
	FOLD_LETTER,	/* stays */
	FOLD_DROP,	/* a mark: `bare` leaves it out */
};

/* Made while building, by fold_table_make. */
extern const uint16_t fold_values[][FOLD_BLOCK], bare_values[][FOLD_BLOCK];
extern const unsigned char fold_blocks[], bare_blocks[];

static inline uint32_t
fold_value(uint32_t code)
{
	return code >= FOLD_CODES ? FOLD_OTHER :
	    fold_values[fold_blocks[code / FOLD_BLOCK]][code % FOLD_BLOCK];
}

static inline uint32_t
bare_value(uint32_t code)
{
	return code >= FOLD_CODES ? FOLD_OTHER :
	    bare_values[bare_blocks[code / FOLD_BLOCK]][code % FOLD_BLOCK];
}

/** fold_is_separator(code): May it stand between the letters of a spaced word? */
bool fold_is_separator(uint32_t code);

/** fold_is_spaced(s, at): Do three single letters with one separator between each two begin at ${at}? */
bool fold_is_spaced(struct span s, size_t at);

/**
 * fold_spaced_end(s, at):
 * Do words whose letters are spaced begin at ${at} of ${s}, one of them of three
 * letters or more?  Return where the last one ends, or 0.
 */
size_t fold_spaced_end(struct span s, size_t at);

/** fold_gap_end(s, at): Behind the separators at ${at}. */
size_t fold_gap_end(struct span s, size_t at);

/**
 * fold_tone_at(s, at, other):
 * Does an open oa, oe or uy with its tone on the wrong vowel begin at ${at} of
 * ${s}?  Return its length, with the right one in ${other}; or 0.
 */
size_t fold_tone_at(struct span s, size_t at, uint32_t other[2]);

#endif /* !FOLD_INTERNAL_H */
