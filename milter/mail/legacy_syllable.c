/* SPDX-License-Identifier: BSD-2-Clause */
#include <stdlib.h>
#include <string.h>

#include "mail/unicode.h"

#include "fold_internal.h"
#include "legacy_internal.h"

#define SYLLABLE_LETTERS 7	/* nghiêng */

/* What Vietnamese syllables begin with, without diacritics; "" stands for itself. */
static const char *const onsets[] = {
	"", "b", "c", "ch", "d", "g", "gh", "gi", "h", "k", "kh", "l", "m", "n", "ng",
	"ngh", "nh", "p", "ph", "qu", "r", "s", "t", "th", "tr", "v", "x",
};

/* And what follows, in order of their bytes. */
static const char *const rimes[] = {
	"a", "ac", "ach", "ai", "am", "an", "ang", "anh", "ao", "ap", "at", "au", "ay",
	"e", "ec", "ech", "em", "en", "eng", "enh", "eo", "ep", "et", "eu",
	"i", "ia", "ich", "iec", "iem", "ien", "ieng", "iep", "iet", "ieu", "im", "in",
	"inh", "ip", "it", "iu",
	"o", "oa", "oac", "oach", "oai", "oam", "oan", "oang", "oanh", "oao", "oap",
	"oat", "oay", "oc", "oe", "oen", "oeo", "oet", "oi", "om", "on", "ong", "ooc",
	"oong", "op", "ot",
	"u", "ua", "uan", "uang", "uat", "uay", "uc", "ue", "uech", "uenh", "ui", "um",
	"un", "ung", "uo", "uoc", "uoi", "uom", "uon", "uong", "uop", "uot", "uou",
	"up", "ut", "uu", "uy", "uya", "uych", "uyen", "uyet", "uynh", "uyt", "uyu",
	"y", "ych", "yem", "yen", "yeng", "yet", "yeu", "ynh", "yt",
};

static int
rime_compare(const void *rime, const void *one)
{
	return strcmp(rime, *(const char *const *)one);
}

static bool
is_syllable(const char *bare)
{
	size_t i, n;

	for (i = 0; i < sizeof(onsets) / sizeof(onsets[0]); i++) {
		n = strlen(onsets[i]);
		if (strncmp(bare, onsets[i], n) == 0 && bsearch(bare + n, rimes,
		    sizeof(rimes) / sizeof(rimes[0]), sizeof(rimes[0]), rime_compare) != NULL)
			return true;
	}
	return false;
}

/* Go behind the word at ${at}; does it have letters beyond ASCII and make no syllable? */
static bool
word_is_misfit(struct span s, size_t *at)
{
	char bare[SYLLABLE_LETTERS + 1] = "";
	size_t n, letters = 0;
	bool is_ascii = true;
	uint32_t code, value;

	for (; (n = unicode_next(s, *at, &code)) != 0; *at += n) {
		value = bare_value(code);
		if (fold_value(code) == FOLD_OTHER && value != FOLD_DROP)
			break;
		is_ascii = is_ascii && code < 0x80;
		if (value == FOLD_DROP)		/* a mark of its own */
			continue;
		if (value == FOLD_OTHER)
			value = code;
		if (letters < SYLLABLE_LETTERS)
			bare[letters] = value < 0x80 ? (char)value : '?';
		letters++;
	}
	return !is_ascii && (letters > SYLLABLE_LETTERS || !is_syllable(bare));
}

size_t
legacy_misfits(struct span s)
{
	size_t at = 0, start, n, misfits = 0;
	uint32_t code;

	while (at < s.n) {
		start = at;
		misfits += word_is_misfit(s, &at);
		if (at == start && (n = unicode_next(s, at, &code)) != 0)
			at += n;
	}
	return misfits;
}
