/* SPDX-License-Identifier: BSD-2-Clause */
#include <criterion/criterion.h>

#include <stdlib.h>
#include <time.h>

#include "base/clock.h"
#include "base/err.h"

#define MIDNIGHT ((int64_t)1767225600000)	/* 2026-01-01T00:00:00Z */

static void
in_hanoi(void)
{
	setenv("TZ", "UTC-7", 1);
	tzset();
}

static int64_t
parsed(const char *text)
{
	struct err e;
	int64_t ms;

	cr_assert_eq(clock_parse(text, MIDNIGHT, &ms, &e), 0, "%s", text);
	return ms;
}

static int64_t
lasting(const char *text)
{
	struct err e;
	int64_t ms;

	return clock_duration(text, &ms, &e) == 0 ? ms : -1;
}

Test(clock, a_stopped_clock_stands_still_until_let_go)
{
	clock_set(42);
	cr_assert_eq(clock_now_ms(), 42);
	clock_set(0);
	cr_assert_gt(clock_now_ms(), MIDNIGHT);
}

Test(clock, the_clock_for_deadlines_cannot_be_stopped)
{
	int64_t before = clock_monotonic_ms();
	struct timespec nap = { 0, 20000000 };

	clock_set(42);
	nanosleep(&nap, NULL);
	cr_assert_geq(clock_monotonic_ms(), before + 19);
}

Test(clock, a_time_is_printed_with_the_local_offset, .init = in_hanoi)
{
	char text[CLOCK_TEXT_SIZE];

	cr_assert_str_eq(clock_print(MIDNIGHT + 5, text),
	    "2026-01-01T07:00:00.005+07:00");
	cr_assert_str_eq(clock_print(-1, text), "1970-01-01T06:59:59.999+07:00");
}

Test(clock, what_is_printed_is_read_again, .init = in_hanoi)
{
	char text[CLOCK_TEXT_SIZE];
	int64_t ms;

	for (ms = 0; ms < 2000 * MIDNIGHT / 1000; ms += 86399999981 / 7)
		cr_assert_eq(parsed(clock_print(ms, text)), ms, "%s", text);
}

Test(clock, times_are_read_in_every_offset, .init = in_hanoi)
{
	cr_assert_eq(parsed("2026-01-01T00:00:00Z"), MIDNIGHT);
	cr_assert_eq(parsed("2026-01-01t07:00:00+07:00"), MIDNIGHT);
	cr_assert_eq(parsed("2025-12-31T20:30:00.25-03:30"), MIDNIGHT + 250);
	cr_assert_eq(parsed("2024-02-29T00:00:00Z"), (int64_t)1709164800000);
}

Test(clock, a_day_begins_in_the_local_zone, .init = in_hanoi)
{
	cr_assert_eq(parsed("2026-01-01"), MIDNIGHT - 7 * 3600000);
}

Test(clock, an_age_counts_back_from_now)
{
	cr_assert_eq(parsed("90s"), MIDNIGHT - 90000);
	cr_assert_eq(parsed("36h"), MIDNIGHT - 36 * 3600000);
	cr_assert_eq(parsed("2w"), MIDNIGHT - (int64_t)14 * 86400000);
}

Test(clock, what_is_no_time_is_refused_with_a_reason)
{
	static const char *const bad[] = { "", "2026", "2026-13-01",
	    "2026-02-29", "2026-00-10", "2026-01-01T24:00:00Z",
	    "2026-01-01T10:00:00", "2026-01-01T10:00:00+7:00",
	    "2026-01-01T10:00:00Zx", "2026-01-01x", "-5m", "5y", NULL };
	struct err e;
	int64_t ms;
	int i;

	for (i = 0; bad[i] != NULL; i++) {
		e.text[0] = '\0';
		cr_assert_eq(clock_parse(bad[i], MIDNIGHT, &ms, &e), -1, "%s", bad[i]);
		cr_assert_neq(e.text[0], '\0');
	}
}

Test(clock, a_duration_has_a_unit_or_is_in_seconds)
{
	cr_assert_eq(lasting("500ms"), 500);
	cr_assert_eq(lasting("90"), 90000);
	cr_assert_eq(lasting("15m"), 900000);
	cr_assert_eq(lasting("7d"), 604800000);
	cr_assert_eq(lasting("30 months"), 900 * (int64_t)86400000);
	cr_assert_eq(lasting("5 x"), -1);
	cr_assert_eq(lasting(""), -1);
	cr_assert_eq(lasting("m"), -1);
	cr_assert_eq(lasting("-1s"), -1);
	cr_assert_eq(lasting("99999999999999999999s"), -1);
	cr_assert_eq(lasting("9223372036854775807w"), -1);
}

static int64_t
stamped(const char *text, int64_t now_ms)
{
	int64_t ms = -1;

	return clock_stamp(text, now_ms, &ms) == 0 ? ms : -1;
}

Test(clock, a_stamp_without_a_year_is_the_latest_that_may_have_been,
    .init = in_hanoi)
{
	cr_expect_eq(stamped("Jan  1 07:00:00", MIDNIGHT), MIDNIGHT);
	cr_expect_eq(stamped("Jan  2 06:59:59", MIDNIGHT),
	    MIDNIGHT + 86399 * INT64_C(1000), "a clock may be ahead");
	cr_expect_eq(stamped("Jan  3 07:00:00", MIDNIGHT),
	    MIDNIGHT - 363 * INT64_C(86400000));
	cr_expect_eq(stamped("Feb 29 07:00:00", MIDNIGHT),
	    MIDNIGHT - 672 * INT64_C(86400000), "that of 2024");
}

Test(clock, what_is_no_stamp_is_refused)
{
	cr_expect_eq(stamped("Jen  1 07:00:00", MIDNIGHT), -1);
	cr_expect_eq(stamped("Jan 31 24:00:00", MIDNIGHT), -1);
	cr_expect_eq(stamped("Feb 31 07:00:00", MIDNIGHT), -1);
	cr_expect_eq(stamped("Jan 1 07:00:00", MIDNIGHT), -1);
	cr_expect_eq(stamped("", MIDNIGHT), -1);
}
