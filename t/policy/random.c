/* SPDX-License-Identifier: BSD-2-Clause */
#include <stdbool.h>

#include "mail/unicode.h"

#include "random.h"

#define DEPTH_MAX 3

static void sequence(struct random *r, struct buffer *p, struct buffer *s, int depth);

size_t
random_below(struct random *r, size_t n)
{
	r->state ^= r->state << 13;
	r->state ^= r->state >> 7;
	r->state ^= r->state << 17;
	return (size_t)((r->state >> 16) % n);
}

static const char *
one_of(struct random *r, const char *const *list)
{
	size_t n = 0;

	while (list[n] != NULL)
		n++;
	return list[random_below(r, n)];
}

static const char *const words[] = {
	"mật", "MẬT", "tối", "tuyệt", "khẩn", "số", "Đỏ", "kiss", "Straße", "ΣΟΦΟΣ",
	"οδός", "iı", "İI", "ǅ", "ậ", "ab", "k", "s", "xyz", "văn", "ẞs", "μµ",
	"12", "/", "-", "Åå", "ﬅﬆ", NULL,
};

/* Other ways to write a letter, as far as they are no surprise to PCRE2. */
static const char *const turns[][4] = {
	{ "k", "K", "\xe2\x84\xaa", NULL }, { "s", "S", "ſ", NULL },
	{ "σ", "ς", "Σ", NULL }, { "ậ", "Ậ", NULL }, { "ố", "Ố", NULL },
	{ "å", "Å", "\xe2\x84\xab", NULL }, { "ß", "ẞ", NULL },
	{ "ǆ", "ǅ", "Ǆ", NULL }, { "μ", "µ", "Μ", NULL }, { "đ", "Đ", NULL },
};

static bool
turn(struct random *r, struct span character, struct buffer *b)
{
	size_t i, j;

	for (i = 0; i < sizeof(turns) / sizeof(turns[0]); i++)
		for (j = 0; turns[i][j] != NULL; j++)
			if (span_equal(character, span_of(turns[i][j]))) {
				buffer_text(b, one_of(r, turns[i]));
				return true;
			}
	return false;
}

static void
mutate(struct random *r, const char *word, struct buffer *b)
{
	struct span s = span_of(word);
	size_t at, n;
	uint32_t code;

	for (at = 0; (n = unicode_next(s, at, &code)) != 0; at += n) {
		if (random_below(r, 2) == 0 && turn(r, span_sub(s, at, n), b))
			continue;
		if (code < 0x80 && random_below(r, 3) == 0 && code >= 'A')
			code ^= 0x20;
		b->n += unicode_put(code, buffer_reserve(b, 4));
	}
}

static void
word(struct random *r, struct buffer *p, struct buffer *s)
{
	const char *w = one_of(r, words);

	if (w[0] == '/' || random_below(r, 9) == 0)
		buffer_text(p, "\\x{2f}"), buffer_text(s, "/");
	buffer_text(p, w);
	if (random_below(r, 2) == 0)
		buffer_text(s, w);
	else
		mutate(r, w, s);
}

static void
blank(struct random *r, struct buffer *p, struct buffer *s)
{
	static const char *const patterns[] = { "\\s+", "\\h*", "\\h+", " ", "\\h",
	    "\\s", "[ \\t]+", "\\s{1,3}", "\xc2\xa0", "\\R", "\\s*?", "\\ ", "\\h?",
	    "\\t", "[\\s]*+", NULL };
	static const char *const blanks[] = { " ", "\xc2\xa0", "\t", "  ", "\n",
	    "\xe3\x80\x80", " \t ", "", "\xe2\x80\x83", NULL };

	buffer_text(p, one_of(r, patterns));
	buffer_text(s, one_of(r, blanks));
}

static void
class(struct random *r, struct buffer *p, struct buffer *s)
{
	static const char *const both[][2] = {
		{ "[ốỐ]", "ố" }, { "[xv✓]", "v" }, { "[^a]", "b" }, { "[a-z]", "q" },
		{ "[[:alpha:]]", "t" }, { "[\\]\\-k]", "k" }, { "[]k]", "]" },
		{ "\\d", "7" }, { "\\w", "ậ" }, { "\\p{L}", "m" }, { ".", "x" },
		{ "\\X", "o" }, { "[\\h\\p{P}\\p{S}]", "-" }, { "\\N", "z" },
		{ "[k-]", "-" }, { "[ \\h]", " " }, { "\\PL", "1" }, { "\\S", "u" },
		{ "[\\x{1EAC}s]", "ſ" }, { "\\x41", "A" }, { "\\.", "." }, { "[Kq]", "q" },
		{ "[[]", "[" }, { "[a\\b]", "a" }, { "\\x{212a}", "K" },
	};
	size_t i = random_below(r, sizeof(both) / sizeof(both[0]));

	buffer_text(p, both[i][0]);
	buffer_text(s, both[i][1]);
}

static void
group(struct random *r, struct buffer *p, struct buffer *s, int depth)
{
	static const char *const open[] = { "(", "(?:", "(?>", "(?i:", "(?|", "(?s-m:",
	    "(?:", "(", NULL };
	struct buffer others = { .arena = s->arena };
	size_t i, n = random_below(r, 3) + 1, right = random_below(r, n);

	buffer_text(p, one_of(r, open));
	for (i = 0; i < n; i++) {
		if (i != 0)
			buffer_byte(p, '|');
		sequence(r, p, i == right ? s : &others, depth + 1);
	}
	if (random_below(r, 12) == 0)
		buffer_byte(p, '|');
	buffer_byte(p, ')');
}

static void
look(struct random *r, struct buffer *p, struct buffer *s, int depth)
{
	struct buffer unseen = { .arena = s->arena };

	switch (random_below(r, 4)) {
	case 0:
		buffer_text(p, "(?=");
		break;
	case 1:
		buffer_text(p, "(?!");
		break;
	default:
		buffer_text(p, random_below(r, 2) == 0 ? "(?<!" : "(?<=");
		buffer_text(p, one_of(r, words));
		buffer_byte(p, ')');
		return;
	}
	sequence(r, p, &unseen, depth + 1);
	buffer_byte(p, ')');
}

static void
strange(struct random *r, struct buffer *p)
{
	static const char *const patterns[] = { "\\1", "(?1)?", "(?(1)ab|cd)", "\\Qk.s\\E",
	    "(?#no)", "(?i)", "(?-i)", "(?x)", "\\K", "(?R)?", "\\b", "\\B", "^", "$",
	    "\\A", "\\z", "\\Z", "a{,2}", "{x}", "(*SKIP)", "(?U)", "(?xx: s)",
	    "(*ACCEPT)", "(?C1)", "(?(?=k)s|t)", "(?m)", "(?s)", NULL };

	buffer_text(p, one_of(r, patterns));
}

static void
quantify(struct random *r, struct buffer *p, struct buffer *s, struct span taken)
{
	static const char *const signs[] = { "?", "*", "+", "{0}", "{0,2}", "{2}",
	    "{1,3}", "{2,}", "{1}", NULL };
	static const char *const tails[] = { "", "", "", "?", "+", " +", NULL };
	size_t times = random_below(r, 4);

	buffer_text(p, one_of(r, signs));
	buffer_text(p, one_of(r, tails));
	if (times == 0)
		s->n -= taken.n;
	taken = arena_copy(s->arena, taken);
	for (; times > 1; times--)
		buffer_add(s, taken);
}

static void
item(struct random *r, struct buffer *p, struct buffer *s, int depth)
{
	size_t start = s->n;

	switch (random_below(r, depth < DEPTH_MAX ? 10 : 6)) {
	case 0:
	case 1:
	case 2:
		word(r, p, s);
		break;
	case 3:
	case 4:
		blank(r, p, s);
		break;
	case 5:
		class(r, p, s);
		break;
	case 6:
	case 7:
		group(r, p, s, depth);
		break;
	case 8:
		look(r, p, s, depth);
		return;
	default:
		if (random_below(r, 3) == 0)
			strange(r, p);
		return;
	}
	if (random_below(r, 4) == 0)
		quantify(r, p, s, span_sub(buffer_span(s), start, s->n));
}

static void
sequence(struct random *r, struct buffer *p, struct buffer *s, int depth)
{
	size_t n = random_below(r, 4) + 1;

	while (n-- > 0)
		item(r, p, s, depth);
}

void
random_pattern(struct random *r, struct buffer *pattern, struct buffer *sample)
{
	sequence(r, pattern, sample, 0);
}

void
random_prose(struct random *r, struct buffer *b)
{
	static const char *const prose[] = { " ", "\n", "và", " của ", "bảo mật",
	    "mật khẩu", "mâ\xcc\xa3t", "М\xe1\xba\xacТ", "mat", "m", "ận", "tối ",
	    "\xc2\xa0", ".", "ss", "\xf0\x9f\x98\x80", "mậ", "tmật", "K", NULL };
	size_t n = random_below(r, 8);

	while (n-- > 0)
		buffer_text(b, one_of(r, prose));
}
