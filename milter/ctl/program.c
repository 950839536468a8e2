/* SPDX-License-Identifier: BSD-2-Clause */
#include <sys/wait.h>

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <string.h>
#include <unistd.h>

#include "base/buffer.h"
#include "base/clock.h"
#include "base/err.h"

#include "ctl/program.h"

#define OUTPUT_MAX ((size_t)64 * 1024 * 1024)

extern char **environ;

static int
start(const char *const *argv, int out, pid_t *pid, struct err *e)
{
	posix_spawn_file_actions_t actions;
	int rc;

	posix_spawn_file_actions_init(&actions);
	posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null",
	    O_RDONLY, 0);
	posix_spawn_file_actions_adddup2(&actions, out, STDOUT_FILENO);
	posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, "/dev/null",
	    O_WRONLY, 0);
	rc = posix_spawnp(pid, argv[0], &actions, NULL, (char *const *)argv, environ);
	posix_spawn_file_actions_destroy(&actions);
	return rc == 0 ? 0 : err_set(e, "%s: %s", argv[0], strerror(rc));
}

/* Until it closes its output: 0; -1 too late or too much. */
static int
read_all(int fd, int64_t end_ms, struct buffer *b, const char *name, struct err *e)
{
	struct pollfd wait = { .fd = fd, .events = POLLIN };
	int64_t left;
	ssize_t n;

	for (;;) {
		left = end_ms - clock_monotonic_ms();
		if (left <= 0 || poll(&wait, 1, (int)left) == 0)
			return err_set(e, "%s takes too long", name);
		n = read(fd, buffer_reserve(b, 65536), 65536);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return err_errno(e, "%s", name);
		if (n == 0)
			return 0;
		b->n += (size_t)n;
		if (b->n > OUTPUT_MAX)
			return err_set(e, "%s prints too much", name);
	}
}

static int
wait_for(pid_t pid, const char *name, struct err *e)
{
	int status;

	while (waitpid(pid, &status, 0) < 0)
		if (errno != EINTR)
			return err_errno(e, "%s", name);
	return WIFEXITED(status) ? WEXITSTATUS(status) :
	    err_set(e, "%s was ended by signal %d", name, WTERMSIG(status));
}

int
program_read(struct arena *a, const char *const *argv, int64_t deadline_ms,
    struct span *output, struct err *e)
{
	struct buffer b = { .arena = a };
	int fds[2], rc, status;
	struct err ignored;
	pid_t pid;

	if (pipe2(fds, O_CLOEXEC) < 0)
		return err_errno(e, "pipe");
	rc = start(argv, fds[1], &pid, e);
	close(fds[1]);
	if (rc < 0) {
		close(fds[0]);
		return -1;
	}
	rc = read_all(fds[0], clock_monotonic_ms() + deadline_ms, &b, argv[0], e);
	close(fds[0]);
	if (rc < 0)
		kill(pid, SIGKILL);
	status = wait_for(pid, argv[0], rc < 0 ? &ignored : e);
	*output = buffer_span(&b);
	return rc < 0 ? -1 : status;
}
