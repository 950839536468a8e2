/* SPDX-License-Identifier: BSD-2-Clause */
#include <criterion/criterion.h>

#include "base/buffer.h"
#include "base/err.h"
#include "base/regex.h"
#include "mail/unicode.h"
#include "policy/literal.h"

static const char *
literals(struct arena *a, const char *pattern, unsigned flags)
{
	struct buffer b = { .arena = a };
	struct err e = { "" };
	struct literals l;
	struct regex *re;
	size_t i, offset;

	re = regex_compile(span_of(pattern), flags, &offset, &e);
	cr_assert_not_null(re, "/%s/: %s", pattern, e.text);
	regex_free(re);
	literals_read(a, span_of(pattern), flags, &l);
	for (i = 0; i < l.count; i++) {
		buffer_text(&b, i == 0 ? "" : "|");
		buffer_add(&b, l.list[i]);
	}
	return buffer_string(&b);
}

static void
expect(const char *pattern, unsigned flags, const char *want)
{
	struct arena *a = arena_new();

	cr_expect_str_eq(literals(a, pattern, flags), want, "/%s/: %s, not %s",
	    pattern, literals(a, pattern, flags), want);
	arena_free(a);
}

Test(literal, a_choice_is_known_by_the_shortest_of_its_literals)
{
	expect("(?:TUYỆT\\h*MẬT|TỐI\\h*MẬT|MẬT)", 0, "mật");
	expect("^[\\h\\p{P}\\p{S}]*+(?:HỎA\\h+TỐC|KHẨN)$", 0, "hỏa tốc|khẩn");
	expect("S[ốỐ]\\h*:", 0, "số:|số :");
	expect("(?i)văn|công", 0, "văn|công");
	expect("văn|\\d+", 0, "");
	expect("văn|", 0, "");
}

Test(literal, what_may_be_missing_is_no_literal)
{
	expect("(?:mật)?", 0, "");
	expect("(?:mật)*", 0, "");
	expect("(?:mật){0,3}", 0, "");
	expect("(?:mật){0}khẩu", 0, "khẩu");
	expect("mật?", 0, "mậ");
	expect("ngày\\d{1,5}", 0, "ngày");
	expect("(?:mật){2}", 0, "mậtmật");
	expect("(?:mật)+x", 0, "mật");
	expect("(?:abc){0,1}+def", 0, "def");
	expect("a{,3}bcd", 0, "");
	expect("a{x}bcd", 0, "a{x}bcd");
}

Test(literal, what_is_only_looked_at_is_no_literal)
{
	expect("(?=TỐI)MẬT", 0, "mật");
	expect("(?!MẬT).", 0, "");
	expect("(?<=BẢO\\h)\\w", 0, "");
	expect("(?<!BẢO\\h)MẬT(?!\\h+KHẨU)", 0, "mật");
}

Test(literal, blanks_are_one_blank)
{
	expect("tối\\s+mật", 0, "tối mật");
	expect("tối \\R\\tmật", 0, "tối mật");
	expect("tối\xc2\xa0mật", 0, "tối mật");
	expect("tối[ \\t]+mật", 0, "tối mật");
	expect("tối\\h?mật", 0, "tốimật|tối mật");
	expect("\\s+", 0, "");
}

Test(literal, the_flag_x_hides_blanks_and_comments)
{
	expect("tối mật # khẩu\n ong", REGEX_EXTENDED, "tốimậtong");
	expect("tối\\ mật", REGEX_EXTENDED, "tối mật");
	expect("tối *mật", REGEX_EXTENDED, "mật");
	expect("tối + mật", REGEX_EXTENDED, "mật");
	expect("tối+ ?mật", REGEX_EXTENDED, "");
}

Test(literal, escapes_and_classes_are_read_as_pcre2_reads_them)
{
	expect("\\x{1EAD}\\x41\\.", 0, "ậa.");
	expect("[]k]abc", 0, "]abc|kabc");
	expect("[^k]abc", 0, "abc");
	expect("[a-c]xyz", 0, "xyz");
	expect("[[:alpha:]]xyz", 0, "xyz");
	expect("[\\]\\-\\h]xyz", 0, "xyz");
	expect("\\p{Lu}\\PLxyz", 0, "xyz");
	expect(".xyz", 0, "xyz");
	expect("(?<n>abc)(?'m'def)(?P<o>ghi)", 0, "abcdefghi");
	expect("(?|abc|def)", 0, "abc|def");
	expect("(?>abc)(?i:DEF)", 0, "abcdef");
}

Test(literal, what_is_not_understood_says_nothing)
{
	static const char *const strange[] = {
		"abc(?:(?R))?def", "(abc)\\1", "(?<n>abc)\\k<n>", "(?<n>abc)(?P=n)",
		"(abc)(?(1)def|ghi)", "(?(DEFINE)abc)def", "abc(*ACCEPT)def",
		"(*UTF)abc", "abc(?C1)def", "\\Qabc\\E", "abc\\Kdef", "(?x)a b c d",
		"(?-x)abcd", "abc(?#x)*def", "(abc)?(?1)def", "(abc)\\g1", "\\101bcd",
		"\\N{U+41}bcd", "(*pla:abc)def", "(?U)abcd", "(?J)abcd", NULL,
	};
	size_t i;

	for (i = 0; strange[i] != NULL; i++)
		expect(strange[i], 0, "");
}

Test(literal, folding_again_changes_nothing)
{
	uint32_t code;

	for (code = 0; code < 0x110000; code++)
		cr_assert_eq(literal_fold(literal_fold(code)), literal_fold(code),
		    "U+%04X", code);
}

/* --- folding, measured against PCRE2 --- */

#define CASED 0x20000	/* beyond this nothing has a case */
#define BLOCK 256

static bool
is_character(uint32_t code)
{
	return code != 0 && (code < 0xd800 || code > 0xdfff);
}

static void
add(struct buffer *b, uint32_t code)
{
	if (is_character(code))
		b->n += unicode_put(code, buffer_reserve(b, 4));
}

static struct regex *
range(struct arena *a, uint32_t first, uint32_t last, unsigned flags)
{
	struct err e = { "" };
	size_t offset;
	struct regex *re = regex_compile(span_of(arena_print(a,
	    first == last ? "\\x{%x}" : "[\\x{%x}-\\x{%x}]", first, last)),
	    flags, &offset, &e);

	cr_assert_not_null(re, "%s", e.text);
	return re;
}

/* Every character of ${text} that ${re} matches. */
static void
each(const struct regex *re, struct span text,
    void (*look)(uint32_t code, void *cookie), void *cookie)
{
	struct regex_scratch *s = regex_scratch_new(0, 0);
	struct regex_hit hit;
	struct err e = { "" };
	uint32_t code;
	size_t at;

	for (at = 0; regex_next(re, s, text, at, &hit, &e) == 1;
	    at = regex_after(text, &hit)) {
		unicode_next(text, hit.start, &code);
		look(code, cookie);
	}
	regex_scratch_free(s);
}

static void
keep(uint32_t code, void *cookie)
{
	add(cookie, code);
}

static void
same_fold(uint32_t code, void *cookie)
{
	uint32_t *mine = cookie;

	cr_assert_eq(literal_fold(code), literal_fold(*mine),
	    "U+%04X is U+%04X to PCRE2 and folds to another", code, *mine);
}

/* Few characters outside of a block are caseless in it: each is tried with these and with its own. */
static void
block(struct arena *a, struct span all, uint32_t first)
{
	struct buffer near = { .arena = a };
	struct regex *re = range(a, first, first + BLOCK - 1, REGEX_CASELESS);
	uint32_t code;

	each(re, all, keep, &near);
	regex_free(re);
	for (code = first; code < first + BLOCK; code++) {
		if (!is_character(code))
			continue;
		re = range(a, code, code, REGEX_CASELESS);
		each(re, buffer_span(&near), same_fold, &code);
		regex_free(re);
	}
}

static bool
is_ideograph(uint32_t code)
{
	return (code >= 0x3400 && code < 0xa000) || (code >= 0xac00 && code < 0xfb00) ||
	    (code >= 0x17000 && code < 0x19000);
}

static void
count(uint32_t code, void *cookie)
{
	size_t *n = cookie;

	(void)code;
	(*n)++;
}

Test(literal, whatever_pcre2_takes_for_the_same_folds_to_the_same)
{
	struct arena *a = arena_new();
	struct buffer all = { .arena = a };
	struct regex *re;
	uint32_t code;
	size_t n = 0;

	for (code = 0; code < CASED; code++)
		add(&all, code);
	for (code = 0; code < CASED; code += BLOCK)
		if (!is_ideograph(code) && (code < 0xd800 || code > 0xdfff))
			block(a, buffer_span(&all), code);
	re = range(a, CASED, 0x10ffff, REGEX_CASELESS);
	each(re, buffer_span(&all), count, &n);
	cr_assert_eq(n, 0);
	regex_free(re);
	arena_free(a);
}

static void
is_folded_blank(uint32_t code, void *cookie)
{
	size_t *n = cookie;

	(*n)++;
	cr_expect_eq(literal_fold(code), ' ', "U+%04X", code);
}

Test(literal, whatever_pcre2_takes_for_a_blank_folds_to_one)
{
	struct arena *a = arena_new();
	struct buffer all = { .arena = a };
	struct err e = { "" };
	size_t offset, n = 0;
	struct regex *re = regex_compile(span_of("[\\s\\h\\v]"), 0, &offset, &e);
	uint32_t code;

	for (code = 0; code < 0x110000; code++)
		add(&all, code);
	each(re, buffer_span(&all), is_folded_blank, &n);
	cr_expect_gt(n, 20);
	regex_free(re);
	arena_free(a);
}
