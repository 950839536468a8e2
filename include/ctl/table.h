/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef CTL_TABLE_H
#define CTL_TABLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "base/arena.h"
#include "base/span.h"

/* Rows for people: columns as wide as what is in them and as the terminal lets them be. */
struct table;

enum paint { PAINT_NONE, PAINT_GOOD, PAINT_WAITING, PAINT_BAD };

/**
 * table_new(a, headings, count):
 * A table of ${count} columns in ${a}; NULL ${headings} prints none.
 */
struct table *table_new(struct arena *a, const char *const *headings, size_t count);

/** table_paint(t, column, choose): Colour the cells of ${column} as ${choose} says. */
void table_paint(struct table *t, size_t column, enum paint (*choose)(struct span));

/** table_cell(t, s): The next cell, copied and made visible; the row ends by itself. */
void table_cell(struct table *t, struct span s);

/** table_print(t, out, width, has_color): Print it in ${width} columns (0: as wide as it is). */
void table_print(const struct table *t, FILE *out, size_t width, bool has_color);

#endif /* !CTL_TABLE_H */
