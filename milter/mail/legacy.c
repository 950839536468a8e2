/* SPDX-License-Identifier: BSD-2-Clause */
#include <string.h>

#include "mail/unicode.h"

#include "fold_internal.h"
#include "legacy_internal.h"

/* What a line is made of. */
struct line {
	size_t start, end;	/* without its line end */
	bool is_empty;
	bool has_modern;	/* letters that no 8-bit font of the time holds */
	bool has_high;		/* windows-1252 letters, or signs beside letters */
	bool has_sign;
	bool has_misplaced;	/* what no word in Unicode holds */
};

/* How a whole text is to be read. */
struct plan {
	bool is_modern;		/* it has Vietnamese letters of Unicode */
	bool is_whole;		/* legacy for the most part */
	bool is_possible;
};

/* Only where Vietnamese is written in Unicode can it be told from an 8-bit font. */
static bool
is_vietnamese(uint32_t code)
{
	switch (code) {
	case 0x102: case 0x103: case 0x110: case 0x111: case 0x128: case 0x129:
	case 0x168: case 0x169: case 0x1A0: case 0x1A1: case 0x1AF: case 0x1B0:
	case 0x300: case 0x301: case 0x302: case 0x303: case 0x306: case 0x309:
	case 0x31B: case 0x323:		/* marks by themselves: NFD, windows-1258 */
		return true;
	default:
		return code >= 0x1EA0 && code <= 0x1EF9;
	}
}

/* C0 to FF, one bit each: what Unicode's Vietnamese has there, and Ð for Đ, × and ÷. */
static bool
is_odd(uint32_t code)
{
	static const uint32_t vietnamese[2] = { 0x26BD370F, 0x26BC370F };

	return code >= 0xC0 && code <= 0xFF &&
	    (vietnamese[(code - 0xC0) / 32] >> (code & 31) & 1) == 0;
}

static bool
is_letter(uint32_t code)
{
	return fold_value(code) != FOLD_OTHER;
}

/* Quotes, dashes, degrees stand beside letters in every language. */
static bool
is_typography(uint32_t code)
{
	return code == 0xA0 || code == 0xAB || code == 0xBB ||
	    (code >= 0xAF && code <= 0xB4) ||
	    (code >= 0x2013 && code <= 0x201E) || code == 0x2022 || code == 0x2026 ||
	    code == 0x2039 || code == 0x203A || code == 0x2122;
}

static bool
is_sign(uint32_t code)
{
	return legacy_byte(code) != 0 && (code < 0xC0 || code > 0xFF) &&
	    !is_typography(code);
}

/* Quotes, too, and × and ÷: they never stand between two letters of a word. */
static bool
is_inner_sign(uint32_t before, uint32_t code, uint32_t behind)
{
	if ((code < 0xA1 || code > 0xBF) && code != 0xD7 && code != 0xF7)
		return false;
	if (code == 0xAD)	/* there it may divide a word */
		return is_sign(before) || is_sign(behind);
	return (is_letter(before) || is_sign(before)) &&
	    (is_letter(behind) || is_sign(behind));
}

/* What no word of Unicode's Vietnamese holds: other letters, capitals behind small ones. */
static bool
is_misplaced(uint32_t before, uint32_t code, uint32_t behind)
{
	return is_odd(code) || is_inner_sign(before, code, behind) ||
	    (code >= 0xC0 && code <= 0xDE && before >= 'a' && before <= 'z');
}

static void
line_add(struct line *l, uint32_t before, uint32_t code, uint32_t behind)
{
	if (legacy_byte(code) == 0) {
		l->has_modern = l->has_modern || is_letter(code) || is_vietnamese(code);
		return;
	}
	l->has_misplaced = l->has_misplaced || is_misplaced(before, code, behind);
	l->has_sign = l->has_sign || (is_sign(code) && (is_letter(before) ||
	    is_letter(behind)));
	l->has_high = l->has_high || l->has_sign || (code >= 0xC0 && code <= 0xFF);
}

static size_t
high_next(struct span s, size_t at)
{
	while (at < s.n && (unsigned char)s.p[at] < 0x80)
		at++;
	return at;
}

static void
line_next(struct span s, size_t at, struct line *l)
{
	struct span rest = span_sub(s, at, s.n), text;
	uint32_t code = 0, behind, before;
	size_t n, end = at;

	memset(l, 0, sizeof(*l));
	l->start = at;
	rest = span_sub(rest, 0, span_find_byte(rest, '\n'));
	l->end = at + span_find_byte(rest, '\r');
	text = span_sub(s, 0, l->end);
	l->is_empty = span_trim(span_sub(text, at, text.n)).n == 0;
	while ((at = high_next(text, at)) < text.n) {
		if (at != end)
			code = at > l->start ? (unsigned char)text.p[at - 1] : 0;
		before = code;
		n = unicode_next(text, at, &code);
		if (unicode_next(text, at + n, &behind) == 0)
			behind = 0;
		line_add(l, before, code, behind);
		end = at += n;
	}
}

/*
 * A line that may be written in an 8-bit font, as a whole.  Where others are not,
 * one of letters that both have goes with the line before it.
 */
static bool
line_is_legacy(const struct line *l, const struct plan *p, bool follows)
{
	return !l->has_modern && l->has_high &&
	    (!p->is_modern || l->has_misplaced || l->has_sign || follows);
}

static bool
line_is_mixed(const struct line *l)
{
	return l->has_modern && l->has_misplaced;
}

static bool
text_is_modern(struct span s)
{
	uint32_t code;
	size_t at = 0;

	while ((at = high_next(s, at)) < s.n) {
		at += unicode_next(s, at, &code);
		if (is_vietnamese(code))
			return true;
	}
	return false;
}

/* Has it anything that Vietnamese in Unicode does not have? */
static bool
text_has_odd(struct span s)
{
	uint32_t before, code, behind;
	size_t at = 0;

	while ((at = high_next(s, at)) < s.n) {
		before = at != 0 ? (unsigned char)s.p[at - 1] : 0;
		at += unicode_next(s, at, &code);
		if (legacy_byte(code) == 0)
			continue;
		if (unicode_next(s, at, &behind) == 0)
			behind = 0;
		/* A tail of a longer character: most of those are letters. */
		if (is_sign(code) || is_misplaced(before < 0x80 ? before : 'x', code, behind))
			return true;
	}
	return false;
}

static void
plan_make(struct plan *p, struct span s)
{
	size_t at, lines = 0, legacy = 0;
	struct line l;

	memset(p, 0, sizeof(*p));
	p->is_modern = text_is_modern(s);
	if (high_next(s, 0) == s.n || (p->is_modern && !text_has_odd(s)))
		return;
	for (at = 0; at < s.n; at = l.end + 1) {
		line_next(s, at, &l);
		lines += !l.is_empty;
		legacy += line_is_legacy(&l, p, false);
		p->is_possible = p->is_possible || line_is_legacy(&l, p, false) ||
		    line_is_mixed(&l);
	}
	p->is_whole = !p->is_modern && legacy * 4 >= lines;
}

unsigned
legacy_scan(struct span s)
{
	unsigned kinds = viqr_is_likely(s) ? 1U << LEGACY_VIQR : 0;
	struct plan p;

	plan_make(&p, s);
	if (p.is_possible)
		kinds |= 1U << LEGACY_TCVN3 | 1U << LEGACY_VNI | 1U << LEGACY_VISCII |
		    1U << LEGACY_WINDOWS_1258;
	return kinds;
}

/* One text being read as one kind. */
struct reading {
	struct rewrite rewrite;
	enum legacy_kind kind;
	size_t letters, unread;
};

static void
convert(struct reading *r, size_t at, size_t end)
{
	struct span s = span_sub(r->rewrite.in, 0, end);
	uint32_t code;
	size_t n;

	for (; at < end; at += n) {
		if ((n = legacy_letter(r->kind, s, at, &code)) != 0) {
			rewrite_put(&r->rewrite, &code, 1, at, n);
			r->letters++;
			continue;
		}
		n = unicode_next(s, at, &code);
		/* windows-1258 has the letters of windows-1252 but for a few. */
		r->unread += code > 0xA0 && code <= 0xFF &&
		    r->kind != LEGACY_WINDOWS_1258;
	}
}

struct word {
	size_t start, end;
	bool has_modern, has_high, has_misplaced;
};

/* The word at ${at}, or one character that is in none. */
static void
word_next(struct span s, size_t at, struct word *w)
{
	uint32_t before, code = 0, behind = 0;
	size_t n = unicode_next(s, at, &behind), next;

	*w = (struct word){ .start = at, .end = at + n };
	for (; n != 0; n = next) {
		before = code;
		code = behind;
		if ((next = unicode_next(s, at + n, &behind)) == 0)
			behind = 0;
		if (!is_letter(code) && !is_odd(code) && !is_sign(code) &&
		    !is_inner_sign(before, code, behind))
			break;
		w->has_modern = w->has_modern ||
		    (code >= 0x80 && legacy_byte(code) == 0);
		w->has_high = w->has_high || (code >= 0x80 && legacy_byte(code) != 0);
		w->has_misplaced = w->has_misplaced || is_misplaced(before, code, behind);
		w->end = at += n;
	}
}

/* In a line with modern letters only words that hold what is not modern are converted. */
static void
convert_words(struct reading *r, const struct line *l)
{
	struct span s = span_sub(r->rewrite.in, 0, l->end);
	bool follows = false;
	struct word w;
	size_t at;

	for (at = l->start; at < l->end; at = w.end) {
		word_next(s, at, &w);
		if (w.has_misplaced || (follows && w.has_high && !w.has_modern)) {
			convert(r, w.start, w.end);
			follows = true;
		} else if (w.has_modern)
			follows = false;
	}
}

/* Read the line, if it is legacy or holds such words. */
static bool
read_line(struct reading *r, const struct plan *p, const struct line *l, bool *follows)
{
	if (line_is_legacy(l, p, *follows)) {
		convert(r, l->start, l->end);
		*follows = true;
		return true;
	}
	if (l->has_modern)
		*follows = false;
	if (!line_is_mixed(l))
		return false;
	convert_words(r, l);
	return true;
}

static void
read_lines(struct reading *r, const struct plan *p)
{
	struct span s = r->rewrite.in;
	bool was_dropped = false, follows = false;
	struct line l;
	size_t at;

	for (at = 0; at < s.n; at = l.end + 1) {
		line_next(s, at, &l);
		if (read_line(r, p, &l, &follows) || p->is_whole) {
			was_dropped = false;
			continue;
		}
		/* an empty line stands for any number */
		rewrite_drop(&r->rewrite, l.start, l.end - l.start +
		    (was_dropped && l.end < s.n));
		was_dropped = true;
	}
}

struct span
legacy_read(struct arena *a, enum legacy_kind kind, struct span s, struct map *m,
    size_t *misfits)
{
	struct reading r = { .kind = kind,
	    .rewrite = { .in = s, .out = { .arena = a }, .map = m } };
	struct span text;
	struct plan p;

	*misfits = 0;
	if (kind == LEGACY_VIQR) {
		r.letters = viqr_read(&r.rewrite);
	} else {
		plan_make(&p, s);
		read_lines(&r, &p);
	}
	if (r.letters == 0)
		return span_of(NULL);
	text = rewrite_end(&r.rewrite);
	*misfits = r.unread + legacy_misfits(text);
	return text;
}
