/* SPDX-License-Identifier: BSD-2-Clause */
#include <sys/socket.h>

#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/err.h"
#include "base/log.h"
#include "filter/child.h"
#include "filter/desk.h"
#include "filter/logfile.h"
#include "filter/logreader.h"
#include "ledger/writer.h"
#include "track/logline.h"

#include "filter/maillog.h"
#include "maillog_internal.h"

#define FINDINGS_MAX 1000	/* of one commit */
#define LINES_OF_A_COMMIT 500	/* a log that never rests is committed, too */
#define LINES_MAX 100000	/* read before the position is written all the same */
#define LOOK_MS 250		/* how often to look for more */
#define RETRY_MS 1000		/* when the ledger or the log cannot be read */
#define ASK_MS 1000		/* how often to ask for the log */
#define QUIET_MS 1000		/* so long nothing comes: a file that was rotated is done */

struct maillog {
	struct desk *desk;
	struct logreader *reader;
	struct joiner *joiner;
	enum evidence_trust trust;
	/* a line that was read and could not be joined yet */
	struct span line;
	bool has_line;
	struct stretch *stretch;	/* what was read and is not committed yet */
	long lines;			/* since the position was written */
	bool has_no_position;		/* the ledger: a restart would begin anew */
	/* what other threads hand in */
	pthread_mutex_t lock;
	pthread_cond_t given;
	struct logfiles files;
	char order;			/* that they answer; 0: none are there */
	bool is_stopping;
	int socket;
	pthread_t thread;
	bool is_running;
	int64_t asked_ms;
	int64_t heard_ms;		/* when there was something to read last */
	bool is_rotated;		/* the log is another file now */
};

struct maillog *
maillog_new(struct desk *d, struct err *e)
{
	struct log_position start;
	struct maillog *m;
	int64_t since_ms = INT64_MAX;
	int rc = follow_position(d->store, &start, e);

	if (rc < 0 || (rc == 0 && follow_since(d->store, &since_ms, e) < 0))
		return NULL;
	m = calloc(1, sizeof(*m));
	must(m != NULL);
	m->desk = d;
	m->has_no_position = rc != 1;
	m->reader = logreader_new(rc == 1 ? &start : NULL, since_ms);
	m->joiner = joiner_new(d);
	m->trust = TRUST_AUTHENTICATED;
	m->socket = -1;
	pthread_mutex_init(&m->lock, NULL);
	pthread_cond_init(&m->given, NULL);
	return m;
}

void
maillog_free(struct maillog *m)
{
	if (m == NULL)
		return;
	if (m->stretch != NULL)
		arena_free(m->stretch->arena);
	logfile_close(&m->files);
	logreader_free(m->reader);
	joiner_free(m->joiner);
	pthread_mutex_destroy(&m->lock);
	pthread_cond_destroy(&m->given);
	free(m);
}

void
maillog_give(struct maillog *m, struct logfiles *l, char order)
{
	pthread_mutex_lock(&m->lock);
	logfile_close(&m->files);
	m->files = *l;
	m->order = order;
	l->count = 0;
	pthread_cond_signal(&m->given);
	pthread_mutex_unlock(&m->lock);
}

static struct stretch *
stretch_new(struct maillog *m)
{
	struct arena *a = arena_new();
	struct stretch *s = ARENA_NEW(a, struct stretch);
	struct log_position p;

	s->arena = a;
	s->trust = m->trust;
	s->now_ms = clock_now_ms();
	if (logreader_position(m->reader, &p))
		s->gap_ms = p.gap_ms;
	return s;
}

static bool
is_worth_writing(const struct maillog *m, const struct stretch *s)
{
	return s->finding_count > 0 || s->followed_count > 0 ||
	    m->lines >= LINES_MAX || (m->has_no_position && m->lines > 0);
}

static void
log_evidence(struct stretch *s)
{
	char id[DOCID_TEXT_SIZE];

	for (size_t i = 0; i < s->finding_count; i++) {
		const struct finding *f = &s->findings[i];

		if (f->evidence.code != CODE_QUEUED)
			log_event(LOG_LEVEL_INFO, "evidence",
			    "id", docid_print(&f->id, id),
			    "recipient", arena_string(s->arena, f->recipient),
			    "source", evidence_source_name(f->evidence.source),
			    "code", evidence_code_name(f->evidence.code), NULL);
	}
}

/* Commit what was read with the place behind it; -1: it is kept to be tried again. */
static int
write_stretch(struct maillog *m, struct err *e)
{
	struct stretch *s = m->stretch;
	struct log_batch b = { s->findings, s->finding_count, s->followed,
	    s->followed_count, { .offset = 0 } };

	if (is_worth_writing(m, s)) {
		logreader_position(m->reader, &b.position);
		if (writer_follow(m->desk->writer, &b, e) < 0)
			return -1;
		m->lines = 0;
		m->has_no_position = false;
		counter_add(&m->desk->counters.log_evidence,
		    (int64_t)s->finding_count);
		log_evidence(s);
	}
	m->stretch = NULL;
	arena_free(s->arena);
	return 0;
}

/* The next line into the stretch: 1, 0 there is none, -1. */
static int
take_line(struct maillog *m, struct err *e)
{
	struct stretch *s = m->stretch;
	struct logline line;

	if (!m->has_line && !logreader_next(m->reader, &m->line))
		return 0;
	m->has_line = true;
	if (logline_parse(m->line, s->now_ms, &line) &&
	    joiner_take(m->joiner, &line, s, e) < 0)
		return -1;
	m->has_line = false;
	m->lines++;
	counter_add(&m->desk->counters.log_lines, 1);
	return 1;
}

static void
adopt_files(struct maillog *m)
{
	struct logfiles files;
	char order;

	pthread_mutex_lock(&m->lock);
	files = m->files;
	order = m->order;
	m->files.count = 0;
	m->order = 0;
	pthread_mutex_unlock(&m->lock);
	if (files.count == 0)
		return;
	m->trust = files.is_postlogd ? TRUST_OURS : TRUST_AUTHENTICATED;
	if (order == CHILD_WANT_LOGS)
		m->is_rotated = false;
	if (order == CHILD_WANT_LOGS &&
	    !logreader_give(m->reader, &files, clock_now_ms())) {
		counter_add(&m->desk->counters.log_gaps, 1);
		log_event(LOG_LEVEL_WARNING, "log-gap", "maillog",
		    m->desk->config.maillog, "reason", "where it was read last is "
		    "in no file any more: lines may be missing", NULL);
	}
	if (order == CHILD_WANT_LOG)
		m->is_rotated = !logreader_is_reading(m->reader, files.fds[0]);
	logfile_close(&files);
}

static bool
is_full(const struct maillog *m)
{
	return m->stretch->finding_count >= FINDINGS_MAX || m->lines >= LINES_MAX;
}

long
maillog_read(struct maillog *m, struct err *e)
{
	long lines = 0, n;
	int rc;

	if (m->stretch == NULL)
		adopt_files(m);
	do {
		rc = 1;
		if (m->stretch == NULL)
			m->stretch = stretch_new(m);
		for (n = 0; n < LINES_OF_A_COMMIT && !is_full(m) &&
		    (rc = take_line(m, e)) == 1; n++)
			lines++;
		if (rc < 0 || write_stretch(m, e) < 0)
			return -1;
	} while (rc == 1);
	return lines;
}

static void
ask(struct maillog *m, char order)
{
	int64_t now = clock_monotonic_ms();

	if (now - m->asked_ms < ASK_MS && m->asked_ms != 0)
		return;
	m->asked_ms = now;
	if (send(m->socket, &order, 1, MSG_NOSIGNAL) != 1)
		log_event(LOG_LEVEL_WARNING, "parent-deaf", NULL);
}

/*
 * A file that was renamed is written to until its writer opens the new one: it
 * is left once it is quiet.
 */
static void
look_for_rotation(struct maillog *m)
{
	int64_t quiet_ms = clock_monotonic_ms() - m->heard_ms;

	if (logreader_is_lost(m->reader) || (m->is_rotated && quiet_ms >= QUIET_MS))
		ask(m, CHILD_WANT_LOGS);
	else if (quiet_ms >= QUIET_MS || m->trust != TRUST_OURS)
		ask(m, CHILD_WANT_LOG);
}

/* False: it is time to end. */
static bool
wait_for_more(struct maillog *m, long wait_ms)
{
	struct timespec until;
	bool is_stopping;

	clock_gettime(CLOCK_REALTIME, &until);
	until.tv_nsec += wait_ms % 1000 * 1000000;
	until.tv_sec += wait_ms / 1000 + until.tv_nsec / 1000000000;
	until.tv_nsec %= 1000000000;
	pthread_mutex_lock(&m->lock);
	if (m->files.count == 0 && !m->is_stopping)
		pthread_cond_timedwait(&m->given, &m->lock, &until);
	is_stopping = m->is_stopping;
	pthread_mutex_unlock(&m->lock);
	return !is_stopping;
}

static void *
follow(void *cookie)
{
	struct maillog *m = cookie;
	bool was_failing = false;
	struct err e;
	long n;

	do {
		n = maillog_read(m, &e);

		if (n < 0 && !was_failing)
			log_event(LOG_LEVEL_ERROR, "log-waits", "reason", e.text, NULL);
		was_failing = n < 0;
		if (n > 0)
			m->heard_ms = clock_monotonic_ms();
		look_for_rotation(m);
	} while (wait_for_more(m, n < 0 ? RETRY_MS : LOOK_MS));
	return NULL;
}

int
maillog_start(struct maillog *m, int socket, struct err *e)
{
	m->socket = socket;
	if (pthread_create(&m->thread, NULL, follow, m) != 0)
		return err_set(e, "cannot start the thread that follows the log");
	m->is_running = true;
	return 0;
}

void
maillog_stop(struct maillog *m)
{
	if (m == NULL || !m->is_running)
		return;
	pthread_mutex_lock(&m->lock);
	m->is_stopping = true;
	pthread_cond_signal(&m->given);
	pthread_mutex_unlock(&m->lock);
	pthread_join(m->thread, NULL);
	m->is_running = false;
}
