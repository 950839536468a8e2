/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef MAIL_FOLD_H
#define MAIL_FOLD_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/span.h"

struct map;

/* What folding would change in a text. */
enum fold_need {
	FOLD_LETTERS = 1,	/* look-alikes, width */
	FOLD_SPACING = 2,	/* M Ậ T */
	FOLD_TONES = 4,		/* hoả for hỏa */
	FOLD_ALL = 7,
};

/**
 * fold_scan(s, wanted):
 * Which of the ${wanted} needs (enum fold_need, ORed) has ${s}, which
 * unicode_readable made?  0 is none.
 */
unsigned fold_scan(struct span s, unsigned wanted);

/**
 * fold_text(a, s, m):
 * ${s}, which unicode_readable made, with letters that look like ASCII or
 * Vietnamese ones put as those, in their case; words whose letters stand alone
 * with one blank, tab, dot or the like between each two joined, if one of them has
 * three letters or more, and one blank put between such words; the tone of an open
 * oa, oe, uy on its first vowel (but quý).  Where nothing changes, ${s} itself.
 * ${m}, if not NULL, gets the way back.
 */
struct span fold_text(struct arena *a, struct span s, struct map *m);

/** fold_bare(a, s, m): ${s}, which fold_text made, without diacritics (đ is d), lower case. */
struct span fold_bare(struct arena *a, struct span s, struct map *m);

/**
 * fold_tone_pair(pair, other):
 * Is ${pair} one of oa, oe, uy with a tone on one of the two?  Then ${other} is
 * the same with the tone on the other one: "oả" and "ỏa".
 */
bool fold_tone_pair(const uint32_t pair[2], uint32_t other[2]);

#endif /* !MAIL_FOLD_H */
