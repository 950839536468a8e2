/* SPDX-License-Identifier: BSD-2-Clause */
#include <string.h>

#include "mail/unicode.h"

#include "legacy_internal.h"

/* VIQR (RFC 1456): marks stand behind their letter. */

#define CLUSTERS_LEAST 3	/* below that "o(n)" and "a^2" are what they seem */

#define TONES 6

/* Letters by their quality mark, then by tone: none ' ` ? ~ . */
static const struct {
	char base, quality;
	uint16_t codes[TONES];
} rows[] = {
	{ 'a', 0, { 'a', 0xE1, 0xE0, 0x1EA3, 0xE3, 0x1EA1 } },
	{ 'a', '(', { 0x103, 0x1EAF, 0x1EB1, 0x1EB3, 0x1EB5, 0x1EB7 } },
	{ 'a', '^', { 0xE2, 0x1EA5, 0x1EA7, 0x1EA9, 0x1EAB, 0x1EAD } },
	{ 'e', 0, { 'e', 0xE9, 0xE8, 0x1EBB, 0x1EBD, 0x1EB9 } },
	{ 'e', '^', { 0xEA, 0x1EBF, 0x1EC1, 0x1EC3, 0x1EC5, 0x1EC7 } },
	{ 'i', 0, { 'i', 0xED, 0xEC, 0x1EC9, 0x129, 0x1ECB } },
	{ 'o', 0, { 'o', 0xF3, 0xF2, 0x1ECF, 0xF5, 0x1ECD } },
	{ 'o', '^', { 0xF4, 0x1ED1, 0x1ED3, 0x1ED5, 0x1ED7, 0x1ED9 } },
	{ 'o', '+', { 0x1A1, 0x1EDB, 0x1EDD, 0x1EDF, 0x1EE1, 0x1EE3 } },
	{ 'u', 0, { 'u', 0xFA, 0xF9, 0x1EE7, 0x169, 0x1EE5 } },
	{ 'u', '+', { 0x1B0, 0x1EE9, 0x1EEB, 0x1EED, 0x1EEF, 0x1EF1 } },
	{ 'y', 0, { 'y', 0xFD, 0x1EF3, 0x1EF7, 0x1EF9, 0x1EF5 } },
};

#define ROWS (sizeof(rows) / sizeof(rows[0]))

static char
byte_at(struct span s, size_t at)
{
	return at < s.n ? s.p[at] : '\0';
}

static bool
is_ascii_letter(char c)
{
	return (c | 0x20) >= 'a' && (c | 0x20) <= 'z';
}

static size_t
row_find(char base, char quality)
{
	size_t i;

	if (quality == '*')	/* some write the horn so */
		quality = '+';
	for (i = 0; i < ROWS; i++)
		if (rows[i].base == base && rows[i].quality == quality)
			break;
	return i;
}

bool
viqr_is_likely(struct span s)
{
	static const char qualities[] = "^(+*";
	size_t i, at, count = 0;

	for (i = 0; i < sizeof(qualities) - 1; i++)
		for (at = 0; count < CLUSTERS_LEAST; at++) {
			at += span_find_byte(span_sub(s, at, s.n), qualities[i]);
			if (at >= s.n)
				break;
			count += at != 0 && is_ascii_letter(s.p[at - 1]) &&
			    row_find(s.p[at - 1] | 0x20, qualities[i]) != ROWS;
		}
	return count >= CLUSTERS_LEAST;
}

/*
 * Is the mark at ${at} a tone?  A full stop, a question mark or an apostrophe
 * behind a word may be just that: a tone stands inside of a word, or the
 * sentence goes on behind it, which among capitals cannot be told.
 */
static bool
is_tone(struct span s, size_t at, bool is_upper)
{
	char next = byte_at(s, at + 1), further = byte_at(s, at + 2);

	if (s.p[at] == '`' || s.p[at] == '~' || is_ascii_letter(next))
		return true;
	return next == ' ' && (is_upper || (further >= 'a' && further <= 'z'));
}

static uint32_t
upper(uint32_t code)
{
	if (code < 0x100)
		return code - 0x20;
	return code == 0x1B0 ? 0x1AF : code & ~(uint32_t)1;
}

/* The letter with marks at ${at}; return its length, or 0. */
static size_t
viqr_letter(struct span s, size_t at, uint32_t *code)
{
	static const char tones[] = "'`?~.";
	bool is_upper = s.p[at] >= 'A' && s.p[at] <= 'Z';
	char base = s.p[at] | 0x20;
	size_t row = row_find(base, byte_at(s, at + 1)), n = 2, tone = 0;
	const char *mark;

	if (row == ROWS || byte_at(s, at + 1) == '\0') {
		row = row_find(base, 0);
		n = 1;
	}
	if (row == ROWS)
		return 0;
	mark = memchr(tones, byte_at(s, at + n), TONES - 1);
	if (at + n < s.n && mark != NULL && is_tone(s, at + n, is_upper)) {
		tone = (size_t)(mark - tones) + 1;
		n++;
	}
	*code = rows[row].codes[tone];
	if (is_upper)
		*code = upper(*code);
	return n > 1 ? n : 0;
}

/* "dd" at the start of a syllable is "đ". */
static size_t
viqr_d(struct span s, size_t at, uint32_t *code)
{
	if ((s.p[at] | 0x20) != 'd' || (byte_at(s, at + 1) | 0x20) != 'd' ||
	    (at != 0 && is_ascii_letter(s.p[at - 1])))
		return 0;
	*code = s.p[at] == 'D' ? 0x110 : 0x111;
	return 2;
}

size_t
viqr_read(struct rewrite *r)
{
	struct span s = r->in;
	size_t at = 0, n, count = 0;
	uint32_t code;

	while (at < s.n) {
		if (s.p[at] == '\\' && at + 1 < s.n) {	/* what follows is no mark */
			rewrite_drop(r, at, 1);
			at += 2;
			continue;
		}
		if ((n = viqr_letter(s, at, &code)) == 0 &&
		    (n = viqr_d(s, at, &code)) == 0) {
			at++;
			continue;
		}
		rewrite_put(r, &code, 1, at, n);
		count++;
		at += n;
	}
	return count;
}
