/* SPDX-License-Identifier: BSD-2-Clause */
#include <criterion/criterion.h>

#include "extract/format.h"

Test(format, bytes_decide_and_not_the_name)
{
	const char *type;

	cr_expect_eq(format_find(span_of("Số: 12/BGDĐT\n"), span_of("a.docx"), &type),
	    &format_text);
	cr_expect_str_eq(type, "text/plain");
	cr_expect_null(format_find((struct span){ "\0\1\2\3", 4 }, span_of("a.txt"),
	    &type));
	cr_expect_str_eq(type, "application/octet-stream");
}
