/* SPDX-License-Identifier: BSD-2-Clause */
#include <criterion/criterion.h>

#include <sys/stat.h>
#include <sys/wait.h>

#include "fixture.h"

static struct fixture f;

static void
begin(void)
{
	struct err e = { "" };

	umask(077);
	fixture_keys(&f);
	f.store = store_open(f.folder, FIXTURE_LIMIT, &e);
	cr_assert_not_null(f.store, "%s", e.text);
}

static void
end(void)
{
	fixture_end(&f);
}

TestSuite(store, .init = begin, .fini = end);

static mode_t
mode_of(const char *name)
{
	char path[96];
	struct stat st;

	snprintf(path, sizeof(path), "%s/%s", f.folder, name);
	cr_assert_eq(stat(path, &st), 0);
	return st.st_mode & 07777;
}

static void
put(enum store_table table, const char *key, const char *value)
{
	struct err e = { "" };
	struct store_txn *t = store_begin(f.store, true, &e);

	cr_assert_not_null(t);
	cr_assert_eq(store_put(t, table, span_of(key), span_of(value)), 0);
	cr_assert_eq(store_commit(t, &e), 0, "%s", e.text);
}

Test(store, modes_do_not_depend_on_the_umask)
{
	cr_expect_eq(mode_of("data.mdb"), 0640);
	cr_expect_eq(mode_of("lock.mdb"), 0660);
}

Test(store, a_missing_folder_is_named_with_the_way_out)
{
	struct err e;

	cr_assert_null(store_open_readonly("/tmp/vanthu-no-such-ledger", &e));
	cr_expect_not_null(strstr(e.text, "/tmp/vanthu-no-such-ledger"), "%s", e.text);
	cr_expect_not_null(strstr(e.text, "milterd"), "%s", e.text);
}

Test(store, what_is_aborted_is_not_there)
{
	struct err e;
	struct store_txn *t = store_begin(f.store, true, &e);
	struct span value;

	cr_assert_eq(store_put(t, TABLE_DOCUMENTS, span_of("k"), span_of("v")), 0);
	store_abort(t);
	t = store_begin(f.store, false, &e);
	cr_expect_eq(store_get(t, TABLE_DOCUMENTS, span_of("k"), &value), 0);
	store_abort(t);
}

Test(store, add_never_overwrites)
{
	struct err e;
	struct store_txn *t = store_begin(f.store, true, &e);
	struct span value;

	cr_expect_eq(store_add(t, TABLE_EVIDENCE, span_of("k"), span_of("1")), 1);
	cr_expect_eq(store_add(t, TABLE_EVIDENCE, span_of("k"), span_of("2")), 0);
	cr_expect_eq(store_get(t, TABLE_EVIDENCE, span_of("k"), &value), 1);
	cr_expect(span_is(value, "1"));
	cr_expect_eq(store_delete(t, TABLE_EVIDENCE, span_of("none"),
	    span_of("")), 0);
	cr_expect_eq(store_commit(t, &e), 0);
}

/* The keys from ${from} on as one string. */
static const char *
walk(enum store_table table, const char *from, bool is_backward)
{
	static char seen[32];
	struct err e;
	struct store_txn *t = store_begin(f.store, false, &e);
	struct store_cursor *c = store_seek(t, table, span_of(from), is_backward);
	struct span key, value;
	size_t n = 0;

	while (store_step(c, &key, &value) == 1 && n < sizeof(seen) - 1)
		seen[n++] = key.p[0];
	seen[n] = '\0';
	store_cursor_end(c);
	store_abort(t);
	return seen;
}

Test(store, a_walk_begins_beside_a_missing_key)
{
	cr_expect_str_eq(walk(TABLE_DOCUMENTS, "c", true), "", "an empty table");
	put(TABLE_DOCUMENTS, "b", "1");
	put(TABLE_DOCUMENTS, "d", "2");
	cr_expect_str_eq(walk(TABLE_DOCUMENTS, "c", false), "d");
	cr_expect_str_eq(walk(TABLE_DOCUMENTS, "b", false), "bd");
	cr_expect_str_eq(walk(TABLE_DOCUMENTS, "c", true), "b");
	cr_expect_str_eq(walk(TABLE_DOCUMENTS, "z", true), "db");
	cr_expect_str_eq(walk(TABLE_DOCUMENTS, "a", true), "");
}

Test(store, an_index_holds_many_values_of_a_key)
{
	put(TABLE_SENDER, "k", "0123456789abcde1");
	put(TABLE_SENDER, "k", "0123456789abcde2");
	put(TABLE_SENDER, "k", "0123456789abcde2");
	put(TABLE_SENDER, "m", "0123456789abcde3");
	cr_expect_str_eq(walk(TABLE_SENDER, "a", false), "kkm");
	cr_expect_str_eq(walk(TABLE_SENDER, "k", true), "kk");
	cr_expect_str_eq(walk(TABLE_SENDER, "l", true), "kk");
}

/* The last characters of the values of "k" from ${value} down. */
static const char *
walk_within(enum store_table table, const char *key, const char *value)
{
	static char seen[16];
	struct err e;
	struct store_txn *t = store_begin(f.store, false, &e);
	struct store_cursor *c = store_seek_within(t, table, span_of(key),
	    span_of(value));
	struct span k, v;
	size_t n = 0;

	while (store_step(c, &k, &v) == 1 && n < sizeof(seen) - 1)
		seen[n++] = v.p[v.n - 1];
	seen[n] = '\0';
	store_cursor_end(c);
	store_abort(t);
	return seen;
}

Test(store, the_values_of_one_key_are_walked_backward)
{
	cr_expect_str_eq(walk_within(TABLE_SENDER, "k", "0123456789abcdef"), "");
	put(TABLE_SENDER, "b", "0123456789abcde9");
	put(TABLE_SENDER, "k", "0123456789abcde2");
	cr_expect_str_eq(walk_within(TABLE_SENDER, "k", "0123456789abcde2"), "2");
	put(TABLE_SENDER, "k", "0123456789abcde4");
	put(TABLE_SENDER, "k", "0123456789abcde6");
	put(TABLE_SENDER, "m", "0123456789abcde7");
	cr_expect_str_eq(walk_within(TABLE_SENDER, "k", "0123456789abcde5"), "42");
	cr_expect_str_eq(walk_within(TABLE_SENDER, "k", "0123456789abcde6"), "642");
	cr_expect_str_eq(walk_within(TABLE_SENDER, "k", "0123456789abcde8"), "642");
	cr_expect_str_eq(walk_within(TABLE_SENDER, "k", "0123456789abcde1"), "");
	cr_expect_str_eq(walk_within(TABLE_SENDER, "l", "0123456789abcde8"), "");
}

/* Fill the map until it must grow; how often it could. */
static int
grow_until_refused(void)
{
	static char value[256 * 1024] = { 1 };
	struct err e;
	int grown = 0;

	for (int i = 0;; i++) {
		struct store_txn *t = store_begin(f.store, true, &e);
		int rc;

		store_put(t, TABLE_DOCUMENTS, (struct span){ (char *)&i, sizeof(i) },
		    (struct span){ value, sizeof(value) });
		rc = store_commit(t, &e);
		if (rc == 0)
			continue;
		cr_assert_eq(rc, STORE_FULL, "%s", e.text);
		if (store_grow(f.store, &e) < 0)
			return grown;
		grown++;
	}
}

Test(store, a_full_map_grows_to_its_limit_and_no_further)
{
	struct store_usage u;
	struct err e;

	store_close(f.store);
	f.store = store_open(f.folder, UINT64_C(65) << 20, &e);
	cr_expect_eq(grow_until_refused(), 1);
	store_usage(f.store, &u);
	cr_expect_leq(u.map_bytes, u.limit_bytes);
	cr_expect_gt(u.used_bytes, u.limit_bytes / 10 * 8);
}

/* In a process of its own, as milterctl is. */
static int
read_beside(int in, int out)
{
	struct err e;
	struct store *s = store_open_readonly(f.folder, &e);
	struct store_txn *t;
	struct span value;
	char byte = 'r';
	int rc;

	if (s == NULL || write(out, &byte, 1) != 1 || read(in, &byte, 1) != 1)
		return 1;
	if ((t = store_begin(s, false, &e)) == NULL)
		return 2;
	rc = store_get(t, TABLE_META, span_of("late"), &value);
	store_abort(t);
	store_close(s);
	return rc == 1 ? 0 : 3;
}

Test(store, a_reader_beside_follows_a_map_that_grew)
{
	int to[2], from[2], status;
	struct err e;
	char byte;
	pid_t child;

	cr_assert(pipe(to) == 0 && pipe(from) == 0);
	store_close(f.store);
	f.store = store_open(f.folder, UINT64_C(100) << 20, &e);
	store_close(f.store);
	f.store = NULL;
	if ((child = fork()) == 0)
		_exit(read_beside(to[0], from[1]));
	cr_assert_eq(read(from[0], &byte, 1), 1);
	f.store = store_open(f.folder, UINT64_C(100) << 20, &e);
	cr_assert_not_null(f.store);
	cr_expect_eq(grow_until_refused(), 1);
	store_close(f.store);
	f.store = store_open(f.folder, UINT64_C(200) << 20, &e);
	while (store_grow(f.store, &e) == 0)
		;
	put(TABLE_META, "late", "1");
	cr_assert_eq(write(to[1], "g", 1), 1);
	cr_assert_eq(waitpid(child, &status, 0), child);
	cr_expect(WIFEXITED(status) && WEXITSTATUS(status) == 0, "status %x", status);
}
