/* SPDX-License-Identifier: BSD-2-Clause */
#include <criterion/criterion.h>

#include "ledger/book.h"

#include "fixture.h"

/* Beside no writer: the test holds the transaction itself. */
Test(book, doing_it_twice_in_one_transaction_adds_nothing)
{
	struct fixture f = { .writer = NULL };
	struct arena *a = arena_new();
	struct addressee who = { .address = span_of("a@x.edu.vn") };
	struct entry entry;
	struct entry_result one, two;
	struct receipt *rows;
	struct err e = { "" };
	struct store_txn *t;
	size_t n;

	fixture_keys(&f);
	f.store = store_open(f.folder, FIXTURE_LIMIT, &e);
	cr_assert_not_null(f.store, "%s", e.text);
	entry = fixture_entry(&f, "one", FIXTURE_NOW, &who, 1);
	t = store_begin(f.store, true, &e);
	cr_assert_eq(book_register(t, a, &entry, &one), 0);
	cr_assert_eq(book_register(t, a, &entry, &two), 0);
	cr_assert_eq(store_commit(t, &e), 0, "%s", e.text);
	cr_expect(!one.is_retry && two.is_retry);
	cr_assert_eq(query_document(f.store, one.id.uuid, a, &fixture_rules, &rows, &n,
	    &e), 1);
	cr_expect_eq(n, 1);
	cr_expect_eq(rows[0].evidence_count, 1);
	arena_free(a);
	fixture_end(&f);
}
