/* SPDX-License-Identifier: BSD-2-Clause */
#include "base/buffer.h"
#include "mail/map.h"
#include "mail/rewrite.h"
#include "mail/unicode.h"

#include "fold_internal.h"
#include "mail/fold.h"

static struct span
fold_letters(struct arena *a, struct span s, struct map *m)
{
	struct rewrite r = { .in = s, .out = { .arena = a }, .map = m };
	uint32_t code, value;
	size_t at, n;

	for (at = 0; (n = unicode_next(s, at, &code)) != 0; at += n)
		if (code >= 0x80 && (value = fold_value(code)) > FOLD_LETTER)
			rewrite_put(&r, &value, 1, at, n);
	return rewrite_end(&r);
}

/* Letters of which a folded one may have got marks that now belong to it. */
static struct span
fold_composed(struct arena *a, struct span s, struct map *m)
{
	struct map marks = { .arena = a };

	s = fold_letters(a, s, m);
	s = unicode_readable(a, s, m != NULL ? &marks : NULL);
	if (m != NULL) {
		map_compose(m, &marks);
		*m = marks;
	}
	return s;
}

/* Spaced words that end at ${end}: of what is between them one blank stays. */
static void
spaced_join(struct rewrite *r, size_t at, size_t end)
{
	uint32_t code;
	size_t n, gap;

	for (; at < end; at += n) {
		n = unicode_next(r->in, at, &code);
		if (!fold_is_separator(code))
			continue;
		gap = fold_gap_end(r->in, at) - at;
		if (gap == n)
			rewrite_drop(r, at, n);
		else
			rewrite_drop(r, at + n, gap - n);
		n = gap;
	}
}

static struct span
fold_words(struct arena *a, struct span s, unsigned needs, struct map *m)
{
	struct rewrite r = { .in = s, .out = { .arena = a }, .map = m };
	uint32_t code, other[2];
	size_t at, n, end, length;
	bool is_letter = false, was_letter;

	buffer_reserve(&r.out, s.n);
	for (at = 0; (n = unicode_next(s, at, &code)) != 0; at += n) {
		was_letter = is_letter;
		is_letter = fold_value(code) != FOLD_OTHER;
		if (!is_letter)
			continue;
		if ((needs & FOLD_SPACING) && !was_letter &&
		    (end = fold_spaced_end(s, at)) != 0) {
			spaced_join(&r, at, end);
			n = end - at;
		} else if ((length = fold_tone_at(s, at, other)) != 0) {
			rewrite_put(&r, other, 2, at, length);
			n = length;
		}
	}
	return rewrite_end(&r);
}

struct span
fold_text(struct arena *a, struct span s, struct map *m)
{
	struct map words = { .arena = a };
	unsigned needs = fold_scan(s, FOLD_ALL);

	if ((needs & FOLD_LETTERS) == 0) {
		if (m != NULL)
			map_identity(m, s.n);
	} else {
		s = fold_composed(a, s, m);
		needs = fold_scan(s, FOLD_ALL);
	}
	if ((needs & (FOLD_SPACING | FOLD_TONES)) == 0)
		return s;
	s = fold_words(a, s, needs, m != NULL ? &words : NULL);
	if (m != NULL) {
		map_compose(m, &words);
		*m = words;
	}
	return s;
}

/* Asked of every letter, if a pattern asks at all: so without detours. */
struct span
fold_bare(struct arena *a, struct span s, struct map *m)
{
	struct buffer b = { .arena = a };
	uint32_t code, value;
	size_t at, n, length;

	buffer_reserve(&b, s.n);
	for (at = 0; at < s.n; at += n) {
		code = (unsigned char)s.p[at];
		n = code < 0x80 ? 1 : unicode_next(s, at, &code);
		if ((value = bare_value(code)) == FOLD_DROP)
			continue;
		if (value == FOLD_OTHER)
			value = code;
		if (b.size - b.n < 4)
			buffer_reserve(&b, s.n / 2 + 4);
		length = 1;
		if (value < 0x80)
			b.p[b.n] = (char)value;
		else
			length = unicode_put(value, b.p + b.n);
		b.n += length;
		if (m != NULL)
			map_add(m, b.n - length, length, at, n);
	}
	return buffer_span(&b);
}
