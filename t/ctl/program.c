/* SPDX-License-Identifier: BSD-2-Clause */
#include <criterion/criterion.h>
#include <string.h>

#include "base/err.h"

#include "ctl/program.h"

static int
shell(struct arena *a, const char *script, int64_t deadline_ms, struct span *output,
    struct err *e)
{
	const char *const argv[] = { "sh", "-c", script, NULL };

	return program_read(a, argv, deadline_ms, output, e);
}

Test(program, what_it_prints_and_how_it_ends_come_back)
{
	struct arena *a = arena_new();
	struct span output;
	struct err e;

	cr_expect_eq(shell(a, "read x; echo one$x; echo two >&2; exit 7", 60000,
	    &output, &e), 7);
	cr_expect(span_is(output, "one\n"));
	cr_expect_eq(shell(a, "i=0; while [ $i -lt 20000 ]; do echo 1234567; "
	    "i=$((i+1)); done", 60000, &output, &e), 0);
	cr_expect_eq(output.n, 160000);
	arena_free(a);
}

Test(program, what_cannot_be_run_or_does_not_end_is_an_error, .timeout = 60)
{
	const char *const none[] = { "/nonexistent/x", NULL };
	struct arena *a = arena_new();
	struct span output;
	struct err e;

	cr_expect_eq(program_read(a, none, 1000, &output, &e), -1);
	cr_expect_not_null(strstr(e.text, "/nonexistent/x"));
	cr_expect_eq(shell(a, "kill -9 $$", 60000, &output, &e), -1);
	cr_expect_not_null(strstr(e.text, "signal 9"));
	cr_expect_eq(shell(a, "exec tail -f /dev/null", 200, &output, &e), -1);
	cr_expect_not_null(strstr(e.text, "too long"));
	arena_free(a);
}
