/* SPDX-License-Identifier: BSD-2-Clause */
#include <criterion/criterion.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/clock.h"
#include "base/err.h"
#include "ledger/shadow.h"

#define NOW_MS INT64_C(1795489200000)

static char folder[] = "/tmp/vanthu-shadow-XXXXXX";
static struct err e;

static void
begin(void)
{
	cr_assert_not_null(mkdtemp(folder));
	clock_set(NOW_MS);
}

static void
end(void)
{
	char command[100];

	snprintf(command, sizeof(command), "rm -rf %s", folder);
	cr_assert_eq(system(command), 0);
}

TestSuite(shadow, .init = begin, .fini = end);

static size_t
count_at(struct shadows *s, int64_t now_ms)
{
	struct arena *a = arena_new();
	size_t n;

	shadows_at(s, now_ms, a, &n);
	arena_free(a);
	return n;
}

static void
put(struct shadows *s, const char *rule, int64_t for_ms)
{
	struct shadow one = { rule, NOW_MS + for_ms, "root", "a\tnote\nof two lines" };

	cr_assert_eq(shadows_put(s, &one, &e), 0, "%s", e.text);
}

Test(shadow, it_outlives_the_process_until_its_time_is_over)
{
	struct shadows *s = shadows_open(folder, &e);
	struct arena *a = arena_new();
	const struct shadow *list;
	size_t n;

	put(s, "mark", 1000);
	put(s, "other", 5000);
	put(s, "mark", 2000);
	shadows_free(s);
	cr_assert_not_null(s = shadows_open(folder, &e));
	list = shadows_at(s, NOW_MS, a, &n);
	cr_assert_eq(n, 2);
	cr_expect_str_eq(list[1].rule, "mark");
	cr_expect_str_eq(list[1].operator, "root");
	cr_expect_str_eq(list[1].note, "a note of two lines");
	cr_expect_eq(list[1].until_ms, NOW_MS + 2000);
	cr_expect_eq(count_at(s, NOW_MS + 2000), 1);
	cr_expect_eq(count_at(s, NOW_MS + 5000), 0);
	shadows_free(s);
	arena_free(a);
}

Test(shadow, it_can_be_ended)
{
	struct shadows *s = shadows_open(folder, &e);

	put(s, "mark", 1000);
	cr_expect_eq(shadows_end(s, span_of("none"), &e), 0);
	cr_expect_eq(shadows_end(s, span_of("mark"), &e), 1);
	cr_expect_eq(shadows_end(s, span_of("mark"), &e), 0);
	shadows_free(s);
	cr_assert_not_null(s = shadows_open(folder, &e));
	cr_expect_eq(count_at(s, NOW_MS), 0);
	shadows_free(s);
}

Test(shadow, what_cannot_be_written_is_not_in_force)
{
	struct shadows *s = shadows_open(folder, &e);
	struct shadow one = { "mark", NOW_MS + 1000, "root", "" };
	char command[100];

	snprintf(command, sizeof(command), "rm -rf %s", folder);
	cr_assert_eq(system(command), 0);
	cr_expect_eq(shadows_put(s, &one, &e), -1);
	cr_expect(strstr(e.text, folder) != NULL, "%s", e.text);
	cr_expect_eq(count_at(s, NOW_MS), 0);
	shadows_free(s);
}
