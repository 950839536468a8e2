/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A fork server, on descriptor 3, whose parser was taken over: further orders for
 * trial.c, each an attempt to get out or to do harm.  One that gets somewhere says
 * "out" as its text.
 */

#include <sys/mman.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/syscall.h>

#include <fcntl.h>
#include <linux/futex.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/err.h"
#include "extract/server.h"
#include "extract/sink.h"

#include "trial.h"

static int
got(struct sink *out, int is_out)
{
	return sink_text(out, span_of(is_out ? "out" : "kept"));
}

static int
hostile_open(struct sink *out, size_t n)
{
	(void)n;
	return got(out, open("/etc/passwd", O_RDONLY | O_CLOEXEC) >= 0 ||
	    open("/proc/self/mem", O_RDWR | O_CLOEXEC) >= 0);
}

static int
hostile_create(struct sink *out, size_t n)
{
	(void)n;
	return got(out, open("/tmp", O_TMPFILE | O_RDWR | O_CLOEXEC, 0600) >= 0);
}

/* What it inherited: nothing but the way out for its records. */
static int
hostile_write(struct sink *out, size_t n)
{
	int fd, is_out = 0;

	(void)n;
	for (fd = 3; fd < 1024; fd++)
		is_out += lseek(fd, 0, SEEK_CUR) >= 0 || read(fd, &(char){ 0 }, 1) >= 0;
	return got(out, is_out);
}

static int
hostile_run(struct sink *out, size_t n)
{
	(void)n;
	return got(out, mmap(NULL, 4096, PROT_READ | PROT_WRITE | PROT_EXEC,
	    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) != MAP_FAILED);
}

static int
hostile_connect(struct sink *out, size_t n)
{
	struct sockaddr_in to = { .sin_family = AF_INET, .sin_port = htons(25) };
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	(void)n;
	return got(out, fd >= 0 && connect(fd, (struct sockaddr *)&to, sizeof(to)) == 0);
}

static int
hostile_fork(struct sink *out, size_t n)
{
	(void)n;
	return got(out, fork() >= 0);
}

static int
hostile_exec(struct sink *out, size_t n)
{
	char *argv[] = { (char[]){ "true" }, NULL };

	(void)n;
	execv("/bin/true", argv);
	return got(out, 1);
}

static int
hostile_kill(struct sink *out, size_t pid)
{
	return got(out, kill((pid_t)pid, SIGKILL) == 0);
}

/* A signal to a thread of another process: refused without a word. */
static int
hostile_signal(struct sink *out, size_t pid)
{
	syscall(SYS_tgkill, (pid_t)pid, (pid_t)pid, SIGKILL);
	return got(out, 0);
}

static int
hostile_trace(struct sink *out, size_t pid)
{
	return got(out, ptrace(PTRACE_ATTACH, (pid_t)pid, NULL, NULL) == 0);
}

static int
hostile_crash(struct sink *out, size_t n)
{
	(void)out;
	(void)n;
	abort();
}

static int
hostile_spin(struct sink *out, size_t n)
{
	volatile size_t rounds = n;

	(void)out;
	for (;;)
		rounds++;
	return 0;
}

static int
hostile_wait(struct sink *out, size_t n)
{
	int word = 0;

	(void)out;
	(void)n;
	for (;;)
		syscall(SYS_futex, &word, FUTEX_WAIT, 0, NULL, NULL, 0);
	return 0;
}

static int
hostile_eat(struct sink *out, size_t n)
{
	char *volatile p;

	(void)out;
	while ((p = malloc(1 << 20)) != NULL)
		memset(p, (int)n, 1 << 20);
	abort();
}

/* Records that no sink writes, past the sink. */
static int
hostile_lie(struct sink *out, size_t n)
{
	static const char junk[64] = "\2\0\0\0\377\377\377\177";
	int fd;

	(void)n;
	for (fd = 3; fd < 64; fd++)
		if (write(fd, junk, sizeof(junk)) > 0)
			return 0;
	return got(out, 0);
}

const struct trial_order trial_more[] = {
	{ "connect", hostile_connect }, { "crash", hostile_crash },
	{ "create", hostile_create }, { "eat", hostile_eat },
	{ "exec", hostile_exec }, { "fork", hostile_fork },
	{ "kill", hostile_kill }, { "lie", hostile_lie }, { "open", hostile_open },
	{ "run", hostile_run }, { "signal", hostile_signal },
	{ "spin", hostile_spin }, { "trace", hostile_trace },
	{ "wait", hostile_wait }, { "write", hostile_write }, { NULL, NULL },
};

int
main(void)
{
	struct err e;

	if (server_run(3, &e) == 0)
		return EXIT_SUCCESS;
	fprintf(stderr, "hostile: %s\n", e.text);
	return EXIT_FAILURE;
}
