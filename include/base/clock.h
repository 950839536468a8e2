/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef BASE_CLOCK_H
#define BASE_CLOCK_H

#include <stddef.h>
#include <stdint.h>

struct err;

#define CLOCK_TEXT_SIZE 40

/** clock_now_ms(): Milliseconds since 1970 UTC; what clock_set gave, if it did. */
int64_t clock_now_ms(void);

/** clock_set(now_ms): Tests stop the clock at ${now_ms}; 0 lets it run again. */
void clock_set(int64_t now_ms);

/** clock_monotonic_ms(): For deadlines; never goes back; not stopped by clock_set. */
int64_t clock_monotonic_ms(void);

/** clock_monotonic_us(): The same clock in microseconds. */
int64_t clock_monotonic_us(void);

/** clock_print(ms, text): RFC 3339 with the local zone's offset and milliseconds. */
char *clock_print(int64_t ms, char text[CLOCK_TEXT_SIZE]);

/**
 * clock_parse(text, now_ms, ms, e):
 * Read RFC 3339, "YYYY-MM-DD" (its start in the local zone), or an age before
 * ${now_ms} ("90s" "15m" "36h" "7d" "2w").  Return 0, or -1 with the reason.
 */
int clock_parse(const char *text, int64_t now_ms, int64_t *ms, struct err *e);

/**
 * clock_stamp(text, now_ms, ms):
 * Read a log's "Nov  4 06:53:29" (15 bytes, no year): the latest such moment of the
 * local zone that is at most a day after ${now_ms}.  Return 0, or -1.
 */
int clock_stamp(const char *text, int64_t now_ms, int64_t *ms);

/**
 * clock_duration(text, ms, e):
 * Read a duration ("500ms" "90s" "15m" "36h" "7d" "2w" "30 months" = 30 x 30 d;
 * a bare number is seconds).  Return 0, or -1 with the reason.
 */
int clock_duration(const char *text, int64_t *ms, struct err *e);

#endif /* !BASE_CLOCK_H */
