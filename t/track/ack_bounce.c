/* SPDX-License-Identifier: BSD-2-Clause */
/* Bounces in words alone, broken reports, and what tries to cost much. */
#include <criterion/criterion.h>

#include <string.h>
#include <time.h>

#include "base/buffer.h"
#include "mail/message.h"
#include "track/ack.h"

#define NAME "Vanthu-Document-ID"

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

TestSuite(ack_bounce, .init = begin, .fini = end);

static struct claims
claims_of(const char *letter)
{
	struct claims claims;

	ack_read(a, message_read(a, span_of(letter), &limits), NAME, &claims);
	return claims;
}

static bool
is_text(struct span s, const char *want)
{
	return span_equal(s, span_of(want));
}

static struct claims
words(const char *subject, const char *text)
{
	return claims_of(arena_print(a, "From: MAILER-DAEMON@mx.x.vn\n"
	    "To: vanthu@moet.vn\nSubject: %s\n\n%s\n\n"
	    "--- Below this line is a copy of the message.\n\n"
	    "Return-Path: <vanthu@moet.vn>\nReceived: from a by b\n"
	    "Message-ID: <1@moet.vn>\n" NAME ": 01ABC\nTo: other@moet.vn\n\n"
	    "body@of.the.letter\n", subject, text));
}

Test(ack_bounce, the_words_name_recipient_and_reason_and_the_copy_the_letter)
{
	struct claims c = words("failure notice", "Hi. This is the qmail-send program.\n"
	    "I wasn't able to deliver your message.\n\n"
	    "<lan@x.edu.vn>:\n192.0.2.1 does not like recipient.\n"
	    "Remote host said: 550 5.1.1 no such user\nGiving up.");

	cr_assert_eq(c.count, 1);
	cr_assert_eq(c.list[0].kind, ACK_DSN);
	cr_assert(is_text(c.list[0].recipient, "lan@x.edu.vn"));
	cr_assert(is_text(c.list[0].action, "failed"));
	cr_assert(is_text(c.list[0].status, "5.1.1"));
	cr_assert(is_text(c.list[0].message_id, "<1@moet.vn>"));
	cr_assert(is_text(c.list[0].document_id, "01ABC"));
}

static const struct {
	const char *text;
	const char *recipient;
	const char *status;
} samples[] = {
	{ "Your message\n\n  Subject: x\n\nwas not delivered to:\n\n  a@b.vn\n\nbecause:\n"
	    "\n  User a (a@b.vn) not listed in Domino Directory", "a@b.vn", "5.1.1" },
	{ "Unknown user: a@b.vn", "a@b.vn", "5.1.1" },
	{ "User mailbox exceeds allowed size: a@b.vn", "a@b.vn", "5.2.2" },
	{ "There was an error delivering your mail to <a@b.vn>.\n\nmx did not like our "
	    "DATA:\n550-5.7.26 Unauthenticated\n550 5.7.26 see", "a@b.vn", "5.7.26" },
	{ "The following address failed:\n\n a@b.vn\n   554 relay not permitted", "a@b.vn",
	    "5.7.1" },
	{ "Delivery to the following recipients failed permanently:\n\n   * a@b.vn\n\n"
	    "host 192.0.2.5.1: 552 5.2.2 full", "a@b.vn", "5.2.2" },
	{ "a@b.vn: 452 4.2.2 full, version 5.1.1.7", "a@b.vn", "4.2.2" },
	{ "Kh\xc3\xb4ng th\xe1\xbb\x83 g\xe1\xbb\xadi th\xc6\xb0 cho:\n\n<a@b.vn>\n\n"
	    "H\xe1\xbb\x99p th\xc6\xb0 \xc4\x91\xe1\xba\xa7y", "a@b.vn", "5.2.2" },
	{ "Die Nachricht wurde nicht zugestellt:\n\na@b.vn\nDie E-Mail-Adresse konnte "
	    "nicht gefunden werden.", "a@b.vn", "5.1.1" },
	{ "\xc3\x89" "chec de la remise pour ces destinataires :\n\na@b.vn\n"
	    "L'adresse est introuvable.", "a@b.vn", "5.1.1" },
	{ "No se pudo entregar el mensaje a:\n\na@b.vn\nEl buz\xc3\xb3n est\xc3\xa1 "
	    "lleno.", "a@b.vn", "5.2.2" },
	{ "MDaemon has indicated the following:\n\n  a@b.vn - no such user here.",
	    "a@b.vn", "5.1.1" },
	{ "did not reach the following recipient(s):\n\na@b.vn on Thu, 15 Nov 2007\n"
	    "    Unknown Recipient", "a@b.vn", "5.1.1" },
	{ "[<00>] XMail bounce: Rcpt=[a@b.vn];Error=[550 5.1.1 unknown]", "a@b.vn",
	    "5.1.1" },
	{ "This report relates to a message you sent:\n\n  Message-id: <123@moet.vn>\n\n"
	    "Your message cannot be delivered to the following recipients:\n"
	    "  Recipient address: a@b.vn\n  Reason: over quota", "a@b.vn", "5.2.2" },
	{ "<a@b.vn>: connect to mx.b.vn[192.0.2.1]: Connection\n    timed out", "a@b.vn",
	    "5.4.1" },
	{ "<a@b.vn>: Host or domain name\n    not found. Name service error", "a@b.vn",
	    "5.4.4" },
	{ "It failed and nobody is named.", "other@moet.vn", "5.0.0" },
};

Test(ack_bounce, common_forms_are_understood)
{
	for (size_t i = 0; i < sizeof(samples) / sizeof(*samples); i++) {
		struct claims c = words("Undeliverable mail", samples[i].text);

		cr_assert_eq(c.count, 1, "%s", samples[i].text);
		cr_assert(is_text(c.list[0].recipient, samples[i].recipient), "%s: %.*s",
		    samples[i].text, SPAN_PRINT(c.list[0].recipient));
		cr_assert(is_text(c.list[0].status, samples[i].status), "%s: %.*s",
		    samples[i].text, SPAN_PRINT(c.list[0].status));
	}
}

Test(ack_bounce, each_of_several_recipients_has_its_own_reason)
{
	struct claims c = words("Mail delivery failed", "could not be delivered:\n\n"
	    "  a@b.vn\n    host mx: 550 5.1.1 unknown\n"
	    "  c@d.vn\n    host mx: 552 5.2.2 full\n");

	cr_assert_eq(c.count, 2);
	cr_assert(is_text(c.list[0].recipient, "a@b.vn"));
	cr_assert(is_text(c.list[0].status, "5.1.1"));
	cr_assert(is_text(c.list[1].recipient, "c@d.vn"));
	cr_assert(is_text(c.list[1].status, "5.2.2"));
}

Test(ack_bounce, a_warning_is_a_delay)
{
	struct claims c = words("Warning: message delayed", "THIS IS A WARNING ONLY. "
	    "YOU DO NOT NEED TO RESEND YOUR MESSAGE.\n\n<a@b.vn>: it will be retried");

	cr_assert_eq(c.count, 1);
	cr_assert(is_text(c.list[0].action, "delayed"));
	cr_assert_eq(c.list[0].status.p[0], '4');
	c = words("Th\xc3\xb4ng b\xc3\xa1o", "H\xe1\xbb\x87 th\xe1\xbb\x91ng "
	    "ch\xc6\xb0" "a g\xe1\xbb\xadi \xc4\x91\xc6\xb0\xe1\xbb\xa3" "c th\xc6\xb0 "
	    "\xc4\x91\xe1\xba\xbfn <a@b.vn>,\nv\xc3\xa0 s\xe1\xba\xbd ti\xe1\xba\xbfp "
	    "t\xe1\xbb\xa5" "c g\xe1\xbb\xadi l\xe1\xba\xa1i.");
	cr_assert_eq(c.count, 1);
	cr_assert(is_text(c.list[0].action, "delayed"));
}

Test(ack_bounce, what_a_mail_system_says_in_unknown_words_is_no_person_s_answer)
{
	struct claims c = words("Kabar", "Surat tidak sampai.");

	cr_assert_eq(c.count, 1);
	cr_assert_neq(c.list[0].kind, ACK_REPLY);
	c = claims_of("From: MAILER-DAEMON@x.vn\nSubject: Kabar\n\nSurat.\n\n"
	    "Received: from a by b\n" NAME ": 01ABC\nSubject: x\n\n.\n");
	cr_assert_eq(c.count, 1);
	cr_assert_eq(c.list[0].kind, ACK_AUTO_REPLY);
}

Test(ack_bounce, people_who_write_about_bounces_bounce_nothing)
{
	cr_assert_eq(claims_of("From: lan@x.vn\nTo: b@c.vn\nSubject: Re: Undelivered Mail\n"
	    "\n> <a@b.vn>: could not be delivered, 550 5.1.1 unknown\n").count, 0);
	cr_assert_eq(claims_of("From: lan@x.vn\nSubject: Hoi\n\nMy mail could not be "
	    "delivered to a@b.vn, why?\n").count, 0);
}

Test(ack_bounce, fields_among_the_words_are_a_report)
{
	struct claims c = claims_of("From: MAILER-DAEMON@x.vn\nSubject: Undelivered\n\n"
	    "Sorry.\n\nReporting-MTA: dns; mx.x.vn\nFinal-Recipient: rfc822; a@b.vn\n"
	    "Action: failed\nStatus: 5.0.0\nDiagnostic-Code: smtp; 550 5.7.1 no\n"
	    "Final-Recipient: rfc822; c@d.vn\nAction: delayed\nStatus: 4.4.1\n\n"
	    "Received: x\nMessage-ID: <1@moet.vn>\nSubject: y\n");

	cr_assert_eq(c.count, 2);
	cr_assert(is_text(c.list[0].recipient, "a@b.vn"));
	cr_assert(is_text(c.list[0].status, "5.7.1"));
	cr_assert(is_text(c.list[1].recipient, "c@d.vn"));
	cr_assert(is_text(c.list[1].action, "delayed"));
	cr_assert(is_text(c.list[1].message_id, "<1@moet.vn>"));
}

static double
seconds(void)
{
	struct timespec t;

	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

/* ${text} repeated to about 8 MB in a bounce: at most 1,000 claims, and soon. */
static void
cost(const char *header, const char *text)
{
	struct buffer b = { .arena = a };
	double before;

	buffer_text(&b, header);
	while (b.n < (size_t)8 << 20)
		buffer_text(&b, text);
	before = seconds();
	cr_assert_leq(claims_of(buffer_string(&b)).count, 1000);
	cr_assert_lt(seconds() - before, 20.0, "%s", text);
}

#define DAEMON "From: MAILER-DAEMON@x.vn\nSubject: Undelivered Mail\n\n"

Test(ack_bounce, hostile_notices_cost_little, .timeout = 300)
{
	cost(DAEMON, "<a@b.vn>: 550 5.1.1 unknown\n");
	cost(DAEMON, "a@b.vn ");
	cost(DAEMON, "@@@@@@@@");
	cost(DAEMON, "5.1.1 5.1");
	cost(DAEMON, "Received: x\n");
	cost(DAEMON, "\"\"\"\"@");
	cost(DAEMON, "Final-Recipient: rfc822; a@b.vn\n");
	cost("From: x@y.vn\nContent-Type: message/delivery-status\n\n",
	    "Final-Recipient: rfc822; a@b.vn\nAction: failed\n\n");
	cost("From: x@y.vn\nContent-Type: message/delivery-status\n\n",
	    "Action: failed\n\n");
	cost("From: x@y.vn\nContent-Type: message/disposition-notification\n\n",
	    "Disposition: ((((((a/b;displayed\n");
	cost("From: x@y.vn\nIn-Reply-To: <a@b>\n\n", "<a@b> ");
}

Test(ack_bounce, a_notice_for_a_notice_is_followed_once_and_no_further)
{
	struct buffer b = { .arena = a };
	struct claims c;

	for (int i = 0; i < 200; i++)
		buffer_text(&b, "Received: x\nMessage-ID: <n@x.vn>\n" DAEMON
		    "Nothing to see.\n\n");
	buffer_text(&b, "<deep@b.vn>: 550 5.1.1 unknown\n");
	c = claims_of(buffer_string(&b));
	cr_assert_eq(c.count, 0);
	c = claims_of(DAEMON "Forwarded by the gateway.\n\nReceived: x\n"
	    "Message-ID: <n@x.vn>\n" DAEMON "<a@b.vn>: 550 5.1.1 unknown\n\n"
	    "Received: y\nMessage-ID: <1@moet.vn>\nSubject: z\n");
	cr_assert_eq(c.count, 1);
	cr_assert(is_text(c.list[0].recipient, "a@b.vn"));
}
