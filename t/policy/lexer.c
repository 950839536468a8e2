/* SPDX-License-Identifier: BSD-2-Clause */
#include <criterion/criterion.h>

#include "base/fault.h"
#include "base/source.h"
#include "policy/lexer.h"

static const struct token *
lex(struct arena *a, const char *text, struct faults *f, size_t *count)
{
	struct source src = { .name = "x", .text = span_of(text) };

	return lexer_run(a, &src, f, count);
}

Test(lexer, every_kind_of_token_is_told_from_the_others)
{
	static const enum token_kind kinds[] = {
		TOKEN_WORD, TOKEN_PUNCTUATION, TOKEN_WORD, TOKEN_WORD,
		TOKEN_OPERATOR, TOKEN_REGEX, TOKEN_LIST, TOKEN_ADDRESS,
		TOKEN_OPERATOR, TOKEN_STRING, TOKEN_WORD, TOKEN_END,
	};
	struct arena *a = arena_new();
	struct faults f = { 0 };
	const struct token *t;
	size_t i, n;

	t = lex(a, "rule { ::1/128 text:text ~ /a\\/b{2}/im @list <a@b.c> <= "
	    "\"x\\n\\\"\\\\\" 4 # end", &f, &n);
	cr_assert_eq(n, sizeof(kinds) / sizeof(kinds[0]) - 1);
	for (i = 0; i <= n; i++)
		cr_assert_eq(t[i].kind, kinds[i], "token %zu", i);
	cr_assert(span_equal(t[5].text, span_of("a\\/b{2}")));
	cr_assert(span_equal(t[5].flags, span_of("im")));
	cr_assert(span_equal(t[9].text, span_of("x\n\"\\")));
	cr_assert_eq(f.errors, 0);
	arena_free(a);
}

Test(lexer, a_string_or_pattern_left_open_ends_with_its_line)
{
	struct arena *a = arena_new();
	struct faults f = { 0 };
	const struct token *t;
	size_t n;

	t = lex(a, "says \"open\nif text ~ /open\nnote", &f, &n);
	cr_assert_eq(n, 7);
	cr_assert_eq(t[1].kind, TOKEN_BAD);
	cr_assert_eq(t[6].kind, TOKEN_WORD);
	cr_assert(t[6].is_first);
	cr_assert_eq(f.errors, 2);
	cr_assert_eq(f.first->line, 1);
	cr_assert_eq(f.first->column, 6);
	faults_end(&f);
	arena_free(a);
}
