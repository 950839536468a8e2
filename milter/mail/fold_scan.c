/* SPDX-License-Identifier: BSD-2-Clause */
#include <endian.h>
#include <string.h>

#include "mail/unicode.h"

#include "fold_internal.h"
#include "mail/fold.h"

/*
 * Most letters need no folding, and each one is asked.  So 64 bytes at a time
 * become masks, one bit a byte, and only what can matter is looked at.
 */
#define BLOCK 64
#define STEP (BLOCK - 8)	/* a separator, a character and a separator fit into 8 */

#define EACH(byte) ((uint64_t)(byte) * 0x0101010101010101ULL)

struct masks {
	uint64_t gaps;		/* ASCII, but no letter or digit */
	uint64_t leads;		/* first bytes of longer characters */
	uint64_t tails;		/* their other bytes */
};

/* The top bits of eight bytes, the first one lowest. */
static uint64_t
top_bits(uint64_t eight)
{
	return ((eight & EACH(0x80)) * 0x0002040810204081ULL) >> 56;
}

/* Top bits set where the lower seven are in ${first} to ${last}. */
static uint64_t
in_range(uint64_t sevens, unsigned first, unsigned last)
{
	return (sevens + EACH(0x80 - first)) & ~(sevens + EACH(0x7F - last));
}

static void
masks_fill(struct masks *m, const unsigned char *p)
{
	uint64_t eight, sevens, words;
	unsigned i;

	memset(m, 0, sizeof(*m));
	for (i = 0; i < BLOCK; i += 8) {
		memcpy(&eight, p + i, 8);
		eight = le64toh(eight);
		sevens = eight & EACH(0x7F);
		words = in_range(sevens | EACH(0x20), 'a', 'z') |
		    in_range(sevens, '0', '9');
		m->gaps |= top_bits(~words & ~eight) << i;
		m->leads |= top_bits(eight & eight << 1) << i;
		m->tails |= top_bits(eight & ~(eight << 1)) << i;
	}
}

/* One bit behind each character that stands alone between two gaps. */
static uint64_t
alone(const struct masks *m)
{
	uint64_t behind = (m->gaps << 1 & ~m->gaps & ~m->tails) << 1, ends;

	ends = (behind & ~m->tails) | (((behind & m->tails) + m->tails) & ~m->tails);
	return ends & m->gaps;
}

static size_t
character_before(struct span s, size_t at)
{
	if (at == 0)
		return 0;
	for (at--; at != 0 && ((unsigned char)s.p[at] & 0xC0) == 0x80; at--)
		continue;
	return at;
}

/* Does a spaced word begin one or three characters before the separator at ${at}? */
static bool
is_spaced(struct span s, size_t at)
{
	size_t before = character_before(s, at);

	return fold_is_spaced(s, before) ||
	    fold_is_spaced(s, character_before(s, character_before(s, before)));
}

/*
 * May the letter of ${n} bytes at ${at} be one of a pair with its tone in the
 * wrong place?  Then "o" or "u" is before it, or "q"; and no letter behind it.
 */
static inline bool
may_have_tone(struct span s, size_t at, size_t n)
{
	char before = at == 0 ? '\0' : s.p[at - 1] | 0x20;
	char behind = at + n < s.n ? s.p[at + n] | 0x20 : '\0';

	if (before == 'q')
		return behind == 'y';
	return (before == 'o' || before == 'u') && !(behind >= 'a' && behind <= 'z');
}

static bool
has_tone(struct span s, size_t at)
{
	uint32_t other[2];

	return fold_tone_at(s, at, other) != 0 || fold_tone_at(s, at - 1, other) != 0;
}

/* Letters of Vietnamese that are themselves, by their first bytes. */
static inline bool
is_common(const unsigned char *p)
{
	if (p[0] == 0xC3)
		return p[1] != 0x90 && p[1] != 0xB0;
	if (p[0] == 0xC4)
		return p[1] != 0xB1;
	if (p[0] == 0xC6)
		return p[1] == 0xA0 || p[1] == 0xA1 || p[1] == 0xAF || p[1] == 0xB0;
	return p[0] == 0xE1 && (p[1] == 0xBA || p[1] == 0xBB) && p[2] >= 0xA0 &&
	    (p[1] == 0xBA || p[2] <= 0xB9);
}

static inline unsigned
lead_needs(struct span s, size_t at)
{
	const unsigned char *p = (const unsigned char *)s.p + at;
	unsigned needs = 0;
	uint32_t code = 0;
	size_t n;

	n = is_common(p) ? (p[0] == 0xE1 ? 3 : 2) : unicode_next(s, at, &code);
	if (may_have_tone(s, at, n) && has_tone(s, at))
		needs |= FOLD_TONES;
	if (is_common(p))
		return needs;
	if (fold_value(code) > FOLD_LETTER)
		needs |= FOLD_LETTERS;
	if (fold_is_separator(code) && is_spaced(s, at))
		needs |= FOLD_SPACING;
	return needs;
}

/* The needs of what begins in the first ${n} bytes of the block at ${at}. */
static unsigned
block_needs(struct span s, size_t at, const unsigned char *block, size_t n)
{
	struct masks m;
	uint64_t bits;
	unsigned needs = 0;

	masks_fill(&m, block);
	for (bits = alone(&m); bits != 0; bits &= bits - 1) {
		size_t i = (size_t)__builtin_ctzll(bits);

		if (is_spaced(s, at + i))
			needs |= FOLD_SPACING;
	}
	for (bits = m.leads & (((uint64_t)1 << n) - 1); bits != 0; bits &= bits - 1)
		needs |= lead_needs(s, at + (size_t)__builtin_ctzll(bits));
	return needs;
}

unsigned
fold_scan(struct span s)
{
	unsigned char last[BLOCK];
	unsigned needs = 0;
	size_t at;

	for (at = 0; s.n - at >= BLOCK; at += STEP)
		needs |= block_needs(s, at, (const unsigned char *)s.p + at, STEP);
	memset(last, 'a', sizeof(last));	/* no gap, so that nothing stands alone */
	if (s.n != at)
		memcpy(last, s.p + at, s.n - at);
	return needs | block_needs(s, at, last, s.n - at);
}
