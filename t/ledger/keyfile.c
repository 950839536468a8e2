/* SPDX-License-Identifier: BSD-2-Clause */
#include <criterion/criterion.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/err.h"
#include "ledger/keyfile.h"

static char folder[] = "/tmp/vanthu-keys-XXXXXX";

static void
begin(void)
{
	cr_assert_not_null(mkdtemp(folder));
}

static void
end(void)
{
	char command[64];

	snprintf(command, sizeof(command), "rm -r %s", folder);
	cr_assert_eq(system(command), 0);
}

TestSuite(keyfile, .init = begin, .fini = end);

static const char *
path_of(const char *name)
{
	static char path[64];

	snprintf(path, sizeof(path), "%s/%s", folder, name);
	return path;
}

static void
write_key(const char *name, const char *text, mode_t mode)
{
	FILE *out = fopen(path_of(name), "w");

	cr_assert(out != NULL && fputs(text, out) >= 0 && fclose(out) == 0);
	cr_assert_eq(chmod(path_of(name), mode), 0);
}

static int
load(struct err *e)
{
	struct keyring *k = keyring_new();
	int rc = keyfile_load(folder, k, e);
	int count = (int)keyring_count(k);

	keyring_free(k);
	return rc < 0 ? -1 : count;
}

Test(keyfile, what_is_made_is_loaded_and_the_newest_signs)
{
	struct keyring *k = keyring_new();
	struct err e = { "" };
	struct stat st;
	uint8_t first, second;

	cr_assert_eq(keyfile_make(folder, 1000, &first, &e), 0, "%s", e.text);
	cr_assert_eq(keyfile_make(folder, 2000, &second, &e), 0, "%s", e.text);
	cr_expect_neq(first, second);
	cr_assert_eq(keyfile_load(folder, k, &e), 0, "%s", e.text);
	cr_expect_eq(keyring_count(k), 2);
	cr_expect_eq(keyring_active(k), second);
	cr_expect_neq(memcmp(keyring_secret(k, first).p, keyring_secret(k, second).p,
	    KEY_BYTES), 0);
	keyring_free(k);
	char name[16];
	snprintf(name, sizeof(name), "%03u.key", first);
	cr_assert_eq(stat(path_of(name), &st), 0);
	cr_expect_eq(st.st_mode & 07777, 0600);
}

Test(keyfile, a_key_that_others_may_read_is_refused)
{
	struct err e = { "" };
	uint8_t id;
	char name[16];

	cr_assert_eq(keyfile_make(folder, 1000, &id, &e), 0);
	snprintf(name, sizeof(name), "%03u.key", id);
	cr_assert_eq(chmod(path_of(name), 0640), 0);
	cr_expect_eq(load(&e), -1);
	cr_expect_not_null(strstr(e.text, name), "%s", e.text);
}

Test(keyfile, what_is_no_key_is_refused_with_its_name)
{
	struct err e = { "" };

	write_key("007.key", "vanthu-key 1 1000 abcd\n", 0600);
	cr_expect_eq(load(&e), -1);
	cr_expect_not_null(strstr(e.text, "007.key"), "%s", e.text);
}

Test(keyfile, other_files_are_left_alone)
{
	struct err e = { "" };

	write_key("README", "not a key", 0644);
	cr_expect_eq(load(&e), 0, "%s", e.text);
}
