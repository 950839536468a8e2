/* SPDX-License-Identifier: BSD-2-Clause */
#include <string.h>

#include "base/buffer.h"
#include "mail/fold.h"
#include "mail/unicode.h"

#include "policy/pattern.h"

/* Where in a pattern one stands, as far as it matters here. */
struct walk {
	struct span s;
	size_t at;
	bool is_class;		/* inside of [...] */
};

static bool
starts(const struct walk *w, const char *text)
{
	size_t n = strlen(text);

	return w->s.n - w->at >= n && memcmp(w->s.p + w->at, text, n) == 0;
}

static size_t
until(const struct walk *w, size_t skip, const char *end)
{
	struct span rest = span_sub(w->s, w->at + skip, w->s.n);
	size_t n = span_find(rest, span_of(end));

	return n == rest.n ? skip + n : skip + n + strlen(end);
}

/*
 * What at ${w} is no literal by itself: an escape, a quotation, a comment, a
 * class in a class.  Return its length, or 0.
 */
static size_t
opaque_length(const struct walk *w)
{
	uint32_t code;

	if (starts(w, "\\Q"))
		return until(w, 2, "\\E");
	if (w->s.p[w->at] == '\\')
		return 1 + unicode_next(w->s, w->at + 1, &code);
	if (!w->is_class && starts(w, "(?#"))
		return until(w, 3, ")");
	if (w->is_class && starts(w, "[:"))
		return until(w, 2, ":]");
	return 0;
}

/* One literal or metacharacter; "]" just behind "[" or "[^" is a literal. */
static void
walk_step(struct walk *w)
{
	uint32_t code;

	if (!w->is_class && w->s.p[w->at] == '[') {
		w->is_class = true;
		w->at += starts(w, "[^") ? 2 : 1;
		if (w->at < w->s.n && w->s.p[w->at] == ']')
			w->at++;
		return;
	}
	if (w->is_class && w->s.p[w->at] == ']')
		w->is_class = false;
	w->at += unicode_next(w->s, w->at, &code);
}

/* In NFC, but for what is opaque: "\s" and an accent behind it are two things. */
static struct span
normalise(struct arena *a, struct span text)
{
	struct buffer b = { .arena = a };
	struct walk w = { .s = text };
	size_t n, start = 0;

	while (w.at < text.n) {
		if ((n = opaque_length(&w)) == 0) {
			walk_step(&w);
			continue;
		}
		buffer_add(&b, unicode_readable(a,
		    span_sub(text, start, w.at - start), NULL));
		buffer_add(&b, span_sub(text, w.at, n));
		start = w.at += n;
	}
	buffer_add(&b, unicode_readable(a, span_sub(text, start, text.n), NULL));
	return buffer_span(&b);
}

static void
put(struct buffer *b, uint32_t code)
{
	b->n += unicode_put(code, buffer_reserve(b, 4));
}

/* A pair like "oả" at ${w}, both ways; return its length, or 0 if there is none. */
static size_t
pair_put(struct buffer *b, const struct walk *w)
{
	uint32_t pair[2], other[2];
	size_t first, second, end;

	first = unicode_next(w->s, w->at, &pair[0]);
	second = unicode_next(w->s, w->at + first, &pair[1]);
	end = w->at + first + second;
	if (w->is_class || second == 0 || !fold_tone_pair(pair, other) ||
	    (end < w->s.n && strchr("*+?{", w->s.p[end]) != NULL))
		return 0;
	buffer_text(b, "(?:");
	buffer_add(b, span_sub(w->s, w->at, first + second));
	buffer_byte(b, '|');
	put(b, other[0]);
	put(b, other[1]);
	buffer_byte(b, ')');
	return first + second;
}

static bool
is_ascii(struct span s)
{
	size_t i;

	for (i = 0; i < s.n; i++)
		if ((unsigned char)s.p[i] >= 0x80)
			return false;
	return true;
}

struct span
pattern_fold(struct arena *a, struct span text)
{
	struct buffer b = { .arena = a };
	struct walk w = { .s = text };
	size_t n, start;

	if (is_ascii(text))
		return text;
	w.s = normalise(a, text);
	while (w.at < w.s.n) {
		start = w.at;
		if ((n = opaque_length(&w)) == 0 && (n = pair_put(&b, &w)) != 0) {
			w.at += n;
			continue;
		}
		if (n != 0)
			w.at += n;
		else
			walk_step(&w);
		buffer_add(&b, span_sub(w.s, start, w.at - start));
	}
	return buffer_span(&b);
}

static bool
is_letter(char c)
{
	return (c | 0x20) >= 'a' && (c | 0x20) <= 'z';
}

bool
pattern_is_bare(struct span text)
{
	struct walk w = { .s = text };
	bool has_letter = false;
	uint32_t code;
	size_t n;

	while (w.at < text.n) {
		if ((n = opaque_length(&w)) != 0) {
			w.at += n;
			continue;
		}
		unicode_next(text, w.at, &code);
		if (code >= 0x80 && unicode_is_word(code))
			return false;
		has_letter = has_letter || (code < 0x80 && is_letter((char)code));
		walk_step(&w);
	}
	return has_letter;
}
