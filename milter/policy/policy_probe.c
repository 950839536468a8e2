/* SPDX-License-Identifier: BSD-2-Clause */
#include <string.h>

#include "base/buffer.h"
#include "base/err.h"
#include "base/fault.h"
#include "base/source.h"
#include "mail/unicode.h"

#include "policy/lexer.h"
#include "policy/pattern.h"
#include "policy_internal.h"

#define WORD_SHOWN 24	/* bytes */

static void
key_of(struct span pattern, unsigned flags, uint8_t key[DIGEST_BYTES])
{
	struct span fields[] = {
		{ (const char *)&flags, sizeof(flags) }, pattern,
	};

	digest_fields(fields, 2, key);
}

/* The entry of ${key}, or the free one where it would stand. */
static struct probed *
place_of(const struct policy *p, const uint8_t key[DIGEST_BYTES])
{
	size_t i;

	memcpy(&i, key, sizeof(i));
	for (i &= p->probed_size - 1; p->probed[i].is_used &&
	    memcmp(p->probed[i].key, key, DIGEST_BYTES) != 0;
	    i = (i + 1) & (p->probed_size - 1))
		;
	return &p->probed[i];
}

static const struct probed *
known(const struct policy *p, const uint8_t key[DIGEST_BYTES])
{
	const struct probed *one;

	if (p == NULL || p->probed_size == 0)
		return NULL;
	one = place_of(p, key);
	return one->is_used ? one : NULL;
}

static void
make_table(struct policy *p)
{
	p->probed_size = 16;
	while (p->probed_size < 2 * p->pattern_count)
		p->probed_size *= 2;
	p->probed = ARENA_ARRAY(p->arena, struct probed, p->probed_size);
}

static void
probe(struct policy *p, struct span pattern, unsigned flags, struct probed *one)
{
	struct arena *a = arena_new();

	effort_probe(a, pattern, flags, &one->effort);
	one->where = (size_t)(one->effort.where.p - pattern.p);
	one->length = one->effort.where.n;
	one->effort.where = (struct span){ NULL, 0 };
	one->effort.word = arena_copy(p->arena, one->effort.word);
	arena_free(a);
	p->probes++;
}

static const struct probed *
look_up(struct policy *p, const struct policy *before, struct span pattern,
    unsigned flags)
{
	uint8_t key[DIGEST_BYTES];
	const struct probed *old;
	struct probed *one;

	key_of(pattern, flags, key);
	one = place_of(p, key);
	if (one->is_used)
		return one;
	old = known(before, key);
	if (old != NULL) {
		*one = *old;
		one->effort.word = arena_copy(p->arena, old->effort.word);
	} else
		probe(p, pattern, flags, one);
	memcpy(one->key, key, DIGEST_BYTES);
	one->is_used = true;
	return one;
}

static const char *
readable(struct arena *a, struct span word)
{
	struct buffer b = { .arena = a };
	size_t at = 0, n;
	uint32_t code;

	while ((n = unicode_next(word, at, &code)) != 0 && at + n <= WORD_SHOWN) {
		if (code < ' ')
			buffer_print(&b, code == '\n' ? "\\n" : "\\x%02x",
			    (unsigned)code);
		else
			buffer_add(&b, span_sub(word, at, n));
		at += n;
	}
	return buffer_string(&b);
}

/* Folding may have changed the pattern elsewhere: the repeat is looked for. */
static void
find_repeat(const struct token *t, struct span pattern, const struct probed *one,
    size_t *offset, size_t *length)
{
	struct span repeat = span_sub(pattern, one->where, one->length);
	size_t at = one->where;

	if (!span_equal(pattern, t->text))
		at = span_find(t->text, repeat);
	*offset = t->offset;
	*length = t->length;
	if (at == t->text.n)
		return;
	*offset += 1 + at;
	*length = repeat.n;
}

static void
tell(const struct policy *p, const struct predicate *pr, struct span pattern,
    const struct probed *one, struct faults *f)
{
	const char *word = readable(p->arena, one->effort.word);
	size_t offset, length;

	find_repeat(pr->value_token, pattern, one, &offset, &length);
	if (one->effort.growth == GROWTH_EXPONENTIAL)
		faults_add(f, pr->list_source, offset, length, "pattern: each '%s' "
		    "more in a text doubles the work: let nothing be read by it in "
		    "two ways, or make an inner repeat possessive ('++' for '+')",
		    word);
	else if (one->effort.growth == GROWTH_CUBIC)
		faults_add(f, pr->list_source, offset, length, "pattern: the work "
		    "grows with the cube of the number of '%s' in a text, or faster: "
		    "make repeats possessive ('*+' for '*')", word);
	else if (one->effort.growth == GROWTH_QUADRATIC)
		faults_warn(f, pr->list_source, offset, length, "pattern: the work "
		    "grows with the square of the number of '%s' in a text: make a "
		    "repeat possessive ('*+' for '*')", word);
}

void
policy_probe(struct policy *p, const struct policy *before, struct faults *f)
{
	const struct predicate *pr;
	const struct probed *one;
	struct arena *a = arena_new();
	struct span pattern;

	make_table(p);
	for (pr = p->predicates; pr != NULL; pr = pr->next) {
		if (pr->regex == NULL)
			continue;
		pattern = pattern_fold(a, pr->value_token->text);
		one = look_up(p, before, pattern, pr->flags);
		if (one->effort.growth != GROWTH_LINEAR)
			tell(p, pr, pattern, one, f);
	}
	arena_free(a);
}
