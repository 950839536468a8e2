/* SPDX-License-Identifier: BSD-2-Clause */
#include <criterion/criterion.h>

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/err.h"
#include "ledger/lock.h"

static char folder[64];

static void
begin(void)
{
	strcpy(folder, "/tmp/vanthu-lock-XXXXXX");
	cr_assert_not_null(mkdtemp(folder));
}

static void
end(void)
{
	char path[96] = "";

	strcat(strcat(path, folder), "/daemon.lock");
	unlink(path);
	rmdir(folder);
}

TestSuite(lock, .init = begin, .fini = end);

Test(lock, only_one_holds_it)
{
	struct err e;
	int first = lock_take(folder, 0, &e);

	cr_assert_geq(first, 0);
	cr_expect_eq(lock_take(folder, 0, &e), -1);
	cr_expect_not_null(strstr(e.text, "another milterd"));
	close(first);
	first = lock_take(folder, 0, &e);
	cr_expect_geq(first, 0);
	close(first);
}

Test(lock, a_folder_that_is_not_there_gives_the_reason)
{
	struct err e;

	cr_expect_eq(lock_take("/nowhere/at/all", 0, &e), -1);
	cr_expect_not_null(strstr(e.text, "/nowhere/at/all/daemon.lock"));
}
