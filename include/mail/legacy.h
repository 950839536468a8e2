/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef MAIL_LEGACY_H
#define MAIL_LEGACY_H

#include <stddef.h>

#include "base/arena.h"
#include "base/span.h"

struct map;

/*
 * Vietnamese from before Unicode, as it arrives: letters of an 8-bit font or charset
 * that nobody named, read as windows-1252; or ASCII with marks behind the letters.
 * Decided by the text line by line, never by the name of a font: one document may mix.
 */
enum legacy_kind {
	LEGACY_TCVN3, LEGACY_VNI, LEGACY_VISCII, LEGACY_WINDOWS_1258, LEGACY_VIQR,
	LEGACY_COUNT,
};

/**
 * legacy_scan(s):
 * What may ${s} be (valid UTF-8, nothing stripped or normalised yet: the "ư" of
 * TCVN3 is a soft hyphen)?  Bits 1 << enum legacy_kind; 0 for nearly every text.
 */
unsigned legacy_scan(struct span s);

/**
 * legacy_read(a, kind, s, m, misfits):
 * ${s} read as ${kind}.  Of a text that is legacy for the most part, all of it;
 * else those lines that may be.  ${m}, if not NULL, gets the way back; ${misfits}
 * the letters that mean nothing in ${kind} and the words that make no syllables of
 * Vietnamese: the likeliest reading has the fewest.
 * Empty if nothing in ${s} means anything in ${kind}.
 */
struct span legacy_read(struct arena *a, enum legacy_kind kind, struct span s,
    struct map *m, size_t *misfits);

#endif /* !MAIL_LEGACY_H */
