/* SPDX-License-Identifier: BSD-2-Clause */
#include "mail/unicode.h"

#include "fold_internal.h"

#define LETTERS_LEAST 3		/* "a b" happens in honest texts */

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

size_t
fold_spaced_end(struct span s, size_t at)
{
	size_t count = 0, n, k, end = 0;
	uint32_t code;

	if (is_word_before(s, at))
		return 0;
	while ((n = single_length(s, at)) != 0) {
		count++;
		end = at + n;
		k = unicode_next(s, end, &code);
		if (k == 0 || !fold_is_separator(code))
			break;
		at = end + k;
	}
	return count >= LETTERS_LEAST ? end : 0;
}
