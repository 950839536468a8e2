/* SPDX-License-Identifier: BSD-2-Clause */
#include <criterion/criterion.h>

#include <string.h>
#include <unistd.h>

#include "base/log.h"

static int ends[2];
static char line[16384];

static void
catch_stderr(void)
{
	cr_assert_eq(pipe(ends), 0);
	cr_assert_geq(dup2(ends[1], STDERR_FILENO), 0);
	log_open("test", true);
}

static const char *
caught(void)
{
	ssize_t n = read(ends[0], line, sizeof(line) - 1);

	line[n > 0 ? n : 0] = '\0';
	return line;
}

Test(log, an_event_is_one_line_of_pairs, .init = catch_stderr)
{
	log_event(LOG_LEVEL_INFO, "accept", "id", "A-1", "client", "10.0.0.1",
	    (char *)NULL);
	cr_assert_str_eq(caught(), "event=accept id=A-1 client=10.0.0.1\n");
}

Test(log, a_missing_value_leaves_its_key_out, .init = catch_stderr)
{
	log_event(LOG_LEVEL_INFO, "x", "a", (char *)NULL, "b", "1", (char *)NULL);
	cr_assert_str_eq(caught(), "event=x b=1\n");
}

Test(log, a_hostile_value_cannot_begin_a_line_or_a_pair, .init = catch_stderr)
{
	log_event(LOG_LEVEL_INFO, "x", "a", "1\nevent=y b=\"2\"\\", (char *)NULL);
	cr_assert_str_eq(caught(),
	    "event=x a=\"1\\nevent=y b=\\\"2\\\"\\\\\"\n");
}

Test(log, bytes_that_are_not_utf8_are_escaped, .init = catch_stderr)
{
	log_event(LOG_LEVEL_INFO, "x", "a", "\xff\xc0\x80\x1b[", "b", "MẬT",
	    (char *)NULL);
	cr_assert_str_eq(caught(),
	    "event=x a=\"\\xff\\xc0\\x80\\x1b[\" b=MẬT\n");
}

Test(log, marks_that_turn_the_writing_round_are_escaped, .init = catch_stderr)
{
	log_event(LOG_LEVEL_INFO, "x", "a", "\xe2\x80\xae" "fdp.exe", "b",
	    "\xc2\x85", (char *)NULL);
	cr_assert_str_eq(caught(),
	    "event=x a=\"\\xe2\\x80\\xaefdp.exe\" b=\"\\xc2\\x85\"\n");
}

Test(log, an_empty_value_is_seen_as_one, .init = catch_stderr)
{
	log_event(LOG_LEVEL_INFO, "x", "a", "", (char *)NULL);
	cr_assert_str_eq(caught(), "event=x a=\"\"\n");
}

Test(log, a_value_without_end_is_cut_and_stays_quoted, .init = catch_stderr)
{
	char value[9000];
	size_t n;

	memset(value, '"', sizeof(value) - 1);
	value[sizeof(value) - 1] = '\0';
	log_event(LOG_LEVEL_INFO, "x", "a", value, "b", value, (char *)NULL);
	n = strlen(caught());
	cr_assert_leq(n, 4096);
	cr_assert_str_eq(line + n - 4, "\\\"\"\n");
}
