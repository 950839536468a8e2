/* SPDX-License-Identifier: BSD-2-Clause */
#include <criterion/criterion.h>

#include "fixture.h"

#define MANY 200	/* more than one short read */

static struct fixture f;
static struct docid ids[MANY];

static void
begin(void)
{
	struct addressee who[] = {
		{ .address = span_of("An@x.edu.vn"), .has_success_notify = true },
		{ .address = span_of("binh@y.edu.vn") },
	};
	struct entry_result result;
	struct err e = { "" };
	char text[4][40];

	fixture_keys(&f);
	fixture_open(&f, FIXTURE_LIMIT);
	for (int i = 0; i < MANY; i++) {
		struct entry entry;
		struct document *d = &entry.document;

		snprintf(text[0], sizeof(text[0]), "%d", i);
		snprintf(text[1], sizeof(text[1]), "%d/QĐ-BGDĐT", i);
		snprintf(text[2], sizeof(text[2]), "<%d@moet>", i);
		snprintf(text[3], sizeof(text[3]), "Q%d", i);
		entry = fixture_entry(&f, text[0], FIXTURE_NOW + 1000 * i, who, 2);
		d->number = span_of(text[1]);
		d->message_id = span_of(text[2]);
		d->queue_id = span_of(text[3]);
		if (i % 2 == 1)
			d->sender = span_of("Khac@moet.edu.vn");
		cr_assert_eq(writer_register(f.writer, &entry, &result, &e), 0);
		ids[i] = result.id;
	}
}

static void
end(void)
{
	fixture_end(&f);
}

TestSuite(query, .init = begin, .fini = end);

struct tally {
	int64_t rows;
	int64_t stop_at;
	uint8_t last[16];
	bool is_sorted;
	char first[48];
};

static bool
count(const struct receipt *r, void *context)
{
	struct tally *t = context;

	if (t->rows++ == 0)
		snprintf(t->first, sizeof(t->first), "%.*s",
		    SPAN_PRINT(r->addressee.address));
	else if (memcmp(r->document->id.uuid, t->last, 16) > 0)
		t->is_sorted = false;
	memcpy(t->last, r->document->id.uuid, 16);
	return t->rows != t->stop_at;
}

static struct tally
ask(const struct query *q)
{
	struct tally t = { .is_sorted = true };
	struct err e = { "" };

	cr_assert_eq(query_receipts(f.store, q, &fixture_rules, count, &t, &e), t.rows,
	    "%s", e.text);
	return t;
}

Test(query, everything_comes_newest_first_across_short_reads)
{
	struct tally t = ask(&(struct query){ .state = -1 });

	cr_expect_eq(t.rows, 2 * MANY);
	cr_expect(t.is_sorted);
	cr_expect_str_eq(t.first, "An@x.edu.vn", "recipients as in the envelope");
}

Test(query, each_index_finds_its_document)
{
	struct query asked[] = {
		{ .state = -1, .number = span_of("17/QĐ-BGDĐT") },
		{ .state = -1, .number = span_of("17/qđ-bgdđt") },
		{ .state = -1, .message_id = span_of("<17@moet>") },
		{ .state = -1, .message_id = span_of("17@moet") },
		{ .state = -1, .queue_id = span_of("Q17") },
	};

	for (size_t i = 0; i < sizeof(asked) / sizeof(*asked); i++)
		cr_expect_eq(ask(&asked[i]).rows, 2, "query %zu", i);
}

Test(query, addresses_are_found_without_case)
{
	cr_expect_eq(ask(&(struct query){ .state = -1,
	    .recipient = span_of("an@x.edu.vn") }).rows, MANY);
	cr_expect_eq(ask(&(struct query){ .state = -1,
	    .sender = span_of("khac@moet.edu.vn") }).rows, MANY);
}

Test(query, an_index_is_walked_from_the_newest_within_the_time_asked_for)
{
	struct query q = { .state = -1, .sender = span_of("khac@moet.edu.vn") };
	struct tally t = ask(&q);

	cr_expect_eq(t.rows, MANY);
	cr_expect(t.is_sorted);
	q.since_ms = FIXTURE_NOW + 10000;
	q.until_ms = FIXTURE_NOW + 20000;
	cr_expect_eq(ask(&q).rows, 10);
	q.sender = span_of("nobody@moet.edu.vn");
	cr_expect_eq(ask(&q).rows, 0);
	t = ask(&(struct query){ .state = HEADLINE_ACCEPTED });
	cr_expect_eq(t.rows, 2 * MANY);
	cr_expect(t.is_sorted);
}

Test(query, filters_narrow_each_other)
{
	cr_expect_eq(ask(&(struct query){ .state = -1, .recipient =
	    span_of("binh@y.edu.vn"), .number = span_of("17/QĐ-BGDĐT") }).rows, 1);
	cr_expect_eq(ask(&(struct query){ .state = -1, .queue_id = span_of("Q16"),
	    .number = span_of("17/QĐ-BGDĐT") }).rows, 0);
	cr_expect_eq(ask(&(struct query){ .state = -1, .message_id = span_of("17@moet"),
	    .sender = span_of("vanthu@moet.edu.vn") }).rows, 0);
}

Test(query, an_id_or_its_prefix_finds_it)
{
	char text[DOCID_TEXT_SIZE];

	docid_print(&ids[5], text);
	cr_expect_eq(ask(&(struct query){ .state = -1, .id = span_of(text) }).rows, 2);
	text[20] = '\0';
	cr_expect_eq(ask(&(struct query){ .state = -1, .id = span_of(text) }).rows, 2);
	text[4] = '\0';
	cr_expect_eq(ask(&(struct query){ .state = -1, .id = span_of(text) }).rows,
	    2 * MANY);
}

Test(query, time_is_a_half_open_range)
{
	struct query q = { .state = -1, .since_ms = FIXTURE_NOW + 10000,
	    .until_ms = FIXTURE_NOW + 12000 };

	cr_expect_eq(ask(&q).rows, 4);
}

Test(query, a_state_follows_the_evidence)
{
	struct finding finding = { ids[5], span_of("binh@y.edu.vn"),
	    fixture_notice(CODE_DELIVERED, FIXTURE_NOW + 20000) };
	struct query delivered = { .state = HEADLINE_DELIVERED };
	struct query accepted = { .state = HEADLINE_ACCEPTED };
	struct err e;

	cr_expect_eq(ask(&delivered).rows, 0);
	cr_assert_eq(writer_find(f.writer, &finding, 1, &e), 0);
	cr_expect_eq(ask(&delivered).rows, 1);
	cr_expect_eq(ask(&accepted).rows, 2 * MANY - 1, "the other one stays there");
	finding.recipient = span_of("An@x.edu.vn");
	cr_assert_eq(writer_find(f.writer, &finding, 1, &e), 0);
	cr_expect_eq(ask(&accepted).rows, 2 * MANY - 2);
}

static int64_t
in_state_at(int state, int64_t now_ms, enum evidence_trust min_trust)
{
	struct receipt_rules rules = { now_ms, 600000, min_trust };
	struct query q = { .state = state };
	struct tally t = { .is_sorted = true };
	struct err e;

	return query_receipts(f.store, &q, &rules, count, &t, &e);
}

Test(query, unsent_is_accepted_grown_old)
{
	int64_t later = FIXTURE_NOW + 100 * INT64_C(3600000);

	cr_expect_eq(in_state_at(HEADLINE_UNSENT, FIXTURE_NOW, TRUST_TAGGED), 0);
	cr_expect_eq(in_state_at(HEADLINE_UNSENT, later, TRUST_TAGGED), 2 * MANY);
	cr_expect_eq(in_state_at(HEADLINE_ACCEPTED, later, TRUST_TAGGED), 0);
}

Test(query, a_higher_bar_of_trust_does_not_lose_a_receipt)
{
	struct finding finding = { ids[5], span_of("binh@y.edu.vn"),
	    fixture_notice(CODE_DELIVERED, FIXTURE_NOW + 20000) };
	struct err e;

	cr_assert_eq(writer_find(f.writer, &finding, 1, &e), 0);
	cr_expect_eq(in_state_at(HEADLINE_ACCEPTED, FIXTURE_NOW,
	    TRUST_AUTHENTICATED), 2 * MANY);
}

Test(query, who_was_not_asked_to_notify_is_flagged)
{
	struct arena *a = arena_new();
	struct receipt *rows;
	struct err e;
	size_t n;

	cr_assert_eq(query_document(f.store, ids[5].uuid, a, &fixture_rules, &rows, &n,
	    &e), 1);
	cr_assert_eq(n, 2);
	cr_expect_not(rows[0].state.flags & FLAG_NO_NOTIFY);
	cr_expect(rows[1].state.flags & FLAG_NO_NOTIFY);
	arena_free(a);
}

Test(query, a_retry_is_found_by_its_new_queue_id)
{
	struct addressee who = { .address = span_of("An@x.edu.vn") };
	struct entry again = fixture_entry(&f, "17", FIXTURE_NOW, &who, 1);
	struct entry_result result;
	struct err e;

	again.document.queue_id = span_of("QNEW");
	cr_assert_eq(writer_register(f.writer, &again, &result, &e), 0);
	cr_expect(result.is_retry);
	cr_expect_eq(ask(&(struct query){ .state = -1, .queue_id =
	    span_of("QNEW") }).rows, 2);
	cr_expect_eq(ask(&(struct query){ .state = -1, .queue_id =
	    span_of("Q17") }).rows, 2);
}

Test(query, a_value_longer_than_a_key_is_found)
{
	char *number = malloc(2001);
	struct addressee who = { .address = span_of("An@x.edu.vn") };
	struct entry entry = fixture_entry(&f, "long", FIXTURE_NOW, &who, 1);
	struct entry_result result;
	struct err e;

	memset(number, 'x', 2000);
	number[2000] = '\0';
	entry.document.number = span_of(number);
	cr_assert_eq(writer_register(f.writer, &entry, &result, &e), 0, "%s", e.text);
	cr_expect_eq(ask(&(struct query){ .state = -1,
	    .number = span_of(number) }).rows, 1);
	free(number);
}

Test(query, a_number_that_is_no_utf8_harms_nothing)
{
	cr_expect_eq(ask(&(struct query){ .state = -1,
	    .number = span_of("17/Q\xc4") }).rows, 0);
}

Test(query, the_visitor_may_stop)
{
	struct query q = { .state = -1 };
	struct tally t = { .stop_at = 3, .is_sorted = true };
	struct err e;

	cr_expect_eq(query_receipts(f.store, &q, &fixture_rules, count, &t, &e), 3);
}

Test(query, a_retry_key_gives_the_whole_id)
{
	struct span field = span_of("17");
	uint8_t key[DIGEST_BYTES];
	struct docid id;
	struct err e;

	digest_fields(&field, 1, key);
	cr_assert_eq(query_retry(f.store, key, &id, &e), 1);
	cr_expect_arr_eq(&id, &ids[17], sizeof(id));
	key[0] ^= 1;
	cr_expect_eq(query_retry(f.store, key, &id, &e), 0);
}

Test(query, a_damaged_record_is_told_and_never_left_out)
{
	struct query q = { .state = -1 };
	struct tally t = { .is_sorted = true };
	struct err e = { "" };
	struct store_txn *txn;

	txn = store_begin(f.store, true, &e);
	cr_assert_not_null(txn, "%s", e.text);
	cr_assert_eq(store_put(txn, TABLE_DOCUMENTS,
	    (struct span){ (const char *)ids[3].uuid, 16 }, span_of("?")), 0);
	cr_assert_eq(store_commit(txn, &e), 0, "%s", e.text);
	cr_expect_eq(query_receipts(f.store, &q, &fixture_rules, count, &t, &e), -1);
	cr_expect_not_null(strstr(e.text, "damaged record"), "%s", e.text);
}

/* A letter that is to be answered ${in_ms} from now, to two units. */
static struct docid
letter_due(const char *name, int64_t in_ms)
{
	struct addressee who[] = {
		{ .address = span_of("a@x.vn"), .unit = span_of("G01") },
		{ .address = span_of("b@y.vn"), .unit = span_of("G02") } };
	struct entry entry = fixture_entry(&f, name, FIXTURE_NOW, who, 2);
	struct entry_result result;
	struct err e;

	entry.document.due_ms = FIXTURE_NOW + in_ms;
	cr_assert_eq(writer_register(f.writer, &entry, &result, &e), 0);
	return result.id;
}

static bool
count_row(const struct receipt *r, void *context)
{
	(void)r;
	++*(size_t *)context;
	return true;
}

static size_t
count_overdue(int64_t now_ms, const char *unit, enum evidence_trust min_trust)
{
	struct query q = { .is_overdue = true, .unit = span_of(unit), .state = -1 };
	struct receipt_rules rules = { now_ms, 0, min_trust };
	struct err e = { "" };
	size_t n = 0;

	cr_assert_geq(query_receipts(f.store, &q, &rules, count_row, &n, &e), 0,
	    "%s", e.text);
	return n;
}

Test(query, what_nobody_answered_in_time_is_overdue)
{
	struct docid id = letter_due("due", 1000);
	struct finding answer = { id, span_of("a@x.vn"), { .source = SOURCE_REPLY,
	    .code = CODE_HUMAN, .trust = TRUST_TAGGED, .seen_ms = FIXTURE_NOW + 5000 } };
	struct err e;

	letter_due("later", 3600000);
	cr_expect_eq(count_overdue(FIXTURE_NOW, NULL, TRUST_TAGGED), 0);
	cr_expect_eq(count_overdue(FIXTURE_NOW + 2000, NULL, TRUST_TAGGED), 2);
	cr_expect_eq(count_overdue(FIXTURE_NOW + 2000, "g01", TRUST_TAGGED), 1);
	cr_assert_eq(writer_find(f.writer, &answer, 1, &e), 0);
	cr_expect_eq(count_overdue(FIXTURE_NOW + 9000, NULL, TRUST_TAGGED), 1);
	cr_expect_eq(count_overdue(FIXTURE_NOW + 9000, "G01", TRUST_TAGGED), 0);
	cr_expect_eq(count_overdue(FIXTURE_NOW + 9000, NULL, TRUST_AUTHENTICATED), 2,
	    "where more is asked for it was no answer");
	cr_expect_eq(count_overdue(FIXTURE_NOW + 7200000, NULL, TRUST_TAGGED), 3);
}

/* More letters than one short read, some of one deadline, each with two open answers. */
Test(query, what_is_overdue_comes_once_across_short_reads)
{
	struct query q = { .is_overdue = true, .state = -1 };
	char name[32];

	for (int i = 0; i < MANY; i++) {
		snprintf(name, sizeof(name), "due %d", i);
		letter_due(name, 1000 + i / 3);
	}
	cr_expect_eq(count_overdue(FIXTURE_NOW + 9000, NULL, TRUST_TAGGED), 2 * MANY);
	cr_expect_eq(count_overdue(FIXTURE_NOW + 1001, NULL, TRUST_TAGGED), 2 * 3);
	q.since_ms = FIXTURE_NOW + 3600000;
	cr_expect_eq(ask(&q).rows, 0);
}
