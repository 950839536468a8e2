/* SPDX-License-Identifier: BSD-2-Clause */
#include <criterion/criterion.h>

#include "base/err.h"
#include "base/regex.h"
#include "policy/number.h"

#include "letter.h"

static const char *
number_in(struct arena *a, const char *subject, const char *body)
{
	struct number_patterns n = { NULL, NULL };
	struct regex_scratch *s = regex_scratch_new(0, 0);
	struct letter l = letter_with(a, subject, body);
	struct span number = { NULL, 0 };
	struct err e = { "" };
	int rc;

	cr_assert_eq(number_compile(&n, &e), 0, "%s", e.text);
	rc = number_find(&n, s, a, l.message, &number, &e);
	cr_assert_geq(rc, 0);
	number_free(&n);
	regex_scratch_free(s);
	return rc == 0 ? "none" : arena_string(a, number);
}

Test(number, a_letters_own_number_stands_in_its_subject_or_behind_a_colon)
{
	struct arena *a = arena_new();

	cr_assert_str_eq(number_in(a, "V/v 05/BNV-VP", "Số: 6/X-Y"), "05/BNV-VP");
	cr_assert_str_eq(number_in(a, "x", "Số : 09 / TTr-SGDĐT"), "09/TTr-SGDĐT");
	cr_assert_str_eq(number_in(a, "x", "Số: 117/2025/QH15"), "117/2025/QH15");
	cr_assert_str_eq(number_in(a, "x", "Số: 123a/TB-ĐHBK"), "123a/TB-ĐHBK");
	cr_assert_str_eq(number_in(a, "x", "theo Nghị định số 30/2020/NĐ-CP"), "none");
	cr_assert_str_eq(number_in(a, "120/KM 24/7 A4/A5", "10/2007"), "none");
	arena_free(a);
}

Test(number, patterns_that_were_never_made_are_freed_all_the_same)
{
	struct number_patterns n = { NULL, NULL };

	number_free(&n);
	cr_assert_null(n.subject);
}
