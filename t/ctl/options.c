/* SPDX-License-Identifier: BSD-2-Clause */
#include <criterion/criterion.h>
#include <string.h>

#include "base/err.h"

#include "ctl/options.h"

static const struct option_rule known[] = {
	{ "format", OPTION_VALUE }, { "recipient", OPTION_LIST },
	{ "quiet", OPTION_FLAG }, { "unit", OPTION_LATER }, { NULL, OPTION_FLAG },
};

static struct arena *a;
static struct options o;
static struct err e;

static void
setup(void)
{
	a = arena_new();
}

static void
teardown(void)
{
	arena_free(a);
}

TestSuite(options, .init = setup, .fini = teardown);

static int
parse(const char *const *words)
{
	char *argv[16];
	int n;

	for (n = 0; words[n] != NULL; n++)
		argv[n] = arena_string(a, span_of(words[n]));
	return options_parse(a, known, n, argv, &o, &e);
}

#define PARSE(...) parse((const char *const[]){ __VA_ARGS__, NULL })

Test(options, options_and_operands_come_in_any_order)
{
	size_t at = 0;

	cr_assert_eq(PARSE("x", "--recipient", "b", "-", "--recipient=c", "--quiet"), 0);
	cr_assert_eq(o.operand_count, 2);
	cr_assert_str_eq(o.operands[1], "-");
	cr_assert_str_eq(options_next(&o, "recipient", &at), "b");
	cr_assert_str_eq(options_next(&o, "recipient", &at), "c");
	cr_assert_null(options_next(&o, "recipient", &at));
	cr_assert_not_null(options_get(&o, "quiet"));
	cr_assert_null(options_get(&o, "format"));
}

Test(options, two_dashes_end_them)
{
	cr_assert_eq(PARSE("--", "--format"), 0);
	cr_assert_str_eq(o.operands[0], "--format");
}

Test(options, a_mistyped_one_gets_a_suggestion)
{
	cr_assert_eq(PARSE("--fromat", "json"), -1);
	cr_assert_not_null(strstr(e.text, "did you mean --format?"));
}

Test(options, wrong_usage_says_what_is_wrong)
{
	cr_assert_eq(PARSE("--format"), -1);
	cr_assert_str_eq(e.text, "--format needs a value");
	cr_assert_eq(PARSE("--quiet=1"), -1);
	cr_assert_str_eq(e.text, "--quiet takes no value");
	cr_assert_eq(PARSE("--format", "a", "--format", "b"), -1);
	cr_assert_str_eq(e.text, "--format is given twice");
	cr_assert_eq(PARSE("--unit", "x"), -1);
	cr_assert_str_eq(e.text, "--unit comes with a later version");
	cr_assert_eq(PARSE("-c", "x"), -1);
	cr_assert_str_eq(e.text, "-c FILE goes before the verb");
}

Test(options, a_choice_is_one_of_the_known)
{
	static const char *const formats[] = { "table", "json", NULL };

	cr_assert_eq(options_choice("format", NULL, formats, &e), 0);
	cr_assert_eq(options_choice("format", "json", formats, &e), 1);
	cr_assert_eq(options_choice("format", "jsno", formats, &e), -1);
	cr_assert_not_null(strstr(e.text, "did you mean 'json'?"));
	cr_assert_eq(options_choice("format", "zzzzzz", formats, &e), -1);
	cr_assert_not_null(strstr(e.text, "known are: table json"));
}
