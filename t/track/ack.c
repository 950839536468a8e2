/* SPDX-License-Identifier: BSD-2-Clause */
#include <criterion/criterion.h>

#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/buffer.h"
#include "track/ack.h"
#include "track/keyring.h"

#define NAME "Vanthu-Document-ID"
#define SEEN_MS INT64_C(1795600000000)

static const struct message_limits limits = {
	{ 1000, 50, 1 << 20, 2000 }, 16 << 20
};

static struct arena *a;
static struct keyring *keys;
static struct docid ours;
static char text[DOCID_TEXT_SIZE];

static void
begin(void)
{
	uint8_t secret[KEY_BYTES] = { 1 };

	mime_init();
	a = arena_new();
	keys = keyring_new();
	keyring_add(keys, 1, 1000, secret);
	docid_mint(keys, 1795503289123, &ours);
	docid_print(&ours, text);
}

static void
end(void)
{
	keyring_free(keys);
	arena_free(a);
}

TestSuite(ack, .init = begin, .fini = end);

static struct claims
claims_of(struct span letter)
{
	struct claims claims;

	ack_read(a, message_read(a, letter, &limits), NAME, &claims);
	return claims;
}

/* A notice as Postfix writes it, with ${report} and ${returned} of ${type} in it. */
static struct claims
notice(const char *report, const char *type, const char *returned)
{
	return claims_of(span_of(arena_print(a,
	    "Date: Tue, 24 Nov 2026 06:56:54 +0000 (UTC)\n"
	    "From: Mail Delivery System <MAILER-DAEMON@mx.moet.test>\n"
	    "Subject: Successful Mail Delivery Report\n"
	    "To: vanphong@moet.test\n"
	    "Auto-Submitted: auto-replied\n"
	    "MIME-Version: 1.0\n"
	    "Content-Type: multipart/report; report-type=delivery-status;\n"
	    "\tboundary=\"4jYYA.1795503413/mx.moet.test\"\n"
	    "Message-Id: <20261124065654.4jYYB@mx.moet.test>\n"
	    "\n"
	    "This is a MIME-encapsulated message.\n"
	    "\n"
	    "--4jYYA.1795503413/mx.moet.test\n"
	    "Content-Description: Notification\n"
	    "Content-Type: text/plain; charset=utf-8\n"
	    "\n"
	    "This is the mail system at host mx.moet.test.\n"
	    "\n"
	    "--4jYYA.1795503413/mx.moet.test\n"
	    "Content-Description: Delivery report\n"
	    "Content-Type: message/%sdelivery-status\n"
	    "\n"
	    "%s\n"
	    "--4jYYA.1795503413/mx.moet.test\n"
	    "Content-Type: %s\n"
	    "\n"
	    "%s\n"
	    "--4jYYA.1795503413/mx.moet.test--\n",
	    strncmp(type, "message/global", 14) == 0 ? "global-" : "",
	    report, type, returned)));
}

static const char two[] =
    "Reporting-MTA: dns; mx.moet.test\n"
    "Original-Envelope-Id: ENV-11\n"
    "X-Postfix-Queue-ID: 4jYYWn1QPnz1fHSK\n"
    "X-Postfix-Sender: rfc822; vanphong@moet.test\n"
    "Arrival-Date: Tue, 24 Nov 2026 06:56:53 +0000 (UTC)\n"
    "\n"
    "Final-Recipient: rfc822; u1@NoDSN.test\n"
    "Original-Recipient: rfc822;U1@nodsn.test\n"
    "Action: relayed\n"
    "Status: 2.0.0\n"
    "Remote-MTA: dns; 127.0.0.1\n"
    "Diagnostic-Code: smtp; 250 2.0.0\n"
    "    Ok\n"
    "\n"
    "Final-Recipient: rfc822; u2@nodsn.test\n"
    "Action: failed (no such box)\n"
    "Status: 5.1.1 (bad (very) mailbox)\n"
    "Last-Attempt-Date: Tue, 24 Nov 2026 13:57:00 +0700\n";

static bool
is_text(struct span s, const char *want)
{
	return span_equal(s, span_of(want));
}

Test(ack, a_notice_of_postfix_gives_a_claim_per_recipient)
{
	struct claims c = notice(two, "text/rfc822-headers",
	    "From: <vanphong@moet.test>\nMessage-ID: <1@client.moet.test>\n"
	    "Vanthu-document-id:\n 01ABC\n");

	cr_assert_eq(c.count, 2);
	cr_assert(is_text(c.list[0].recipient, "U1@nodsn.test"));
	cr_assert(is_text(c.list[0].final_recipient, "u1@nodsn.test"));
	cr_assert(is_text(c.list[0].action, "relayed"));
	cr_assert(is_text(c.list[0].status, "2.0.0"));
	cr_assert(is_text(c.list[0].diagnostic, "smtp; 250 2.0.0    Ok"));
	cr_assert(is_text(c.list[0].reporter, "mx.moet.test"));
	cr_assert(is_text(c.list[0].message_id, "<1@client.moet.test>"));
	cr_assert(is_text(c.list[0].envelope_id, "ENV-11"));
	cr_assert(is_text(c.list[0].document_id, "01ABC"));
	cr_assert(is_text(c.list[0].queue_id, "4jYYWn1QPnz1fHSK"));
	cr_assert_eq(c.list[0].claimed_ms, 1795503413000);
	cr_assert(is_text(c.list[1].recipient, "u2@nodsn.test"));
	cr_assert(is_text(c.list[1].action, "failed"));
	cr_assert(is_text(c.list[1].status, "5.1.1"));
	cr_assert_eq(c.list[1].claimed_ms, 1795503420000);
	cr_assert(is_text(c.list[1].envelope_id, "ENV-11"));
	cr_assert_eq(memcmp(c.list[0].digest, c.list[1].digest, DIGEST_BYTES), 0);
}

Test(ack, the_returned_part_may_be_a_whole_letter_or_global)
{
	static const char *const types[] = {
		"message/rfc822", "message/global", "message/global-headers"
	};

	for (size_t i = 0; i < 3; i++) {
		struct claims c = notice(two, types[i],
		    "Message-ID: <1@x.vn>\n" NAME ": 01ABC\n\nThe body.\n");

		cr_assert_eq(c.count, 2, "%s", types[i]);
		cr_assert(is_text(c.list[1].document_id, "01ABC"), "%s", types[i]);
		cr_assert(is_text(c.list[1].message_id, "<1@x.vn>"), "%s", types[i]);
	}
}

static const char *
recipient_of(const char *field)
{
	struct claims c = notice(arena_print(a, "Reporting-MTA: dns; mx\n\n%s\n"
	    "Action: failed\nStatus: 5.0.0\n", field), "text/rfc822-headers", "");

	cr_assert_eq(c.count, 1);
	return arena_string(a, c.list[0].recipient);
}

Test(ack, a_recipient_is_read_in_every_form_that_is_met)
{
	cr_assert_str_eq(recipient_of("Final-Recipient: rfc822; a@B.vn"), "a@b.vn");
	cr_assert_str_eq(recipient_of("Final-Recipient:rfc822;<a@b.vn>"), "a@b.vn");
	cr_assert_str_eq(recipient_of("FINAL-RECIPIENT: RFC822; Name <a@b.vn>"), "a@b.vn");
	cr_assert_str_eq(recipient_of("Final-Recipient: a@b.vn"), "a@b.vn");
	cr_assert_str_eq(recipient_of("Final-Recipient: rfc822;\n  a@b.vn"), "a@b.vn");
	cr_assert_str_eq(recipient_of("Final-Recipient: rfc822; a@b.vn (A B)"), "a@b.vn");
	cr_assert_str_eq(recipient_of(
	    "Final-Recipient: utf-8; \\x{111}\\x{1EA1}i@b.vn"), "đại@b.vn");
	cr_assert_str_eq(recipient_of("Final-Recipient: rfc822;"), "");
}

Test(ack, a_report_deeper_in_the_letter_is_found_and_the_outermost_counts)
{
	struct claims c = claims_of(span_of(
	    "Content-Type: multipart/mixed; boundary=o\n\n"
	    "--o\nContent-Type: multipart/report; boundary=i\n\n"
	    "--i\nContent-Type: message/delivery-status\n\n"
	    "Reporting-MTA: dns; outer\n\nFinal-Recipient: rfc822; a@b.vn\n"
	    "Action: delivered\n\n"
	    "--i\nContent-Type: message/rfc822\n\n"
	    "Message-ID: <notice@b.vn>\n"
	    "Content-Type: multipart/report; boundary=r\n\n"
	    "--r\nContent-Type: message/delivery-status\n\n"
	    "Reporting-MTA: dns; inner\n\nFinal-Recipient: rfc822; c@d.vn\n"
	    "Action: failed\n\n--r--\n"
	    "--i--\n--o--\n"));

	cr_assert_eq(c.count, 1);
	cr_assert(is_text(c.list[0].reporter, "outer"));
	cr_assert(is_text(c.list[0].message_id, "<notice@b.vn>"));
}

Test(ack, words_to_people_may_bear_the_type_of_the_report)
{
	struct claims c = claims_of(span_of(
	    "Content-Type: multipart/report; boundary=i\n\n"
	    "--i\nContent-Type: message/delivery-status\n\n"
	    "This message was undeliverable.\n\n"
	    "--i\nContent-Type: message/delivery-status\n\n"
	    "Reporting-MTA: dns; mx\n\nFinal-Recipient: rfc822; <a@b.vn>\n"
	    "Action: failed\n\n"
	    "--i\nContent-Type: message/rfc822\n\n" NAME ": 01ABC\n\nx\n--i--\n"));

	cr_assert_eq(c.count, 1);
	cr_assert(is_text(c.list[0].recipient, "a@b.vn"));
	cr_assert(is_text(c.list[0].document_id, "01ABC"));
}

Test(ack, an_ordinary_letter_acknowledges_nothing)
{
	cr_assert_eq(claims_of(span_of("Subject: a\n\nAction: failed\n")).count, 0);
	cr_assert_eq(claims_of(span_of("")).count, 0);
	cr_assert_eq(notice("", "text/rfc822-headers", "").count, 0);
	cr_assert_eq(notice("Reporting-MTA: dns; mx\n", "text/plain", "").count, 0);
}

Test(ack, a_damaged_report_gives_what_can_be_read)
{
	struct claims c = notice("garbage\n:\n \nReporting-MTA\n\n\n"
	    "Reporting-MTA: mx (the (big) one)\nFinal-Recipient: rfc822; a@b.vn\n"
	    "Action: DELAYED;\nStatus:\n\nAction: (((\n\n"
	    "Original-Recipient: <<<>>>\n", "text/rfc822-headers", ": : :\n\n\n");

	cr_assert_eq(c.count, 2);
	cr_assert(is_text(c.list[0].reporter, "mx"));
	cr_assert(is_text(c.list[0].recipient, "a@b.vn"));
	cr_assert(is_text(c.list[0].action, "delayed"));
	cr_assert(is_text(c.list[0].status, "4.0.0"));
	cr_assert_eq(c.list[0].claimed_ms, 1795503414000);
	cr_assert_eq(c.list[1].action.n, 0);
}

Test(ack, every_cut_of_a_notice_is_survived)
{
	const char *whole = arena_print(a, "Content-Type: multipart/report; boundary=i\n\n"
	    "--i\nContent-Type: message/delivery-status\n\n%s\n"
	    "--i\nContent-Type: text/rfc822-headers\n\n" NAME ": %s\n--i--\n", two, text);

	for (size_t n = strlen(whole); n-- > 0;) {
		struct arena *saved = a;

		a = arena_new();
		cr_assert_leq(claims_of((struct span){ whole, n }).count, 2);
		arena_free(a);
		a = saved;
	}
}

Test(ack, a_thousand_recipients_are_read_and_no_more)
{
	struct buffer b = { .arena = a };
	struct claims c;

	buffer_text(&b, "Reporting-MTA: dns; mx\n\n");
	for (int i = 0; i < 1500; i++)
		buffer_print(&b, "Final-Recipient: rfc822; u%d@b.vn\n"
		    "Action: delivered\nStatus: 2.0.0\n\n", i);
	c = notice(buffer_string(&b), "text/rfc822-headers", NAME ": x\n");
	cr_assert_eq(c.count, 1000);
	cr_assert(is_text(c.list[999].recipient, "u999@b.vn"));
}

static int
resolves(const char *envelope_id, const char *document_id)
{
	struct claim c = { .envelope_id = span_of(envelope_id),
	    .document_id = span_of(document_id) };
	struct docid id = { { 0 }, 0, { 0 } };
	int found = ack_resolve(keys, &c, &id);

	if (found == 1)
		cr_assert_eq(memcmp(&id, &ours, sizeof(id)), 0);
	return found;
}

Test(ack, the_document_is_found_by_a_tag_that_verifies)
{
	char altered[DOCID_TEXT_SIZE], lower[DOCID_TEXT_SIZE];

	strcpy(altered, text);
	altered[30] = altered[30] == '0' ? '1' : '0';
	for (size_t i = 0; i < sizeof(lower); i++)
		lower[i] = text[i] >= 'A' ? (char)(text[i] | 0x20) : text[i];
	cr_assert_eq(resolves(text, ""), 1);
	cr_assert_eq(resolves(lower, NULL), 1);
	cr_assert_eq(resolves(arena_print(a, "%s@mx.x.vn", text), "junk"), 1);
	cr_assert_eq(resolves(arena_print(a, "%s+40mx.x.vn", text), ""), 1);
	cr_assert_eq(resolves("ENV-11", text), 1);
	cr_assert_eq(resolves(altered, text), 1);
	cr_assert_eq(resolves(altered, altered), 0);
	cr_assert_eq(resolves("", ""), 0);
	cr_assert_eq(resolves(arena_print(a, "%s0", text), ""), 0);
}

Test(ack, a_claim_becomes_evidence_with_its_reason)
{
	struct claims c = notice(two, "text/rfc822-headers", "");
	struct evidence ev;

	cr_assert_eq(ack_evidence(a, &c.list[1], SEEN_MS, TRUST_TAGGED, &ev), 1);
	cr_assert(ev.source == SOURCE_DSN && ev.code == CODE_FAILED);
	cr_assert(ev.trust == TRUST_TAGGED && ev.seen_ms == SEEN_MS);
	cr_assert(is_text(ev.reason, "5.1.1") && is_text(ev.reporter, "mx.moet.test"));
	cr_assert_eq(ev.claimed_ms, 1795503420000);
	cr_assert_eq(memcmp(ev.digest, c.list[1].digest, DIGEST_BYTES), 0);
	c.list[1].diagnostic = (struct span){ memset(arena_alloc(a, 600), 'x', 600), 600 };
	cr_assert_eq(ack_evidence(a, &c.list[1], SEEN_MS, TRUST_TAGGED, &ev), 1);
	cr_assert_eq(ev.reason.n, 512);
	c.list[1].action = span_of("deliverable");
	cr_assert_eq(ack_evidence(a, &c.list[1], SEEN_MS, TRUST_TAGGED, &ev), 0);
}

Test(ack, a_reason_is_not_cut_within_a_character)
{
	struct buffer b = { .arena = a };
	struct claim c = { .action = span_of("failed") };
	struct evidence ev;

	buffer_byte(&b, 'x');
	while (b.n < 600)
		buffer_text(&b, "\xe1\xba\xa1");
	c.diagnostic = buffer_span(&b);
	cr_assert_eq(ack_evidence(a, &c, SEEN_MS, TRUST_TAGGED, &ev), 1);
	cr_assert_eq(ev.reason.n, 511);
}

static const struct {
	const char *date;
	int64_t ms;
} dates[] = {
	{ "Tue, 24 Nov 2026 06:56:53 +0000 (UTC)", 1795503413000 },
	{ "24 Nov 2026 13:56:53 +0700", 1795503413000 },
	{ "Tue,24 nov 2026 06:56:53 GMT", 1795503413000 },
	{ "Tue, 24 Nov 26 01:56:53 EST", 1795503413000 },
	{ " Tue (a, b) , 24 Nov 2026 06:56 UT", 1795503360000 },
	{ "Tue, 24 Nov 2026 06:56:53", 1795503413000 },
	{ "Sat, 31 Dec 2016 23:59:60 +0000", 1483228799000 },
	{ "29 Feb 2028 00:00:00 +0000", 1835395200000 },
	{ "1 Jan 99 00:00:00 +0000", 915148800000 },
	{ "31 Feb 2026 00:00:00 +0000", 0 },
	{ "29 Feb 2026 00:00:00 +0000", 0 },
	{ "32 Jan 2026 00:00:00 +0000", 0 },
	{ "1 Foo 2026 00:00:00 +0000", 0 },
	{ "1 Jan 2026 24:00:00 +0000", 0 },
	{ "1 Jan 2026 00:60:00 +0000", 0 },
	{ "1 Jan 1969 00:00:00 +0000", 0 },
	{ "1 Jan 20260 00:00:00 +0000", 0 },
	{ "1 Jan 2026", 0 },
	{ "yesterday", 0 },
	{ "", 0 },
};

Test(ack, dates_are_read_as_rfc_5322_writes_them)
{
	for (size_t i = 0; i < sizeof(dates) / sizeof(*dates); i++)
		cr_assert_eq(ack_date_ms(span_of(dates[i].date)), dates[i].ms,
		    "%s: %lld", dates[i].date,
		    (long long)ack_date_ms(span_of(dates[i].date)));
}

/* The corpus: nothing in it may end the process. */

static size_t files, with_claims;

static struct span
file_read(const char *path)
{
	struct stat st;
	FILE *f = fopen(path, "rb");
	char *p;
	size_t n;

	if (f == NULL || fstat(fileno(f), &st) < 0) {
		if (f != NULL)
			fclose(f);
		return (struct span){ NULL, 0 };
	}
	p = arena_alloc(a, (size_t)st.st_size + 1);
	n = fread(p, 1, (size_t)st.st_size, f);
	fclose(f);
	return (struct span){ p, n };
}

static int
visit(const char *path, const struct stat *st, int type, struct FTW *at)
{
	struct arena *saved = a;

	(void)st;
	(void)at;
	if (type != FTW_F)
		return 0;
	a = arena_new();
	files++;
	with_claims += claims_of(file_read(path)).count != 0;
	arena_free(a);
	a = saved;
	return 0;
}

Test(ack, no_bounce_of_the_corpus_ends_the_process, .timeout = 300)
{
	const char *corpus = getenv("VANTHU_CORPUS");

	if (corpus == NULL)
		cr_skip_test("VANTHU_CORPUS does not name the folder of letters");
	cr_assert_eq(nftw(arena_print(a, "%s/bounce", corpus), visit, 16, FTW_PHYS), 0);
	fprintf(stderr, "ack: %zu of %zu files gave claims\n", with_claims, files);
	cr_assert_gt(with_claims, 100);
}

/* Column ${n} of a line of the index, from 0. */
static struct span
column(struct span line, size_t n)
{
	while (n-- > 0)
		line = span_sub(line, span_find_byte(line, '\t') + 1, line.n);
	return span_sub(line, 0, span_find_byte(line, '\t'));
}

static bool
agrees(const struct claims *c, struct span statuses)
{
	struct buffer b = { .arena = a };

	for (size_t i = 0; i < c->count; i++) {
		if (i != 0)
			buffer_byte(&b, ',');
		buffer_add(&b, c->list[i].status);
	}
	return span_equal(buffer_span(&b), statuses);
}

Test(ack, most_statuses_are_those_that_others_read, .timeout = 300)
{
	const char *corpus = getenv("VANTHU_CORPUS");
	size_t asserted = 0, agreed = 0;
	struct span index, line;

	if (corpus == NULL)
		cr_skip_test("VANTHU_CORPUS does not name the folder of letters");
	index = file_read(arena_print(a, "%s/index.tsv", corpus));
	while (span_line(&index, &line)) {
		struct span path = column(line, 0), statuses = column(line, 10);
		struct claims c;

		if (!is_text(column(line, 1), "dsn") || statuses.n == 0)
			continue;
		c = claims_of(file_read(arena_print(a, "%s/%.*s", corpus,
		    SPAN_PRINT(path))));
		asserted++;
		agreed += agrees(&c, statuses);
	}
	fprintf(stderr, "ack: %zu of %zu asserted statuses agree\n", agreed, asserted);
	cr_assert_gt(2 * agreed, asserted);
}
