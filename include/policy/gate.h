/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef POLICY_GATE_H
#define POLICY_GATE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/span.h"

struct arena;
struct literals;

/*
 * Which patterns can match a text at all: one look at the text for all of them,
 * instead of one for each.
 *
 * A pattern whose matches all contain one of its literals (policy/literal)
 * cannot match a text that holds none of them.  The look has two stages, and
 * both may only err towards "it can":
 *
 *  1. Of each literal three bytes in a row are chosen, the rarest in Vietnamese
 *     prose, in each way to write them (case).  Pairs of bytes at every second
 *     place of the text are compared: three bytes always cover one such pair.
 *  2. Where the three bytes stand, an Aho-Corasick automaton reads folded
 *     characters, from as far back as a literal can begin until it holds no
 *     beginning of a literal any more.  It reads no character twice.
 */
struct gate;		/* immutable: any number of threads */

/** GATE_LEAST: With fewer patterns to keep out no text is looked at. */
#define GATE_LEAST 3

/**
 * gate_new(sets, count):
 * A gate for the patterns 0 to ${count} - 1, whose literals are ${sets}.  Those
 * without any, and those whose literals no three bytes announce, always may
 * match.  At most 32 MB of transitions: patterns beyond them always may.
 */
struct gate *gate_new(const struct literals *const *sets, size_t count);

/** gate_free(g): NULL is nothing. */
void gate_free(struct gate *g);

/** gate_words(g): How many words a set has. */
size_t gate_words(const struct gate *g);

/** gate_guards(g): How many patterns it may keep out. */
size_t gate_guards(const struct gate *g);

/**
 * gate_scan(g, a, text):
 * What may match ${text} (valid UTF-8, in any case, of any normal form): a set
 * for gate_may_match, in ${a} or in ${g}.
 */
const uint64_t *gate_scan(const struct gate *g, struct arena *a, struct span text);

/** gate_may_match(set, pattern): false only if ${pattern} has no match in the text. */
bool gate_may_match(const uint64_t *set, size_t pattern);

#endif /* !POLICY_GATE_H */
