/* SPDX-License-Identifier: BSD-2-Clause */
#include <sys/prctl.h>
#include <sys/resource.h>

#include <malloc.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/err.h"
#include "base/fault.h"
#include "base/log.h"
#include "extract/client.h"
#include "filter/control.h"
#include "filter/desk.h"
#include "filter/http.h"
#include "filter/logfile.h"
#include "filter/maillog.h"
#include "filter/mfapi.h"
#include "filter/privilege.h"
#include "mail/mime.h"

#include "filter/child.h"

struct child {
	struct desk desk;
	struct maillog *maillog;	/* NULL: not followed */
	int fd;
};

static void
drain(struct child *c)
{
	int64_t end = clock_monotonic_ms() + c->desk.config.drain_time_ms;

	log_event(LOG_LEVEL_INFO, "draining", NULL);
	atomic_store(&c->desk.is_draining, true);
	while (counter_add(&c->desk.counters.ending, 0) > 0 &&
	    clock_monotonic_ms() < end)
		usleep(10000);
	mfapi_stop();
}

static void *
obey(void *cookie)
{
	struct child *c = cookie;
	struct logfiles files;
	char order;

	while (logfile_receive(c->fd, &order, &files) == 1) {
		if (order == CHILD_RELOAD)
			control_reload(&c->desk, "SIGHUP");
		if (order == CHILD_DRAIN)
			drain(c);
		if (c->maillog != NULL && files.count > 0)
			maillog_give(c->maillog, &files, order);
		logfile_close(&files);
	}
	_exit(EXIT_FAILURE);
}

static void
complain(const struct faults *f, const struct err *e)
{
	faults_print(f, stderr, true);
	if (e->text[0] == '\0')
		return;
	fprintf(stderr, "milterd: %s\n", e->text);
	log_event(LOG_LEVEL_ERROR, "start-failed", "reason", e->text, NULL);
}

/* libmilter has its own thread for SIGHUP and SIGTERM, and stops on either. */
static void
block_signals(void)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGHUP);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGINT);
	pthread_sigmask(SIG_BLOCK, &set, NULL);
	signal(SIGPIPE, SIG_IGN);
	signal(SIGXFSZ, SIG_IGN);
}

/*
 * A message's arena comes and goes thousands of times a second: the heap keeps
 * its pages instead of giving them back to the kernel each time.
 */
static void
keep_pages(void)
{
	mallopt(M_MMAP_THRESHOLD, 32 * 1024 * 1024);
	mallopt(M_TRIM_THRESHOLD, 64 * 1024 * 1024);
	mallopt(M_TOP_PAD, 1024 * 1024);
}

static int
settle(struct config *c, pid_t parent, struct err *e)
{
	setpgid(0, 0);
	if (privilege_drop(c, e) < 0)
		return -1;
	/* Dropping root clears it; and the parent may be gone already. */
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (getppid() != parent)
		return err_set(e, "the parent process is gone");
	privilege_no_cores();
	umask(007);
	block_signals();
	keep_pages();
	mime_init();
	return 0;
}

static int
open_maillog(struct child *c, struct err *e)
{
	if (c->desk.config.maillog[0] == '\0')
		return 0;
	c->maillog = maillog_new(&c->desk, e);
	return c->maillog != NULL ? 0 : -1;
}

/* Ready means that the milter socket is bound, and it is bound last. */
static int
open_all(struct child *c, struct faults *f, struct err *e)
{
	pthread_t thread;

	if (desk_open(&c->desk, f, e) < 0)
		return -1;
	if (control_start(&c->desk, e) < 0 || http_start(&c->desk, e) < 0 ||
	    open_maillog(c, e) < 0)
		return -1;
	if (pthread_create(&thread, NULL, obey, c) != 0)
		return err_set(e, "cannot start a thread");
	pthread_detach(thread);
	if (c->maillog != NULL && maillog_start(c->maillog, c->fd, e) < 0)
		return -1;
	if (mfapi_bind(&c->desk, e) < 0)
		return -1;
	if (write(c->fd, &(char){ CHILD_READY }, 1) != 1)
		return err_errno(e, "the parent does not hear");
	return 0;
}

int
child_run(struct config *config, pid_t parent, int fd, int extract, bool is_detached)
{
	struct child *c = calloc(1, sizeof(*c));
	struct client_limits limits = client_configured(config);
	struct faults faults = { 0 };
	struct err e = { "" };
	int rc = EXIT_FAILURE;

	must(c != NULL);
	c->desk.config = *config;
	c->desk.extract = client_new(extract, &limits);
	c->fd = fd;
	if (settle(&c->desk.config, parent, &e) < 0 ||
	    open_all(c, &faults, &e) < 0) {
		complain(&faults, &e);
		goto out;
	}
	if (is_detached)
		privilege_detach();
	log_event(LOG_LEVEL_INFO, "ready", "socket", c->desk.config.socket, NULL);
	rc = mfapi_serve() == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
	/* Stopped before its listener began, libmilter calls that a failure. */
	if (atomic_load(&c->desk.is_draining))
		rc = EXIT_SUCCESS;
	log_event(LOG_LEVEL_INFO, "stopped", NULL);
out:
	faults_end(&faults);
	maillog_stop(c->maillog);
	desk_finish(&c->desk);
	/* Threads may still hold sessions, or print what they know: leave them be. */
	fflush(NULL);
	_exit(rc);
}
