/* SPDX-License-Identifier: BSD-2-Clause */
/* What lines about one message make of its receipts. */
#include "maillog_fixture.h"

TestSuite(maillog, .init = begin, .fini = end);

Test(maillog, each_recipient_has_the_state_that_the_log_tells)
{
	struct docid id;

	born(QA, "one");
	id = letter("one", QA);
	cr_expect(row_of(&id, "a@x.vn")->state.flags & FLAG_PENDING);
	queued(QA);
	read_all();
	cr_expect_str_eq(state_of(&id, "a@x.vn"), "accepted");
	cr_expect_not(row_of(&id, "a@x.vn")->state.flags & FLAG_PENDING);
	status("smtp", QA, "a@x.vn", "deferred");
	read_all();
	cr_expect_str_eq(state_of(&id, "a@x.vn"), "delayed");
	status("smtp", QA, "a@x.vn", "sent");
	status("smtp", QA, "b@x.vn", "bounced");
	status("virtual", QA, "list@moet.edu.vn", "sent");
	logged("qmgr", QA ": removed");
	read_all();
	cr_expect_str_eq(state_of(&id, "a@x.vn"), "relayed");
	cr_expect_str_eq(state_of(&id, "b@x.vn"), "failed");
	cr_expect_str_eq(state_of(&id, "list@moet.edu.vn"), "delivered");
	cr_expect_eq(atomic_load(&f.desk.counters.log_alarms), 0);
	cr_expect_eq(row_of(&id, "a@x.vn")->evidence[1].trust, TRUST_OURS);
}

Test(maillog, a_queued_letter_is_accepted_however_long_it_takes)
{
	struct docid id = letter("one", QA);

	queued(QA);
	read_all();
	pass(100 * MINUTE);
	cr_expect_str_eq(state_of(&id, "a@x.vn"), "accepted");
}

Test(maillog, a_letter_without_any_line_is_unsent_after_the_grace)
{
	struct docid id = letter("one", QA);

	read_all();
	pass(9 * MINUTE);
	cr_expect_str_eq(state_of(&id, "a@x.vn"), "accepted");
	pass(2 * MINUTE);
	cr_expect_str_eq(state_of(&id, "a@x.vn"), "unsent?");
}

Test(maillog, removed_without_a_status_is_an_alarm)
{
	struct docid id;

	born(QA, "one");
	id = letter("one", QA);
	queued(QA);
	status("smtp", QA, "a@x.vn", "sent");
	logged("qmgr", QA ": removed");
	read_all();
	cr_expect_str_eq(state_of(&id, "a@x.vn"), "relayed");
	cr_expect_str_eq(state_of(&id, "b@x.vn"), "unsent?");
	cr_expect(row_of(&id, "b@x.vn")->state.flags & FLAG_VANISHED);
	cr_expect_eq(atomic_load(&f.desk.counters.log_alarms), 1);
}

Test(maillog, what_was_not_read_from_its_birth_on_raises_no_alarm)
{
	struct docid id = letter("one", QA);

	queued(QA);
	logged("qmgr", QA ": removed");
	read_all();
	cr_expect_str_eq(state_of(&id, "b@x.vn"), "accepted");
	cr_expect_eq(atomic_load(&f.desk.counters.log_alarms), 0);
}

Test(maillog, expired_is_for_all_who_are_still_open)
{
	struct docid id = letter("one", QA);

	queued(QA);
	status("smtp", QA, "a@x.vn", "sent");
	status("smtp", QA, "b@x.vn", "deferred");
	logged("qmgr", QA ": from=<vp@moet.edu.vn>, status=expired, returned to sender");
	read_all();
	cr_expect_str_eq(state_of(&id, "a@x.vn"), "relayed");
	cr_expect_str_eq(state_of(&id, "b@x.vn"), "failed");
	cr_expect_str_eq(state_of(&id, "list@moet.edu.vn"), "failed");
}

Test(maillog, hold_and_release_keep_the_queue_id)
{
	struct docid id = letter("one", QA);

	logged("cleanup", QA ": milter-hold: END-OF-MESSAGE from h[127.0.0.1]: "
	    "milter triggers HOLD action; from=<> to=<a@x.vn>");
	read_all();
	cr_expect_str_eq(state_of(&id, "a@x.vn"), "held");
	pass(60 * MINUTE);
	logged("postsuper", QA ": released from hold");
	read_all();
	cr_expect_str_eq(state_of(&id, "a@x.vn"), "accepted");
	queued(QA);
	status("smtp", QA, "a@x.vn", "sent");
	read_all();
	cr_expect_str_eq(state_of(&id, "a@x.vn"), "relayed");
}

Test(maillog, a_requeued_letter_is_followed_under_its_new_name)
{
	struct docid id = letter("one", QA);

	queued(QA);
	status("smtp", QA, "a@x.vn", "sent");
	logged("postsuper", QA ": requeued");
	pass(5 * MINUTE);
	logged("pickup", QB ": uid=102 from=<vp@moet.edu.vn> orig_id=" QA);
	born(QB, "one");
	queued(QB);
	status("smtp", QB, "b@x.vn", "sent");
	read_all();
	restart();
	status("smtp", QB, "list@moet.edu.vn", "bounced");
	logged("qmgr", QB ": removed");
	read_all();
	cr_expect_str_eq(state_of(&id, "a@x.vn"), "relayed");
	cr_expect_str_eq(state_of(&id, "b@x.vn"), "relayed");
	cr_expect_str_eq(state_of(&id, "list@moet.edu.vn"), "failed");
	cr_expect_eq(count_of(&id, "a@x.vn", CODE_REQUEUED), 0);
	cr_expect_eq(count_of(&id, "b@x.vn", CODE_REQUEUED), 1);
	cr_expect_eq(atomic_load(&f.desk.counters.log_alarms), 0);
}

Test(maillog, a_list_is_relayed_by_its_members_and_never_delivered)
{
	struct docid id = letter("one", QA);

	queued(QA);
	for (int i = 0; i < 50; i++)
		logged("virtual", QA ": to=<m%d@moet.edu.vn>, "
		    "orig_to=<list@moet.edu.vn>, relay=virtual, delay=1, "
		    "delays=1/0/0/0, dsn=2.0.0, status=sent (delivered)", i);
	read_all();
	cr_expect_str_eq(state_of(&id, "list@moet.edu.vn"), "relayed");
	cr_expect_eq(count_of(&id, "list@moet.edu.vn", CODE_SENT_NEXT_HOP), 1);
}

Test(maillog, a_deferral_at_each_retry_is_one_evidence)
{
	struct docid id = letter("one", QA);

	queued(QA);
	for (int i = 0; i < 100; i++) {
		status("smtp", QA, "a@x.vn", "deferred");
		if (i % 7 == 0)
			read_all();
		pass(10 * MINUTE);
		queued(QA);
	}
	read_all();
	cr_expect_eq(count_of(&id, "a@x.vn", CODE_DEFERRED), 1);
	cr_expect_eq(count_of(&id, "a@x.vn", CODE_QUEUED), 1);
}
