/* SPDX-License-Identifier: BSD-2-Clause */
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>

#include <errno.h>
#include <fcntl.h>
#include <linux/filter.h>
#include <linux/landlock.h>
#include <linux/seccomp.h>
#include <seccomp.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/err.h"

#include "extract/sandbox.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

struct sandbox {
	struct sock_fprog filter;
	int landlock;		/* a rule set without any rule; -1: the kernel has none */
	size_t space_at_start;	/* bytes of address space, reserved ones too */
	size_t data_at_start;	/* bytes of it that can be written */
};

/* What parsing in memory needs, and nothing that reaches out of the process. */
static const int allowed[] = {
	SCMP_SYS(read), SCMP_SYS(write), SCMP_SYS(writev), SCMP_SYS(pread64),
	SCMP_SYS(lseek), SCMP_SYS(close), SCMP_SYS(fstat), SCMP_SYS(newfstatat),
	SCMP_SYS(brk), SCMP_SYS(munmap), SCMP_SYS(mremap), SCMP_SYS(madvise),
	SCMP_SYS(exit), SCMP_SYS(exit_group), SCMP_SYS(futex),
	SCMP_SYS(rt_sigprocmask), SCMP_SYS(rt_sigaction), SCMP_SYS(rt_sigreturn),
	SCMP_SYS(clock_gettime), SCMP_SYS(gettimeofday), SCMP_SYS(time),
	SCMP_SYS(getpid), SCMP_SYS(gettid), SCMP_SYS(getrandom),
	SCMP_SYS(sched_yield), SCMP_SYS(sigaltstack),
};

/* What libraries try and can do without: refused, so that they go on. */
static const int refused[] = {
	SCMP_SYS(open), SCMP_SYS(openat), SCMP_SYS(access), SCMP_SYS(faccessat),
	SCMP_SYS(faccessat2), SCMP_SYS(stat), SCMP_SYS(lstat), SCMP_SYS(statfs),
	SCMP_SYS(readlink), SCMP_SYS(readlinkat), SCMP_SYS(getcwd),
	SCMP_SYS(prlimit64), SCMP_SYS(getrlimit), SCMP_SYS(sysinfo),
	SCMP_SYS(sched_getaffinity), SCMP_SYS(ioctl), SCMP_SYS(uname),
};

/* All that Landlock knew in its first version, and what later ones added (ABI 2, 3, 5). */
#define ACCESS_FIRST (((uint64_t)1 << 13) - 1)
#define ACCESS_REFER ((uint64_t)1 << 13)
#define ACCESS_TRUNCATE ((uint64_t)1 << 14)
#define ACCESS_IOCTL ((uint64_t)1 << 15)
#define NET_BIND_CONNECT ((uint64_t)3)
#define SCOPE_ABSTRACT_SIGNAL ((uint64_t)3)

/* As the kernel has it today; headers may be older than the kernel. */
struct landlock_attributes {
	uint64_t files;
	uint64_t net;		/* ABI 4 */
	uint64_t scope;		/* ABI 6 */
};

static int
landlock_new(void)
{
	struct landlock_attributes a = { .files = ACCESS_FIRST };
	long abi = syscall(SYS_landlock_create_ruleset, NULL, 0,
	    LANDLOCK_CREATE_RULESET_VERSION);
	size_t size = sizeof(a.files);

	if (abi < 1)
		return -1;
	if (abi >= 2)
		a.files |= ACCESS_REFER;
	if (abi >= 3)
		a.files |= ACCESS_TRUNCATE;
	if (abi >= 5)
		a.files |= ACCESS_IOCTL;
	if (abi >= 4) {
		a.net = NET_BIND_CONNECT;
		size += sizeof(a.net);
	}
	if (abi >= 6) {
		a.scope = SCOPE_ABSTRACT_SIGNAL;
		size += sizeof(a.scope);
	}
	return (int)syscall(SYS_landlock_create_ruleset, &a, size, 0);
}

static int
add_rules(scmp_filter_ctx ctx)
{
	size_t i;

	for (i = 0; i < COUNT(allowed); i++)
		if (seccomp_rule_add(ctx, SCMP_ACT_ALLOW, allowed[i], 0) != 0)
			return -1;
	for (i = 0; i < COUNT(refused); i++)
		if (seccomp_rule_add(ctx, SCMP_ACT_ERRNO(EACCES), refused[i], 0) != 0)
			return -1;
	/* abort(3) signals itself: nobody is signalled, and what it does next works. */
	if (seccomp_rule_add(ctx, SCMP_ACT_ERRNO(0), SCMP_SYS(tgkill), 0) != 0)
		return -1;
	/* Memory that is written is never run. */
	if (seccomp_rule_add(ctx, SCMP_ACT_ALLOW, SCMP_SYS(mmap), 1,
	    SCMP_A2(SCMP_CMP_MASKED_EQ, PROT_EXEC, 0)) != 0)
		return -1;
	return seccomp_rule_add(ctx, SCMP_ACT_ALLOW, SCMP_SYS(mprotect), 1,
	    SCMP_A2(SCMP_CMP_MASKED_EQ, PROT_EXEC, 0));
}

/* The program that libseccomp makes, as bytes: loading it costs a helper nothing more. */
static int
compile(scmp_filter_ctx ctx, struct sock_fprog *filter)
{
	int fd = memfd_create("filter", MFD_CLOEXEC);
	off_t n;
	int rc = -1;

	if (fd < 0 || seccomp_export_bpf(ctx, fd) != 0)
		goto out;
	n = lseek(fd, 0, SEEK_END);
	if (n <= 0 || n % (off_t)sizeof(*filter->filter) != 0)
		goto out;
	filter->len = (unsigned short)((size_t)n / sizeof(*filter->filter));
	filter->filter = malloc((size_t)n);
	must(filter->filter != NULL);
	rc = pread(fd, filter->filter, (size_t)n, 0) == n ? 0 : -1;
out:
	if (fd >= 0)
		close(fd);
	return rc;
}

static int
filter_new(struct sock_fprog *filter)
{
	scmp_filter_ctx ctx = seccomp_init(SCMP_ACT_KILL_PROCESS);
	int rc = -1;

	if (ctx != NULL && add_rules(ctx) == 0)
		rc = compile(ctx, filter);
	seccomp_release(ctx);
	return rc;
}

/* Sanitizers and libraries take address space that no document is charged for. */
static int
measure(struct sandbox *s)
{
	FILE *f = fopen("/proc/self/statm", "re");
	size_t page = (size_t)sysconf(_SC_PAGESIZE);
	int n;

	if (f == NULL)
		return -1;
	n = fscanf(f, "%zu %*u %*u %*u %*u %zu", &s->space_at_start, &s->data_at_start);
	fclose(f);
	s->space_at_start *= page;
	s->data_at_start *= page;
	return n == 2 ? 0 : -1;
}

struct sandbox *
sandbox_new(struct err *e)
{
	struct sandbox *s = calloc(1, sizeof(*s));

	must(s != NULL);
	s->landlock = landlock_new();
	if (filter_new(&s->filter) < 0) {
		err_set(e, "the kernel's filter of system calls cannot be made");
		sandbox_free(s);
		return NULL;
	}
	if (measure(s) < 0) {
		err_set(e, "/proc is needed to bound memory");
		sandbox_free(s);
		return NULL;
	}
	return s;
}

void
sandbox_free(struct sandbox *s)
{
	if (s == NULL)
		return;
	if (s->landlock >= 0)
		close(s->landlock);
	free(s->filter.filter);
	free(s);
}

bool
sandbox_has_landlock(const struct sandbox *s)
{
	return s->landlock >= 0;
}

static int
limit(int what, rlim_t most)
{
	struct rlimit r = { most, most };

	return setrlimit((__rlimit_resource_t)what, &r);
}

static int
set_limits(const struct sandbox *s, const struct sandbox_limits *l)
{
	rlim_t seconds = (rlim_t)(l->time_ms + 999) / 1000;

	if (limit(RLIMIT_AS, s->space_at_start + l->memory_bytes) < 0 ||
	    limit(RLIMIT_DATA, s->data_at_start + l->memory_bytes) < 0 ||
	    limit(RLIMIT_CPU, seconds) < 0 || limit(RLIMIT_CORE, 0) < 0 ||
	    limit(RLIMIT_NPROC, 0) < 0 || limit(RLIMIT_NOFILE, 16) < 0)
		return -1;
	return limit(RLIMIT_FSIZE, 0);
}

/* All but the first three, ${fd} and ${other}, which may be -1. */
static int
close_others(int fd, int other)
{
	unsigned low = (unsigned)(other < 0 || fd < other ? fd : other);
	unsigned high = (unsigned)(other < fd ? fd : other);

	if (low > 3 && close_range(3, low - 1, 0) < 0)
		return -1;
	if (high > low + 1 && close_range(low + 1, high - 1, 0) < 0)
		return -1;
	return close_range(high + 1, ~0U, 0);
}

int
sandbox_enter(struct sandbox *s, const struct sandbox_limits *limits, int fd)
{
	if (close_others(fd, s->landlock) < 0 || set_limits(s, limits) < 0)
		return -1;
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0)
		return -1;
	if (s->landlock >= 0 &&
	    (syscall(SYS_landlock_restrict_self, s->landlock, 0) < 0 ||
	    close(s->landlock) < 0))
		return -1;
	return (int)syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &s->filter);
}
