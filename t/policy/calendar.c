/* SPDX-License-Identifier: BSD-2-Clause */
#include <criterion/criterion.h>

#include "base/clock.h"
#include "base/err.h"
#include "base/fault.h"
#include "base/source.h"
#include "policy/calendar.h"

static const struct calendar *
read_text(struct arena *a, const char *text, struct faults *f)
{
	struct source src = { .name = "calendar", .text = span_of(text) };

	return calendar_read(a, &src, f);
}

static const struct calendar *
shipped(struct arena *a)
{
	struct err e = { "" };
	struct faults f = { 0 };
	struct sources *set = sources_open(POLICY_FOLDER "/calendar", "", &e);
	const struct calendar *c;

	cr_assert_not_null(set, "%s", e.text);
	c = calendar_read(a, set->first, &f);
	cr_assert_eq(f.errors, 0);
	sources_free(set);
	return c;
}

static int64_t
day(const char *text)
{
	int64_t d = -1;

	cr_assert(calendar_parse_day(span_of(text), &d), "%s", text);
	return d;
}

static int64_t
instant(const char *text)
{
	struct err e = { "" };
	int64_t ms = -1;

	cr_assert_eq(clock_parse(text, 0, &ms, &e), 0, "%s", e.text);
	return ms;
}

static void
expect_due(const struct calendar *c, const char *from, unsigned count,
    enum period_unit unit, const char *due)
{
	struct period p = { count, unit };

	cr_expect_eq(calendar_due(c, instant(from), p), instant(due), "%s", from);
}

Test(calendar, days_are_counted_from_1970)
{
	cr_assert_eq(day("1970-01-01"), 0);
	cr_assert_eq(day("2000-03-01"), 11017);
	cr_assert_eq(day("2026-11-24"), 20781);
	cr_assert_not(calendar_parse_day(span_of("2026-02-29"), &(int64_t){ 0 }));
	cr_assert_not(calendar_parse_day(span_of("2026-13-01"), &(int64_t){ 0 }));
	cr_assert_not(calendar_parse_day(span_of("1.1.2026"), &(int64_t){ 0 }));
}

Test(calendar, a_day_begins_at_midnight_in_hanoi)
{
	cr_assert_eq(calendar_day(instant("2007-11-14T23:59:59+07:00")), day("2007-11-14"));
	cr_assert_eq(calendar_day(instant("2007-11-14T17:00:00Z")), day("2007-11-15"));
	cr_assert_eq(calendar_minute(instant("2007-11-14T17:30:00Z")), 30);
	cr_assert_eq(calendar_midnight(day("2007-11-15")), instant("2007-11-14T17:00:00Z"));
	cr_assert_eq(calendar_day(-1), 0);
	cr_assert_eq(calendar_day(instant("1969-12-31T16:59:00Z")), -1);
}

Test(calendar, without_a_file_the_weekend_is_off)
{
	cr_assert(calendar_is_working(NULL, day("2026-11-24")));
	cr_assert_not(calendar_is_working(NULL, day("2026-11-28")));
	cr_assert_not(calendar_is_working(NULL, day("2026-11-29")));
	cr_assert(calendar_is_working(NULL, day("2026-11-30")));
}

Test(calendar, of_several_lines_on_one_day_the_last_one_counts)
{
	struct arena *a = arena_new();
	struct faults f = { 0 };
	const struct calendar *c = read_text(a,
	    "# holidays\n*-09-02 off Quốc khánh\n"
	    "2026-08-31..2026-09-02 off hoán đổi\n"
	    "2026-08-22 work làm bù\n2027-09-02 work # never\n", &f);

	cr_assert_eq(f.errors, 0);
	cr_assert_not(calendar_is_working(c, day("2025-09-02")));
	cr_assert_not(calendar_is_working(c, day("2026-08-31")));
	cr_assert_not(calendar_is_working(c, day("2026-09-01")));
	cr_assert(calendar_is_working(c, day("2026-08-22")));
	cr_assert(calendar_is_working(c, day("2027-09-02")));
	arena_free(a);
}

Test(calendar, what_is_no_day_is_a_fault_in_its_place)
{
	struct arena *a = arena_new();
	struct faults f = { 0 };

	read_text(a, "2026-01-01 off\n  2026-02-30 off x\n2026-01-02 of\n"
	    "2026-02-20..2026-02-16 off\n*-13-01 off\n", &f);
	cr_assert_eq(f.errors, 4);
	cr_assert_eq(f.first->line, 2);
	cr_assert_eq(f.first->column, 3);
	cr_assert_eq(f.last->line, 5);
	faults_end(&f);
	arena_free(a);
}

Test(calendar, a_deadline_skips_weekends_and_holidays)
{
	struct arena *a = arena_new();
	const struct calendar *c = shipped(a);

	expect_due(c, "2007-11-15T09:00:00+07:00", 1, PERIOD_WORKING_DAYS,
	    "2007-11-16T23:59:59+07:00");
	expect_due(c, "2007-11-16T09:00:00+07:00", 1, PERIOD_WORKING_DAYS,
	    "2007-11-19T23:59:59+07:00");
	expect_due(c, "2026-02-13T09:00:00+07:00", 2, PERIOD_WORKING_DAYS,
	    "2026-02-24T23:59:59+07:00");	/* over Tết Bính Ngọ */
	expect_due(c, "2026-04-29T23:30:00+07:00", 1, PERIOD_WORKING_DAYS,
	    "2026-05-04T23:59:59+07:00");
	expect_due(c, "2026-05-01T09:00:00+07:00", 3, PERIOD_DAYS,
	    "2026-05-04T23:59:59+07:00");
	expect_due(c, "2026-04-30T23:00:00+07:00", 2, PERIOD_HOURS,
	    "2026-05-01T01:00:00+07:00");
	arena_free(a);
}

Test(calendar, a_calendar_without_work_ends_all_the_same)
{
	struct arena *a = arena_new();
	struct faults f = { 0 };
	const struct calendar *c = read_text(a, "2000-01-01..2999-12-31 off\n", &f);

	cr_assert_gt(calendar_due(c, instant("2026-01-01T00:00:00Z"),
	    (struct period){ 1, PERIOD_WORKING_DAYS }), 0);
	arena_free(a);
}
