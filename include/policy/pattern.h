/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef POLICY_PATTERN_H
#define POLICY_PATTERN_H

#include <stdbool.h>

#include "base/arena.h"
#include "base/span.h"

/*
 * The text of a pattern, between its slashes, made ready for views.  It is a
 * regular expression: only what stands for itself in it may be touched.
 */

/**
 * pattern_fold(a, text):
 * ${text} in NFC, and each literal "hỏa" or "hoả" as "(?:hỏa|hoả)", so that it
 * finds the tone in either place.  Classes, \Q...\E, comments and pairs with a
 * quantifier stay.  Where nothing changes, ${text} itself.
 */
struct span pattern_fold(struct arena *a, struct span text);

/** pattern_is_bare(text): Has it letters that stand for themselves, all of them ASCII? */
bool pattern_is_bare(struct span text);

#endif /* !POLICY_PATTERN_H */
