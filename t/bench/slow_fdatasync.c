/* SPDX-License-Identifier: BSD-2-Clause */
/* A disk that takes 10 ms to be sure: preload it to see what a commit carries. */
#include <time.h>
#include <unistd.h>

int
fdatasync(int fd)
{
	struct timespec pause = { .tv_nsec = 10 * 1000 * 1000 };

	(void)fd;
	nanosleep(&pause, NULL);
	return 0;
}
