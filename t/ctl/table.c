/* SPDX-License-Identifier: BSD-2-Clause */
#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#include "ctl/table.h"

static const char *const headings[] = { "A", "LONG" };

static enum paint
paint(struct span s)
{
	return span_is(s, "bad") ? PAINT_BAD : PAINT_NONE;
}

static bool
prints(const char *const *cells, size_t width, bool has_color, const char *wanted)
{
	struct arena *a = arena_new();
	struct table *t = table_new(a, headings, 2);
	char *text = NULL;
	size_t n = 0;
	FILE *out = open_memstream(&text, &n);
	bool is;

	table_paint(t, 0, paint);
	for (; *cells != NULL; cells++)
		table_cell(t, span_of(*cells));
	table_print(t, out, width, has_color);
	fclose(out);
	is = strcmp(text, wanted) == 0;
	if (!is)
		fprintf(stderr, "%s", text);
	free(text);
	arena_free(a);
	return is;
}

Test(table, columns_are_as_wide_as_what_is_in_them)
{
	cr_assert(prints((const char *const[]){ "Hà Nội", "x", "文", "y", NULL },
	    0, false, "A       LONG\nHà Nội  x\n文      y\n"));
}

Test(table, the_widest_column_gives_way_to_the_terminal)
{
	cr_assert(prints((const char *const[]){ "ab", "0123456789", NULL },
	    12, false, "A   LONG\nab  0123456…\n"));
}

Test(table, colours_are_there_only_when_wanted)
{
	cr_assert(prints((const char *const[]){ "bad", "x", NULL }, 0, false,
	    "A    LONG\nbad  x\n"));
	cr_assert(prints((const char *const[]){ "bad", "x", NULL }, 0, true,
	    "\033[1mA\033[0m    \033[1mLONG\033[0m\n\033[31mbad\033[0m  x\n"));
}

Test(table, a_cell_stays_on_its_line)
{
	cr_assert(prints((const char *const[]){ "a\nb", "\033[2J", NULL }, 0, false,
	    "A    LONG\na b  \uFFFD[2J\n"));
}
