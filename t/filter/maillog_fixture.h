/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef T_FILTER_MAILLOG_FIXTURE_H
#define T_FILTER_MAILLOG_FIXTURE_H

/* A desk that follows a log in its folder, and what is written there. */

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

static inline void
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

static inline void
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

static inline void
end(void)
{
	maillog_free(m);
	arena_free(a);
	fixture_end(&f);
}

/* Time goes on. */
static inline void
pass(int64_t ms)
{
	clock_set(now_ms += ms);
}

/* A letter to a@x.vn, b@x.vn and list@moet.edu.vn comes in as ${queue_id}. */
static inline struct docid
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
static inline void __attribute__((format(printf, 2, 3)))
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

static inline void
born(const char *queue_id, const char *name)
{
	logged("cleanup", "%s: message-id=<%s@moet.edu.vn>", queue_id, name);
}

static inline void
queued(const char *queue_id)
{
	logged("qmgr", "%s: from=<vp@moet.edu.vn>, size=1, nrcpt=3 (queue active)",
	    queue_id);
}

static inline void
status(const char *daemon, const char *queue_id, const char *to, const char *how)
{
	logged(daemon, "%s: to=<%s>, relay=mx.x.vn[192.0.2.1]:25, delay=1, "
	    "delays=1/0/0/0, dsn=2.0.0, status=%s (250 said)", queue_id, to, how);
}

static inline void
read_all(void)
{
	struct err e = { "" };

	cr_assert_geq(maillog_read(m, &e), 0, "%s", e.text);
}

/* Down and up again. */
static inline void
restart(void)
{
	maillog_free(m);
	open_maillog();
}

static inline const struct receipt *
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

static inline const char *
state_of(const struct docid *id, const char *who)
{
	return receipt_headline_name(row_of(id, who)->state.headline);
}

static inline size_t
count_of(const struct docid *id, const char *who, enum evidence_code code)
{
	const struct receipt *r = row_of(id, who);
	size_t n = 0;

	for (size_t i = 0; i < r->evidence_count; i++)
		n += r->evidence[i].source == SOURCE_LOG &&
		    r->evidence[i].code == code;
	return n;
}

#endif /* !T_FILTER_MAILLOG_FIXTURE_H */
