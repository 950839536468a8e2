/* SPDX-License-Identifier: BSD-2-Clause */
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/wait.h>

#include <errno.h>
#include <fcntl.h>
#include <malloc.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/err.h"
#include "base/log.h"
#include "extract/format.h"
#include "extract/sandbox.h"
#include "extract/sink.h"

#include "extract/server.h"
#include "helper_internal.h"
#include "wire_internal.h"

#define JOBS_MAX 64		/* clients bound themselves far below */

/* A helper at work. */
struct job {
	pid_t pid;
	int fd;			/* where its records go: open here too, for its fate */
	int64_t deadline_ms;
	struct sandbox_limits limits;
	bool is_late;
};

struct server {
	int socket;
	int signals;		/* signalfd: SIGCHLD */
	int null;		/* /dev/null */
	struct sandbox *sandbox;	/* NULL: nothing is loaded yet */
	struct job jobs[JOBS_MAX];
	size_t count;
	bool is_over;		/* no client any more */
};

int
server_socket(int pair[2], struct err *e)
{
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) < 0)
		return err_errno(e, "socketpair");
	return 0;
}

/* Take the descriptors of ${m}; all of them are closed unless there are two. */
static bool
take_descriptors(struct msghdr *m, int fds[2])
{
	struct cmsghdr *c = CMSG_FIRSTHDR(m);

	if (c == NULL || c->cmsg_level != SOL_SOCKET || c->cmsg_type != SCM_RIGHTS)
		return false;
	if (c->cmsg_len != CMSG_LEN(2 * sizeof(int))) {
		if (c->cmsg_len >= CMSG_LEN(sizeof(int)))
			close(*(int *)(void *)CMSG_DATA(c));
		return false;
	}
	memcpy(fds, CMSG_DATA(c), 2 * sizeof(int));
	return true;
}

/* 1 a request; 0 none that makes sense; -1 there will be no more. */
static int
receive(struct server *s, struct wire_request *r, int fds[2])
{
	union {
		char bytes[CMSG_SPACE(2 * sizeof(int))];
		struct cmsghdr align;
	} control;
	struct iovec v = { r, sizeof(*r) };
	struct msghdr m = { .msg_iov = &v, .msg_iovlen = 1,
	    .msg_control = &control, .msg_controllen = sizeof(control) };
	ssize_t n = recvmsg(s->socket, &m, MSG_CMSG_CLOEXEC | MSG_DONTWAIT);

	if (n < 0)
		return errno == EAGAIN || errno == EINTR ? 0 : -1;
	if (n == 0)
		return -1;
	if (!take_descriptors(&m, fds))
		return 0;
	r->name[sizeof(r->name) - 1] = '\0';
	if (n == sizeof(*r))
		return 1;
	close(fds[0]);
	close(fds[1]);
	return 0;
}

static void
tell_fate(int fd, enum part_reason fate)
{
	struct {
		struct wire_record head;
		uint32_t reason;
	} record = { { WIRE_FATE, sizeof(record.reason) }, fate };

	/* Its writer is dead, and a client that does not read stops nobody here. */
	if (fcntl(fd, F_SETFL, O_WRONLY | O_NONBLOCK) < 0 ||
	    write(fd, &record, sizeof(record)) != sizeof(record))
		return;		/* then it reads "helper" out of the silence */
}

static void
begin(struct server *s, const struct wire_request *r, int fds[2])
{
	struct job *j = &s->jobs[s->count];
	pid_t self = getpid();

	*j = (struct job){ .fd = fds[1], .limits = r->sandbox,
	    .deadline_ms = clock_monotonic_ms() + r->sandbox.time_ms };
	j->pid = fork();
	if (j->pid == 0)
		helper_run(s->sandbox, r, self, s->null, fds);
	close(fds[0]);
	if (j->pid < 0) {
		tell_fate(j->fd, PART_HELPER);
		close(j->fd);
		return;
	}
	s->count++;
}

static void
hear_clients(struct server *s)
{
	struct wire_request r;
	int fds[2], rc;

	if ((rc = receive(s, &r, fds)) == 1)
		begin(s, &r, fds);
	s->is_over = rc < 0;
}

static bool
has_used_its_time(const struct job *j, const struct rusage *used)
{
	int64_t ms = (int64_t)(used->ru_utime.tv_sec + used->ru_stime.tv_sec) * 1000 +
	    (used->ru_utime.tv_usec + used->ru_stime.tv_usec) / 1000;

	return j->is_late || ms >= j->limits.time_ms;
}

static enum part_reason
fate_of(const struct job *j, int status, const struct rusage *used)
{
	if (WIFEXITED(status) && WEXITSTATUS(status) == HELPER_DONE)
		return PART_READ;
	if (WIFEXITED(status) && WEXITSTATUS(status) == HELPER_NO_MEMORY)
		return PART_MEMORY;
	return has_used_its_time(j, used) ? PART_TIME : PART_HELPER;
}

static void
end_job(struct server *s, pid_t pid, int status, const struct rusage *used)
{
	size_t i;

	for (i = 0; i < s->count; i++) {
		struct job *j = &s->jobs[i];

		if (j->pid != pid)
			continue;
		tell_fate(j->fd, fate_of(j, status, used));
		close(j->fd);
		*j = s->jobs[--s->count];
		return;
	}
}

static void
hear_children(struct server *s)
{
	struct signalfd_siginfo info;
	struct rusage used;
	pid_t pid;
	int status;

	if (read(s->signals, &info, sizeof(info)) != sizeof(info))
		return;
	while ((pid = wait4(-1, &status, WNOHANG, &used)) > 0)
		end_job(s, pid, status, &used);
}

/* How long until the next one is late; -1: none works. */
static int
end_late_ones(struct server *s)
{
	int64_t now = clock_monotonic_ms(), next = -1;
	size_t i;

	for (i = 0; i < s->count; i++) {
		struct job *j = &s->jobs[i];

		if (j->is_late)
			continue;
		if (now >= j->deadline_ms) {
			j->is_late = true;
			kill(j->pid, SIGKILL);	/* ours until wait4 */
		} else if (next < 0 || j->deadline_ms - now < next)
			next = j->deadline_ms - now;
	}
	return next > 3600000 ? 3600000 : (int)next;
}

static void
serve(struct server *s)
{
	while (!s->is_over) {
		struct pollfd fds[] = {
			{ .fd = s->signals, .events = POLLIN },
			{ .fd = s->count < JOBS_MAX ? s->socket : -1, .events = POLLIN },
		};

		if (poll(fds, 2, end_late_ones(s)) < 0 && errno != EINTR)
			return;
		if (fds[0].revents != 0)
			hear_children(s);
		if (fds[1].revents != 0)
			hear_clients(s);
	}
}

static int
watch_children(void)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGCHLD);
	sigprocmask(SIG_BLOCK, &set, NULL);
	signal(SIGPIPE, SIG_IGN);
	return signalfd(-1, &set, SFD_CLOEXEC);
}

/* Documents pass through: nobody looks in, and nothing of them stays behind. */
static void
keep_to_ourselves(void)
{
	struct rlimit none = { 0, 0 };

	setrlimit(RLIMIT_CORE, &none);
	prctl(PR_SET_DUMPABLE, 0);
	prctl(PR_SET_NAME, "extract");
}

static int
server_open(struct server *s, int fd, struct err *e)
{
	s->socket = fd;
	s->signals = watch_children();
	s->null = open("/dev/null", O_RDWR | O_CLOEXEC);
	keep_to_ourselves();
	helper_prepare();
	return s->signals >= 0 && s->null >= 0 ? 0 : err_errno(e, "/dev/null, signalfd");
}

/* Load what helpers begin with; what they may not have yet is open after it. */
static int
load(struct server *s, struct err *e)
{
	format_warm();
	/* Else every helper tidies up what warming freed, and copies those pages. */
	malloc_trim(0);
	if ((s->sandbox = sandbox_new(e)) == NULL)
		return -1;
	if (!sandbox_has_landlock(s->sandbox))
		log_event(LOG_LEVEL_INFO, "no-landlock", "reason",
		    "helpers are kept in by their filter of system calls alone", NULL);
	return 0;
}

static void
server_close(struct server *s)
{
	sandbox_free(s->sandbox);
	close(s->signals);
	close(s->null);
}

int
server_run(int fd, struct err *e)
{
	struct server s = { 0 };

	if (server_open(&s, fd, e) < 0 || load(&s, e) < 0)
		return -1;
	serve(&s);
	server_close(&s);
	return 0;
}

/* Nothing is loaded before it is needed: most letters have no attachment. */
static int
wait_and_run(int fd, struct err *e)
{
	struct pollfd p = { .fd = fd, .events = POLLIN };

	while (poll(&p, 1, -1) < 0 && errno == EINTR)
		continue;
	return (p.revents & POLLIN) != 0 && recv(fd, NULL, 0, MSG_PEEK | MSG_TRUNC) > 0 ?
	    server_run(fd, e) : 0;
}

static _Noreturn void
serve_one_process(int fd, pid_t parent)
{
	struct err e;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (getppid() != parent)
		_exit(EXIT_FAILURE);
	if (wait_and_run(fd, &e) == 0)
		_exit(EXIT_SUCCESS);
	log_event(LOG_LEVEL_ERROR, "extract-failed", "reason", e.text, NULL);
	_exit(EXIT_FAILURE);
}

pid_t
server_start(int *fd, struct err *e)
{
	pid_t self = getpid(), pid;
	int pair[2];

	if (server_socket(pair, e) < 0)
		return -1;
	if ((pid = fork()) == 0) {
		close(pair[0]);
		serve_one_process(pair[1], self);
	}
	close(pair[1]);
	*fd = pair[0];
	if (pid > 0)
		return pid;
	close(pair[0]);
	return err_errno(e, "fork");
}
