/* SPDX-License-Identifier: BSD-2-Clause */
#include <criterion/criterion.h>

#include "base/clock.h"
#include "filter/session.h"
#include "ledger/query.h"
#include "ledger/store.h"

#include "desk_fixture.h"

static struct fixture f;

static void
begin(void)
{
	fixture_begin(&f);
}

static void
end(void)
{
	fixture_end(&f);
}

TestSuite(session, .init = begin, .fini = end);

struct sent {
	enum reply reply;
	char code[4];
	char stamp[DOCID_TEXT_SIZE];
	size_t edits;
	enum reply at_headers;
};

struct mail {
	const char *client, *from, *to, *to2, *subject, *message_id, *stamp, *body;
	const char *type;
	char *mail_arguments[3];
};

static void
note_answer(const struct answer *a, struct sent *out)
{
	out->reply = a->reply;
	if (a->code != NULL)
		snprintf(out->code, sizeof(out->code), "%s", a->code);
	out->edits = a->edits.count;
	for (size_t i = 0; i < a->edits.count; i++)
		if (a->edits.list[i].kind == EDIT_INSERT_HEADER &&
		    strcmp(a->edits.list[i].name, "Vanthu-Document-ID") == 0)
			snprintf(out->stamp, sizeof(out->stamp), "%s",
			    a->edits.list[i].value);
}

static struct sent
send_mail(struct mail m)
{
	struct session *s = session_new(&f.desk,
	    m.client != NULL ? m.client : "127.0.0.1", "mx.moet.test");
	struct sent out = { .reply = REPLY_CONTINUE };
	struct answer a;

	session_mail(s, m.from != NULL ? m.from : "<vp@moet.edu.vn>",
	    m.mail_arguments, NULL);
	session_recipient(s, m.to != NULL ? m.to : "<a@so.test>", NULL);
	if (m.to2 != NULL)
		session_recipient(s, m.to2, NULL);
	session_header(s, "From", "vp@moet.edu.vn");
	session_header(s, "Subject", m.subject != NULL ? m.subject : "Cong van");
	session_header(s, "Message-ID", m.message_id != NULL ? m.message_id : "<1@x>");
	if (m.stamp != NULL)
		session_header(s, "Vanthu-Document-ID", m.stamp);
	session_header(s, "Content-Type",
	    m.type != NULL ? m.type : "text/plain; charset=utf-8");
	session_headers_end(s, &a);
	out.at_headers = a.reply;
	if (a.reply == REPLY_CONTINUE) {
		session_body(s, span_of(m.body));
		session_end(s, "QUEUE1", &a);
		note_answer(&a, &out);
	}
	session_free(s);
	return out;
}

struct found {
	size_t rows;
	char ids[8][DOCID_TEXT_SIZE];
	enum receipt_headline headlines[8];
	unsigned flags;
	bool has_number, has_subject;
	size_t hits;
};

static bool
note_row(const struct receipt *r, void *context)
{
	struct found *found = context;

	if (found->rows < 8) {
		docid_print(&r->document->id, found->ids[found->rows]);
		found->headlines[found->rows] = r->state.headline;
	}
	found->flags |= r->state.flags;
	found->has_number |= r->document->number.n != 0;
	found->has_subject |= r->document->has_subject;
	found->hits = r->document->hit_count;
	found->rows++;
	return true;
}

static struct found
find_all(void)
{
	struct query q = { .state = -1 };
	struct receipt_rules rules = { .now_ms = clock_now_ms(),
	    .grace_ms = 600000, .min_trust = TRUST_TAGGED };
	struct found found = { 0 };
	struct err e;

	cr_assert_geq(query_receipts(f.desk.store, &q, &rules, note_row, &found,
	    &e), 0, "%s", e.text);
	return found;
}

#define TRACKED "Số: 12/BGDĐT-VP\n"

Test(session, a_tracked_letter_is_stamped_and_in_the_book_before_the_answer)
{
	struct sent sent = send_mail((struct mail){ .body = TRACKED,
	    .to2 = "<b@so.test>" });
	struct found found = find_all();

	cr_expect_eq(sent.reply, REPLY_CONTINUE);
	cr_expect_eq(strlen(sent.stamp), 44);
	cr_assert_eq(found.rows, 2);
	cr_expect_str_eq(found.ids[0], sent.stamp);
	cr_expect_eq(found.headlines[0], HEADLINE_ACCEPTED);
	cr_expect(found.has_number && found.has_subject);
}

Test(session, a_retry_keeps_its_id_and_a_parallel_batch_shares_it)
{
	struct sent one = send_mail((struct mail){ .body = TRACKED });
	struct sent again = send_mail((struct mail){ .body = TRACKED });
	struct sent batch = send_mail((struct mail){ .body = TRACKED,
	    .to = "<b@so.test>" });
	struct sent other = send_mail((struct mail){ .body = TRACKED,
	    .message_id = "<2@x>" });

	cr_expect_str_eq(one.stamp, again.stamp);
	cr_expect_str_eq(one.stamp, batch.stamp);
	cr_expect_str_neq(one.stamp, other.stamp);
	cr_expect_eq(find_all().rows, 3);
}

Test(session, a_mark_is_rejected_and_kept_without_subject_or_number)
{
	struct sent sent = send_mail((struct mail){ .body = "MẬT\n" TRACKED });
	struct found found = find_all();

	cr_expect_eq(sent.reply, REPLY_REJECT);
	cr_expect_str_eq(sent.code, "550");
	cr_expect_eq(sent.edits, 0);
	cr_assert_eq(found.rows, 1);
	cr_expect_eq(found.headlines[0], HEADLINE_REJECTED);
	cr_expect(!found.has_number && !found.has_subject);
	cr_expect_eq(found.hits, 1);
}

Test(session, foreign_mail_is_let_go_after_its_headers_and_never_edited)
{
	struct sent sent = send_mail((struct mail){ .client = "192.0.2.9",
	    .from = "<a@example.org>", .body = "MẬT\n", .stamp = "forged" });

	cr_expect_eq(sent.at_headers, REPLY_ACCEPT);
	cr_expect_eq(find_all().rows, 0);
}

Test(session, a_stranger_who_claims_the_ministry_gets_no_stamp)
{
	struct sent sent = send_mail((struct mail){ .client = "192.0.2.9",
	    .body = "MẬT\n" TRACKED });

	cr_expect_eq(sent.reply, REPLY_CONTINUE);
	cr_expect_eq(sent.edits, 0);
	cr_expect_eq(find_all().rows, 0);
	cr_expect_eq(counter_add(&f.desk.counters.spoofed, 0), 1);
}

Test(session, a_forged_stamp_is_removed_and_a_copied_one_replaced_and_flagged)
{
	struct sent plain = send_mail((struct mail){ .body = "hello\n",
	    .stamp = "forged" });
	struct sent first = send_mail((struct mail){ .body = TRACKED });
	struct sent copy = send_mail((struct mail){ .body = TRACKED "more\n",
	    .message_id = "<3@x>", .stamp = first.stamp });
	struct sent requeued = send_mail((struct mail){ .body = TRACKED,
	    .stamp = first.stamp });

	cr_expect_eq(plain.edits, 1);
	cr_expect_eq(strlen(copy.stamp), 44);
	cr_expect_str_neq(copy.stamp, first.stamp);
	cr_expect_str_eq(requeued.stamp, "");
	cr_expect(find_all().flags & FLAG_COPIED_STAMP);
}

Test(session, a_held_letter_has_a_record_and_a_deferred_one_has_none)
{
	struct sent held = send_mail((struct mail){ .subject = "hold this",
	    .body = "x\n" });
	struct sent deferred = send_mail((struct mail){ .subject = "later",
	    .body = "x\n", .message_id = "<9@x>" });
	struct found found = find_all();

	cr_expect_eq(held.reply, REPLY_HOLD);
	cr_expect_eq(deferred.reply, REPLY_TEMPFAIL);
	cr_expect_str_eq(deferred.code, "451");
	cr_assert_eq(found.rows, 1);
	cr_expect_eq(found.headlines[0], HEADLINE_HELD);
}

static void
make_report(char *body, size_t size, const char *id, const char *action)
{
	snprintf(body, size,
	    "--b\n\nreport\n--b\nContent-Type: message/delivery-status\n\n"
	    "Reporting-MTA: dns; mx.moet.test\n"
	    "Original-Envelope-Id: %s\n\n"
	    "Final-Recipient: rfc822; a@so.test\n"
	    "Action: %s\nStatus: 5.1.1\n\n--b--\n", id, action);
}

static struct sent
send_report(const char *id, const char *action)
{
	char body[600];

	make_report(body, sizeof(body), id, action);
	return send_mail((struct mail){ .from = "", .body = body,
	    .type = "multipart/report; report-type=delivery-status; boundary=b" });
}

Test(session, a_notice_moves_the_receipt_and_passes)
{
	struct sent sent = send_mail((struct mail){ .body = TRACKED });

	cr_expect_eq(send_report(sent.stamp, "relayed").reply, REPLY_CONTINUE);
	cr_expect_eq(find_all().headlines[0], HEADLINE_RELAYED);
	cr_expect_eq(send_report(sent.stamp, "failed").reply, REPLY_CONTINUE);
	cr_expect_eq(find_all().headlines[0], HEADLINE_FAILED);
}

Test(session, a_notice_with_a_tag_that_does_not_verify_moves_nothing)
{
	struct sent sent = send_mail((struct mail){ .body = TRACKED });

	sent.stamp[40] = sent.stamp[40] == '0' ? '1' : '0';
	cr_expect_eq(send_report(sent.stamp, "failed").reply, REPLY_CONTINUE);
	cr_expect_eq(find_all().headlines[0], HEADLINE_ACCEPTED);
}

Test(session, a_letter_beyond_the_size_limit_waits)
{
	struct sent sent;

	f.desk.spool_limits.message = 400;
	sent = send_mail((struct mail){ .body = TRACKED
	    "123456789012345678901234567890123456789012345678901234567890\n"
	    "123456789012345678901234567890123456789012345678901234567890\n"
	    "123456789012345678901234567890123456789012345678901234567890\n"
	    "123456789012345678901234567890123456789012345678901234567890\n"
	    "123456789012345678901234567890123456789012345678901234567890\n"
	    "123456789012345678901234567890123456789012345678901234567890\n" });
	cr_expect_eq(sent.reply, REPLY_TEMPFAIL);
	cr_expect_eq(find_all().rows, 0);
}

Test(session, while_draining_new_letters_wait_and_notices_pass)
{
	atomic_store(&f.desk.is_draining, true);
	cr_expect_eq(send_mail((struct mail){ .body = TRACKED }).at_headers,
	    REPLY_TEMPFAIL);
	cr_expect_eq(send_mail((struct mail){ .from = "<>", .body = "x" }).reply,
	    REPLY_CONTINUE);
}
