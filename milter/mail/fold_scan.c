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

/*
 * By the first byte of a letter, which second bytes make one of Vietnamese that is
 * itself, one bit each.  Without branches: which letter comes next cannot be guessed.
 */
#define TAIL(byte) ((uint64_t)1 << ((byte) & 0x3F))
static const uint64_t common_tails[64] = {
	[0xC3 & 0x3F] = ~(TAIL(0x90) | TAIL(0xB0)),	/* but Ð ð */
	[0xC4 & 0x3F] = ~TAIL(0xB1),			/* but ı */
	[0xC5 & 0x3F] = TAIL(0xA8) | TAIL(0xA9),
	[0xC6 & 0x3F] = TAIL(0xA0) | TAIL(0xA1) | TAIL(0xAF) | TAIL(0xB0),
	[0xE1 & 0x3F] = TAIL(0xBA) | TAIL(0xBB),
};

static bool
is_common(const unsigned char *p)
{
	uint64_t is_pair = common_tails[p[0] & 0x3F] >> (p[1] & 0x3F) & 1;
	/* Of three bytes, only U+1EA0 to U+1EF9. */
	unsigned low = (p[1] & 1U) << 6 | (p[2] & 0x3FU);

	return is_pair & ((p[0] != 0xE1) | ((low >= 0x20) & (low <= 0x79)));
}

static unsigned
uncommon_needs(struct span s, size_t at)
{
	uint32_t code;
	unsigned needs = 0;

	unicode_next(s, at, &code);
	if (fold_value(code) > FOLD_LETTER)
		needs |= FOLD_LETTERS;
	if (fold_is_separator(code) && is_spaced(s, at))
		needs |= FOLD_SPACING;
	return needs;
}

static unsigned
tone_needs(struct span s, size_t at)
{
	uint32_t code;

	if (may_have_tone(s, at, unicode_next(s, at, &code)) && has_tone(s, at))
		return FOLD_TONES;
	return 0;
}

/* The needs, if wanted, of what begins in the first ${n} bytes of the block at ${at}. */
static unsigned
block_needs(struct span s, size_t at, const unsigned char *block, size_t n,
    unsigned wanted)
{
	struct masks m;
	uint64_t bits;
	unsigned needs = 0;
	size_t i;

	masks_fill(&m, block);
	for (bits = alone(&m); bits != 0; bits &= bits - 1)
		if (is_spaced(s, at + (size_t)__builtin_ctzll(bits)))
			needs |= FOLD_SPACING;
	for (bits = m.leads & (((uint64_t)1 << n) - 1); bits != 0; bits &= bits - 1) {
		i = (size_t)__builtin_ctzll(bits);
		if (!is_common(block + i))
			needs |= uncommon_needs(s, at + i);
		if (wanted & FOLD_TONES)
			needs |= tone_needs(s, at + i);
	}
	return needs;
}

unsigned
fold_scan(struct span s, unsigned wanted)
{
	unsigned char last[BLOCK + 2];	/* is_common looks two bytes further */
	unsigned needs = 0;
	size_t at;

	for (at = 0; s.n - at >= BLOCK; at += STEP)
		needs |= block_needs(s, at, (const unsigned char *)s.p + at, STEP, wanted);
	memset(last, 'a', sizeof(last));	/* no gap, so that nothing stands alone */
	if (s.n != at)
		memcpy(last, s.p + at, s.n - at);
	return (needs | block_needs(s, at, last, s.n - at, wanted)) & wanted;
}
