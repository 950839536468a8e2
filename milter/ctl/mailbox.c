/* SPDX-License-Identifier: BSD-2-Clause */
#include <string.h>

#include "ctl/mailbox.h"

static bool
starts(struct span s, const char *word)
{
	return s.n >= strlen(word) && memcmp(s.p, word, strlen(word)) == 0;
}

static bool
is_among(struct span three, const char *names)
{
	for (; *names != '\0'; names += 3) {
		if (memcmp(three.p, names, 3) == 0)
			return true;
	}
	return false;
}

/* " Tue Nov " somewhere, as asctime(3) writes it. */
static bool
has_date(struct span line)
{
	size_t i;

	for (i = 0; i + 9 <= line.n; i++) {
		if (line.p[i] == ' ' && line.p[i + 4] == ' ' &&
		    line.p[i + 8] == ' ' &&
		    is_among(span_sub(line, i + 1, 3), "MonTueWedThuFriSatSun") &&
		    is_among(span_sub(line, i + 5, 3),
		    "JanFebMarAprMayJunJulAugSepOctNovDec"))
			return true;
	}
	return false;
}

bool
mailbox_is(struct span file)
{
	return starts(file, "From ");
}

bool
mailbox_next(struct span *rest, struct span *letter)
{
	struct span line, at = *rest, before;
	const char *start, *end;
	bool is_behind_empty = false;

	if (!span_line(&at, &line))
		return false;
	start = end = at.n != 0 ? at.p : rest->p + rest->n;
	for (before = at; span_line(&at, &line); before = at) {
		if (is_behind_empty && starts(line, "From ") && has_date(line))
			break;
		is_behind_empty = line.n == 0;
		if (!is_behind_empty)
			end = at.n != 0 ? at.p : rest->p + rest->n;
		else if (before.p != end)
			end = before.p;		/* two: the first is the letter's */
	}
	*letter = (struct span){ start, (size_t)(end - start) };
	*rest = before;
	return true;
}

static bool
is_quoted(struct span line)
{
	size_t depth = 0;

	while (depth < line.n && line.p[depth] == '>')
		depth++;
	return depth != 0 && starts(span_sub(line, depth, line.n), "From ");
}

struct span
mailbox_unquote(struct arena *a, struct span letter)
{
	char *out = arena_alloc(a, letter.n + 1);
	struct span rest = letter, line;
	const char *start, *end = letter.p + letter.n;
	size_t n = 0, length;

	while (span_line(&rest, &line)) {
		start = line.p;
		length = (size_t)((rest.n != 0 ? rest.p : end) - start);
		if (is_quoted(line)) {
			start++;
			length--;
		}
		memcpy(out + n, start, length);
		n += length;
	}
	return (struct span){ out, n };
}
