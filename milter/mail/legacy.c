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
	bool has_odd;		/* letters of Latin-1 that Vietnamese does not have */
	bool has_high;		/* windows-1252 letters, or signs beside letters */
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

static void
line_add(struct line *l, uint32_t before, uint32_t code, uint32_t behind)
{
	if (legacy_byte(code) == 0) {
		l->has_modern = l->has_modern || is_letter(code) || is_vietnamese(code);
		return;
	}
	l->has_odd = l->has_odd || is_odd(code);
	if (code >= 0xC0 && code <= 0xFF)
		l->has_high = true;
	else if (!is_typography(code))
		l->has_high = l->has_high || is_letter(before) || is_letter(behind);
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
	uint32_t code, behind, before;
	size_t n;

	memset(l, 0, sizeof(*l));
	l->start = at;
	rest = span_sub(rest, 0, span_find_byte(rest, '\n'));
	l->end = at + span_find_byte(rest, '\r');
	text = span_sub(s, 0, l->end);
	l->is_empty = span_trim(span_sub(text, at, text.n)).n == 0;
	while ((at = high_next(text, at)) < text.n) {
		n = unicode_next(text, at, &code);
		before = at > l->start ? (unsigned char)text.p[at - 1] : 0;
		if (unicode_next(text, at + n, &behind) == 0)
			behind = 0;
		/* A tail of a longer character: most of those are letters. */
		line_add(l, before >= 0x80 ? 'x' : before, code, behind);
		at += n;
	}
}

/* A line that may be written in an 8-bit font, as a whole. */
static bool
line_is_legacy(const struct line *l, const struct plan *p)
{
	return !l->has_modern && l->has_high && (!p->is_modern || l->has_odd);
}

static bool
line_is_mixed(const struct line *l)
{
	return l->has_modern && l->has_odd;
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

static bool
text_has_odd(struct span s)
{
	uint32_t code;
	size_t at = 0;

	while ((at += span_find_byte(span_sub(s, at, s.n), '\xC3')) < s.n) {
		at += unicode_next(s, at, &code);
		if (is_odd(code))
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
		legacy += line_is_legacy(&l, p);
		p->is_possible = p->is_possible || line_is_legacy(&l, p) ||
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
		kinds |= 1U << LEGACY_TCVN3 | 1U << LEGACY_VNI | 1U << LEGACY_VISCII;
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
		r->unread += code >= 0xC0 && code <= 0xFF;
	}
}

/* In a line with modern letters only words that cannot be modern are converted. */
static void
convert_words(struct reading *r, const struct line *l)
{
	struct span s = span_sub(r->rewrite.in, 0, l->end);
	size_t at = l->start, start = at, n;
	bool has_odd = false, has_modern = false;
	uint32_t code = 0;

	for (; at <= l->end; at += n) {
		if ((n = unicode_next(s, at, &code)) != 0 && is_letter(code)) {
			has_odd = has_odd || is_odd(code);
			has_modern = has_modern ||
			    (code >= 0x80 && legacy_byte(code) == 0);
			continue;
		}
		if (has_odd && !has_modern)
			convert(r, start, at);
		has_odd = has_modern = false;
		start = at + n;
		if (n == 0)
			break;
	}
}

static void
read_lines(struct reading *r, const struct plan *p)
{
	struct span s = r->rewrite.in;
	bool was_dropped = false;
	struct line l;
	size_t at;

	for (at = 0; at < s.n; at = l.end + 1) {
		line_next(s, at, &l);
		if (line_is_legacy(&l, p)) {
			convert(r, l.start, l.end);
		} else if (line_is_mixed(&l)) {
			convert_words(r, &l);
		} else if (!p->is_whole) {	/* an empty line stands for any number */
			rewrite_drop(&r->rewrite, l.start, l.end - l.start +
			    (was_dropped && l.end < s.n));
			was_dropped = true;
			continue;
		}
		was_dropped = false;
	}
}

struct span
legacy_read(struct arena *a, enum legacy_kind kind, struct span s, struct map *m,
    size_t *unread)
{
	struct reading r = { .kind = kind,
	    .rewrite = { .in = s, .out = { .arena = a }, .map = m } };
	struct plan p;

	if (kind == LEGACY_VIQR) {
		r.letters = viqr_read(&r.rewrite);
	} else {
		plan_make(&p, s);
		read_lines(&r, &p);
	}
	*unread = r.unread;
	return r.letters != 0 ? rewrite_end(&r.rewrite) : span_of(NULL);
}
