/* SPDX-License-Identifier: BSD-2-Clause */
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/config.h"
#include "base/err.h"
#include "base/log.h"
#include "extract/server.h"
#include "filter/child.h"
#include "filter/extractor.h"
#include "filter/logfile.h"
#include "filter/privilege.h"
#include "ledger/lock.h"

#include "filter/parent.h"

#define LOCK_WAIT_MS 5000
#define BACKOFF_FIRST_MS 100
#define BACKOFF_MAX_MS 5000
#define STEADY_MS 60000
#define STOP_MARGIN_MS 10000
#define WRITER_LOOK_MS 60000	/* how often to look who writes the log, */
#define WRITER_DOUBT_MS 5000	/* if it was not found to be postlogd */

/* A child that is kept running. */
struct ward {
	const char *died;	/* what the log says then */
	pid_t pid;		/* 0 = none runs */
	int64_t started_ms;
	int64_t restart_ms;	/* when to start the next one */
	int64_t backoff_ms;
};

struct parent {
	struct config *config;
	int signals;		/* signalfd */
	int ready;		/* whom to tell; -1 nobody */
	struct ward extractor, filter;
	int extract[2];		/* between them; open here too: requests outlive either */
	int fd;			/* to the filter */
	bool was_ready;		/* it has served at least once */
	bool is_stopping;
	int64_t kill_ms;	/* when to lose patience with the drain */
	int status;		/* of the filter that ended last */
	/* Who writes the log was looked at then, in that file. */
	int64_t looked_ms;
	ino_t looked_at;
	bool is_postlogd;
};

int
parent_lock(const struct config *c, struct err *e)
{
	return lock_take(c->ledger, LOCK_WAIT_MS, e) >= 0 ? 0 : -1;
}

/* True in the child. */
static bool
ward_fork(struct ward *w)
{
	w->started_ms = clock_monotonic_ms();
	w->pid = fork();
	if (w->pid < 0) {
		log_event(LOG_LEVEL_ERROR, "fork-failed", "reason",
		    strerror(errno), NULL);
		w->pid = 0;
		w->restart_ms = w->started_ms + BACKOFF_MAX_MS;
		return false;
	}
	return w->pid == 0;
}

static void
start_extractor(struct parent *p)
{
	pid_t self = getpid();

	if (!ward_fork(&p->extractor))
		return;
	close(p->extract[0]);
	close(p->signals);
	if (p->fd >= 0)
		close(p->fd);
	extractor_run(p->config, self, p->extract[1], p->ready >= 0);
}

static void
start_filter(struct parent *p)
{
	pid_t self = getpid();
	int pair[2];

	must(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) == 0);
	if (ward_fork(&p->filter)) {
		close(pair[0]);
		close(p->signals);
		close(p->extract[1]);
		child_run(p->config, self, pair[1], p->extract[0], p->ready >= 0);
	}
	close(pair[1]);
	p->fd = pair[0];
	if (p->filter.pid == 0) {
		close(p->fd);
		p->fd = -1;
	}
}

static void
tell_child(struct parent *p, char order)
{
	struct logfiles none = { .count = 0 };

	if (p->fd >= 0 && logfile_send(p->fd, order, &none) < 0)
		log_event(LOG_LEVEL_WARNING, "filter-deaf", NULL);
}

static void
stop(struct parent *p)
{
	if (p->is_stopping)
		return;
	p->is_stopping = true;
	p->kill_ms = clock_monotonic_ms() + p->config->drain_time_ms +
	    STOP_MARGIN_MS;
	tell_child(p, CHILD_DRAIN);
}

/* Only root sees who has a file open; it is not cheap where much runs. */
static bool
is_postlogd(struct parent *p, int fd)
{
	int64_t now = clock_monotonic_ms();
	int64_t look_ms = p->is_postlogd ? WRITER_LOOK_MS : WRITER_DOUBT_MS;
	struct stat st;

	if (p->config->maillog_writer != LOG_WRITER_AUTO)
		return p->config->maillog_writer == LOG_WRITER_POSTLOGD;
	if (fstat(fd, &st) < 0)
		return false;
	if (st.st_ino == p->looked_at && now - p->looked_ms < look_ms)
		return p->is_postlogd;
	p->is_postlogd = logfile_has_only_postlogd(fd);
	p->looked_at = st.st_ino;
	p->looked_ms = now;
	return p->is_postlogd;
}

static void
pass_logs(struct parent *p, char order)
{
	struct logfiles l;

	logfile_open(p->config->maillog, order == CHILD_WANT_LOGS, &l);
	if (l.count > 0)
		l.is_postlogd = is_postlogd(p, l.fds[l.count - 1]);
	if (logfile_send(p->fd, order, &l) < 0)
		log_event(LOG_LEVEL_WARNING, "filter-deaf", NULL);
	logfile_close(&l);
}

static void
note_ready(struct parent *p)
{
	char byte = CHILD_READY;

	p->was_ready = true;
	if (p->ready < 0)
		return;
	if (write(p->ready, &byte, 1) != 1)
		log_event(LOG_LEVEL_WARNING, "starter-gone", NULL);
	close(p->ready);
	p->ready = -1;
	privilege_detach();
}

static void
hear_child(struct parent *p)
{
	char byte;

	if (read(p->fd, &byte, 1) != 1) {
		close(p->fd);
		p->fd = -1;
	} else if (byte == CHILD_READY) {
		note_ready(p);
	} else {
		pass_logs(p, byte);
	}
}

static void
log_death(const struct ward *w, int status)
{
	char text[64];

	if (WIFSIGNALED(status))
		snprintf(text, sizeof(text), "signal %d", WTERMSIG(status));
	else
		snprintf(text, sizeof(text), "exit %d", WEXITSTATUS(status));
	log_event(LOG_LEVEL_ERROR, w->died, "status", text, NULL);
}

static void
ward_bury(struct ward *w, int status)
{
	int64_t now = clock_monotonic_ms();

	w->pid = 0;
	log_death(w, status);
	if (now - w->started_ms > STEADY_MS)
		w->backoff_ms = 0;
	w->restart_ms = now + w->backoff_ms;
	w->backoff_ms = w->backoff_ms == 0 ? BACKOFF_FIRST_MS : 2 * w->backoff_ms;
	if (w->backoff_ms > BACKOFF_MAX_MS)
		w->backoff_ms = BACKOFF_MAX_MS;
}

static void
bury_filter(struct parent *p, int status)
{
	p->status = WIFEXITED(status) ? WEXITSTATUS(status) : EXIT_FAILURE;
	if (p->fd >= 0)
		close(p->fd);
	p->fd = -1;
	if (p->is_stopping)
		p->filter.pid = 0;
	else
		ward_bury(&p->filter, status);
}

static void
hear_signals(struct parent *p)
{
	struct signalfd_siginfo info;
	pid_t pid;
	int status;

	if (read(p->signals, &info, sizeof(info)) != sizeof(info))
		return;
	if (info.ssi_signo == SIGHUP)
		tell_child(p, CHILD_RELOAD);
	if (info.ssi_signo == SIGTERM || info.ssi_signo == SIGINT)
		stop(p);
	while ((pid = waitpid(-1, &status, WNOHANG)) > 0) {
		if (pid == p->filter.pid)
			bury_filter(p, status);
		else if (pid == p->extractor.pid)
			ward_bury(&p->extractor, status);
	}
}

static int
time_to_wait(const struct parent *p)
{
	int64_t until = INT64_MAX, now = clock_monotonic_ms();

	if (p->is_stopping)
		until = p->kill_ms;
	else if (p->filter.pid == 0)
		until = p->filter.restart_ms;
	if (p->extractor.pid == 0 && p->extractor.restart_ms < until)
		until = p->extractor.restart_ms;
	if (until == INT64_MAX)
		return -1;
	return until > now ? (int)(until - now) : 0;
}

static void
do_what_is_due(struct parent *p)
{
	int64_t now = clock_monotonic_ms();

	if (p->is_stopping && p->filter.pid > 0 && now >= p->kill_ms) {
		log_event(LOG_LEVEL_ERROR, "filter-killed", "reason",
		    "it did not drain in time", NULL);
		kill(p->filter.pid, SIGKILL);
		p->kill_ms = now + STOP_MARGIN_MS;
	}
	/* The letters that a stop waits for may have attachments. */
	if (p->extractor.pid == 0 && now >= p->extractor.restart_ms)
		start_extractor(p);
	if (!p->is_stopping && p->filter.pid == 0 && now >= p->filter.restart_ms)
		start_filter(p);
}

static bool
is_over(const struct parent *p)
{
	return p->filter.pid == 0 && (p->is_stopping || !p->was_ready);
}

static int
watch_signals(void)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGHUP);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGCHLD);
	sigprocmask(SIG_BLOCK, &set, NULL);
	return signalfd(-1, &set, SFD_CLOEXEC);
}

static void
stop_extractor(struct parent *p)
{
	if (p->extractor.pid == 0)
		return;
	kill(p->extractor.pid, SIGKILL);
	while (waitpid(p->extractor.pid, NULL, 0) < 0 && errno == EINTR)
		continue;
}

int
parent_run(struct config *c, int ready)
{
	struct parent p = { .config = c, .ready = ready, .fd = -1,
	    .extractor.died = "extractor-died", .filter.died = "filter-died" };
	struct err e;

	p.signals = watch_signals();
	must(p.signals >= 0);
	must(server_socket(p.extract, &e) == 0);
	start_extractor(&p);
	start_filter(&p);
	while (!is_over(&p)) {
		struct pollfd fds[] = {
			{ .fd = p.signals, .events = POLLIN },
			{ .fd = p.fd, .events = POLLIN },
		};

		if (poll(fds, 2, time_to_wait(&p)) < 0 && errno != EINTR)
			break;
		if (fds[1].revents != 0)
			hear_child(&p);
		if (fds[0].revents != 0)
			hear_signals(&p);
		do_what_is_due(&p);
	}
	stop_extractor(&p);
	close(p.signals);
	return p.status;
}
