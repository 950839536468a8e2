/* SPDX-License-Identifier: BSD-2-Clause */
#include <criterion/criterion.h>

#include <stdio.h>
#include <stdlib.h>

#include "base/arena.h"
#include "base/err.h"
#include "ledger/generation.h"

static char folder[] = "/tmp/vanthu-generation-XXXXXX";
static struct err e;

static void
begin(void)
{
	cr_assert_not_null(mkdtemp(folder));
}

static void
end(void)
{
	char command[100];

	snprintf(command, sizeof(command), "rm -rf %s", folder);
	cr_assert_eq(system(command), 0);
}

TestSuite(generation, .init = begin, .fini = end);

Test(generation, the_last_one_that_was_kept_is_there)
{
	struct arena *a = arena_new();
	struct span bytes;

	cr_expect_eq(generation_get(folder, a, &bytes, &e), 0);
	cr_assert_eq(generation_keep(folder, span_of("one"), &e), 0, "%s", e.text);
	cr_assert_eq(generation_keep(folder, span_of("two"), &e), 0, "%s", e.text);
	cr_assert_eq(generation_get(folder, a, &bytes, &e), 1);
	cr_expect(span_equal(bytes, span_of("two")));
	arena_free(a);
}

Test(generation, where_nothing_can_be_written_it_says_so)
{
	cr_expect_eq(generation_keep("/nowhere", span_of("one"), &e), -1);
	cr_expect(span_find(span_of(e.text), span_of("/nowhere")) < 10, "%s", e.text);
}
