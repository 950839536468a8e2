/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef MAIL_FOLD_H
#define MAIL_FOLD_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/span.h"

struct map;

/**
 * fold_tone_pair(pair, other):
 * Is ${pair} one of oa, oe, uy with a tone on one of the two?  Then ${other} is
 * the same with the tone on the other one: "oả" and "ỏa".
 */
bool fold_tone_pair(const uint32_t pair[2], uint32_t other[2]);

#endif /* !MAIL_FOLD_H */
