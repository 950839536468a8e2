/* SPDX-License-Identifier: BSD-2-Clause */
#include <inttypes.h>

#include "ctl/csv.h"

#include "monthly_internal.h"

static const char *const columns[] = { "month", "unit", "name", "kind", "receipts",
    "accepted", "refused", "held", "delivered", "acknowledged", "overdue" };

static void
put_number(struct csv *c, uint64_t n)
{
	char text[24];

	snprintf(text, sizeof(text), "%" PRIu64, n);
	csv_field(c, span_of(text));
}

static void
put_heading(const struct monthly *m, struct csv *c)
{
	char text[48];

	for (size_t i = 0; i < sizeof(columns) / sizeof(columns[0]); i++)
		csv_field(c, span_of(columns[i]));
	for (size_t i = 0; i < 2 * m->days; i++) {
		snprintf(text, sizeof(text), "%s_%02zu", i % 2 == 0 ? "sent" :
		    "acknowledged", i / 2 + 1);
		csv_field(c, span_of(text));
	}
	csv_end(c);
}

static void
put_unit(const struct monthly *m, struct csv *c, const struct monthly_unit *u)
{
	const struct monthly_counts *n = &u->counts;
	const uint64_t numbers[] = { n->receipts, n->accepted, n->refused, n->held,
	    n->delivered, n->acknowledged, n->overdue };

	csv_field(c, span_of(m->month));
	csv_field(c, u->code);
	csv_field(c, u->name);
	csv_field(c, u->kind);
	for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++)
		put_number(c, numbers[i]);
	for (size_t day = 0; day < m->days; day++) {
		put_number(c, u->sent[day]);
		put_number(c, u->answered[day]);
	}
	csv_end(c);
}

void
monthly_csv(const struct monthly *m, FILE *out)
{
	struct csv c = { .out = out };

	put_heading(m, &c);
	for (size_t i = 0; i < m->unit_count; i++)
		put_unit(m, &c, &m->units[i]);
}
