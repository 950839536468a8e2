/* SPDX-License-Identifier: BSD-2-Clause */
#include <criterion/criterion.h>

#include "fixture.h"

#define MINUTE INT64_C(60000)

static struct fixture f;
static struct arena *a;
static struct err e;

static void
begin(void)
{
	fixture_keys(&f);
	fixture_open(&f, FIXTURE_LIMIT);
	a = arena_new();
}

static void
end(void)
{
	arena_free(a);
	fixture_end(&f);
}

TestSuite(follow, .init = begin, .fini = end);

/* The letter ${name} came at ${at_ms} as ${queue_id}. */
static struct docid
letter(const char *name, const char *queue_id, int64_t at_ms)
{
	struct addressee who[] = { { .address = span_of("a@x.vn") },
	    { .address = span_of("b@x.vn") } };
	struct entry entry = fixture_entry(&f, name, at_ms, who, 2);
	struct entry_result result;

	entry.document.queue_id = span_of(queue_id);
	entry.document.message_id = span_of(arena_print(a, "<%s@moet.vn>", name));
	cr_assert_eq(writer_register(f.writer, &entry, &result, &e), 0);
	return result.id;
}

static struct followed
followed(const struct docid *id, const char *queue_id, int64_t begun_ms)
{
	return (struct followed){ .id = *id, .queue_id = span_of(queue_id),
	    .instance = span_of("postfix"), .begun_ms = begun_ms,
	    .trust = TRUST_OURS, .has_birth = true };
}

static void
put(const struct followed *list, size_t n, const struct finding *findings, size_t m)
{
	struct log_batch b = { findings, m, list, n, { .offset = 77 } };

	cr_assert_eq(writer_follow(f.writer, &b, &e), 0, "%s", e.text);
}

static int
join(const char *queue_id, const char *message_id, int64_t at_ms, struct docid *id)
{
	struct follow_query q = { .queue_id = span_of(queue_id),
	    .has_message_id = message_id != NULL, .message_id = span_of(message_id),
	    .from_ms = at_ms - MINUTE, .to_ms = at_ms + MINUTE };

	return follow_join(f.store, &q, id, &e);
}

static struct finding
status(const struct docid *id, const char *who, enum evidence_code code, int64_t at_ms)
{
	return (struct finding){ .id = *id, .recipient = span_of(who),
	    .evidence = { .source = SOURCE_LOG, .code = code, .trust = TRUST_OURS,
	    .claimed_ms = at_ms, .seen_ms = at_ms } };
}

Test(follow, a_queue_id_is_joined_by_message_and_time)
{
	struct docid old = letter("old", "ABCDE1", FIXTURE_NOW - 60 * MINUTE);
	struct docid id = letter("one", "ABCDE1", FIXTURE_NOW), found;

	cr_assert_eq(join("ABCDE1", "<one@moet.vn>", FIXTURE_NOW, &found), 1);
	cr_expect_arr_eq(&found, &id, sizeof(id));
	cr_expect_eq(join("ABCDE1", "<two@moet.vn>", FIXTURE_NOW, &found), 0);
	cr_expect_eq(join("ABCDE2", "<one@moet.vn>", FIXTURE_NOW, &found), 0);
	cr_expect_eq(join("ABCDE1", "<one@moet.vn>", FIXTURE_NOW + 9 * MINUTE,
	    &found), 0);
	cr_assert_eq(join("ABCDE1", NULL, FIXTURE_NOW - 60 * MINUTE, &found), 1);
	cr_expect_arr_eq(&found, &old, sizeof(old));
}

Test(follow, each_attempt_is_joined_by_its_own_queue_id_and_time)
{
	struct docid id = letter("one", "ABCDE1", FIXTURE_NOW), found;

	letter("one", "ABCDE2", FIXTURE_NOW + 30 * MINUTE);
	cr_assert_eq(join("ABCDE2", "<one@moet.vn>", FIXTURE_NOW + 30 * MINUTE,
	    &found), 1);
	cr_expect_arr_eq(&found, &id, sizeof(id));
	cr_expect_eq(join("ABCDE1", "<one@moet.vn>", FIXTURE_NOW, &found), 1);
	cr_expect_eq(join("ABCDE1", "<one@moet.vn>", FIXTURE_NOW + 30 * MINUTE,
	    &found), 0);
}

Test(follow, a_message_is_found_while_it_had_the_name)
{
	struct docid id = letter("one", "ABCDE1", FIXTURE_NOW);
	struct followed one = followed(&id, "ABCDE1", FIXTURE_NOW), found;
	struct span postfix = span_of("postfix");

	one.ended_ms = FIXTURE_NOW + MINUTE;
	put(&one, 1, NULL, 0);
	cr_assert_eq(follow_find(f.store, a, one.queue_id, postfix,
	    FIXTURE_NOW + 1000, &found, &e), 1);
	cr_expect_arr_eq(&found.id, &id, sizeof(id));
	cr_expect(found.has_birth && !found.is_queued);
	cr_expect_eq(follow_find(f.store, a, one.queue_id, postfix,
	    FIXTURE_NOW + 2 * MINUTE, &found, &e), 0);
	cr_expect_eq(follow_find(f.store, a, one.queue_id, postfix,
	    FIXTURE_NOW - MINUTE, &found, &e), 0);
	cr_expect_eq(follow_find(f.store, a, one.queue_id, span_of("other"),
	    FIXTURE_NOW, &found, &e), 0);
	cr_expect_eq(follow_find(f.store, a, span_of("ABCDE"), postfix,
	    FIXTURE_NOW, &found, &e), 0);
}

Test(follow, a_notice_is_ours_by_queue_id_recipient_and_time)
{
	struct docid id = letter("one", "ABCDE1", FIXTURE_NOW), found;
	struct followed one = followed(&id, "ABCDE1", FIXTURE_NOW);
	struct span q = one.queue_id, who = span_of("b@x.vn");
	enum evidence_trust trust = TRUST_CLAIMED;

	cr_expect_eq(query_followed(f.store, q, who, FIXTURE_NOW, &found, &trust,
	    &e), 0, "its log was not read yet");
	one.ended_ms = FIXTURE_NOW + MINUTE;
	put(&one, 1, NULL, 0);
	cr_assert_eq(query_followed(f.store, q, who, FIXTURE_NOW + MINUTE, &found,
	    &trust, &e), 1);
	cr_expect_arr_eq(&found, &id, sizeof(id));
	cr_expect_eq(trust, TRUST_OURS);
	cr_expect_eq(query_followed(f.store, q, span_of("c@x.vn"), FIXTURE_NOW,
	    &found, &trust, &e), 0);
	cr_expect_eq(query_followed(f.store, q, who, FIXTURE_NOW + 9 * MINUTE,
	    &found, &trust, &e), 0);
	cr_expect_eq(query_followed(f.store, span_of("ABCDE"), who, FIXTURE_NOW,
	    &found, &trust, &e), 0);
}

Test(follow, what_the_log_said_of_each_recipient_is_known)
{
	struct docid id = letter("one", "ABCDE1", FIXTURE_NOW);
	struct followed one = followed(&id, "ABCDE1", FIXTURE_NOW);
	struct finding said[] = {
		status(&id, "a@x.vn", CODE_DEFERRED, FIXTURE_NOW + 1000),
		status(&id, "a@x.vn", CODE_SENT_NEXT_HOP, FIXTURE_NOW + 2000),
		status(&id, "b@x.vn", CODE_QUEUED, FIXTURE_NOW + 2000),
	};
	struct followed_recipient *list;
	struct followed_recipient r;
	size_t n;

	put(&one, 1, said, 3);
	cr_assert_eq(follow_recipients(f.store, a, &one, &list, &n, &e), 0);
	cr_assert_eq(n, 2);
	for (size_t i = 0; i < n; i++) {
		bool is_a = span_is(list[i].address, "a@x.vn");

		cr_expect_eq(list[i].has_status, is_a);
		cr_expect_eq(list[i].is_done, is_a);
	}
	cr_expect_eq(follow_recipient(f.store, a, &one, span_of("a@x.vn"), &r, &e), 1);
	cr_expect_eq(r.last.code, CODE_SENT_NEXT_HOP);
	cr_expect_eq(r.codes, FOLLOW_CODE(CODE_DEFERRED) |
	    FOLLOW_CODE(CODE_SENT_NEXT_HOP));
	cr_expect_eq(follow_recipient(f.store, a, &one, span_of("b@x.vn"), &r, &e), 1);
	cr_expect_eq(r.last.code, 0);
	cr_expect_eq(follow_recipient(f.store, a, &one, span_of("c@x.vn"), &r, &e), 0);
}

Test(follow, who_was_not_done_goes_on_under_the_new_name)
{
	struct docid id = letter("one", "ABCDE1", FIXTURE_NOW), found;
	struct followed again = followed(&id, "FGHIJ2", FIXTURE_NOW + MINUTE);
	struct finding said = status(&id, "a@x.vn", CODE_SENT_LOCAL, FIXTURE_NOW);
	struct followed_recipient *list;
	size_t n;

	again.origin_id = span_of("ABCDE1");
	put(&again, 1, &said, 1);
	cr_assert_eq(follow_recipients(f.store, a, &again, &list, &n, &e), 0);
	cr_assert_eq(n, 1);
	cr_expect(span_is(list[0].address, "b@x.vn"));
	cr_expect_eq(join("FGHIJ2", "<one@moet.vn>", FIXTURE_NOW, &found), 1);
}

Test(follow, the_position_is_kept_with_the_evidence)
{
	struct log_position p;

	cr_expect_eq(follow_position(f.store, &p, &e), 0);
	put(NULL, 0, NULL, 0);
	cr_assert_eq(follow_position(f.store, &p, &e), 1);
	cr_expect_eq(p.offset, 77);
}

Test(follow, the_log_is_of_use_since_the_first_document)
{
	int64_t since_ms = 5;

	cr_expect_eq(follow_since(f.store, &since_ms, &e), 0);
	cr_expect_eq(since_ms, 5);
	letter("two", "ABCDE2", FIXTURE_NOW);
	letter("one", "ABCDE1", FIXTURE_NOW - MINUTE);
	cr_assert_eq(follow_since(f.store, &since_ms, &e), 1);
	cr_expect_eq(since_ms, FIXTURE_NOW - MINUTE);
}
