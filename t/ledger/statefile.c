/* SPDX-License-Identifier: BSD-2-Clause */
#include <criterion/criterion.h>

#include <sys/stat.h>

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/err.h"
#include "ledger/statefile.h"

Test(statefile, a_file_is_replaced_whole_or_not_at_all)
{
	char folder[] = "/tmp/vanthu-statefile-XXXXXX", path[200];
	struct arena *a = arena_new();
	struct span bytes;
	struct stat st;
	struct err e;

	cr_assert_not_null(mkdtemp(folder));
	snprintf(path, sizeof(path), "%s/x", folder);
	cr_expect_eq(statefile_get(folder, "x", 10, a, &bytes, &e), 0);
	cr_expect_eq(statefile_put(folder, "x", span_of("0123456789"), &e), 0);
	cr_expect_eq(statefile_get(folder, "x", 10, a, &bytes, &e), 1);
	cr_expect(span_equal(bytes, span_of("0123456789")));
	cr_expect_eq(statefile_get(folder, "x", 9, a, &bytes, &e), -1);
	cr_expect(stat(path, &st) == 0 && (st.st_mode & 07) == 0);
	snprintf(path, sizeof(path), "%s/x.new", folder);
	cr_assert_eq(mkdir(path, 0700), 0);
	cr_expect_eq(statefile_put(folder, "x", span_of("new"), &e), -1);
	cr_expect_eq(statefile_get(folder, "x", 10, a, &bytes, &e), 1);
	cr_expect(span_equal(bytes, span_of("0123456789")));
	rmdir(path);
	snprintf(path, sizeof(path), "rm -rf %s", folder);
	cr_assert_eq(system(path), 0);
	arena_free(a);
}
