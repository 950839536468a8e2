/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef LEGACY_INTERNAL_H
#define LEGACY_INTERNAL_H

#include <stdbool.h>
#include <stdint.h>

#include "mail/legacy.h"
#include "mail/rewrite.h"

/** legacy_byte(code): The windows-1252 byte 80 to FF that ${code} was; 0 if none. */
unsigned legacy_byte(uint32_t code);

/**
 * legacy_letter(kind, s, at, code):
 * The letter that begins at ${at} of ${s} in ${kind}, one of the 8-bit ones.
 * Return how many bytes of ${s} it takes, or 0 if there is none.
 */
size_t legacy_letter(enum legacy_kind kind, struct span s, size_t at, uint32_t *code);

/** legacy_misfits(s): How many words of ${s} with letters beyond ASCII are no syllables of Vietnamese. */
size_t legacy_misfits(struct span s);

/** viqr_is_likely(s): Are there enough letters with marks that no other text has? */
bool viqr_is_likely(struct span s);

/** viqr_read(r): Rewrite all of it; return how many letters were put. */
size_t viqr_read(struct rewrite *r);

#endif /* !LEGACY_INTERNAL_H */
