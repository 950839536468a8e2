/* SPDX-License-Identifier: BSD-2-Clause */
#include <sys/mman.h>
#include <sys/wait.h>

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <unistd.h>

#include <criterion/criterion.h>

#include "base/err.h"

#include "extract/sandbox.h"

static const struct sandbox_limits limits = { 64 << 20, 1500 };

/* How ${act} ends in a sandbox of its own. */
static int
status_of(void (*act)(int fd))
{
	struct err e = { "" };
	struct sandbox *s = sandbox_new(&e);
	int pair[2], status;
	pid_t pid;

	cr_assert_not_null(s, "%s", e.text);
	cr_assert_eq(pipe2(pair, O_CLOEXEC), 0);
	if ((pid = fork()) == 0) {
		if (sandbox_enter(s, &limits, pair[1]) < 0)
			_exit(99);
		act(pair[1]);
		_exit(0);
	}
	cr_assert_eq(waitpid(pid, &status, 0), pid);
	close(pair[0]);
	close(pair[1]);
	sandbox_free(s);
	return status;
}

static void
work(int fd)
{
	char *p = malloc(1 << 20);

	if (p == NULL || write(fd, "x", 1) != 1)
		_exit(1);
	free(p);
}

static void
open_file(int fd)
{
	(void)fd;
	if (open("/etc/passwd", O_RDONLY | O_CLOEXEC) >= 0 || errno != EACCES)
		_exit(1);
}

static void
use_other(int fd)
{
	int other;

	for (other = 3; other < 1024; other++)
		if (other != fd && write(other, "x", 1) >= 0)
			_exit(1);
}

static void
grow(int fd)
{
	size_t n;

	(void)fd;
	for (n = 0; mmap(NULL, 1 << 20, PROT_READ | PROT_WRITE,
	    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) != MAP_FAILED; n++)
		if (n > 64)
			_exit(1);
}

static void
make_process(int fd)
{
	(void)fd;
	fork();
}

Test(sandbox, parsing_in_memory_and_writing_to_the_pipe_go_on)
{
	cr_expect_eq(status_of(work), 0);
}

Test(sandbox, files_are_refused_and_descriptors_are_gone)
{
	cr_expect_eq(status_of(open_file), 0);
	cr_expect_eq(status_of(use_other), 0);
}

Test(sandbox, memory_ends)
{
	cr_expect_eq(status_of(grow), 0);
}

Test(sandbox, anything_else_ends_the_process)
{
	int status = status_of(make_process);

	cr_expect(WIFSIGNALED(status) && WTERMSIG(status) == SIGSYS);
}
