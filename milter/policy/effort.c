/* SPDX-License-Identifier: BSD-2-Clause */
#include <string.h>

#include "base/buffer.h"
#include "base/regex.h"

#include "effort_internal.h"

#define STEPS_MOST 100000
#define STEPS_NONE 1000		/* less is nothing, however it grows */
#define WORD_LONG 4		/* characters: then fewer rounds will do */

/* Rounds of a word; each twice the one before. */
static const size_t rounds[] = { 2, 4, 8, 16, 32, 64 };
#define ROUNDS (sizeof(rounds) / sizeof(rounds[0]))

/* What may stand behind the words so that the match fails there. */
static const char *const ends[] = { "\n", "!", "\x01", "" };

static uint32_t
steps(struct arena *a, const struct regex *re, const struct pump *p, size_t n,
    const char *end)
{
	struct buffer b = { .arena = a };
	size_t i;

	buffer_add(&b, p->prefix);
	for (i = 0; i < n; i++)
		buffer_add(&b, p->word);
	buffer_text(&b, end);
	return regex_steps(re, buffer_span(&b), STEPS_MOST);
}

/*
 * Twice the text, so many times the steps: about 4 if quadratic, 8 if cubic, and
 * a square of what it was if exponential.
 */
static enum growth
growth_of(const uint32_t *counts, size_t n)
{
	enum growth growth = GROWTH_LINEAR;
	size_t i;

	for (i = 1; i < n; i++) {
		if (counts[i] < STEPS_NONE)
			continue;
		if (counts[i] / 24 > counts[i - 1])
			return GROWTH_EXPONENTIAL;
		if (counts[i] >= STEPS_MOST ||
		    counts[i] > 5.6 * counts[i - 1])
			growth = GROWTH_CUBIC;
		else if (counts[i] > 2.8 * counts[i - 1] &&
		    growth == GROWTH_LINEAR)
			growth = GROWTH_QUADRATIC;
	}
	return growth;
}

static enum growth
measure(const struct regex *re, const struct pump *p, const char *end)
{
	struct arena *a = arena_new();
	uint32_t counts[ROUNDS];
	size_t n, divide = p->word.n > WORD_LONG ? 2 : 1;
	enum growth growth;

	for (n = 0; n < ROUNDS; n++) {
		counts[n] = steps(a, re, p, rounds[n] / divide, end);
		if (counts[n] >= STEPS_MOST) {
			n++;
			break;
		}
	}
	growth = growth_of(counts, n);
	arena_free(a);
	return growth;
}

static enum growth
measure_all(const struct regex *re, const struct pump *p)
{
	enum growth worst = GROWTH_LINEAR, one;
	size_t i;

	for (i = 0; i < sizeof(ends) / sizeof(ends[0]) && worst < GROWTH_CUBIC; i++) {
		one = measure(re, p, ends[i]);
		if (one > worst)
			worst = one;
	}
	return worst;
}

static void
take_worst(struct effort *e, const struct pump *p, enum growth growth)
{
	if (growth <= e->growth)
		return;
	e->growth = growth;
	e->where = p->where;
	e->word = p->word;
}

/* ${pattern}, and behind it what never matches: all ways are tried. */
static struct regex *
compile_failing(struct arena *a, struct span pattern, unsigned flags)
{
	const char *text = arena_print(a, "(?:%.*s%s)(?!)", SPAN_PRINT(pattern),
	    (flags & REGEX_EXTENDED) != 0 ? "\n" : "");

	return regex_compile_slow(span_of(text), flags);
}

static void
try_pumps(struct arena *a, struct span pattern, unsigned flags,
    const struct pump *pumps, size_t n, struct effort *e)
{
	struct regex *re = regex_compile_slow(pattern, flags);
	struct regex *failing = NULL;
	size_t i;

	for (i = 0; re != NULL && i < n && e->growth < GROWTH_CUBIC; i++) {
		if (pumps[i].is_exponential && failing == NULL)
			failing = compile_failing(a, pattern, flags);
		if (pumps[i].is_exponential && failing != NULL &&
		    measure_all(failing, &pumps[i]) == GROWTH_EXPONENTIAL)
			take_worst(e, &pumps[i], GROWTH_EXPONENTIAL);
		else
			take_worst(e, &pumps[i], measure_all(re, &pumps[i]));
	}
	regex_free(failing);
	regex_free(re);
}

static bool
is_repeated_twice(struct span pattern)
{
	size_t i, n = 0;

	for (i = 0; i < pattern.n; i++)
		n += strchr("*+{", pattern.p[i]) != NULL;
	return n > 1;
}

/* The syntax says nothing: each of its letters, and what classes often take. */
static size_t
guess(struct arena *a, struct span pattern, struct pump *pumps)
{
	static const char often[] = "a0 ";
	size_t i, n = 0;

	for (i = 0; often[i] != '\0'; i++)
		pumps[n++].word = (struct span){ &often[i], 1 };
	for (i = 0; i < pattern.n && n < PUMPS_MAX; i++)
		if ((pattern.p[i] | 0x20) >= 'a' && (pattern.p[i] | 0x20) <= 'z')
			pumps[n++].word = arena_copy(a, span_sub(pattern, i, 1));
	for (i = 0; i < n; i++)
		pumps[i].prefix = span_of("");
	for (i = 0; i < n; i++)
		pumps[i].where = pattern;
	return n;
}

void
effort_probe(struct arena *a, struct span pattern, unsigned flags,
    struct effort *e)
{
	struct pump pumps[PUMPS_MAX] = { 0 };
	const struct node *root = syntax_parse(a, pattern, flags);
	const struct graph *g = NULL;
	size_t n = 0;

	*e = (struct effort){ .growth = GROWTH_LINEAR, .where = pattern };
	if (root != NULL && !graph_is_worth_it(root))
		return;
	if (root != NULL)
		g = graph_build(a, root, flags);
	if (g != NULL)
		n = graph_pumps(g, pumps);
	else if (is_repeated_twice(pattern))
		n = guess(a, pattern, pumps);
	if (n != 0)
		try_pumps(a, pattern, flags, pumps, n, e);
}
