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

static struct evidence
kept(struct fixture *f, enum evidence_trust first, enum evidence_trust second)
{
	struct arena *a = arena_new();
	struct evidence ev = fixture_notice(CODE_DELIVERED, FIXTURE_NOW);
	struct finding found = { .recipient = span_of("a@x.edu.vn") };
	struct receipt *rows;
	struct err e = { "" };
	struct store_txn *t = store_begin(f->store, true, &e);
	size_t n;

	docid_mint(f->keys, FIXTURE_NOW, &found.id);
	for (int i = 0; i < 2; i++) {
		found.evidence = ev;
		found.evidence.trust = i == 0 ? first : second;
		found.evidence.seen_ms += i == 0 ? 1000 * first : 1000 * second;
		cr_assert_eq(book_find(t, a, &found), 0);
	}
	cr_assert_eq(store_commit(t, &e), 0, "%s", e.text);
	cr_assert_eq(query_document(f->store, found.id.uuid, a, &fixture_rules, &rows,
	    &n, &e), 1);
	cr_assert_eq(rows[0].evidence_count, 1);
	ev = rows[0].evidence[0];
	arena_free(a);
	return ev;
}

Test(book, the_best_trust_and_the_earliest_sight_of_a_notice_stay)
{
	struct fixture f = { .writer = NULL };
	struct err e = { "" };

	fixture_keys(&f);
	f.store = store_open(f.folder, FIXTURE_LIMIT, &e);
	cr_assert_not_null(f.store, "%s", e.text);
	for (int order = 0; order < 2; order++) {
		struct evidence ev = kept(&f, order == 0 ? TRUST_CLAIMED :
		    TRUST_AUTHENTICATED, order == 0 ? TRUST_AUTHENTICATED :
		    TRUST_CLAIMED);

		cr_expect_eq(ev.trust, TRUST_AUTHENTICATED);
		cr_expect_eq(ev.seen_ms, FIXTURE_NOW);
	}
	fixture_end(&f);
}
