/* SPDX-License-Identifier: BSD-2-Clause */
#include <criterion/criterion.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "track/logline.h"

#define NOW INT64_C(1795503600000)	/* 2026-11-24T07:00:00Z */
#define Q "4jYYT132wrz1fGth"

static char text[2048];

/* What "Nov 24 06:59:29 mx postfix/DAEMON[12]: REST" says. */
static struct logline
said(const char *daemon, const char *rest)
{
	struct logline l;

	setenv("TZ", "UTC", 1);
	tzset();
	snprintf(text, sizeof(text), "Nov 24 06:59:29 mx postfix/%s[12]: %s",
	    daemon, rest);
	if (!logline_parse(span_of(text), NOW, &l))
		l.kind = 0;
	return l;
}

static enum logline_kind
kind(const char *daemon, const char *rest)
{
	return said(daemon, rest).kind;
}

Test(logline, a_message_s_way_through_the_queue_is_read)
{
	cr_expect_eq(kind("cleanup", Q ": message-id=<a@b>"), LOGLINE_MESSAGE_ID);
	cr_expect_eq(kind("qmgr", Q ": from=<a@b>, size=4, nrcpt=3 (queue active)"),
	    LOGLINE_QUEUED);
	cr_expect_eq(kind("qmgr", Q ": from=<>, status=expired, returned to sender"),
	    LOGLINE_EXPIRED);
	cr_expect_eq(kind("qmgr", Q ": status=deferred (trace failed)"), LOGLINE_STUCK);
	cr_expect_eq(kind("qmgr", Q ": removed"), LOGLINE_REMOVED);
	cr_expect_eq(kind("cleanup", Q ": milter-hold: END-OF-MESSAGE from h[::1]: "
	    "milter triggers HOLD action; from=<> to=<a@b>"), LOGLINE_HELD);
	cr_expect_eq(kind("cleanup", Q ": milter-reject: END-OF-MESSAGE from h[::1]: "
	    "5.7.1 no; from=<> to=<a@b>"), LOGLINE_REFUSED);
	cr_expect_eq(kind("postsuper", Q ": released from hold"), LOGLINE_RELEASED);
	cr_expect_eq(kind("postsuper", Q ": requeued"), LOGLINE_REQUEUED);
	cr_expect_eq(kind("postsuper", Q ": removed"), LOGLINE_DELETED);
}

Test(logline, a_delivery_names_whom_by_whom_and_how)
{
	struct logline l = said("smtp", Q ": to=<a1@x.vn>, orig_to=<list@moet.vn>, "
	    "relay=mx.x.vn[192.0.2.1]:25, conn_use=2, delay=0.12, "
	    "delays=0.1/0.02/0/0, dsn=2.0.0, status=sent (250 2.0.0 Ok)");

	cr_assert_eq(l.kind, LOGLINE_SENT);
	cr_expect(span_is(l.recipient, "a1@x.vn"));
	cr_expect(span_is(l.original, "list@moet.vn"));
	cr_expect(span_is(l.relay, "mx.x.vn[192.0.2.1]:25"));
	cr_expect(span_is(l.status, "2.0.0"));
	cr_expect(span_is(l.queue_id, Q));
	cr_expect(span_is(l.host, "mx"));
	cr_expect(span_is(l.instance, "postfix"));
	cr_expect(span_is(l.daemon, "smtp"));
	cr_expect_not(l.is_local);
	cr_expect_eq(l.time_ms, NOW - 31000);
}

Test(logline, only_a_mailbox_here_is_a_delivery)
{
	static const char tail[] = "delay=1, delays=1/0/0/0, dsn=2.0.0, "
	    "status=sent (ok)";
	static const struct {
		const char *daemon, *relay;
		bool is_local;
	} hops[] = {
		{ "virtual", "virtual", true }, { "local", "local", true },
		{ "lmtp", "mx[private/dovecot-lmtp]", true },
		{ "lmtp", "127.0.0.1[127.0.0.1]:24", true },
		{ "lmtp", "store.x.vn[192.0.2.1]:24", false },
		{ "smtp", "127.0.0.1[127.0.0.1]:25", false },
		{ "pipe", "spamfilter", false },
	};
	char rest[300];

	for (size_t i = 0; i < sizeof(hops) / sizeof(hops[0]); i++) {
		struct logline l;

		snprintf(rest, sizeof(rest), Q ": to=<a@b>, relay=%s, %s",
		    hops[i].relay, tail);
		l = said(hops[i].daemon, rest);
		cr_assert_eq(l.kind, LOGLINE_SENT, "%s", rest);
		cr_expect_eq(l.is_local, hops[i].is_local, "%s", rest);
	}
}

Test(logline, a_remote_server_s_words_say_nothing)
{
	struct logline l = said("smtp", Q ": to=<a@b>, relay=x[1.2.3.4]:25, delay=1, "
	    "delays=1/0/0/0, dsn=4.2.1, status=deferred (host x said: 450 dsn=2.0.0, "
	    "status=sent (250 ok) to=<c@d>, status=bounced (in reply))");

	cr_expect_eq(l.kind, LOGLINE_DEFERRED);
	cr_expect(span_is(l.recipient, "a@b"));
	cr_expect(span_is(l.status, "4.2.1"));
	cr_expect_eq(kind("smtp", Q ": to=<a@b>, relay=x (status=sent (, dsn=2.0.0, "
	    "status=sent (ok)"), 0, "a parenthesis before the status");
	cr_expect_eq(kind("smtp", Q ": host x[1.2.3.4] said: 450 to=<a@b>, relay=x, "
	    "dsn=2.0.0, status=sent (ok) (in reply to RCPT TO command)"), 0);
}

Test(logline, a_hostile_address_says_nothing)
{
	struct logline l = said("smtp", Q ": to=<\"x>, relay=y, dsn=2.0.0, "
	    "status=sent (\"@b.vn>, relay=none, delay=1, delays=1/0/0/0, dsn=4.4.1, "
	    "status=deferred (refused)");

	cr_expect_eq(l.kind, LOGLINE_DEFERRED);
	cr_expect_eq(l.recipient.n, strlen("\"x>, relay=y, dsn=2.0.0, status=sent (\"@b.vn"));
	cr_expect_eq(kind("qmgr", Q ": from=<\"a>, status=expired, returned to "
	    "sender\"@b>, size=1, nrcpt=1 (queue active)"), LOGLINE_QUEUED);
	cr_expect_eq(kind("smtpd", Q ": client=status=sent[1.2.3.4]"), 0);
	cr_expect_eq(kind("cleanup", Q ": message-id=<a> removed"),
	    LOGLINE_MESSAGE_ID);
}

Test(logline, a_program_is_believed_only_what_it_knows)
{
	cr_expect_eq(kind("smtpd", Q ": removed"), 0);
	cr_expect_eq(kind("cleanup", Q ": to=<a@b>, relay=x, delay=1, delays=1, "
	    "dsn=2.0.0, status=sent (ok)"), 0);
	cr_expect_eq(kind("postlog", Q ": removed"), 0);
	cr_expect_eq(kind("qmgr", Q ": removed by the postmaster"), 0);
	cr_expect_eq(kind("smtpd", "NOQUEUE: milter-reject: RCPT from h[::1]: no"), 0);
	cr_expect_eq(kind("cleanup", "warning: " Q ": queue file size limit exceeded"), 0);
}

Test(logline, a_requeued_message_names_what_it_was)
{
	struct logline l = said("pickup", "4jYZJ9069Gz1fH0m: uid=102 from=<a@b> "
	    "orig_id=4jYZJ56NJdz1fH0l");

	cr_expect_eq(l.kind, LOGLINE_ORIGIN);
	cr_expect(span_is(l.origin_id, "4jYZJ56NJdz1fH0l"));
	cr_expect_eq(kind("pickup", Q ": uid=102 from=<a orig_id=ABCDEF1>"), 0);
	cr_expect_eq(kind("pickup", Q ": uid=102 from=<a@b>"), 0);
}

Test(logline, both_ways_to_write_the_time_are_read)
{
	struct logline l;

	cr_assert(logline_parse(span_of("2026-11-24T13:59:29.250000+07:00 mx "
	    "postfix/submission/smtpd[7]: " Q ": milter-hold: RCPT from x"), NOW, &l));
	cr_expect_eq(l.time_ms, NOW - 30750);
	cr_expect(span_is(l.instance, "postfix"));
	cr_expect(span_is(l.daemon, "smtpd"));
}

Test(logline, garbage_is_no_line)
{
	static const char *const lines[] = {
		"", "Nov", "Nov 24 06:59:29", "Nov 24 06:59:29 ",
		"Nov 24 06:59:29 mx", "Nov 24 06:59:29 mx postfix/qmgr[12]",
		"Nov 24 06:59:29 mx postfix/qmgr[]: " Q ": removed",
		"Nov 24 06:59:29 mx /qmgr[1]: " Q ": removed",
		"Nov 24 06:59:29 mx qmgr[1]: " Q ": removed",
		"Nov 24 06:59:29 mx postfix/qmgr[1]: : removed",
		"Nov 24 06:59:29 mx postfix/qmgr[1]: ABC: removed",
		"7d mx postfix/qmgr[1]: " Q ": removed",
		"x Nov 24 06:59:29 mx postfix/qmgr[1]: " Q ": removed",
	};
	struct logline l;

	for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++)
		cr_expect_not(logline_parse(span_of(lines[i]), NOW, &l), "%s", lines[i]);
}

Test(logline, a_line_cut_anywhere_never_says_something_else)
{
	static const char rest[] = Q ": to=<a@b>, relay=x[1.2.3.4]:25, delay=1, "
	    "delays=1/0/0/0, dsn=5.1.1, status=bounced (no such user)";
	struct logline l = said("smtp", rest);
	size_t whole = strlen(text);

	for (size_t n = 0; n < whole; n++)
		if (logline_parse((struct span){ text, n }, NOW, &l))
			cr_expect(l.kind == LOGLINE_BOUNCED &&
			    span_is(l.recipient, "a@b"), "%zu", n);
}
