/* SPDX-License-Identifier: BSD-2-Clause */
#include "base/err.h"
#include "ctl/text.h"
#include "mail/unicode.h"

#include "ctl/table.h"

#define GAP 2
#define NARROWEST 6	/* a column is not made narrower than this */

struct table {
	struct arena *arena;
	const char *const *headings;
	size_t columns;
	struct span *cells;
	size_t count, size;
	enum paint (**choose)(struct span);
};

struct table *
table_new(struct arena *a, const char *const *headings, size_t count)
{
	struct table *t = ARENA_NEW(a, struct table);

	must(count > 0);
	t->arena = a;
	t->headings = headings;
	t->columns = count;
	t->choose = arena_alloc_array(a, count, sizeof(*t->choose));
	return t;
}

void
table_paint(struct table *t, size_t column, enum paint (*choose)(struct span))
{
	must(column < t->columns);
	t->choose[column] = choose;
}

void
table_cell(struct table *t, struct span s)
{
	size_t more = t->size == 0 ? 8 * t->columns : 2 * t->size;

	if (t->count == t->size) {
		t->cells = arena_grow(t->arena, t->cells,
		    t->size * sizeof(*t->cells), more * sizeof(*t->cells));
		t->size = more;
	}
	t->cells[t->count++] = text_visible(t->arena, s);
}

static void
measure(const struct table *t, size_t *widths)
{
	size_t i, n;

	for (i = 0; i < t->columns; i++)
		widths[i] = t->headings == NULL ? 0 :
		    unicode_width(span_of(t->headings[i]));
	for (i = 0; i < t->count; i++) {
		n = unicode_width(t->cells[i]);
		if (n > widths[i % t->columns])
			widths[i % t->columns] = n;
	}
}

static size_t
total(const struct table *t, const size_t *widths)
{
	size_t i, sum = GAP * (t->columns - 1);

	for (i = 0; i < t->columns; i++)
		sum += widths[i];
	return sum;
}

/* The widest column gives way first, one by one: short ones stay whole. */
static void
fit(const struct table *t, size_t *widths, size_t width)
{
	size_t i, widest, sum = total(t, widths);

	while (width != 0 && sum > width) {
		widest = 0;
		for (i = 1; i < t->columns; i++) {
			if (widths[i] > widths[widest])
				widest = i;
		}
		if (widths[widest] <= NARROWEST)
			return;
		widths[widest]--;
		sum--;
	}
}

static const char *
color_of(enum paint paint)
{
	static const char *const colors[] = {
		[PAINT_NONE] = NULL,
		[PAINT_GOOD] = "\033[32m",
		[PAINT_WAITING] = "\033[33m",
		[PAINT_BAD] = "\033[31m",
	};

	return colors[paint];
}

static void
print_cell(const struct table *t, FILE *out, struct span cell, size_t column,
    size_t width, const char *color)
{
	struct span shown = text_cut(t->arena, cell, width);
	size_t n = unicode_width(shown);

	fprintf(out, "%s%.*s%s", color != NULL ? color : "", SPAN_PRINT(shown),
	    color != NULL ? "\033[0m" : "");
	if (column + 1 == t->columns)
		putc('\n', out);
	else
		fprintf(out, "%*s", (int)(width - n + GAP), "");
}

void
table_print(const struct table *t, FILE *out, size_t width, bool has_color)
{
	size_t *widths = ARENA_ARRAY(t->arena, size_t, t->columns), i, column;
	const char *color;

	measure(t, widths);
	fit(t, widths, width);
	for (i = 0; t->headings != NULL && i < t->columns; i++)
		print_cell(t, out, span_of(t->headings[i]), i, widths[i],
		    has_color ? "\033[1m" : NULL);
	for (i = 0; i < t->count; i++) {
		column = i % t->columns;
		color = NULL;
		if (has_color && t->choose[column] != NULL)
			color = color_of(t->choose[column](t->cells[i]));
		print_cell(t, out, t->cells[i], column, widths[column], color);
	}
}
