/* SPDX-License-Identifier: BSD-2-Clause */
#include <criterion/criterion.h>

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "filter/child.h"
#include "filter/logfile.h"
#include "filter/maillog.h"
#include "filter/snapshot.h"
#include "ledger/query.h"
#include "ledger/writer.h"

#include "desk_fixture.h"

#define NOW INT64_C(1795503600000)	/* 2026-11-24T07:00:00Z */
#define MINUTE INT64_C(60000)
#define QA "4jYYT132wrz1fGth"
#define QB "4jYZJ9069Gz1fH0m"

static struct fixture f;
static struct maillog *m;
static struct arena *a;
static char path[96];
static int64_t now_ms;

static void
open_maillog(void)
{
	struct err e = { "" };
	struct logfiles l;

	m = maillog_new(&f.desk, &e);
	cr_assert_not_null(m, "%s", e.text);
	logfile_open(path, true, &l);
	l.is_postlogd = true;
	maillog_give(m, &l, CHILD_WANT_LOGS);
}

static void
begin(void)
{
	FILE *out;

	setenv("TZ", "UTC", 1);
	tzset();
	clock_set(now_ms = NOW);
	fixture_begin(&f);
	snprintf(path, sizeof(path), "%s/mail.log", f.folder);
	out = fopen(path, "a");
	cr_assert(out != NULL && fclose(out) == 0);
	a = arena_new();
	open_maillog();
}

static void
end(void)
{
	maillog_free(m);
	arena_free(a);
	fixture_end(&f);
}

TestSuite(maillog, .init = begin, .fini = end);

/* Time goes on. */
static void
pass(int64_t ms)
{
	clock_set(now_ms += ms);
}

/* A letter to a@x.vn, b@x.vn and list@moet.edu.vn comes in as ${queue_id}. */
static struct docid
letter(const char *name, const char *queue_id)
{
	struct addressee who[] = { { .address = span_of("a@x.vn") },
	    { .address = span_of("b@x.vn") },
	    { .address = span_of("list@moet.edu.vn") } };
	const struct snapshot *s = snapshot_hold(f.desk.snapshots);
	struct span field = span_of(name);
	struct entry entry = { .addressees = who, .addressee_count = 3,
	    .is_registered = true };
	struct document *d = &entry.document;
	struct entry_result result;
	struct err e;

	docid_mint(s->keys, now_ms, &d->id);
	snapshot_release(f.desk.snapshots, s);
	d->sender = span_of("vp@moet.edu.vn");
	d->action = span_of("accept");
	d->queue_id = span_of(queue_id);
	d->message_id = span_of(arena_print(a, "<%s@moet.edu.vn>", name));
	d->seen_ms = now_ms;
	d->attempts = 1;
	digest_fields(&field, 1, d->retry_key);
	entry.evidence = (struct evidence){ .source = SOURCE_FILTER,
	    .code = CODE_ACCEPTED, .trust = TRUST_OURS, .seen_ms = now_ms };
	cr_assert_eq(writer_register(f.desk.writer, &entry, &result, &e), 0);
	return result.id;
}

/* A line is written now: "DAEMON[1]: " and the rest. */
static void __attribute__((format(printf, 2, 3)))
logged(const char *daemon, const char *format, ...)
{
	time_t s = (time_t)(now_ms / 1000);
	FILE *out = fopen(path, "a");
	char stamp[32];
	struct tm tm;
	va_list ap;

	cr_assert_not_null(out);
	strftime(stamp, sizeof(stamp), "%b %e %H:%M:%S", gmtime_r(&s, &tm));
	fprintf(out, "%s mx postfix/%s[1]: ", stamp, daemon);
	va_start(ap, format);
	vfprintf(out, format, ap);
	va_end(ap);
	fputc('\n', out);
	fclose(out);
}

static void
born(const char *queue_id, const char *name)
{
	logged("cleanup", "%s: message-id=<%s@moet.edu.vn>", queue_id, name);
}

static void
queued(const char *queue_id)
{
	logged("qmgr", "%s: from=<vp@moet.edu.vn>, size=1, nrcpt=3 (queue active)",
	    queue_id);
}

static void
status(const char *daemon, const char *queue_id, const char *to, const char *how)
{
	logged(daemon, "%s: to=<%s>, relay=mx.x.vn[192.0.2.1]:25, delay=1, "
	    "delays=1/0/0/0, dsn=2.0.0, status=%s (250 said)", queue_id, to, how);
}

static void
read_all(void)
{
	struct err e = { "" };

	cr_assert_geq(maillog_read(m, &e), 0, "%s", e.text);
}

/* Down and up again. */
static void
restart(void)
{
	maillog_free(m);
	open_maillog();
}

static const struct receipt *
row_of(const struct docid *id, const char *who)
{
	struct receipt_rules rules = { now_ms, 10 * MINUTE, TRUST_TAGGED };
	struct receipt *rows;
	struct err e = { "" };
	size_t n;

	cr_assert_eq(query_document(f.desk.store, id->uuid, a, &rules, &rows, &n,
	    &e), 1, "%s", e.text);
	for (size_t i = 0; i < n; i++)
		if (span_is(rows[i].addressee.address, who))
			return &rows[i];
	cr_assert_fail("no row of %s", who);
	return NULL;
}

static const char *
state_of(const struct docid *id, const char *who)
{
	return receipt_headline_name(row_of(id, who)->state.headline);
}

static size_t
count_of(const struct docid *id, const char *who, enum evidence_code code)
{
	const struct receipt *r = row_of(id, who);
	size_t n = 0;

	for (size_t i = 0; i < r->evidence_count; i++)
		n += r->evidence[i].source == SOURCE_LOG &&
		    r->evidence[i].code == code;
	return n;
}

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

Test(maillog, a_queue_id_that_is_used_again_is_another_message)
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

Test(maillog, two_letters_under_one_name_are_told_apart)
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

Test(maillog, nobody_else_s_lines_move_a_letter)
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

Test(maillog, a_later_milter_s_refusal_is_known)
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

Test(maillog, a_restart_between_any_two_lines_changes_nothing)
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
Test(maillog, where_the_first_reading_stands_is_known_at_once)
{
	struct log_position p;
	struct err e = { "" };

	cr_assert_eq(follow_position(f.desk.store, &p, &e), 0, "%s", e.text);
	logged("qmgr", "a line about nothing");
	read_all();
	cr_expect_eq(follow_position(f.desk.store, &p, &e), 1, "%s", e.text);
}

Test(maillog, a_log_that_is_read_again_from_its_beginning_adds_nothing)
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

Test(maillog, a_log_from_syslog_is_trusted_less)
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
