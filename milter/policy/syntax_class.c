/* SPDX-License-Identifier: BSD-2-Clause */
#include <string.h>

#include "policy/literal.h"
#include "syntax_internal.h"

/* Set once a class has a member that cannot be told. */
#define MANY (SYNTAX_SET_MAX + 1)

void
syntax_character(struct node *node, uint32_t code)
{
	size_t i;

	code = literal_fold(code);
	if (node->code_count > SYNTAX_SET_MAX)
		return;
	for (i = 0; i < node->code_count; i++)
		if (node->codes[i] == code)
			return;
	if (node->code_count == SYNTAX_SET_MAX)
		node->code_count = MANY;
	else
		node->codes[node->code_count++] = code;
}

static bool
is_alphanumeric(uint32_t c)
{
	return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') ||
	    (c >= 'a' && c <= 'z');
}

static int
hex_digit(uint32_t c)
{
	if (c >= '0' && c <= '9')
		return (int)(c - '0');
	c |= 0x20;
	return c >= 'a' && c <= 'f' ? (int)(c - 'a' + 10) : -1;
}

/* Behind "\x": "{1EAC}" or two digits, nothing else. */
static uint32_t
hexadecimal(struct syntax *s)
{
	bool is_braced = syntax_peek(s) == '{';
	uint32_t code = 0;
	size_t n;

	if (is_braced)
		syntax_take(s);
	for (n = 0; n < (is_braced ? 6 : 2) && hex_digit(syntax_peek(s)) >= 0; n++)
		code = 16 * code + (uint32_t)hex_digit(syntax_take(s));
	if (is_braced ? n == 0 || syntax_take(s) != '}' : n != 2)
		syntax_lose(s);
	return code;
}

/* A character written with a backslash, of which ${c} has been taken. */
static bool
is_character(struct syntax *s, uint32_t c, uint32_t *code)
{
	static const char names[] = "aefnrt", codes[] = "\a\033\f\n\r\t";
	const char *at;

	*code = c;
	if (c != 0 && !is_alphanumeric(c))
		return true;
	if (c == 'x') {
		*code = hexadecimal(s);
		return true;
	}
	at = c != 0 && c < 0x80 ? strchr(names, (int)c) : NULL;
	if (at == NULL)
		return false;
	*code = (uint32_t)codes[at - names];
	return true;
}

static void
skip_property(struct syntax *s)
{
	if (syntax_take(s) != '{')
		return;
	s->at += span_find_byte(span_sub(s->text, s->at, s->text.n), '}');
	if (syntax_take(s) != '}')
		syntax_lose(s);
}

/* A class with a letter: -1 it is none, 0 one of many, 1 blanks. */
static int
named_class(struct syntax *s, uint32_t c)
{
	if (c == 'h' || c == 's' || c == 'v')
		return 1;
	if (c == 'p' || c == 'P') {
		skip_property(s);
		return 0;
	}
	if (c == 'N' && syntax_peek(s) == '{')
		return -1;
	return c != 0 && c < 0x80 && strchr("dDwWSHVN", (int)c) != NULL ? 0 : -1;
}

static struct node *
line_end(struct syntax *s, size_t start)
{
	struct node *node = syntax_node(s, NODE_REPEAT, start);

	node->first = syntax_node(s, NODE_SET, start);
	syntax_character(node->first, ' ');
	node->least = 1;
	node->most = 2;
	node->is_atomic = true;
	return node;
}

struct node *
syntax_escape(struct syntax *s)
{
	size_t start = s->at - 1;
	uint32_t code, c = syntax_take(s);
	struct node *node;
	int class;

	if (c != 0 && c < 0x80 && strchr("bBAZz", (int)c) != NULL)
		return syntax_node(s, NODE_EMPTY, start);
	if (c == 'X')
		return syntax_node(s, NODE_ANY, start);
	if (c == 'R')
		return line_end(s, start);
	if (is_character(s, c, &code))
		class = 2;
	else
		class = named_class(s, c);
	if (class < 0)
		syntax_lose(s);
	node = syntax_node(s, NODE_SET, start);
	if (class > 0)
		syntax_character(node, class == 1 ? ' ' : code);
	return node;
}

static void
class_escape(struct syntax *s, struct node *node)
{
	uint32_t code, c = syntax_take(s);
	int class;

	if (c == 'b') {
		syntax_character(node, '\b');
		return;
	}
	if (is_character(s, c, &code)) {
		syntax_character(node, code);
		return;
	}
	class = named_class(s, c);
	if (class < 0)
		syntax_lose(s);
	else if (class == 0)
		node->code_count = MANY;
	else
		syntax_character(node, ' ');
}

/* Behind "[" within a class: "[:alpha:]", or the character itself. */
static void
class_bracket(struct syntax *s, struct node *node)
{
	uint32_t c = syntax_peek(s);

	if (c != ':' && c != '.' && c != '=') {
		syntax_character(node, '[');
		return;
	}
	syntax_take(s);
	if (syntax_peek(s) == '^')
		syntax_take(s);
	while (is_alphanumeric(syntax_peek(s)))
		syntax_take(s);
	if (c != ':' || syntax_take(s) != ':' || syntax_take(s) != ']')
		syntax_lose(s);
	node->code_count = MANY;
}

struct node *
syntax_class(struct syntax *s)
{
	struct node *node = syntax_node(s, NODE_SET, s->at);
	size_t first, start = s->at - 1;
	bool is_negated = syntax_peek(s) == '^';
	uint32_t c;

	if (is_negated)
		syntax_take(s);
	for (first = s->at; ; ) {
		if (s->at == s->text.n) {
			syntax_lose(s);
			break;
		}
		c = syntax_take(s);
		if (c == ']' && s->at - 1 != first)
			break;
		if (c == '\\')
			class_escape(s, node);
		else if (c == '[')
			class_bracket(s, node);
		else if (c == '-' && s->at - 1 != first && syntax_peek(s) != ']')
			node->code_count = MANY;	/* a range */
		else
			syntax_character(node, c);
	}
	if (is_negated || node->code_count > SYNTAX_SET_MAX)
		node->code_count = 0;
	node->source = span_sub(s->text, start, s->at - start);
	return node;
}
