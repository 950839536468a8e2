/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef MAIL_UNICODE_H
#define MAIL_UNICODE_H

#include <stdint.h>

#include "base/arena.h"
#include "base/span.h"

struct map;

/** unicode_next(s, at, code): Decode one character of valid UTF-8 ${s} at ${at}; return its length, 0 at the end. */
size_t unicode_next(struct span s, size_t at, uint32_t *code);

/** unicode_put(code, out): Write ${code} as UTF-8 into ${out}; return 1 to 4. */
size_t unicode_put(uint32_t code, char out[4]);

/**
 * unicode_readable(a, s, m):
 * The `text` view of valid UTF-8: invisible characters stripped (zero-width,
 * bidi, soft hyphen, variation selectors), Vietnamese marks put in order
 * (quality before tone), then NFC; CRLF, lone CR and the
 * separators of lines and paragraphs become LF.  ${m}, if not NULL, gets the way back.
 */
struct span unicode_readable(struct arena *a, struct span s, struct map *m);

/** unicode_lower(a, s): Lower case by simple mapping, for comparing without case. */
struct span unicode_lower(struct arena *a, struct span s);

/**
 * unicode_capital(code):
 * ${code} as a style "all capitals" shows it.  Letters of Latin-1 stay as they are:
 * they may be bytes of an old font.
 */
uint32_t unicode_capital(uint32_t code);

/**
 * unicode_caseless(code):
 * One character for all that a pattern without case takes for the same, and
 * perhaps for a few more: K, k and the Kelvin sign; every sigma; I, i and both
 * Turkish ones.
 */
uint32_t unicode_caseless(uint32_t code);

/** unicode_is_word(code): Is it a letter, a mark, a digit or "_"? */
int unicode_is_word(uint32_t code);

/** unicode_width(s): Columns of a terminal that valid UTF-8 ${s} takes. */
size_t unicode_width(struct span s);

#endif /* !MAIL_UNICODE_H */
