/* SPDX-License-Identifier: BSD-2-Clause */
#include "base/fault.h"
#include "base/source.h"

#include "policy/calendar.h"

#define HOUR_MS INT64_C(3600000)
#define DAY_MS (24 * HOUR_MS)
#define OFFSET_MS (7 * HOUR_MS)	/* of Asia/Ho_Chi_Minh since 1975 */
#define LOOK_AHEAD 4000		/* days in which the working days must be found */

/* A line of the file. */
struct entry {
	int64_t first, last;	/* days; of a yearly one 100 * month + day */
	bool is_yearly;
	bool is_work;
	struct entry *next;	/* the line above it: the last one counts */
};

struct calendar {
	struct entry *last;
};

/* Days since 1970 of a date in the Gregorian calendar (H. Hinnant's algorithm). */
static int64_t
day_of(int64_t year, int64_t month, int64_t day)
{
	int64_t y = month <= 2 ? year - 1 : year, era = y / 400;
	int64_t of_era = y - era * 400;
	int64_t of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;

	return era * 146097 + of_era * 365 + of_era / 4 - of_era / 100 +
	    of_year - 719468;
}

/* 100 * month + day of ${day}. */
static int64_t
date_of(int64_t day)
{
	int64_t z = day + 719468;
	int64_t era = (z >= 0 ? z : z - 146096) / 146097;
	int64_t of_era = z - era * 146097;
	int64_t year = (of_era - of_era / 1460 + of_era / 36524 -
	    of_era / 146096) / 365;
	int64_t of_year = of_era - (365 * year + year / 4 - year / 100);
	int64_t month = (5 * of_year + 2) / 153;

	return 100 * (month < 10 ? month + 3 : month - 9) +
	    of_year - (153 * month + 2) / 5 + 1;
}

static bool
number(struct span text, int64_t *value)
{
	size_t i;

	*value = 0;
	for (i = 0; i < text.n; i++) {
		if (text.p[i] < '0' || text.p[i] > '9')
			return false;
		*value = *value * 10 + (text.p[i] - '0');
	}
	return text.n != 0;
}

bool
calendar_parse_day(struct span text, int64_t *day)
{
	int64_t y, m, d;

	if (text.n != 10 || text.p[4] != '-' || text.p[7] != '-' ||
	    !number(span_sub(text, 0, 4), &y) ||
	    !number(span_sub(text, 5, 2), &m) ||
	    !number(span_sub(text, 8, 2), &d) || m < 1 || m > 12 || d < 1)
		return false;
	*day = day_of(y, m, d);
	return date_of(*day) == 100 * m + d;
}

static bool
parse_yearly(struct span text, int64_t *date)
{
	int64_t m, d;

	if (text.n != 7 || text.p[0] != '*' || text.p[1] != '-' ||
	    text.p[4] != '-' || !number(span_sub(text, 2, 2), &m) ||
	    !number(span_sub(text, 5, 2), &d))
		return false;
	*date = 100 * m + d;
	return m >= 1 && m <= 12 && d >= 1 &&
	    date_of(day_of(2000, m, d)) == *date;
}

static bool
parse_days(struct span text, struct entry *e)
{
	size_t dots = span_find(text, span_of(".."));

	e->is_yearly = parse_yearly(text, &e->first);
	if (e->is_yearly) {
		e->last = e->first;
		return true;
	}
	if (!calendar_parse_day(span_sub(text, 0, dots), &e->first))
		return false;
	e->last = e->first;
	return dots == text.n || (calendar_parse_day(span_sub(text, dots + 2,
	    text.n), &e->last) && e->last >= e->first);
}

static struct span
take_word(struct span *rest)
{
	struct span word;
	size_t n = 0;

	*rest = span_trim(*rest);
	while (n < rest->n && rest->p[n] != ' ' && rest->p[n] != '\t')
		n++;
	word = span_sub(*rest, 0, n);
	*rest = span_sub(*rest, n, rest->n);
	return word;
}

static void
read_line(struct arena *a, struct calendar *c, const struct source *src,
    struct span line, struct faults *f)
{
	struct entry e = { .next = c->last };
	struct span rest = span_trim(span_sub(line, 0, span_find_byte(line, '#')));
	struct span days, kind;

	if (rest.n == 0)
		return;
	days = take_word(&rest);
	kind = take_word(&rest);
	if (!parse_days(days, &e))
		faults_add(f, src, (size_t)(days.p - src->text.p), days.n,
		    "'%.*s' is no day (say 2026-09-02, *-09-02 for every year, "
		    "or 2026-02-16..2026-02-20)", SPAN_PRINT(days));
	else if (!span_equal(kind, span_of("off")) &&
	    !span_equal(kind, span_of("work")))
		faults_add(f, src, (size_t)(days.p - src->text.p), days.n,
		    "say whether this day is 'off' or 'work'");
	e.is_work = span_equal(kind, span_of("work"));
	c->last = ARENA_NEW(a, struct entry);
	*c->last = e;
}

const struct calendar *
calendar_read(struct arena *a, const struct source *src, struct faults *f)
{
	struct calendar *c = ARENA_NEW(a, struct calendar);
	struct span rest = src->text, line;

	while (span_line(&rest, &line))
		read_line(a, c, src, line, f);
	return c;
}

bool
calendar_is_working(const struct calendar *c, int64_t day)
{
	const struct entry *e;
	int64_t date = date_of(day), weekday, at;

	for (e = c != NULL ? c->last : NULL; e != NULL; e = e->next) {
		at = e->is_yearly ? date : day;
		if (at >= e->first && at <= e->last)
			return e->is_work;
	}
	weekday = ((day + 4) % 7 + 7) % 7;	/* 1970-01-01 was a Thursday */
	return weekday != 0 && weekday != 6;
}

int64_t
calendar_day(int64_t ms)
{
	int64_t local = ms + OFFSET_MS;

	return local / DAY_MS - (local % DAY_MS < 0);
}

int
calendar_minute(int64_t ms)
{
	return (int)((ms - calendar_midnight(calendar_day(ms))) / 60000);
}

int64_t
calendar_midnight(int64_t day)
{
	return day * DAY_MS - OFFSET_MS;
}

/* A calendar in which nobody ever works again must not hang the letter. */
int64_t
calendar_due(const struct calendar *c, int64_t from_ms, struct period p)
{
	int64_t day = calendar_day(from_ms);
	unsigned left = p.count, i;

	if (p.unit == PERIOD_HOURS)
		return from_ms + (int64_t)p.count * HOUR_MS;
	if (p.unit == PERIOD_DAYS)
		day += (int64_t)p.count;
	for (i = 0; p.unit == PERIOD_WORKING_DAYS && left > 0 && i < LOOK_AHEAD; i++)
		left -= calendar_is_working(c, ++day);
	return calendar_midnight(day + 1) - 1000;
}
