/* SPDX-License-Identifier: BSD-2-Clause */
#include <string.h>
#include <time.h>

#include "ack_internal.h"
#include "track/ack.h"

#define DATE_WORDS 7
#define DATE_LIMIT 128

struct words {
	struct span list[DATE_WORDS];
	size_t count;
};

static const char months[] = "janfebmaraprmayjunjulaugsepoctnovdec";

static const struct {
	const char *name;
	int hours;
} zones[] = {	/* RFC 5322 4.3; all others are "-0000" */
	{ "EST", -5 }, { "EDT", -4 }, { "CST", -6 }, { "CDT", -5 },
	{ "MST", -7 }, { "MDT", -6 }, { "PST", -8 }, { "PDT", -7 },
};

static void
words_split(struct span s, struct words *w)
{
	size_t n;

	for (w->count = 0; w->count < DATE_WORDS; s = span_sub(s, n, s.n)) {
		s = span_trim(s);
		for (n = 0; n < s.n && strchr(" \t\r\n,", s.p[n]) == NULL; n++)
			;
		if (n != 0)
			w->list[w->count++] = span_sub(s, 0, n);
		else if (s.n == 0)
			return;
		else
			n = 1;
	}
}

/* At most ${digits} digits and nothing else; -1 if not. */
static int
number(struct span s, size_t digits)
{
	int value = 0;

	if (s.n == 0 || s.n > digits)
		return -1;
	for (size_t i = 0; i < s.n; i++) {
		if (s.p[i] < '0' || s.p[i] > '9')
			return -1;
		value = 10 * value + (s.p[i] - '0');
	}
	return value;
}

static int
month(struct span s)
{
	for (int i = 0; i < 12; i++)
		if (span_equal_nocase(span_sub(s, 0, 3),
		    (struct span){ months + 3 * i, 3 }))
			return i;
	return -1;
}

/* Two and three digits as RFC 5322 4.3 reads them. */
static int
year(struct span s)
{
	int y = number(s, 4);

	if (y >= 0 && s.n == 2)
		return y < 50 ? 2000 + y : 1900 + y;
	return y >= 0 && s.n == 3 ? 1900 + y : y;
}

static bool
clock_time(struct span s, struct tm *tm)
{
	size_t colon = span_find_byte(s, ':'), second;
	struct span rest = span_sub(s, colon + 1, s.n);

	tm->tm_hour = number(span_sub(s, 0, colon), 2);
	second = span_find_byte(rest, ':');
	tm->tm_min = number(span_sub(rest, 0, second), 2);
	tm->tm_sec = second == rest.n ? 0 :
	    number(span_sub(rest, second + 1, rest.n), 2);
	return tm->tm_hour >= 0 && tm->tm_hour < 24 && tm->tm_min >= 0 &&
	    tm->tm_min < 60 && tm->tm_sec >= 0 && tm->tm_sec <= 60;
}

static int64_t
zone_seconds(struct span s)
{
	int value;

	if (s.n == 5 && (s.p[0] == '+' || s.p[0] == '-') &&
	    (value = number(span_sub(s, 1, 4), 4)) >= 0) {
		value = value / 100 * 3600 + value % 100 * 60;
		return s.p[0] == '-' ? -value : value;
	}
	for (size_t i = 0; i < sizeof(zones) / sizeof(*zones); i++)
		if (span_is(s, zones[i].name))
			return zones[i].hours * 3600;
	return 0;
}

int64_t
ack_date_ms(struct span value)
{
	struct arena *a = arena_new();
	struct words w;
	struct tm tm = { 0 };
	size_t at;
	int64_t ms = 0, seconds;
	int day;

	words_split(ack_uncomment(a, span_sub(value, 0, DATE_LIMIT)), &w);
	at = w.count != 0 && number(w.list[0], 2) < 0;	/* the day's name */
	if (w.count < at + 4 || !clock_time(w.list[at + 3], &tm))
		goto out;
	day = tm.tm_mday = number(w.list[at], 2);
	tm.tm_mon = month(w.list[at + 1]);
	tm.tm_year = year(w.list[at + 2]) - 1900;
	if (day < 1 || tm.tm_mon < 0 || tm.tm_year < 70)
		goto out;
	/* A leap second is the one before it; 31 February is no date. */
	tm.tm_sec -= tm.tm_sec == 60;
	seconds = timegm(&tm);
	if (tm.tm_mday != day)
		goto out;
	if (w.count > at + 4)
		seconds -= zone_seconds(w.list[at + 4]);
	ms = seconds > 0 ? seconds * 1000 : 0;
out:
	arena_free(a);
	return ms;
}
