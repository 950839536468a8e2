/* SPDX-License-Identifier: BSD-2-Clause */
#include "mail/unicode.h"

#include "fold_internal.h"

#define LETTERS_LEAST 3		/* "a b" happens in honest texts */
#define WORDS_MOST 8		/* of two letters, before one that has three */
#define GAP_MOST 12		/* bytes between two words: more are columns */

bool
fold_is_separator(uint32_t code)
{
	switch (code) {
	case ' ': case '\t': case '.': case '-': case '_': case '*': case '/':
	case '|': case '+': case '~': case 0xA0: case 0xB7: case 0x2022:
	case 0x202F: case 0x205F: case 0x3000:
		return true;
	default:
		return (code >= 0x2000 && code <= 0x200A) ||
		    (code >= 0x2010 && code <= 0x2015);
	}
}

static bool
is_mark(uint32_t code)
{
	return code >= 0x300 && bare_value(code) == FOLD_DROP;
}

/* A letter, a digit, or a mark on one. */
static bool
is_in_word(uint32_t code)
{
	return (code >= '0' && code <= '9') || fold_value(code) != FOLD_OTHER ||
	    is_mark(code);
}

static bool
is_word_before(struct span s, size_t at)
{
	uint32_t code;

	if (at == 0)
		return false;
	for (at--; at != 0 && ((unsigned char)s.p[at] & 0xC0) == 0x80; at--)
		continue;
	unicode_next(s, at, &code);
	return is_in_word(code);
}

/* The length of the letter at ${at} with its marks, if no word goes on behind it; or 0. */
static size_t
single_length(struct span s, size_t at)
{
	uint32_t code;
	size_t n = unicode_next(s, at, &code), k;

	if (n == 0 || fold_value(code) == FOLD_OTHER)
		return 0;
	while ((k = unicode_next(s, at + n, &code)) != 0 && is_mark(code))
		n += k;
	return k != 0 && is_in_word(code) ? 0 : n;
}

/* Single letters with one separator between each two, at most ${most}: their end. */
static size_t
letters_end(struct span s, size_t at, size_t most, size_t *count)
{
	size_t n, k, end = at;
	uint32_t code;

	for (*count = 0; *count < most && (n = single_length(s, at)) != 0;) {
		++*count;
		end = at + n;
		k = unicode_next(s, end, &code);
		if (k == 0 || !fold_is_separator(code))
			break;
		at = end + k;
	}
	return end;
}

bool
fold_is_spaced(struct span s, size_t at)
{
	size_t count;

	if (is_word_before(s, at))
		return false;
	letters_end(s, at, LETTERS_LEAST, &count);
	return count >= LETTERS_LEAST;
}

size_t
fold_gap_end(struct span s, size_t at)
{
	uint32_t code;
	size_t n;

	while ((n = unicode_next(s, at, &code)) != 0 && fold_is_separator(code))
		at += n;
	return at;
}

size_t
fold_spaced_end(struct span s, size_t at)
{
	size_t count, words, end = 0, next;
	bool is_spaced = false;

	if (is_word_before(s, at))
		return 0;
	for (words = 0; is_spaced || words < WORDS_MOST; words++) {
		next = letters_end(s, at, s.n, &count);
		if (count < 2)
			break;
		end = next;
		is_spaced = is_spaced || count >= LETTERS_LEAST;
		at = fold_gap_end(s, end);
		if (at - end > GAP_MOST)
			break;
	}
	return is_spaced ? end : 0;
}
