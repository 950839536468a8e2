/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef CTL_TEXT_H
#define CTL_TEXT_H

#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/span.h"

/* Bytes that strangers wrote, made fit to be printed. */

/**
 * text_next(s, at, code):
 * The character of ${s} at ${at} and its length; a byte that is not UTF-8 is
 * U+FFFD of length 1.  0 at the end.
 */
size_t text_next(struct span s, size_t at, uint32_t *code);

/**
 * text_visible(a, s):
 * ${s} as valid UTF-8 on one line that can do nothing to a terminal: line ends
 * and tabs become a blank; other controls and direction marks U+FFFD.
 */
struct span text_visible(struct arena *a, struct span s);

/** text_cut(a, s, columns): Valid UTF-8 ${s} in at most ${columns} columns, the last one "…" if it was cut. */
struct span text_cut(struct arena *a, struct span s, size_t columns);

#endif /* !CTL_TEXT_H */
