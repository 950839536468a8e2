/* SPDX-License-Identifier: BSD-2-Clause */
#include <ctype.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/err.h"

#include "base/clock.h"

#define SECOND_MS ((int64_t)1000)
#define MINUTE_MS (60 * SECOND_MS)
#define HOUR_MS (60 * MINUTE_MS)
#define DAY_MS (24 * HOUR_MS)

static _Atomic int64_t stopped_ms;

static const struct unit {
	const char *name;
	int64_t ms;
} units[] = {
	{ "", SECOND_MS },
	{ "ms", 1 },
	{ "s", SECOND_MS },
	{ "second", SECOND_MS },
	{ "seconds", SECOND_MS },
	{ "m", MINUTE_MS },
	{ "minute", MINUTE_MS },
	{ "minutes", MINUTE_MS },
	{ "h", HOUR_MS },
	{ "hour", HOUR_MS },
	{ "hours", HOUR_MS },
	{ "d", DAY_MS },
	{ "day", DAY_MS },
	{ "days", DAY_MS },
	{ "w", 7 * DAY_MS },
	{ "week", 7 * DAY_MS },
	{ "weeks", 7 * DAY_MS },
	{ "month", 30 * DAY_MS },
	{ "months", 30 * DAY_MS },
};

static int64_t
read_clock(clockid_t id)
{
	struct timespec ts;

	must(clock_gettime(id, &ts) == 0);
	return (int64_t)ts.tv_sec * SECOND_MS + ts.tv_nsec / 1000000;
}

int64_t
clock_now_ms(void)
{
	int64_t ms = atomic_load(&stopped_ms);

	return ms != 0 ? ms : read_clock(CLOCK_REALTIME);
}

void
clock_set(int64_t now_ms)
{
	atomic_store(&stopped_ms, now_ms);
}

int64_t
clock_monotonic_ms(void)
{
	return read_clock(CLOCK_MONOTONIC);
}

int64_t
clock_monotonic_us(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

char *
clock_print(int64_t ms, char text[CLOCK_TEXT_SIZE])
{
	int part = (int)(ms % SECOND_MS);
	time_t s = (time_t)(ms / SECOND_MS);
	struct tm tm = { 0 };
	long offset;
	size_t n;

	if (part < 0) {
		part += 1000;
		s--;
	}
	if (localtime_r(&s, &tm) == NULL)
		memset(&tm, 0, sizeof(tm));
	offset = tm.tm_gmtoff / 60;
	n = strftime(text, CLOCK_TEXT_SIZE, "%Y-%m-%dT%H:%M:%S", &tm);
	snprintf(text + n, CLOCK_TEXT_SIZE - n, ".%03d%c%02d:%02d", part,
	    offset < 0 ? '-' : '+', (int)(labs(offset) / 60 % 100),
	    (int)(labs(offset) % 60));
	return text;
}

/* Exactly ${digits} digits off ${*p}. */
static bool
take_number(const char **p, int digits, int *value)
{
	*value = 0;
	for (; digits > 0; digits--, (*p)++) {
		if (!isdigit((unsigned char)**p))
			return false;
		*value = *value * 10 + (**p - '0');
	}
	return true;
}

static bool
take_byte(const char **p, char byte)
{
	if (toupper((unsigned char)**p) != byte)
		return false;
	(*p)++;
	return true;
}

static bool
take_date(const char **p, struct tm *tm)
{
	static const int days[] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30,
	    31 };
	int year, month, day, last;

	if (!take_number(p, 4, &year) || !take_byte(p, '-') ||
	    !take_number(p, 2, &month) || !take_byte(p, '-') ||
	    !take_number(p, 2, &day))
		return false;
	if (month < 1 || month > 12)
		return false;
	last = days[month - 1];
	if (month == 2 && year % 4 == 0 && (year % 100 != 0 || year % 400 == 0))
		last = 29;
	if (day < 1 || day > last)
		return false;
	tm->tm_year = year - 1900;
	tm->tm_mon = month - 1;
	tm->tm_mday = day;
	return true;
}

static bool
take_time(const char **p, struct tm *tm, int *ms)
{
	int weight = 100;

	if (!take_number(p, 2, &tm->tm_hour) || !take_byte(p, ':') ||
	    !take_number(p, 2, &tm->tm_min) || !take_byte(p, ':') ||
	    !take_number(p, 2, &tm->tm_sec))
		return false;
	*ms = 0;
	if (take_byte(p, '.')) {
		if (!isdigit((unsigned char)**p))
			return false;
		for (; isdigit((unsigned char)**p); (*p)++, weight /= 10)
			*ms += (**p - '0') * weight;
	}
	return tm->tm_hour < 24 && tm->tm_min < 60 && tm->tm_sec <= 60;
}

static bool
take_offset(const char **p, int *minutes)
{
	int sign, hour, minute;

	*minutes = 0;
	if (take_byte(p, 'Z'))
		return true;
	sign = **p == '-' ? -1 : 1;
	if (!take_byte(p, '+') && !take_byte(p, '-'))
		return false;
	if (!take_number(p, 2, &hour) || !take_byte(p, ':') ||
	    !take_number(p, 2, &minute) || hour > 23 || minute > 59)
		return false;
	*minutes = sign * (hour * 60 + minute);
	return true;
}

static bool
parse_instant(const char *p, int64_t *ms)
{
	struct tm tm = { .tm_isdst = -1 };
	int part, minutes;

	if (!take_date(&p, &tm))
		return false;
	if (*p == '\0') {
		*ms = (int64_t)mktime(&tm) * SECOND_MS;
		return true;
	}
	if (!take_byte(&p, 'T') && !take_byte(&p, ' '))
		return false;
	if (!take_time(&p, &tm, &part) || !take_offset(&p, &minutes) || *p != '\0')
		return false;
	*ms = (int64_t)timegm(&tm) * SECOND_MS + part - minutes * MINUTE_MS;
	return true;
}

static bool
parse_duration(const char *p, int64_t *ms)
{
	int64_t value = 0;
	size_t i;

	if (!isdigit((unsigned char)*p))
		return false;
	for (; isdigit((unsigned char)*p); p++) {
		if (__builtin_mul_overflow(value, 10, &value) ||
		    __builtin_add_overflow(value, *p - '0', &value))
			return false;
	}
	while (*p == ' ' || *p == '\t')
		p++;
	for (i = 0; i < sizeof(units) / sizeof(units[0]); i++) {
		if (strcmp(p, units[i].name) == 0)
			return !__builtin_mul_overflow(value, units[i].ms, ms);
	}
	return false;
}

int
clock_parse(const char *text, int64_t now_ms, int64_t *ms, struct err *e)
{
	bool is_bare = text[strspn(text, "0123456789")] == '\0';
	int64_t age_ms;

	if (parse_instant(text, ms))
		return 0;
	/* "2026" is more likely half a date than so many seconds ago. */
	if (!is_bare && parse_duration(text, &age_ms) &&
	    !__builtin_sub_overflow(now_ms, age_ms, ms))
		return 0;
	return err_set(e, "'%.64s' is no time: write 2026-01-31, "
	    "2026-01-31T08:00:00+07:00, or an age such as 36h or 7d", text);
}

int
clock_duration(const char *text, int64_t *ms, struct err *e)
{
	int64_t value;

	if (!parse_duration(text, &value))
		return err_set(e, "'%.64s' is no duration: write a number and "
		    "ms, s, m, h, d, w or months", text);
	*ms = value;
	return 0;
}

/* The names are the C locale's, whatever ours is. */
static bool
take_stamp(const char *text, struct tm *stamp)
{
	static const char months[] = "JanFebMarAprMayJunJulAugSepOctNovDec";
	const char *p = text + 4;
	int digits = 2, ms;

	if (strlen(text) != 15 || text[3] != ' ')
		return false;
	for (stamp->tm_mon = 0; stamp->tm_mon < 12; stamp->tm_mon++)
		if (strncmp(months + (size_t)3 * (size_t)stamp->tm_mon, text, 3) == 0)
			break;
	if (*p == ' ') {
		digits = 1;
		p++;
	}
	return stamp->tm_mon < 12 && take_number(&p, digits, &stamp->tm_mday) &&
	    take_byte(&p, ' ') && take_time(&p, stamp, &ms) && *p == '\0';
}

/* The month, day and time of ${year} there; false if there is no such day. */
static bool
stamp_in_year(const struct tm *stamp, int year, int64_t *ms)
{
	struct tm tm = *stamp;
	time_t s;

	tm.tm_year = year;
	tm.tm_isdst = -1;
	s = mktime(&tm);
	if (s == (time_t)-1 || tm.tm_mday != stamp->tm_mday)
		return false;
	*ms = (int64_t)s * SECOND_MS;
	return true;
}

int
clock_stamp(const char *text, int64_t now_ms, int64_t *ms)
{
	time_t limit = (time_t)((now_ms + DAY_MS) / SECOND_MS);
	struct tm stamp = { 0 }, last;

	if (!take_stamp(text, &stamp) || localtime_r(&limit, &last) == NULL)
		return -1;
	/* The 29th of February comes every fourth year. */
	for (int year = last.tm_year; year >= last.tm_year - 8; year--)
		if (stamp_in_year(&stamp, year, ms) && *ms <= now_ms + DAY_MS)
			return 0;
	return -1;
}
