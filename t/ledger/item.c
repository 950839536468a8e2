/* SPDX-License-Identifier: BSD-2-Clause */
#include <criterion/criterion.h>
#include <string.h>

#include "base/err.h"

#include "ledger/item.h"

static struct document letter = { .number = { "1/VP", 4 }, .seen_ms = 5 };
static struct recipient_record who = { .addressee.address = { "a@x.vn", 6 },
    .ordinal = UINT64_MAX };
static struct evidence word = { .source = SOURCE_DSN, .code = CODE_RELAYED };
static struct followed message = { .queue_id = { "4F", 2 }, .instance = { "pf", 2 },
    .begun_ms = 9 };

static struct span
print(struct arena *a)
{
	struct buffer b = { .arena = a };
	struct docid id = { .uuid = { 1, 2, 3 }, .key = 4 };
	const struct item list[] = {
		{ .kind = ITEM_DOCUMENT, .id = id, .is_registered = true,
		    .document = &letter },
		{ .kind = ITEM_RECIPIENT, .id = id, .address = who.addressee.address,
		    .recipient = &who },
		{ .kind = ITEM_EVIDENCE, .id = id, .address = who.addressee.address,
		    .evidence = &word },
		{ .kind = ITEM_FOLLOWED, .id = id, .followed = &message },
		{ .kind = ITEM_FORGET_DOCUMENT, .id = id },
		{ .kind = ITEM_ERASE_RECIPIENT, .id = id,
		    .address = who.addressee.address },
	};

	for (size_t i = 0; i < sizeof(list) / sizeof(list[0]); i++)
		item_print(&b, &list[i]);
	return buffer_span(&b);
}

Test(item, what_is_printed_is_read_back)
{
	struct arena *a = arena_new();
	struct item *list;
	struct err e = { "" };
	size_t n;

	cr_assert_eq(items_parse(a, print(a), &list, &n, &e), 0, "%s", e.text);
	cr_assert_eq(n, 6);
	cr_expect(list[0].is_registered);
	cr_expect(span_is(list[0].document->number, "1/VP"));
	cr_expect_eq(list[0].id.uuid[2], 3);
	cr_expect_eq(list[1].recipient->ordinal, UINT64_MAX);
	cr_expect(span_is(list[2].address, "a@x.vn"));
	cr_expect_eq(list[2].evidence->code, CODE_RELAYED);
	cr_expect(span_is(list[3].followed->queue_id, "4F"));
	cr_expect(span_is(list[3].followed->instance, "pf"));
	cr_expect_eq(list[3].followed->begun_ms, 9);
	cr_expect_eq(list[5].kind, ITEM_ERASE_RECIPIENT);
	arena_free(a);
}

Test(item, what_is_cut_is_refused_and_nothing_is_read_beyond_it)
{
	struct arena *a = arena_new();
	struct span whole = print(a);
	struct item *list;
	struct err e;
	size_t n, good = 0;

	for (size_t cut = 1; cut < whole.n; cut++) {
		char *copy = malloc(cut);

		cr_assert_not_null(copy);
		memcpy(copy, whole.p, cut);
		good += items_parse(a, (struct span){ copy, cut }, &list, &n, &e) == 0;
		free(copy);
	}
	cr_expect_eq(good, 5, "%zu", good);	/* between two items */
	arena_free(a);
}

Test(item, a_kind_that_nobody_knows_is_refused)
{
	struct arena *a = arena_new();
	struct span whole = print(a);
	char *copy = arena_string(a, whole);
	struct item *list;
	struct err e;
	size_t n;

	copy[0] = ITEM_KIND_END;
	cr_expect_eq(items_parse(a, (struct span){ copy, whole.n }, &list, &n, &e), -1);
	cr_expect_not_null(strstr(e.text, "record 1 "));
	arena_free(a);
}
