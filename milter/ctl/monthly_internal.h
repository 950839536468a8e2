/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef MONTHLY_INTERNAL_H
#define MONTHLY_INTERNAL_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "base/arena.h"
#include "base/span.h"

/* The report of a month: gathered by monthly.c, written by the others. */

#define DAYS_MAX 31
#define DELAYS 8

/* Until when the first word of a reader came: bounds of the distribution. */
struct monthly_delay {
	const char *name;
	int64_t below_ms;	/* the last has none: INT64_MAX */
};

extern const struct monthly_delay monthly_delays[DELAYS];

/* What became of receipts: of all, of a unit, of a kind of units, of a day. */
struct monthly_counts {
	uint64_t receipts;	/* accepted, refused and held ones */
	uint64_t accepted, refused, held, delivered, acknowledged, overdue;
	uint64_t late;		/* overdue, and no reader said a word */
	uint64_t late_arrived;	/* of them, those that were delivered */
	uint64_t failed;	/* came back, and are not late */
	uint64_t delays[DELAYS];
};

struct monthly_unit {
	struct span code;	/* empty: addresses of no unit */
	struct span name, kind;
	struct monthly_counts counts;
	uint32_t sent[DAYS_MAX], answered[DAYS_MAX];	/* by the day they were sent */
};

struct monthly_rule {
	struct span name;
	uint64_t documents;
};

struct monthly {
	struct arena *arena;
	const char *month;		/* "2007-11" */
	int64_t from_ms[DAYS_MAX + 1];	/* where days begin; behind the last: where the month ends */
	size_t days;
	int64_t made_ms;
	uint64_t documents;		/* seen in that month */
	struct monthly_counts all;
	struct monthly_counts day[DAYS_MAX];
	struct monthly_unit *units;	/* by code */
	size_t unit_count, unit_size;
	struct monthly_unit *kinds;	/* by name; code and days are empty */
	size_t kind_count;
	struct monthly_rule *rules;	/* that refused, the busiest first */
	size_t rule_count, rule_size;
	int64_t median_ms;		/* to the first word; -1: there was none */
};

/** monthly_html(m, out): One page for people, with nothing outside of it. */
void monthly_html(const struct monthly *m, FILE *out);

/** monthly_csv(m, out): A line for each unit, with a column for each day. */
void monthly_csv(const struct monthly *m, FILE *out);

/* One part of a bar, and which of the colours it has. */
struct chart_part {
	uint64_t n;
	const char *colour;	/* a class of the page's style */
};

#define CHART_PARTS 4

struct chart_bar {
	struct span name;
	struct chart_part parts[CHART_PARTS];	/* those with n 0 are left out */
};

/** chart_bars(out, id, title, text, bars, count): Bars lying one below the other, as an SVG with a title and a description. */
void chart_bars(FILE *out, const char *id, const char *title, const char *text,
    const struct chart_bar *bars, size_t count);

/** chart_grid(out, m): Units by days: what was sent, and whether anybody answered. */
void chart_grid(FILE *out, const struct monthly *m);

/** page_text(out, s): ${s} as text of a page: nothing in it is markup. */
void page_text(FILE *out, struct span s);

#endif /* !MONTHLY_INTERNAL_H */
