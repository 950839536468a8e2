/* SPDX-License-Identifier: BSD-2-Clause */
/* Which message a line is about: names used again, forged, read again. */
#include "maillog_fixture.h"

TestSuite(maillog_name, .init = begin, .fini = end);

Test(maillog_name, a_queue_id_that_is_used_again_is_another_message)
{
	struct docid id;

	born(QA, "one");
	id = letter("one", QA);
	queued(QA);
	status("smtp", QA, "a@x.vn", "deferred");
	status("smtp", QA, "b@x.vn", "sent");
	logged("qmgr", QA ": removed");
	read_all();
	born(QA, "somebody-else-s");
	queued(QA);
	status("smtp", QA, "a@x.vn", "sent");
	logged("qmgr", QA ": removed");
	read_all();
	cr_expect_str_eq(state_of(&id, "a@x.vn"), "delayed");
	pass(60 * MINUTE);
	restart();
	status("smtp", QA, "a@x.vn", "sent");
	read_all();
	cr_expect_str_eq(state_of(&id, "a@x.vn"), "delayed");
}

Test(maillog_name, two_letters_under_one_name_are_told_apart)
{
	struct docid one, two;

	born(QA, "one");
	one = letter("one", QA);
	queued(QA);
	status("smtp", QA, "a@x.vn", "bounced");
	logged("qmgr", QA ": removed");
	pass(1000);
	born(QA, "two");
	two = letter("two", QA);
	queued(QA);
	status("smtp", QA, "a@x.vn", "sent");
	logged("qmgr", QA ": removed");
	read_all();
	cr_expect_str_eq(state_of(&one, "a@x.vn"), "failed");
	cr_expect_str_eq(state_of(&two, "a@x.vn"), "relayed");
}

Test(maillog_name, nobody_else_s_lines_move_a_letter)
{
	struct docid id;

	born(QA, "one");
	id = letter("one", QA);
	queued(QA);
	status("smtp", QB, "a@x.vn", "bounced");
	status("smtp", QA, "c@x.vn", "bounced");
	logged("smtp", QA ": to=<a@x.vn>, relay=x[1.2.3.4]:25, delay=1, delays=1/0/0/0, "
	    "dsn=4.0.0, status=deferred (host said: 450 %s: to=<b@x.vn>, relay=y, "
	    "delay=1, delays=1/0/0/0, dsn=5.1.1, status=bounced (no))", QA);
	logged("smtpd", QA ": removed");
	read_all();
	cr_expect_str_eq(state_of(&id, "a@x.vn"), "delayed");
	cr_expect_str_eq(state_of(&id, "b@x.vn"), "accepted");
	cr_expect_eq(atomic_load(&f.desk.counters.log_alarms), 0);
}

Test(maillog_name, a_later_milter_s_refusal_is_known)
{
	struct docid id;

	born(QA, "one");
	id = letter("one", QA);
	logged("cleanup", QA ": milter-reject: END-OF-MESSAGE from h[127.0.0.1]: "
	    "5.7.1 virus; from=<> to=<a@x.vn>");
	read_all();
	cr_expect_str_eq(state_of(&id, "a@x.vn"), "unsent?");
	cr_expect(row_of(&id, "a@x.vn")->state.flags & FLAG_VANISHED);
	born(QB, "one");
	letter("one", QB);
	queued(QB);
	status("smtp", QB, "a@x.vn", "sent");
	read_all();
	cr_expect_str_eq(state_of(&id, "a@x.vn"), "relayed", "the client tried again");
}

Test(maillog_name, a_restart_between_any_two_lines_changes_nothing)
{
	struct docid id;
	struct log_position p;
	struct err e;

	born(QA, "one");
	id = letter("one", QA);
	read_all();
	restart();
	queued(QA);
	read_all();
	restart();
	status("smtp", QA, "a@x.vn", "sent");
	read_all();
	restart();
	status("smtp", QA, "b@x.vn", "sent");
	status("smtp", QA, "list@moet.edu.vn", "sent");
	read_all();
	restart();
	logged("qmgr", QA ": removed");
	read_all();
	restart();
	read_all();
	cr_expect_str_eq(state_of(&id, "list@moet.edu.vn"), "relayed");
	cr_expect_eq(count_of(&id, "a@x.vn", CODE_QUEUED), 1);
	cr_expect_eq(count_of(&id, "a@x.vn", CODE_SENT_NEXT_HOP), 1);
	cr_expect_eq(count_of(&id, "a@x.vn", CODE_VANISHED), 0);
	cr_expect_eq(follow_position(f.desk.store, &p, &e), 1);
}

/* Else a restart behind a rotation would begin with the newest file alone. */
Test(maillog_name, where_the_first_reading_stands_is_known_at_once)
{
	struct log_position p;
	struct err e = { "" };

	cr_assert_eq(follow_position(f.desk.store, &p, &e), 0, "%s", e.text);
	logged("qmgr", "a line about nothing");
	read_all();
	cr_expect_eq(follow_position(f.desk.store, &p, &e), 1, "%s", e.text);
}

Test(maillog_name, a_log_that_is_read_again_from_its_beginning_adds_nothing)
{
	struct log_batch nowhere = { .finding_count = 0 };
	struct docid id;
	struct err e;
	size_t n;

	born(QA, "one");
	id = letter("one", QA);
	queued(QA);
	status("smtp", QA, "a@x.vn", "deferred");
	pass(1000);
	status("smtp", QA, "a@x.vn", "sent");
	logged("qmgr", QA ": removed");
	read_all();
	n = row_of(&id, "a@x.vn")->evidence_count;
	cr_assert_eq(writer_follow(f.desk.writer, &nowhere, &e), 0);
	restart();
	read_all();
	cr_expect_eq(row_of(&id, "a@x.vn")->evidence_count, n);
}

Test(maillog_name, a_log_from_syslog_is_trusted_less)
{
	struct docid id = letter("one", QA);
	struct logfiles l;

	logfile_open(path, true, &l);
	maillog_give(m, &l, CHILD_WANT_LOGS);
	queued(QA);
	read_all();
	cr_assert_eq(row_of(&id, "a@x.vn")->evidence_count, 2);
	cr_expect_eq(row_of(&id, "a@x.vn")->evidence[1].trust, TRUST_AUTHENTICATED);
}
