/* SPDX-License-Identifier: BSD-2-Clause */
#include <criterion/criterion.h>

#include <stdlib.h>
#include <string.h>

#include "ledger/record.h"
#include "track/receipt.h"

static const struct document_hit hits[] = {
	{ { "1.2", 3 }, { "text", 4 }, 17, 3, { 9 } },
	{ { "2", 1 }, { "html", 4 }, UINT64_C(1) << 40, 128, { 8 } },
};

static struct document
sample(void)
{
	struct document d = { .id = { { 1, 2, 3 }, 4, { 5, 6 } }, .has_subject = true,
	    .subject = { 3 }, .retry_key = { 1 }, .seen_ms = INT64_C(1795503000000),
	    .size_bytes = 4711, .attempts = 300, .flags = FLAG_RETRIED,
	    .hits = hits, .hit_count = 2 };

	d.number = span_of("1234/QĐ-BGDĐT");
	d.sender = span_of("vanthu@moet.edu.vn");
	d.action = span_of("accept");
	return d;
}

Test(record, a_document_comes_back_as_it_was)
{
	struct arena *a = arena_new();
	struct document d = sample(), back;

	cr_assert_eq(record_parse_document(a, record_print_document(a, &d), &back), 0);
	cr_expect_arr_eq(&back.id, &d.id, sizeof(d.id));
	cr_expect(span_equal(back.number, d.number));
	cr_expect(span_equal(back.sender, d.sender));
	cr_expect_eq(back.rule.n, 0);
	cr_expect_eq(back.seen_ms, d.seen_ms);
	cr_expect_eq(back.attempts, 300);
	cr_expect_eq(back.flags, d.flags);
	cr_assert_eq(back.hit_count, 2);
	cr_expect_eq(back.hits[1].offset, UINT64_C(1) << 40);
	cr_expect(span_equal(back.hits[0].part, hits[0].part));
	arena_free(a);
}

Test(record, evidence_and_a_recipient_come_back)
{
	struct arena *a = arena_new();
	struct evidence ev = { .source = SOURCE_DSN, .code = CODE_FAILED,
	    .trust = TRUST_TAGGED, .claimed_ms = 5, .seen_ms = 6, .digest = { 7 } }, ev2;
	struct recipient_record r = { .ordinal = 49999,
	    .addressee = { .has_success_notify = true } }, r2;

	ev.reason = span_of("5.1.1 no such user");
	r.addressee.address = span_of("a@x.edu.vn");
	cr_assert_eq(record_parse_evidence(a, record_print_evidence(a, &ev), &ev2), 0);
	cr_expect(ev2.code == CODE_FAILED && ev2.claimed_ms == 5 && ev2.digest[0] == 7);
	cr_expect(span_equal(ev2.reason, ev.reason));
	cr_assert_eq(record_parse_recipient(a, record_print_recipient(a, &r), &r2), 0);
	cr_expect(r2.ordinal == 49999 && r2.addressee.has_success_notify);
	cr_expect(span_equal(r2.addressee.address, r.addressee.address));
	arena_free(a);
}

Test(record, a_tag_of_a_later_version_is_skipped)
{
	struct arena *a = arena_new();
	struct document d = sample(), back;
	struct span bytes = record_print_document(a, &d);
	char *longer = arena_alloc(a, bytes.n + 5);

	memcpy(longer, bytes.p, bytes.n);
	memcpy(longer + bytes.n, "\x7f\x03new", 5);
	cr_expect_eq(record_parse_document(a, (struct span){ longer, bytes.n + 5 },
	    &back), 0);
	arena_free(a);
}

/* Cut anywhere or with any byte changed: an answer, never a crash. */
Test(record, damage_is_an_answer)
{
	struct arena *a = arena_new();
	struct document d = sample(), back;
	struct span bytes = record_print_document(a, &d);
	char *copy;

	cr_expect_eq(record_parse_document(a, (struct span){ NULL, 0 }, &back), -1);
	for (size_t i = 0; i < bytes.n; i++) {
		copy = memcpy(malloc(i + 1), bytes.p, i);
		(void)record_parse_document(a, (struct span){ copy, i }, &back);
		free(copy);
	}
	for (size_t i = 0; i < bytes.n; i++)
		for (int flip = 1; flip < 256; flip <<= 1) {
			copy = memcpy(malloc(bytes.n), bytes.p, bytes.n);
			copy[i] = (char)(copy[i] ^ flip);
			(void)record_parse_document(a, (struct span){ copy, bytes.n },
			    &back);
			free(copy);
		}
	cr_expect_eq(record_parse_document(a, span_sub(bytes, 0, bytes.n - 1), &back), -1);
	arena_free(a);
}
