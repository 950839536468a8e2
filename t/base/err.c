/* SPDX-License-Identifier: BSD-2-Clause */
#include <criterion/criterion.h>

#include <errno.h>
#include <signal.h>
#include <string.h>

#include "base/err.h"

Test(err, setting_a_reason_returns_failure)
{
	struct err e;

	cr_assert_eq(err_set(&e, "line %d", 7), -1);
	cr_assert_str_eq(e.text, "line 7");
}

Test(err, context_stands_before_the_reason)
{
	struct err e;

	err_set(&e, "no such rule");
	cr_assert_eq(err_prefix(&e, "%s", "a.policy"), -1);
	cr_assert_str_eq(e.text, "a.policy: no such rule");
}

Test(err, the_text_of_errno_follows_and_errno_stays)
{
	struct err e;

	errno = ENOENT;
	cr_assert_eq(err_errno(&e, "/x"), -1);
	cr_assert_str_eq(e.text, "/x: No such file or directory");
	cr_assert_eq(errno, ENOENT);
}

Test(err, a_long_reason_is_cut_not_overrun)
{
	char text[2000];
	struct err e;

	memset(text, 'x', sizeof(text) - 1);
	text[sizeof(text) - 1] = '\0';
	err_set(&e, "%s", text);
	err_prefix(&e, "%s", text);
	errno = EIO;
	err_errno(&e, "%s", text);
	cr_assert_eq(strlen(e.text), sizeof(e.text) - 1);
}

Test(err, a_broken_must_aborts, .signal = SIGABRT)
{
	must(1 + 1 == 3);
}

Test(err, a_kept_must_costs_nothing)
{
	int n = 0;

	must(++n == 1);
	cr_assert_eq(n, 1);
}
