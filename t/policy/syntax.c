/* SPDX-License-Identifier: BSD-2-Clause */
#include <criterion/criterion.h>

#include "base/buffer.h"
#include "base/regex.h"
#include "policy/syntax.h"

static void
print(const struct node *node, struct buffer *b)
{
	static const char *const names[] = {
		[NODE_EMPTY] = "empty", [NODE_LOOK] = "look", [NODE_SET] = "set",
		[NODE_ANY] = "any", [NODE_SEQUENCE] = "", [NODE_CHOICE] = "or",
		[NODE_REPEAT] = "repeat",
	};

	for (; node != NULL; node = node->next) {
		if (node->kind == NODE_SET) {
			buffer_add(b, node->source);
			continue;
		}
		buffer_text(b, names[node->kind]);
		if (node->kind == NODE_REPEAT)
			buffer_print(b, " %u %d", node->least, (int)node->most);
		buffer_text(b, node->is_atomic ? "!(" : "(");
		print(node->first, b);
		buffer_byte(b, ')');
	}
}

static void
expect(const char *pattern, unsigned flags, const char *want)
{
	struct arena *a = arena_new();
	struct buffer b = { .arena = a };

	print(syntax_parse(a, span_of(pattern), flags), &b);
	cr_expect_str_eq(buffer_string(&b), want, "/%s/: %s", pattern,
	    buffer_string(&b));
	arena_free(a);
}

Test(syntax, a_pattern_is_a_tree)
{
	expect("ab|c", 0, "or((ab)(c))");
	expect("^a(?:b|[^c]]){2,5}$", 0,
	    "or((empty()arepeat 2 5(or((b)([^c]])))empty()))");
	expect("(?>a*+)b??", 0, "or((!(or((repeat 0 -1!(a))))repeat 0 1(b)))");
	expect("(?<=\\h)\\X", 0, "or((look(or((\\h)))any()))");
	expect("a b # c", REGEX_EXTENDED, "or((ab))");
}

Test(syntax, depth_is_bounded)
{
	struct arena *a = arena_new();
	struct buffer b = { .arena = a };
	size_t i;

	for (i = 0; i < 200; i++)
		buffer_byte(&b, '(');
	buffer_byte(&b, 'a');
	for (i = 0; i < 200; i++)
		buffer_byte(&b, ')');
	cr_expect_null(syntax_parse(a, buffer_span(&b), 0));
	arena_free(a);
}
