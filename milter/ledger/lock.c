/* SPDX-License-Identifier: BSD-2-Clause */
#include <sys/file.h>

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/err.h"

#include "ledger/lock.h"

int
lock_take(const char *folder, int64_t wait_ms, struct err *e)
{
	int64_t end = clock_monotonic_ms() + wait_ms;
	char *path;
	int fd, rc;

	must(asprintf(&path, "%s/daemon.lock", folder) > 0);
	fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0640);
	if (fd < 0) {
		err_errno(e, "%s: cannot open; the ledger's folder must be "
		    "writable", path);
		free(path);
		return -1;
	}
	while ((rc = flock(fd, LOCK_EX | LOCK_NB)) < 0 &&
	    (errno == EWOULDBLOCK || errno == EINTR) &&
	    clock_monotonic_ms() < end)
		usleep(50000);
	if (rc < 0) {
		err_set(e, "%s: another milterd works on this ledger; stop it "
		    "or set another 'ledger'", path);
		close(fd);
		fd = -1;
	}
	free(path);
	return fd;
}
