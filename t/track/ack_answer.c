/* SPDX-License-Identifier: BSD-2-Clause */
/* What readers, their programs and their registries answer. */
#include <criterion/criterion.h>

#include <string.h>

#include "base/buffer.h"
#include "mail/message.h"
#include "track/ack.h"

static const struct message_limits limits = {
	{ 1000, 50, 1 << 20, 2000 }, 16 << 20
};

static struct arena *a;

static void
begin(void)
{
	mime_init();
	a = arena_new();
}

static void
end(void)
{
	arena_free(a);
}

TestSuite(ack_answer, .init = begin, .fini = end);

static struct claims
claims_of(const char *letter)
{
	struct claims claims;

	ack_read(a, message_read(a, span_of(letter), &limits), "Vanthu-Document-ID",
	    &claims);
	return claims;
}

static bool
is_text(struct span s, const char *want)
{
	return span_equal(s, span_of(want));
}

static struct claim
receipt(const char *header, const char *fields)
{
	struct claims c = claims_of(arena_print(a,
	    "From: Chi Lan <lan@x.edu.vn>\nDate: Tue, 24 Nov 2026 06:56:54 +0000\n%s"
	    "Content-Type: multipart/report; boundary=b;\n"
	    " report-type=disposition-notification\n\n"
	    "--b\nContent-Type: text/plain\n\nThu da doc.\n"
	    "--b\nContent-Type: message/disposition-notification\n\n%s\n--b--\n",
	    header, fields));

	cr_assert_eq(c.count, 1);
	cr_assert_eq(c.list[0].kind, ACK_MDN);
	return c.list[0];
}

Test(ack_answer, a_disposition_is_read_with_comments_folds_and_blanks)
{
	struct claim c = receipt("", "Reporting-UA : mail.x.edu.vn; X 1\n"
	    "Original-Recipient:rfc822;Lan@X.edu.vn\n"
	    "Final-Recipient: rfc822; Lan <lan@x.edu.vn>\n"
	    "Original-Message-ID:\n <1@moet.vn>\n"
	    "Disposition: manual-action (by hand) / MDN-sent-manually (c) ;\n"
	    "  Displayed (really)\n");

	cr_assert(is_text(c.recipient, "Lan@x.edu.vn"));
	cr_assert(is_text(c.final_recipient, "lan@x.edu.vn"));
	cr_assert(is_text(c.action, "displayed") && !c.is_automatic && !c.is_error);
	cr_assert(is_text(c.message_id, "<1@moet.vn>"));
	cr_assert(is_text(c.reporter, "mail.x.edu.vn; X 1"));
	cr_assert_eq(c.claimed_ms, 1795503414000);
}

Test(ack_answer, a_list_of_addressees_is_no_original_recipient)
{
	struct claim c = receipt("", "Final-Recipient: rfc822; lan@x.edu.vn\n"
	    "Original-Recipient: kim@x.edu.vn, lan@x.edu.vn\n"
	    "Disposition: manual-action/MDN-sent-manually; displayed\n");

	cr_assert(is_text(c.recipient, "lan@x.edu.vn"));
	c = receipt("", "Original-Recipient: kim@x.edu.vn, lan@x.edu.vn\n"
	    "Disposition: manual-action/MDN-sent-manually; displayed\n");
	cr_assert(is_text(c.recipient, "kim@x.edu.vn"));
}

static enum evidence_code
code_of(const char *disposition)
{
	struct claim c = receipt("", arena_print(a, "Final-Recipient: rfc822;a@b.vn\n"
	    "Disposition: %s\n", disposition));
	struct evidence ev;

	cr_assert_eq(ack_evidence(a, &c, 1, TRUST_TAGGED, &ev), 1);
	cr_assert_eq(ev.source, SOURCE_MDN);
	return ev.code;
}

Test(ack_answer, a_disposition_says_who_did_what)
{
	cr_assert_eq(code_of("manual-action/MDN-sent-manually; displayed"),
	    CODE_DISPLAYED);
	cr_assert_eq(code_of("automatic-action/MDN-sent-automatically; displayed"),
	    CODE_DISPLAYED_AUTOMATIC);
	cr_assert_eq(code_of("Automatic-Action/MDN-sent-automatically;processed"),
	    CODE_PROCESSED);
	cr_assert_eq(code_of("manual-action/MDN-sent-manually; deleted"), CODE_DELETED);
	cr_assert_eq(code_of("manual-action/MDN-sent-manually; dispatched"),
	    CODE_DISPATCHED);
	cr_assert_eq(code_of("manual-action/MDN-sent-manually; denied"), CODE_DENIED);
	cr_assert_eq(code_of("manual-action/MDN-sent-manually; failed"), CODE_FAILED);
	cr_assert_eq(code_of("manual-action/MDN-sent-manually; displayed/error"),
	    CODE_ERROR);
	cr_assert_eq(code_of("manual-action/MDN-sent-manually; displayed/x-new"),
	    CODE_DISPLAYED);
	cr_assert_eq(code_of("displayed"), CODE_DISPLAYED);
	cr_assert_eq(code_of("manual-action/MDN-sent-manually; eaten"), CODE_UNKNOWN);
	cr_assert_eq(code_of(""), CODE_UNKNOWN);
}

Test(ack_answer, without_the_original_id_the_thread_names_the_letter)
{
	struct claim c = receipt("In-Reply-To: <2@moet.vn>\nReferences: <1@m> <2@moet.vn>\n",
	    "Final-Recipient: rfc822;lan@x.edu.vn\nDisposition: x/y; displayed\n");

	cr_assert(is_text(c.message_id, "<2@moet.vn>"));
	cr_assert(is_text(c.references, "<1@m> <2@moet.vn>"));
}

Test(ack_answer, an_empty_disposition_is_a_note_of_whoever_sent_it)
{
	struct claim c = receipt("", "");
	struct evidence ev;

	cr_assert(is_text(c.recipient, "lan@x.edu.vn"));
	cr_assert_eq(ack_evidence(a, &c, 1, TRUST_TAGGED, &ev), 1);
	cr_assert_eq(ev.code, CODE_UNKNOWN);
}

static struct claims
reply(const char *header)
{
	return claims_of(arena_print(a, "From: Lan <lan@x.edu.vn>\n"
	    "To: vanthu@moet.vn\nMessage-ID: <r@x.edu.vn>\n%s\nDa nhan.\n", header));
}

Test(ack_answer, a_person_answers_in_the_thread)
{
	struct claims c = reply("Subject: Re: Cong van\nIn-Reply-To: <1@moet.vn>\n");

	cr_assert_eq(c.count, 1);
	cr_assert_eq(c.list[0].kind, ACK_REPLY);
	cr_assert(is_text(c.list[0].recipient, "lan@x.edu.vn"));
	cr_assert(is_text(c.list[0].message_id, "<1@moet.vn>"));
	c = reply("References: <0@moet.vn>\n <1@moet.vn>\n");
	cr_assert(is_text(c.list[0].message_id, "<1@moet.vn>"));
	cr_assert_eq(reply("Subject: chao\n").count, 0);
}

static const char *const automatic[] = {
	"Auto-Submitted: auto-replied", "Auto-Submitted: auto-generated (vacation)",
	"X-Autoreply: yes", "X-Autorespond: x", "Precedence: bulk", "Precedence: junk",
	"Precedence: list", "X-Auto-Response-Suppress: All", "List-Id: <l.x.vn>",
	"Return-Path: <>", "X-Apple-Criteria: {kind=VACATION}",
	"Subject: Automatic reply: Cong van", "Subject: Out of Office: x",
	"Subject: =?UTF-8?B?VHLhuqMgbOG7nWkgdOG7sSDEkeG7mW5nOiBDw7RuZyB2xINu?=",
	"Subject: Th\xc6\xb0 tr\xe1\xba\xa3 l\xe1\xbb\x9di T\xe1\xbb\xb0 \xc4\x90\xe1\xbb\x98NG",
	"Subject: T\xc3\xb4i \xc4\x91i c\xc3\xb4ng t\xc3\xa1""c",
};

Test(ack_answer, a_program_that_answers_is_never_taken_for_a_person)
{
	struct evidence ev;

	for (size_t i = 0; i < sizeof(automatic) / sizeof(*automatic); i++) {
		struct claims c = reply(arena_print(a, "In-Reply-To: <1@moet.vn>\n%s\n",
		    automatic[i]));

		cr_assert_eq(c.count, 1, "%s", automatic[i]);
		cr_assert_eq(c.list[0].kind, ACK_AUTO_REPLY, "%s", automatic[i]);
		cr_assert_eq(ack_evidence(a, c.list, 1, TRUST_TAGGED, &ev), 1);
		cr_assert_eq(ev.code, CODE_AUTO);
	}
	cr_assert_eq(reply("In-Reply-To: <1@moet.vn>\nAuto-Submitted: no\n").list[0].kind,
	    ACK_REPLY);
}

Test(ack_answer, a_complaint_acknowledges_nothing)
{
	cr_assert_eq(claims_of("From: a@b.vn\nIn-Reply-To: <1@moet.vn>\n"
	    "Content-Type: multipart/report; report-type=feedback-report; boundary=b\n\n"
	    "--b\nContent-Type: message/feedback-report\n\nFeedback-Type: abuse\n"
	    "Original-Rcpt-To: c@d.vn\n--b--\n").count, 0);
}

#define EDXML "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n"

static const char package[] =
    "<edXML:edXML xmlns:edXML=\"http://www.mic.gov.vn/TBT/QCVN_102_2016\">"
    "<edXML:edXMLEnvelope><edXML:edXMLHeader><edXML:MessageHeader>"
    "<edXML:From><edXML:OrganId>000.12.H26</edXML:OrganId></edXML:From>"
    "<edXML:ResponseFor><edXML:OrganId>G22</edXML:OrganId>"
    "<edXML:Code>1234/BGD\xc4\x90T-VP</edXML:Code>"
    "<edXML:DocumentId>G22,2026/11/24,1234/BGD\xc4\x90T-VP</edXML:DocumentId>"
    "</edXML:ResponseFor>"
    "<edXML:StatusCode> %s </edXML:StatusCode>"
    "<edXML:Description>\xc4\x90\xc3\xa3 ti\xe1\xba\xbfp nh\xe1\xba\xadn</edXML:Description>"
    "<edXML:Timestamp>2026/11/24 13:56:53</edXML:Timestamp>"
    "</edXML:MessageHeader></edXML:edXMLHeader></edXML:edXMLEnvelope></edXML:edXML>";

static struct claims
status_letter(const char *xml)
{
	return claims_of(arena_print(a, "From: Van thu So <vanthu@x.edu.vn>\n"
	    "To: vanthu@moet.vn\n"
	    "Content-Type: multipart/mixed; boundary=b\n\n"
	    "--b\nContent-Type: text/plain\n\nKem theo.\n"
	    "--b\nContent-Type: application/xml; name=\"status.edxml\"\n\n%s\n--b--\n",
	    xml));
}

Test(ack_answer, a_status_package_of_the_receivers_registry_is_read)
{
	static const char *const codes[] = { "01", "02", "03", "04", "05", "06", "13",
	    "15", "16" };
	struct evidence ev;

	for (size_t i = 0; i < sizeof(codes) / sizeof(*codes); i++) {
		struct buffer b = { .arena = a };
		struct claims c;

		buffer_text(&b, EDXML);
		buffer_print(&b, package, codes[i]);
		c = status_letter(buffer_string(&b));
		cr_assert_eq(c.count, 1, "%s", codes[i]);
		cr_assert_eq(c.list[0].kind, ACK_EDXML);
		cr_assert(is_text(c.list[0].action, codes[i]));
		cr_assert(is_text(c.list[0].number, "1234/BGD\xc4\x90T-VP"));
		cr_assert(is_text(c.list[0].reporter, "000.12.H26"));
		cr_assert(is_text(c.list[0].recipient, i == 6 ? "vanthu@moet.vn" :
		    "vanthu@x.edu.vn"));
		cr_assert_eq(c.list[0].claimed_ms, 1795503413000);
		cr_assert_eq(ack_evidence(a, c.list, 1, TRUST_TAGGED, &ev), 1);
		cr_assert_eq(ev.code, CODE_EDXML_01 + (int)i);
	}
}

Test(ack_answer, a_package_that_builds_entities_or_towers_is_left_alone)
{
	struct buffer deep = { .arena = a };
	struct buffer whole = { .arena = a };

	buffer_print(&whole, package, "03");
	cr_assert_eq(status_letter(arena_print(a, EDXML "<!DOCTYPE edXML [<!ENTITY a \"x\">]>"
	    "%s", buffer_string(&whole))).count, 0);
	cr_assert_eq(status_letter(arena_print(a, EDXML "%.600s",
	    buffer_string(&whole))).count, 0);
	buffer_text(&deep, EDXML "<edXML>");
	for (int i = 0; i < 100000; i++)
		buffer_text(&deep, "<a>");
	cr_assert_eq(status_letter(buffer_string(&deep)).count, 0);
	cr_assert_eq(status_letter(EDXML "<edXML><MessageHeader><StatusCode>03"
	    "</StatusCode></MessageHeader></edXML>").count, 0);
}
