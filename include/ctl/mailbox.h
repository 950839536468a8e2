/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef CTL_MAILBOX_H
#define CTL_MAILBOX_H

#include <stdbool.h>

#include "base/arena.h"
#include "base/span.h"

/*
 * Letters one after the other in a file, each behind a line "From SENDER DATE"
 * (RFC 4155).  Such a line begins a letter at the start of the file, or behind
 * an empty line if a day and a month are in it: "From here on" in a text that
 * nobody quoted is none.
 */

/** mailbox_is(file): Does ${file} begin as one? */
bool mailbox_is(struct span file);

/**
 * mailbox_next(rest, letter):
 * Take the next letter off ${rest}: without its line and the empty line behind
 * it, still quoted.  False when nothing is left.
 */
bool mailbox_next(struct span *rest, struct span *letter);

/**
 * mailbox_unquote(a, letter):
 * A copy in ${a}, in which lines of ">" with "From " behind have one ">" less.
 * It is never longer than ${letter}.
 */
struct span mailbox_unquote(struct arena *a, struct span letter);

#endif /* !CTL_MAILBOX_H */
