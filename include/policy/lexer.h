/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef POLICY_LEXER_H
#define POLICY_LEXER_H

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "base/span.h"

struct faults;
struct source;

enum token_kind {
	TOKEN_END,
	TOKEN_WORD,
	TOKEN_STRING,		/* text: without quotes and escapes */
	TOKEN_REGEX,		/* text: between the slashes, as written */
	TOKEN_LIST,		/* text: the name behind "@" */
	TOKEN_ADDRESS,		/* text: between "<" and ">" */
	TOKEN_OPERATOR,		/* = ~ < <= > >= */
	TOKEN_PUNCTUATION,	/* { } ( ) , */
	TOKEN_BAD,		/* a fault has been reported */
};

struct token {
	enum token_kind kind;
	size_t offset, length;	/* in the source */
	struct span text;
	struct span flags;	/* of TOKEN_REGEX */
	bool is_first;		/* on its line */
	size_t indent;		/* columns before it, tabs to multiples of 8 */
};

/**
 * lexer_run(a, src, f, count):
 * All tokens of ${src}, the last one TOKEN_END; ${count} does not count it.
 * What is no token goes into ${f} and stands there as TOKEN_BAD.
 */
const struct token *lexer_run(struct arena *a, const struct source *src,
    struct faults *f, size_t *count);

/** lexer_is_word(s): Would ${s} be read as one word? */
bool lexer_is_word(struct span s);

/** token_is(t, text): Is ${t} the word, operator or punctuation ${text}? */
bool token_is(const struct token *t, const char *text);

#endif /* !POLICY_LEXER_H */
