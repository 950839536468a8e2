/* SPDX-License-Identifier: BSD-2-Clause */
#include <criterion/criterion.h>

#include <string.h>

#include "base/arena.h"
#include "base/clock.h"
#include "base/fault.h"
#include "base/regex.h"
#include "base/source.h"
#include "policy/effort.h"

#include "letter.h"

static void
expect(const char *pattern, unsigned flags, enum growth want)
{
	static const char *const names[] = { "linear", "quadratic", "cubic",
	    "exponential" };
	struct arena *a = arena_new();
	struct effort e;

	effort_probe(a, span_of(pattern), flags, &e);
	cr_expect_eq(e.growth, want, "/%s/ is %s, wanted %s (word '%.*s', at '%.*s')",
	    pattern, names[e.growth], names[want], SPAN_PRINT(e.word),
	    SPAN_PRINT(e.where));
	arena_free(a);
}

Test(effort, a_repeat_whose_rounds_can_be_divided_in_many_ways_is_exponential)
{
	static const char *const patterns[] = {
		"(a+)+$", "(a|aa)+b", "(a*)*", "(.*a){20}", "(\\w+\\s?)*$",
		"(x+x+)+y", "^(([a-z])+.)+[A-Z]([a-z])+$", "(a|a)*$", "(a?b?)*c",
		"(?:\\d{1,3}\\.?)*x", "(\\s*\\w*)*:", "(?:MẬT|M|ẬT)+!",
		"^(?:[A-ZĐ]+[-/]?)+$", "(?=(a+)+$)a", "((a{2,})+b?)+c",
		"(?:a|b|ab)*c", "<(?:[^>]+|x)*>", "foo(bar|b.r)*baz", NULL,
	};
	int i;

	for (i = 0; patterns[i] != NULL; i++)
		expect(patterns[i], 0, GROWTH_EXPONENTIAL);
	expect("(A+)+$", REGEX_CASELESS, GROWTH_EXPONENTIAL);
	expect("( a + ) + $ # x", REGEX_EXTENDED, GROWTH_EXPONENTIAL);
	expect("(a+)+(?<x>b)\\k<x>", 0, GROWTH_EXPONENTIAL);
}

Test(effort, repeats_one_behind_the_other_multiply)
{
	expect("^.*a.*b.*c", 0, GROWTH_CUBIC);
	expect("\\d+\\d+\\d+\\d+x", 0, GROWTH_CUBIC);
	expect("^\\s*\\s*\\s*\\s*x", 0, GROWTH_CUBIC);
	expect("số\\h*:?\\h*\\d", 0, GROWTH_QUADRATIC);
	expect("^.*a.*b", 0, GROWTH_QUADRATIC);
}

Test(effort, an_honest_pattern_is_left_alone)
{
	static const char *const patterns[] = {
		"^\\s*(TUYỆT |TỐI )?MẬT\\s*$", "Số:\\s*(?<number>\\d+)\\/(?<symbol>[A-ZĐ0-9-]+)",
		"(?:[a-z]+\\.)*[a-z]+@", "^(?:\\w+ )*\\w+$", "(a++)+$", "(?>a+)+$",
		"dự toán (?:năm )?\\d{4}", "[0-9a-f]{8}(?:-[0-9a-f]{4}){3}",
		"(?:\\d{1,3}\\.){3}\\d{1,3}", "(?:[^,\n]*,)*x", "(?:a{3})+b",
		"\\bTÀI\\s+LIỆU\\s+(?:TUYỆT\\s+|TỐI\\s+)?MẬT\\b", "a*b*c*",
		"(?:(\\d{1,3}\\.?){1,4})", NULL,
	};
	int i;

	for (i = 0; patterns[i] != NULL; i++)
		expect(patterns[i], REGEX_MULTILINE, GROWTH_LINEAR);
}

Test(effort, the_repeat_is_named)
{
	struct arena *a = arena_new();
	struct span pattern = span_of("^foo ((?:b|b.)+)!$");
	struct effort e;

	effort_probe(a, pattern, 0, &e);
	cr_expect_eq(e.growth, GROWTH_EXPONENTIAL);
	cr_expect(span_equal(e.where, span_of("(?:b|b.)+")), "%.*s",
	    SPAN_PRINT(e.where));
	cr_expect(e.word.n != 0);
	arena_free(a);
}

#define MINISTRY "ministry { domain moet.edu.vn }\n"

Test(effort, a_policy_that_comes_after_another_probes_what_is_new_alone)
{
	struct sources *first = sources_text("p", span_of(MINISTRY
	    "rule a { if text ~ /a.*b.*c/ note }\nrule b { if text ~ /b/ note }\n"
	    "rule again { if subject ~ /b/ note }\n"));
	struct sources *second = sources_text("p", span_of(MINISTRY
	    "rule a { if text ~ /a.*b.*c/ note }\nrule c { if text ~ /c/ note }\n"
	    "rule b { if text ~ /b/i note }\n"));
	struct faults f = { 0 };
	struct policy *p = policy_compile_after(first, NULL, &f), *q;

	cr_assert_not_null(p);
	cr_expect_eq(policy_probes(p), 2);
	cr_expect_eq(f.warnings, 1);
	q = policy_compile_after(second, p, &f);
	cr_assert_not_null(q);
	cr_expect_eq(policy_probes(q), 2);
	cr_expect_eq(f.warnings, 2, "what is known is told again");
	policy_free(q);
	policy_free(p);
	sources_free(second);
	sources_free(first);
	faults_end(&f);
}

#define HOSTILE_BYTES (1 << 20)
#define DEADLINE_MS 1000

/* A megabyte of ${line}, judged by ${p} with a second for it: ratio of the time it took. */
static double
judge_hostile(const struct policy *p, struct arena *a, const char *line,
    const struct verdict **v)
{
	char *body = arena_alloc(a, HOSTILE_BYTES + 100), *at = body;
	struct regex_scratch *s;
	struct letter l;
	int64_t began;

	while (at < body + HOSTILE_BYTES)
		at = stpcpy(at, line);
	l = letter_with(a, "x", body);
	began = clock_monotonic_ms();
	s = regex_scratch_new(LETTER_STEPS, began + DEADLINE_MS);
	*v = policy_judge(p, &l, a, s);
	regex_scratch_free(s);
	return (double)(clock_monotonic_ms() - began) / DEADLINE_MS;
}

/* Runs so short that no place needs more steps than it may have. */
Test(effort, were_it_active_a_hostile_text_is_cut_at_the_deadline_and_unknown_decides)
{
	static const char *const patterns[] = { "(a+)+$", "(a|aa)+b",
	    "(\\w+\\s?)*$", "(x+x+)+y" };
	static const char *const lines[] = { "aaaaaaaaaaaa!", "aaaaaaaaaaaaaaaa!b",
	    "aaaaaaaaaaaa!", "xxxxxxxxxxxx!y" };
	size_t i;

	for (i = 0; i < 4; i++) {
		struct arena *a = arena_new();
		struct policy *p = letter_policy_unprobed(arena_print(a, "rule slow {\n"
		    " if text ~ /%s/\n on unknown hold \"in doubt\"\n reject\n}\n",
		    patterns[i]));
		const struct verdict *v;
		double ratio = judge_hostile(p, a, lines[i], &v);

		cr_expect_eq(letter_rule(v, "slow")->truth, TRUTH_UNKNOWN, "/%s/",
		    patterns[i]);
		cr_expect_eq(v->action, ACTION_HOLD);
		cr_expect(ratio >= 1 && ratio <= 2, "/%s/: cut at %.2f of the "
		    "deadline", patterns[i], ratio);
		policy_free(p);
		arena_free(a);
	}
}

Test(effort, a_place_that_needs_too_many_steps_is_unknown_at_once)
{
	struct arena *a = arena_new();
	struct policy *p = letter_policy_unprobed("rule slow {\n if text ~ /(a+)+$/\n"
	    " on unknown discard\n reject\n}\n");
	const struct verdict *v;
	double ratio = judge_hostile(p, a, "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa!", &v);

	cr_expect_eq(letter_rule(v, "slow")->truth, TRUTH_UNKNOWN);
	cr_expect_eq(v->action, ACTION_DISCARD);
	cr_expect_lt(ratio, 1);
	policy_free(p);
	arena_free(a);
}
