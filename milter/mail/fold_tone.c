/* SPDX-License-Identifier: BSD-2-Clause */
#include "mail/unicode.h"

#include "fold_internal.h"
#include "mail/fold.h"

#define TONES 6
#define ROWS 5

/* Vowels and their tones: none, grave, acute, hook, tilde, dot below. */
static const uint16_t vowels[2 * ROWS][TONES] = {
	{ 'a', 0xE0, 0xE1, 0x1EA3, 0xE3, 0x1EA1 },
	{ 'e', 0xE8, 0xE9, 0x1EBB, 0x1EBD, 0x1EB9 },
	{ 'o', 0xF2, 0xF3, 0x1ECF, 0xF5, 0x1ECD },
	{ 'u', 0xF9, 0xFA, 0x1EE7, 0x169, 0x1EE5 },
	{ 'y', 0x1EF3, 0xFD, 0x1EF7, 0x1EF9, 0x1EF5 },
	{ 'A', 0xC0, 0xC1, 0x1EA2, 0xC3, 0x1EA0 },
	{ 'E', 0xC8, 0xC9, 0x1EBA, 0x1EBC, 0x1EB8 },
	{ 'O', 0xD2, 0xD3, 0x1ECE, 0xD5, 0x1ECC },
	{ 'U', 0xD9, 0xDA, 0x1EE6, 0x168, 0x1EE4 },
	{ 'Y', 0x1EF2, 0xDD, 0x1EF6, 0x1EF8, 0x1EF4 },
};

static bool
vowel_find(uint32_t code, size_t *row, size_t *tone)
{
	for (*row = 0; *row < 2 * ROWS; (*row)++)
		for (*tone = 0; *tone < TONES; (*tone)++)
			if (vowels[*row][*tone] == code)
				return true;
	return false;
}

bool
fold_tone_pair(const uint32_t pair[2], uint32_t other[2])
{
	size_t row[2], tone[2];
	char first, second;

	if (!vowel_find(pair[0], &row[0], &tone[0]) ||
	    !vowel_find(pair[1], &row[1], &tone[1]) ||
	    (tone[0] == 0) == (tone[1] == 0))
		return false;
	first = (char)vowels[row[0] % ROWS][0];
	second = (char)vowels[row[1] % ROWS][0];
	if (!(first == 'o' && (second == 'a' || second == 'e')) &&
	    !(first == 'u' && second == 'y'))
		return false;
	other[0] = vowels[row[0]][tone[1]];
	other[1] = vowels[row[1]][tone[0]];
	return true;
}

/* Behind "q" the "u" is no vowel: quý has its tone in the right place. */
static bool
is_after_q(struct span s, size_t at)
{
	return at != 0 && (s.p[at - 1] | 0x20) == 'q';
}

/* A quick no for most letters. */
static bool
is_o_or_u(uint32_t code)
{
	if (code < 0x80)
		return (code | 0x20) == 'o' || (code | 0x20) == 'u';
	return (code >= 0xD2 && code <= 0xFA) || code == 0x168 || code == 0x169 ||
	    (code >= 0x1ECC && code <= 0x1EE7);
}

size_t
fold_tone_at(struct span s, size_t at, uint32_t other[2])
{
	uint32_t pair[2], next = 0;
	size_t first = unicode_next(s, at, &pair[0]), second;
	bool is_on_second;

	if (first == 0 || !is_o_or_u(pair[0]))
		return 0;
	second = unicode_next(s, at + first, &pair[1]);
	if (second == 0 || !fold_tone_pair(pair, other))
		return 0;
	is_on_second = pair[0] < 0x80;
	if (is_on_second == is_after_q(s, at))
		return 0;
	if (unicode_next(s, at + first + second, &next) != 0 &&
	    (fold_value(next) != FOLD_OTHER || bare_value(next) == FOLD_DROP))
		return 0;	/* closed, as in hoàn: only one place is right */
	return first + second;
}
