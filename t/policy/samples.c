/* SPDX-License-Identifier: BSD-2-Clause */
#include <criterion/criterion.h>

#include <string.h>

#include "base/err.h"
#include "base/source.h"

#include "letter.h"

/* A sample's name begins with what must become of it. */
static void
check(const struct policy *p, const struct source *src)
{
	const char *name = strrchr(src->name, '/') + 1;
	struct arena *a = arena_new();
	struct letter l = letter_from(a, src->text);
	const struct verdict *v = letter_judge(p, a, &l, LETTER_STEPS);
	const char *wanted = action_name(v->action);

	if (v->action == ACTION_ACCEPT)
		wanted = v->is_tracked ? "track" : "pass";
	cr_expect(strncmp(name, wanted, strlen(wanted)) == 0, "%s: %s by %s",
	    name, wanted, v->rule != NULL ? v->rule : "none");
	if (v->action == ACTION_ACCEPT && v->is_tracked)
		cr_expect_neq(v->number.n, 0, "%s", name);
	arena_free(a);
}

Test(samples, every_sample_letter_gets_what_its_name_says)
{
	struct policy *p = letter_shipped();
	struct err e = { "" };
	struct sources *set = sources_open(POLICY_FOLDER "/samples", ".eml", &e);
	const struct source *src;
	size_t n = 0;

	cr_assert_not_null(set, "%s", e.text);
	for (src = set->first; src != NULL; src = src->next, n++)
		check(p, src);
	cr_assert_geq(n, 10);
	sources_free(set);
	policy_free(p);
}

static struct span
number(const struct policy *p, struct arena *a, const char *subject,
    const char *body)
{
	return letter_verdict(p, a, subject, body)->number;
}

Test(samples, official_numbers_are_read_and_nothing_else)
{
	static const char *const good[] = {
		"9584/BGDĐT-CNTT", "15/2020/TT-BGDĐT", "64/2007/NĐ-CP",
		"30/2000/PL-UBTVQH10", "7816/VPCP-TTĐT", "20/2020/QĐ-TTg",
		"05/BNV-VP", "1865/HD-SNV", "123a/TB-ĐHBK", "12/BGDĐT-VP",
		"09/TTr-SGDĐT", "29/2018/QH14",
	};
	static const char *const bad[] = {
		"120/KM", "24/7", "50/60Hz", "km/h", "01/11/2007", "A4/A5",
		"http://a/12/ABC", "TCP/IP", "10/100/1000",
		"Nghị định số 30/2020/NĐ-CP",
	};
	struct policy *p = letter_shipped();
	struct arena *a = arena_new();
	size_t i;

	for (i = 0; i < sizeof(good) / sizeof(good[0]); i++)
		cr_expect(span_equal(number(p, a, "x", arena_print(a,
		    "Số: %s", good[i])), span_of(good[i])), "%s", good[i]);
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		cr_expect_eq(number(p, a, "x", bad[i]).n, 0, "%s", bad[i]);
	cr_expect(span_equal(number(p, a, "V/v 05/BGDĐT-VP", "x"),
	    span_of("05/BGDĐT-VP")));
	cr_expect_not(letter_verdict(p, a, "Lich hop", "x")->is_tracked);
	arena_free(a);
	policy_free(p);
}

Test(samples, every_word_and_negation_of_the_lists_passes)
{
	static const char *const files[] = {
		POLICY_FOLDER "/lists/not-a-mark.txt",
		POLICY_FOLDER "/lists/not-secret.txt",
	};
	struct policy *p = letter_shipped();
	struct arena *a = arena_new();
	struct err e = { "" };
	struct sources *set;
	const struct verdict *v;
	struct span rest, line;
	size_t i;

	for (i = 0; i < 2; i++) {
		set = sources_open(files[i], ".txt", &e);
		cr_assert_not_null(set, "%s", e.text);
		for (rest = set->first->text; span_line(&rest, &line); ) {
			v = letter_verdict(p, a, "x", arena_print(a, "%.*s\n"
			    "Thư có %.*s đây", SPAN_PRINT(line), SPAN_PRINT(line)));
			cr_expect_eq(v->action, ACTION_ACCEPT, "%.*s: %s",
			    SPAN_PRINT(line), v->rule);
		}
		sources_free(set);
	}
	arena_free(a);
	policy_free(p);
}
