/* SPDX-License-Identifier: BSD-2-Clause */
/* What comes back: whom it moves, and whom it may not. */
#include <criterion/criterion.h>

#include "base/clock.h"
#include "filter/session.h"
#include "filter/snapshot.h"
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

TestSuite(notice, .init = begin, .fini = end);

#define NOTIFY_OURS "NOTIFY=DELAY,FAILURE,SUCCESS"
#define TRACKED "Số: 12/BGDĐT-VP\n"

static char stamp[DOCID_TEXT_SIZE];

/* Bring a header, "Name: value" lines, and a body before the desk. */
static enum reply
bring(const char *client, const char *from, const char *to, const char *header,
    const char *body)
{
	struct session *s = session_new(&f.desk, client, "mx.moet.test");
	char *arguments[] = { (char *)NOTIFY_OURS, NULL }, name[64], value[400];
	char list[256], *rest = list, *one;
	struct answer answer;
	int used;

	session_mail(s, from, NULL, NULL);
	snprintf(list, sizeof(list), "%s", to);
	while ((one = strsep(&rest, " ")) != NULL)
		session_recipient(s, one, arguments);
	while (sscanf(header, " %63[^:]: %399[^\n]%n", name, value, &used) == 2) {
		session_header(s, name, value);
		header += used;
	}
	session_headers_end(s, &answer);
	if (answer.reply == REPLY_CONTINUE) {
		session_body(s, span_of(body));
		session_end(s, "QUEUE1", &answer);
	}
	for (size_t i = 0; i < answer.edits.count; i++)
		if (answer.edits.list[i].kind == EDIT_INSERT_HEADER)
			snprintf(stamp, sizeof(stamp), "%s",
			    answer.edits.list[i].value);
	used = (int)answer.reply;
	session_free(s);
	return (enum reply)used;
}

/* A letter to "a@so.test" and "b@so.test". */
static void
post(void)
{
	cr_assert_eq(bring("127.0.0.1", "<vp@moet.edu.vn>", "<a@so.test> <b@so.test>",
	    "From: vp@moet.edu.vn\nMessage-ID: <1@moet.edu.vn>\nSubject: Cong van\n",
	    TRACKED), REPLY_CONTINUE);
	cr_assert_eq(strlen(stamp), 44);
}

struct wanted {
	const char *address;
	enum receipt_headline headline;
	unsigned flags;
	size_t evidence;
	bool is_found;
};

static bool
look(const struct receipt *r, void *context)
{
	struct wanted *w = context;

	if (!span_is(r->addressee.address, w->address))
		return true;
	w->headline = r->state.headline;
	w->flags = r->state.flags;
	w->evidence = r->evidence_count;
	w->is_found = true;
	return true;
}

/* Of the document whose ID begins with ${id}. */
static struct wanted
row_of(const char *id, const char *address)
{
	struct query q = { .state = -1, .id = span_of(id) };
	struct receipt_rules rules = { .now_ms = clock_now_ms(),
	    .grace_ms = 600000, .min_trust = TRUST_TAGGED };
	struct wanted w = { .address = address };
	struct err e;

	cr_assert_geq(query_receipts(f.desk.store, &q, &rules, look, &w, &e), 0);
	return w;
}

static struct wanted
state_of(const char *address)
{
	return row_of("", address);
}

static enum receipt_headline
headline(const char *address)
{
	struct wanted w = state_of(address);

	cr_assert(w.is_found, "%s", address);
	return w.headline;
}

#define OUTSIDE "192.0.2.1"

static enum reply
answer(const char *from, const char *more)
{
	char header[1000];

	snprintf(header, sizeof(header), "From: %s\nDate: Tue, 24 Nov 2026 06:56:54 +0000\n"
	    "Message-ID: <%zu@so.test>\n%s\n", from, strlen(from) + strlen(more), more);
	return bring(OUTSIDE, from, "<vp@moet.edu.vn>", header, "Da nhan.\n");
}

Test(notice, a_recipient_who_answers_has_replied)
{
	post();
	cr_expect_eq(answer("a@so.test", "In-Reply-To: <1@moet.edu.vn>"),
	    REPLY_CONTINUE);
	cr_expect_eq(headline("a@so.test"), HEADLINE_REPLIED);
	cr_expect_eq(headline("b@so.test"), HEADLINE_ACCEPTED);
}

Test(notice, a_thread_names_the_letter_too)
{
	post();
	answer("a@so.test", "References: <1@moet.edu.vn> <2@so.test>");
	cr_expect_eq(headline("a@so.test"), HEADLINE_REPLIED);
}

Test(notice, a_stranger_in_the_thread_is_claimed)
{
	post();
	answer("c@elsewhere.test", "In-Reply-To: <1@moet.edu.vn>");
	cr_expect_eq(headline("a@so.test"), HEADLINE_ACCEPTED);
	cr_expect(state_of("c@elsewhere.test").flags & FLAG_CLAIMED_ONLY);
}

Test(notice, a_program_that_answers_has_read_nothing)
{
	post();
	answer("a@so.test", "In-Reply-To: <1@moet.edu.vn>\nAuto-Submitted: auto-replied");
	cr_expect_eq(headline("a@so.test"), HEADLINE_ACCEPTED);
	cr_expect(state_of("a@so.test").flags & FLAG_ONLY_AUTO);
	bring(OUTSIDE, "<>", "<vp@moet.edu.vn>", "From: b@so.test\n"
	    "In-Reply-To: <1@moet.edu.vn>\nMessage-ID: <9@so.test>\n", "Toi di vang.\n");
	cr_expect_eq(headline("b@so.test"), HEADLINE_ACCEPTED);
}

Test(notice, the_senders_own_word_in_the_thread_is_no_answer)
{
	post();
	bring("127.0.0.1", "<vp@moet.edu.vn>", "<a@so.test>", "From: vp@moet.edu.vn\n"
	    "In-Reply-To: <1@moet.edu.vn>\nMessage-ID: <2@moet.edu.vn>\n", "Nhac lai.\n");
	cr_expect_eq(headline("a@so.test"), HEADLINE_ACCEPTED);
	cr_expect_not(state_of("vp@moet.edu.vn").is_found);
}

Test(notice, where_results_are_trusted_they_must_pass)
{
	post();
	free(f.desk.config.authserv_id);
	f.desk.config.authserv_id = strdup("mx.moet.test");
	answer("a@so.test", "In-Reply-To: <1@moet.edu.vn>");
	cr_expect_eq(headline("a@so.test"), HEADLINE_ACCEPTED);
	answer("a@so.test", "In-Reply-To: <1@moet.edu.vn>\n"
	    "Authentication-Results: mx.evil.test; dkim=pass header.d=so.test");
	cr_expect_eq(headline("a@so.test"), HEADLINE_ACCEPTED);
	answer("a@so.test", "In-Reply-To: <1@moet.edu.vn>\n"
	    "Authentication-Results: mx.moet.test; dkim=fail header.d=so.test");
	cr_expect_eq(headline("a@so.test"), HEADLINE_ACCEPTED);
	answer("a@so.test", "In-Reply-To: <1@moet.edu.vn>\n"
	    "Authentication-Results: mx.moet.test; dkim=pass header.d=evil.test");
	cr_expect_eq(headline("a@so.test"), HEADLINE_ACCEPTED);
	answer("a@so.test", "In-Reply-To: <1@moet.edu.vn>\n"
	    "Authentication-Results: mx.moet.test; dkim=pass header.d=so.test");
	cr_expect_eq(headline("a@so.test"), HEADLINE_REPLIED);
	cr_expect_not(state_of("a@so.test").flags & FLAG_UNAUTHENTICATED);
}

/* A delivery report or a disposition, with ${fields} in it. */
static enum reply
report(const char *client, const char *from, const char *kind, const char *fields)
{
	char header[500], body[2000];

	snprintf(header, sizeof(header), "From: %s\nContent-Type: multipart/report; "
	    "report-type=%s; boundary=b\n", from, kind);
	snprintf(body, sizeof(body), "--b\n\nx\n--b\nContent-Type: message/%s\n\n"
	    "%s\n--b--\n", kind, fields);
	return bring(client, "<>", "<vp@moet.edu.vn>", header, body);
}

static enum reply
disposition(const char *from, const char *recipient)
{
	char fields[500];

	snprintf(fields, sizeof(fields), "Final-Recipient: rfc822; %s\n"
	    "Original-Message-ID: <1@moet.edu.vn>\n"
	    "Disposition: manual-action/MDN-sent-manually; displayed\n", recipient);
	return report(OUTSIDE, from, "disposition-notification", fields);
}

Test(notice, a_receipt_counts_for_whom_it_is_from)
{
	post();
	cr_expect_eq(disposition("a@so.test", "a@so.test"), REPLY_CONTINUE);
	cr_expect_eq(headline("a@so.test"), HEADLINE_DISPLAYED);
	disposition("a@so.test", "b@so.test");
	cr_expect_eq(headline("b@so.test"), HEADLINE_ACCEPTED);
	disposition("c@so.test", "b@so.test");
	cr_expect_eq(headline("b@so.test"), HEADLINE_ACCEPTED);
}

static const char *
delivery(const char *id, const char *recipient, const char *action)
{
	static char fields[1000];

	snprintf(fields, sizeof(fields), "Reporting-MTA: dns; mx.so.test\n"
	    "Original-Envelope-Id: %s\n\nFinal-Recipient: rfc822; %s\nAction: %s\n"
	    "Status: 2.0.0\n", id, recipient, action);
	return fields;
}

static enum reply
deliver(const char *recipient, const char *action)
{
	return report("127.0.0.1", "MAILER-DAEMON@mx.so.test", "delivery-status",
	    delivery(stamp, recipient, action));
}

Test(notice, a_success_that_only_we_asked_for_is_recorded_and_discarded)
{
	post();
	cr_expect_eq(deliver("a@so.test", "relayed"), REPLY_DISCARD);
	cr_expect_eq(headline("a@so.test"), HEADLINE_RELAYED);
	cr_expect_eq(deliver("a@so.test", "delivered"), REPLY_DISCARD);
	cr_expect_eq(headline("a@so.test"), HEADLINE_DELIVERED);
}

Test(notice, all_else_passes_on)
{
	char both[2000];

	post();
	cr_expect_eq(deliver("a@so.test", "failed"), REPLY_CONTINUE);
	cr_expect_eq(deliver("a@so.test", "delayed"), REPLY_CONTINUE);
	cr_expect_eq(deliver("c@so.test", "delivered"), REPLY_CONTINUE);
	snprintf(both, sizeof(both), "%s\nFinal-Recipient: rfc822; b@so.test\n"
	    "Action: failed\nStatus: 5.1.1\n",
	    delivery(stamp, "a@so.test", "delivered"));
	cr_expect_eq(report("127.0.0.1", "d@so.test", "delivery-status", both),
	    REPLY_CONTINUE);
	f.desk.config.success_notices = SUCCESS_NOTICES_PASS;
	cr_expect_eq(deliver("a@so.test", "delivered"), REPLY_CONTINUE);
}

Test(notice, a_wrong_tag_or_a_guessed_id_is_claimed_at_most)
{
	char wrong[DOCID_TEXT_SIZE], fields[1500];

	post();
	strcpy(wrong, stamp);
	wrong[40] = wrong[40] == '0' ? '1' : '0';
	snprintf(fields, sizeof(fields), "%s--b\nContent-Type: text/rfc822-headers\n\n"
	    "Message-ID: <1@moet.edu.vn>\n", delivery(wrong, "a@so.test", "failed"));
	cr_expect_eq(report(OUTSIDE, "d@so.test", "delivery-status", fields),
	    REPLY_CONTINUE);
	cr_expect_eq(headline("a@so.test"), HEADLINE_ACCEPTED);
	cr_expect_eq(state_of("a@so.test").evidence, 2);
	report(OUTSIDE, "d@so.test", "delivery-status",
	    delivery("0000000000000000000000000000000000000000000", "a@so.test",
	    "failed"));
	cr_expect_eq(headline("a@so.test"), HEADLINE_ACCEPTED);
}

Test(notice, an_unknown_recipient_moves_nobody_and_adds_little)
{
	char fields[200];

	post();
	for (int i = 0; i < 300; i++) {
		snprintf(fields, sizeof(fields), "x%d@so.test", i);
		deliver(fields, "failed");
	}
	cr_expect_eq(headline("a@so.test"), HEADLINE_ACCEPTED);
	cr_expect(state_of("x0@so.test").flags & FLAG_CLAIMED_ONLY);
	cr_expect_not(state_of("x299@so.test").is_found);
}

/* One notice about ${n} people who were not written to, and about a@ at the end. */
static void
report_strangers(const char *id, int n)
{
	static char body[64 * 1024];
	size_t at = (size_t)snprintf(body, sizeof(body), "--b\n\nx\n--b\n"
	    "Content-Type: message/delivery-status\n\n"
	    "Reporting-MTA: dns; mx.so.test\nOriginal-Envelope-Id: %s\n\n", id);

	for (int i = 1; i <= n; i++)
		at += (size_t)snprintf(body + at, sizeof(body) - at,
		    "Final-Recipient: rfc822; x%d@so.test\nAction: failed\n"
		    "Status: 5.1.1\n\n", i);
	snprintf(body + at, sizeof(body) - at, "Final-Recipient: rfc822; a@so.test\n"
	    "Action: failed\nStatus: 5.1.1\n\n--b--\n");
	cr_assert_eq(bring(OUTSIDE, "<>", "<vp@moet.edu.vn>",
	    "From: d@so.test\nContent-Type: multipart/report; "
	    "report-type=delivery-status; boundary=b\n", body), REPLY_CONTINUE);
}

Test(notice, one_notice_about_many_unknown_people_is_claimed_and_bounded)
{
	post();
	report_strangers(stamp, 500);
	cr_expect_eq(headline("a@so.test"), HEADLINE_FAILED);
	cr_expect_eq(headline("b@so.test"), HEADLINE_ACCEPTED);
	cr_expect(state_of("x1@so.test").flags & FLAG_CLAIMED_ONLY);
	cr_expect(state_of("x100@so.test").flags & FLAG_CLAIMED_ONLY);
	cr_expect_not(state_of("x101@so.test").is_found);
}

/* Our tag, of a document that another gateway with our keys sent. */
Test(notice, the_tag_alone_vouches_for_a_document_of_another_gateway)
{
	const struct snapshot *s = snapshot_hold(f.desk.snapshots);
	char text[DOCID_TEXT_SIZE];
	struct docid id;

	docid_mint(s->keys, clock_now_ms(), &id);
	snapshot_release(f.desk.snapshots, s);
	report_strangers(docid_print(&id, text), 150);
	report_strangers(text, 200);
	cr_expect_eq(headline("a@so.test"), HEADLINE_FAILED);
	cr_expect_eq(headline("x200@so.test"), HEADLINE_FAILED);
	cr_expect(state_of("x200@so.test").flags & FLAG_NO_ORIGIN);
}

/* Notices of one to six blocks, of this letter, a wrong one and a foreign one. */
Test(notice, whatever_comes_only_a_true_tag_and_an_addressee_move_a_receipt)
{
	static const char *const people[] = { "a@so.test", "b@so.test", "x@so.test",
	    "y@so.test", "A@so.test", "no address" };
	const struct snapshot *s = snapshot_hold(f.desk.snapshots);
	char ids[3][DOCID_TEXT_SIZE], body[2000];
	bool is_failed[2] = { false, false };
	uint32_t chance = 1;
	struct docid id;

	post();
	strcpy(ids[0], stamp);
	strcpy(ids[1], stamp);
	ids[1][43] = ids[1][43] == '0' ? '1' : '0';
	docid_mint(s->keys, clock_now_ms(), &id);
	snapshot_release(f.desk.snapshots, s);
	docid_print(&id, ids[2]);
	for (int round = 0; round < 150; round++) {
		size_t kind = round % 25 == 24 ? 0 : 1 + (size_t)round % 2;
		size_t at = (size_t)snprintf(body, sizeof(body), "Reporting-MTA: dns; d\n"
		    "Original-Envelope-Id: %s\n", ids[kind]);

		for (int n = 0; n <= round % 6; n++) {
			size_t who = (chance = chance * 1103515245 + 12345) >> 16;

			who %= sizeof(people) / sizeof(people[0]);
			at += (size_t)snprintf(body + at, sizeof(body) - at,
			    "\nFinal-Recipient: rfc822; %s\nAction: failed\n"
			    "Status: 5.1.1\n", people[who]);
			is_failed[0] |= kind == 0 && (who == 0 || who == 4);
			is_failed[1] |= kind == 0 && who == 1;
		}
		cr_assert_eq(report(OUTSIDE, "d@so.test", "delivery-status", body),
		    REPLY_CONTINUE);
		for (int i = 0; i < 2; i++)
			cr_assert_eq(row_of(ids[0], people[i]).headline, is_failed[i] ?
			    HEADLINE_FAILED : HEADLINE_ACCEPTED, "round %d", round);
	}
	cr_expect(is_failed[0] && is_failed[1]);
}

/* Nothing of it was in a log that was followed: it is no more than any other. */
Test(notice, a_local_users_fake_internal_notice_is_not_our_mtas)
{
	char fields[1000];

	post();
	snprintf(fields, sizeof(fields), "Reporting-MTA: dns; mx.moet.test\n"
	    "X-Postfix-Queue-ID: QUEUE1\n\nFinal-Recipient: rfc822; a@so.test\n"
	    "Action: failed\nStatus: 5.1.1\n");
	cr_expect_eq(report("127.0.0.1", "MAILER-DAEMON@mx.moet.test",
	    "delivery-status", fields), REPLY_CONTINUE);
	cr_expect_eq(headline("a@so.test"), HEADLINE_ACCEPTED);
}

static enum reply
status(const char *from, const char *code)
{
	char body[2000], header[300];

	snprintf(header, sizeof(header), "From: %s\n"
	    "Content-Type: multipart/mixed; boundary=b\n", from);
	snprintf(body, sizeof(body), "--b\n\nx\n--b\nContent-Type: application/xml; "
	    "name=s.edxml\n\n<?xml version=\"1.0\" encoding=\"utf-8\"?>"
	    "<edXML xmlns=\"http://www.mic.gov.vn/TBT/QCVN_102_2016\">"
	    "<MessageHeader><ResponseFor><Code>12</Code></ResponseFor>"
	    "<StatusCode>%s</StatusCode></MessageHeader></edXML>\n--b--\n", code);
	return bring(OUTSIDE, from, "<vp@moet.edu.vn>", header, body);
}

Test(notice, a_registry_says_by_the_official_number_how_far_it_is)
{
	post();
	cr_expect_eq(status("a@so.test", "03"), REPLY_CONTINUE);
	cr_expect_eq(headline("a@so.test"), HEADLINE_REGISTERED);
	status("a@so.test", "06");
	cr_expect_eq(headline("a@so.test"), HEADLINE_COMPLETED);
	status("c@so.test", "02");
	cr_expect_eq(headline("b@so.test"), HEADLINE_ACCEPTED);
}

Test(notice, a_notice_comes_twice_and_is_one)
{
	size_t n;

	post();
	deliver("a@so.test", "failed");
	n = state_of("a@so.test").evidence;
	deliver("a@so.test", "failed");
	cr_expect_eq(state_of("a@so.test").evidence, n);
}
