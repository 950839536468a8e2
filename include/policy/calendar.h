/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef POLICY_CALENDAR_H
#define POLICY_CALENDAR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/span.h"

struct faults;
struct source;

/*
 * Working days and deadlines, always by the clock of Asia/Ho_Chi_Minh (UTC+7,
 * without summer time).  A day is its number since 1970-01-01.  Pure.
 */

/* Which days are off; NULL everywhere below: Saturday and Sunday alone. */
struct calendar;

enum period_unit { PERIOD_HOURS, PERIOD_DAYS, PERIOD_WORKING_DAYS };

struct period {
	unsigned count;		/* 1 to PERIOD_MAX */
	enum period_unit unit;
};

#define PERIOD_MAX 1000

/**
 * calendar_read(a, src, f):
 * Read ${src} into ${a}.  A line is a day or a range of days, "off" or "work",
 * and a name: "2026-02-16..2026-02-20 off Tết"; "*-09-02" is that day of every
 * year.  "work" makes a working day of one that is off; of several lines on
 * one day the last one counts.  "#" begins a comment.  Faults go into ${f}.
 */
const struct calendar *calendar_read(struct arena *a, const struct source *src,
    struct faults *f);

/** calendar_is_working(c, day): Is work done on ${day}? */
bool calendar_is_working(const struct calendar *c, int64_t day);

/** calendar_day(ms): The day of the instant ${ms} (UTC milliseconds since 1970). */
int64_t calendar_day(int64_t ms);

/** calendar_minute(ms): Minutes since midnight, 0 to 1,439. */
int calendar_minute(int64_t ms);

/** calendar_midnight(day): The instant at which ${day} begins. */
int64_t calendar_midnight(int64_t day);

/** calendar_parse_day(text, day): "YYYY-MM-DD" into ${day}; false if it is none. */
bool calendar_parse_day(struct span text, int64_t *day);

/**
 * calendar_due(c, from_ms, p):
 * The instant by which something asked for at ${from_ms} is due: hours later to
 * the millisecond; or the last second of the ${p}th day, or working day, after
 * the day of ${from_ms}.
 */
int64_t calendar_due(const struct calendar *c, int64_t from_ms, struct period p);

#endif /* !POLICY_CALENDAR_H */
