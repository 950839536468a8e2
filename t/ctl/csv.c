/* SPDX-License-Identifier: BSD-2-Clause */
#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#include "ctl/csv.h"

static bool
line_is(const char *const *fields, const char *wanted)
{
	char *text = NULL;
	size_t n = 0;
	struct csv c = { .out = open_memstream(&text, &n) };
	bool is;

	for (; *fields != NULL; fields++)
		csv_field(&c, span_of(*fields));
	csv_end(&c);
	fclose(c.out);
	is = strcmp(text, wanted) == 0;
	free(text);
	return is;
}

Test(csv, plain_fields_are_not_quoted)
{
	cr_assert(line_is((const char *const[]){ "a", "", "Đỗ", NULL }, "a,,Đỗ\n"));
}

Test(csv, commas_quotes_and_line_ends_are_quoted)
{
	cr_assert(line_is((const char *const[]){ "a,b", "c\"d", "e\nf", " g", NULL },
	    "\"a,b\",\"c\"\"d\",\"e\nf\",\" g\"\n"));
}

Test(csv, bytes_that_are_not_utf_8_become_replacement_characters)
{
	cr_assert(line_is((const char *const[]){ "a\xff", NULL }, "a\uFFFD\n"));
}
