/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef T_EXTRACT_SERVING_H
#define T_EXTRACT_SERVING_H

#include <unistd.h>

#include "base/err.h"

/* A sanitizer's allocator ends the process where libc's says that there is no room. */
#ifdef __SANITIZE_ADDRESS__
#define SERVING_NO_MEMORY PART_HELPER
#else
#define SERVING_NO_MEMORY PART_MEMORY
#endif

/* The server of hostile.c on ${fd}: a process of its own, as the fork server is. */
static inline pid_t
serving_start(int fd)
{
	pid_t pid = fork();

	must(pid >= 0);
	if (pid != 0)
		return pid;
	if (fd == 3 || dup2(fd, 3) == 3)
		execl(HOSTILE, HOSTILE, (char *)NULL);
	_exit(127);
}

#endif /* !T_EXTRACT_SERVING_H */
