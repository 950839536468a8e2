/* SPDX-License-Identifier: BSD-2-Clause */
#include <criterion/criterion.h>

#include "base/buffer.h"
#include "ledger/walk.h"

#include "fixture.h"

#define LETTERS 700	/* several pages */

static struct fixture f;

static void
register_letter(int i, const char *second)
{
	struct addressee who[2] = { { .address = span_of("a@x.vn") },
	    { .address = span_of(second) } };
	struct entry_result result;
	struct entry entry;
	struct err e;
	char name[32];

	snprintf(name, sizeof(name), "%d", i);
	entry = fixture_entry(&f, name, FIXTURE_NOW + i, who, 2);
	entry.document.due_ms = FIXTURE_NOW + 5000;
	cr_assert_eq(writer_register(f.writer, &entry, &result, &e), 0);
}

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

TestSuite(walk, .init = begin, .fini = end);

struct seen {
	size_t documents, recipients, evidence, followed;
	struct docid id;
	struct span address;
	char room[64];
	bool has_order;
	int64_t limit;
	struct buffer *copy;
};

/* Each record stands behind what it belongs to. */
static bool
look(const struct item *item, void *context)
{
	struct seen *s = context;

	switch (item->kind) {
	case ITEM_DOCUMENT:
		s->has_order &= memcmp(&item->id, &s->id, sizeof(s->id)) > 0;
		s->id = item->id;
		s->documents++;
		break;
	case ITEM_RECIPIENT:
		s->has_order &= memcmp(&item->id, &s->id, sizeof(s->id)) == 0;
		memcpy(s->room, item->address.p, item->address.n);
		s->address = (struct span){ s->room, item->address.n };
		s->recipients++;
		break;
	case ITEM_EVIDENCE:
		s->has_order &= span_equal(item->address, s->address);
		s->evidence++;
		break;
	default:
		s->followed++;
		break;
	}
	if (s->copy != NULL)
		item_print(s->copy, item);
	return s->limit == 0 || --s->limit > 0;
}

static struct seen
walk(struct buffer *copy)
{
	struct seen s = { .has_order = true, .copy = copy };
	struct err e = { "" };

	cr_assert_geq(walk_items(f.store, look, &s, &e), 0, "%s", e.text);
	return s;
}

Test(walk, every_record_comes_once_behind_what_it_belongs_to)
{
	struct seen s;

	for (int i = 0; i < LETTERS; i++)
		register_letter(i, "b@x.vn");
	s = walk(NULL);
	cr_expect(s.has_order);
	cr_expect_eq(s.documents, LETTERS);
	cr_expect_eq(s.recipients, 2 * LETTERS);
	cr_expect_eq(s.evidence, 2 * LETTERS);
}

Test(walk, an_empty_ledger_has_nothing)
{
	struct seen s = walk(NULL);

	cr_expect_eq(s.documents + s.recipients + s.evidence + s.followed, 0);
}

Test(walk, whoever_has_enough_is_left_alone)
{
	struct seen s = { .has_order = true, .limit = 3 };
	struct err e;

	for (int i = 0; i < 5; i++)
		register_letter(i, "b@x.vn");
	cr_expect_eq(walk_items(f.store, look, &s, &e), 3);
	cr_expect_eq(s.documents + s.recipients + s.evidence, 3);
}

Test(walk, what_is_applied_elsewhere_walks_the_same_and_twice_is_once)
{
	struct arena *a = arena_new();
	struct buffer first = { .arena = a }, second = { .arena = a };
	struct item_counts counts;
	struct fixture other = f;
	struct item *list;
	struct err e = { "" };
	size_t n;

	for (int i = 0; i < 50; i++)
		register_letter(i, "b@x.vn");
	walk(&first);
	cr_assert_eq(items_parse(a, buffer_span(&first), &list, &n, &e), 0);
	fixture_keys(&f);
	fixture_open(&f, FIXTURE_LIMIT);
	cr_assert_eq(writer_apply(f.writer, list, n, &counts, &e), 0, "%s", e.text);
	cr_expect_eq(counts.documents, 50);
	cr_expect_eq(counts.evidence, 100);
	cr_assert_eq(writer_apply(f.writer, list, n, &counts, &e), 0);
	cr_expect_eq(counts.documents + counts.recipients + counts.evidence, 0);
	walk(&second);
	cr_expect(span_equal(buffer_span(&first), buffer_span(&second)));
	fixture_end(&other);
	arena_free(a);
}

static bool
count(const struct receipt *r, void *context)
{
	(void)r;
	++*(size_t *)context;
	return true;
}

static size_t
found(const struct query *q, int64_t now_ms)
{
	struct receipt_rules rules = { now_ms, 600000, TRUST_TAGGED };
	size_t n = 0;
	struct err e;

	cr_assert_geq(query_receipts(f.store, q, &rules, count, &n, &e), 0);
	return n;
}

Test(walk, a_letter_that_comes_after_its_evidence_is_found_by_every_index)
{
	struct addressee who = { .address = span_of("a@x.vn"), .unit = span_of("H26") };
	struct entry entry = fixture_entry(&f, "late", FIXTURE_NOW, &who, 1);
	struct document d = entry.document;
	struct recipient_record r = { .addressee = who, .ordinal = 7,
	    .attempts = { { span_of("4FREQ"), FIXTURE_NOW } }, .attempt_count = 1 };
	struct finding early = { d.id, who.address,
	    fixture_notice(CODE_RELAYED, FIXTURE_NOW) };
	const struct item items[] = {
		{ .kind = ITEM_DOCUMENT, .id = d.id, .is_registered = true,
		    .document = &d },
		{ .kind = ITEM_RECIPIENT, .id = d.id, .address = who.address,
		    .recipient = &r },
		{ .kind = ITEM_EVIDENCE, .id = d.id, .address = who.address,
		    .evidence = &entry.evidence },
	};
	const struct query asked[] = {
		{ .state = -1, .message_id = span_of("<late@x>") },
		{ .state = -1, .number = span_of("9/vp") },
		{ .state = -1, .queue_id = span_of("4FREQ") },
		{ .state = -1, .unit = span_of("h26") },
		{ .state = -1, .sender = span_of("vanthu@moet.edu.vn") },
		{ .state = HEADLINE_RELAYED },
		{ .state = -1, .is_overdue = true },
	};
	struct item_counts counts;
	struct docid id;
	struct err e;

	d.message_id = span_of("<late@x>");
	d.number = span_of("9/VP");
	d.due_ms = FIXTURE_NOW + 1;
	cr_assert_eq(writer_find(f.writer, &early, 1, &e), 0);
	cr_assert_eq(writer_apply(f.writer, items, 3, &counts, &e), 0);
	for (size_t i = 0; i < sizeof(asked) / sizeof(asked[0]); i++)
		cr_expect_eq(found(&asked[i], FIXTURE_NOW + 60000), 1, "%zu", i);
	cr_expect_eq(query_retry(f.store, d.retry_key, &id, &e), 1);
}
