/* SPDX-License-Identifier: BSD-2-Clause */
#include <criterion/criterion.h>

#include "ledger/recent.h"

#include "fixture.h"

static struct fixture f;
static struct err e;

static void
begin(void)
{
	fixture_keys(&f);
	fixture_open(&f, FIXTURE_LIMIT);
}

static void
end(void)
{
	fixture_end(&f);
}

TestSuite(recent, .init = begin, .fini = end);

/* A letter to as many as ${n}. */
static struct docid
letter(const char *name, size_t n)
{
	struct arena *a = arena_new();
	struct addressee *who = ARENA_ARRAY(a, struct addressee, n);
	struct entry_result result;
	struct entry entry;

	for (size_t i = 0; i < n; i++)
		who[i].address = span_of(arena_print(a, "%zu@x.vn", i));
	entry = fixture_entry(&f, name, FIXTURE_NOW, who, n);
	cr_assert_eq(writer_register(f.writer, &entry, &result, &e), 0);
	arena_free(a);
	return result.id;
}

static size_t
count_after(uint64_t number)
{
	struct arena *a = arena_new();
	struct recent *list;
	size_t n;

	cr_assert_eq(recent_read(f.store, a, number, &list, &n, &e), 0);
	arena_free(a);
	return n;
}

Test(recent, what_is_new_comes_in_order_and_once)
{
	struct arena *a = arena_new();
	struct docid id = letter("one", 1);
	struct finding found = { id, span_of("0@x.vn"),
	    fixture_notice(CODE_DELIVERED, FIXTURE_NOW + 1000) };
	struct recent *list;
	uint64_t number;
	size_t n;

	cr_assert_eq(recent_last(f.store, &number, &e), 0);
	cr_assert_eq(number, 1);
	cr_assert_eq(writer_find(f.writer, &found, 1, &e), 0);
	cr_assert_eq(writer_find(f.writer, &found, 1, &e), 0);
	cr_assert_eq(recent_read(f.store, a, number, &list, &n, &e), 0);
	cr_assert_eq(n, 1, "a duplicate is not new");
	cr_expect_eq(list[0].number, 2);
	cr_expect_eq(list[0].evidence.code, CODE_DELIVERED);
	cr_expect(span_is(list[0].recipient, "0@x.vn"));
	cr_expect_arr_eq(&list[0].id, &id, sizeof(id));
	arena_free(a);
}

Test(recent, only_the_latest_are_kept)
{
	uint64_t number;

	letter("one", 6000);
	letter("two", 6000);
	cr_assert_eq(recent_last(f.store, &number, &e), 0);
	cr_expect_eq(number, 12000);
	cr_expect_eq(count_after(0), 1000, "a page");
	cr_expect_eq(count_after(11500), 500);
	cr_expect_eq(count_after(12000), 0);
}
