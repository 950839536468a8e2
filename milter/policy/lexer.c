/* SPDX-License-Identifier: BSD-2-Clause */
#include <string.h>

#include "base/buffer.h"
#include "base/fault.h"
#include "base/source.h"

#include "policy/lexer.h"

struct lexer {
	struct arena *arena;
	const struct source *src;
	struct faults *faults;
	struct span text;
	size_t at;
	size_t indent;
	bool is_first;
	struct token *tokens;
	size_t count, size;
};

static bool
is_word_byte(unsigned char c)
{
	return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') ||
	    (c >= 'A' && c <= 'Z') || c >= 0x80 ||
	    (c != '\0' && strchr("_-.*:/@+%\\!?'&$^|;[]", c) != NULL);
}

bool
lexer_is_word(struct span s)
{
	size_t i;

	for (i = 0; i < s.n; i++)
		if (!is_word_byte((unsigned char)s.p[i]))
			return false;
	return s.n != 0;
}

static size_t
line_left(const struct lexer *x)
{
	return span_find_byte(span_sub(x->text, x->at, x->text.n), '\n');
}

static void
put(struct lexer *x, enum token_kind kind, size_t length, struct span text)
{
	size_t size = x->size == 0 ? 64 : 2 * x->size;

	if (x->count == x->size) {
		x->tokens = arena_grow(x->arena, x->tokens,
		    x->size * sizeof(*x->tokens), size * sizeof(*x->tokens));
		x->size = size;
	}
	x->tokens[x->count++] = (struct token){ .kind = kind, .offset = x->at,
	    .length = length, .text = text, .is_first = x->is_first,
	    .indent = x->indent };
	x->at += length;
	x->indent += length;
	x->is_first = false;
}

static void
bad(struct lexer *x, size_t length, const char *why)
{
	faults_add(x->faults, x->src, x->at, length, "%s", why);
	put(x, TOKEN_BAD, length, span_sub(x->text, x->at, length));
}

/* Blanks, line ends and comments; keeps count of the indent. */
static void
skip_blanks(struct lexer *x)
{
	for (; x->at < x->text.n; x->at++) {
		switch (x->text.p[x->at]) {
		case '\n':
			x->is_first = true;
			x->indent = 0;
			break;
		case '\t':
			x->indent += 8 - x->indent % 8;
			break;
		case ' ':
		case '\r':
			x->indent++;
			break;
		case '#':
			x->at += line_left(x) - 1;
			break;
		default:
			return;
		}
	}
}

static bool
unescape(struct buffer *b, char c)
{
	if (c != 'n' && c != '"' && c != '\\')
		return false;
	buffer_byte(b, c == 'n' ? '\n' : c);
	return true;
}

static void
string(struct lexer *x)
{
	struct span rest = span_sub(x->text, x->at, line_left(x));
	struct buffer b = { .arena = x->arena };
	size_t i;

	for (i = 1; i < rest.n && rest.p[i] != '"'; i++) {
		if (rest.p[i] != '\\') {
			buffer_byte(&b, rest.p[i]);
			continue;
		}
		if (++i == rest.n || !unescape(&b, rest.p[i]))
			faults_add(x->faults, x->src, x->at + i - 1, 2,
			    "unknown escape in a string (known: \\n \\\" \\\\)");
	}
	if (i >= rest.n)
		bad(x, rest.n, "string without its closing '\"'");
	else
		put(x, TOKEN_STRING, i + 1, arena_copy(x->arena, buffer_span(&b)));
}

static void
regex(struct lexer *x)
{
	struct span rest = span_sub(x->text, x->at, line_left(x));
	size_t i, end;

	for (i = 1; i < rest.n && rest.p[i] != '/'; i++)
		if (rest.p[i] == '\\')
			i++;
	if (i >= rest.n) {
		bad(x, rest.n, "pattern without its closing '/'");
		return;
	}
	for (end = i + 1; end < rest.n && ((rest.p[end] >= 'a' && rest.p[end] <= 'z') ||
	    (rest.p[end] >= 'A' && rest.p[end] <= 'Z')); end++)
		;
	put(x, TOKEN_REGEX, end, span_sub(rest, 1, i - 1));
	x->tokens[x->count - 1].flags = span_sub(rest, i + 1, end - i - 1);
}

/* "<" begins an address if it ends in ">" before any blank, else it compares. */
static void
angle(struct lexer *x)
{
	struct span rest = span_sub(x->text, x->at, line_left(x));
	size_t close = span_find_byte(rest, '>');
	struct span inside = span_sub(rest, 1, close - 1);

	if (close != rest.n && span_find_byte(inside, ' ') == inside.n)
		put(x, TOKEN_ADDRESS, close + 1, inside);
	else
		put(x, TOKEN_OPERATOR, rest.n > 1 && rest.p[1] == '=' ? 2 : 1,
		    span_sub(rest, 0, rest.n > 1 && rest.p[1] == '=' ? 2 : 1));
}

static void
word(struct lexer *x)
{
	struct span rest = span_sub(x->text, x->at, line_left(x));
	size_t n = 0;

	while (n < rest.n && is_word_byte((unsigned char)rest.p[n]))
		n++;
	if (n == 0)
		bad(x, 1, "unexpected character");
	else if (rest.p[0] == '@')
		put(x, TOKEN_LIST, n, span_sub(rest, 1, n - 1));
	else
		put(x, TOKEN_WORD, n, span_sub(rest, 0, n));
}

static void
token(struct lexer *x)
{
	struct span rest = span_sub(x->text, x->at, 2);
	size_t n = rest.n == 2 && rest.p[0] == '>' && rest.p[1] == '=' ? 2 : 1;

	switch (rest.p[0]) {
	case '"':
		string(x);
		break;
	case '/':
		regex(x);
		break;
	case '<':
		angle(x);
		break;
	case '=':
	case '~':
	case '>':
		put(x, TOKEN_OPERATOR, n, span_sub(rest, 0, n));
		break;
	case '{':
	case '}':
	case '(':
	case ')':
	case ',':
		put(x, TOKEN_PUNCTUATION, 1, span_sub(rest, 0, 1));
		break;
	default:
		word(x);
	}
}

const struct token *
lexer_run(struct arena *a, const struct source *src, struct faults *f,
    size_t *count)
{
	struct lexer x = { .arena = a, .src = src, .faults = f,
	    .text = src->text, .is_first = true };

	for (skip_blanks(&x); x.at < x.text.n; skip_blanks(&x))
		token(&x);
	x.is_first = true;
	x.indent = 0;
	put(&x, TOKEN_END, 0, (struct span){ NULL, 0 });
	*count = x.count - 1;
	return x.tokens;
}

bool
token_is(const struct token *t, const char *text)
{
	return (t->kind == TOKEN_WORD || t->kind == TOKEN_OPERATOR ||
	    t->kind == TOKEN_PUNCTUATION) && span_equal(t->text, span_of(text));
}
