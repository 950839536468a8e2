/* SPDX-License-Identifier: BSD-2-Clause */
#include <sys/stat.h>

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/err.h"

#include "ledger/statefile.h"

static int
write_all(int fd, struct span bytes)
{
	ssize_t n;

	while (bytes.n != 0) {
		n = write(fd, bytes.p, bytes.n);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -1;
		bytes = span_sub(bytes, (size_t)n, bytes.n);
	}
	return fsync(fd);
}

static int
sync_folder(const char *folder, struct err *e)
{
	int fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	int rc;

	if (fd < 0)
		return err_errno(e, "%s", folder);
	rc = fsync(fd);
	if (rc < 0)
		err_errno(e, "%s", folder);
	close(fd);
	return rc;
}

static int
write_new(const char *path, struct span bytes, struct err *e)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW,
	    0640);
	int rc;

	if (fd < 0)
		return err_errno(e, "%s", path);
	rc = write_all(fd, bytes);
	if (rc < 0)
		err_errno(e, "%s", path);
	if (close(fd) < 0 && rc == 0)
		rc = err_errno(e, "%s", path);
	return rc;
}

int
statefile_put(const char *folder, const char *name, struct span bytes,
    struct err *e)
{
	struct arena *a = arena_new();
	const char *path = arena_print(a, "%s/%s", folder, name);
	const char *new = arena_print(a, "%s.new", path);
	int rc = write_new(new, bytes, e);

	if (rc == 0 && rename(new, path) < 0)
		rc = err_errno(e, "%s", path);
	if (rc < 0)
		unlink(new);
	else
		rc = sync_folder(folder, e);
	arena_free(a);
	return rc;
}

static int
read_all(int fd, const char *path, size_t limit, struct arena *a,
    struct span *bytes, struct err *e)
{
	struct stat st;
	size_t got = 0;
	char *room;
	ssize_t n;

	if (fstat(fd, &st) < 0)
		return err_errno(e, "%s", path);
	if (st.st_size < 0 || (size_t)st.st_size > limit)
		return err_set(e, "%s: larger than %zu bytes", path, limit);
	room = arena_alloc(a, (size_t)st.st_size + 1);
	while (got < (size_t)st.st_size) {
		n = read(fd, room + got, (size_t)st.st_size - got);
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return err_errno(e, "%s", path);
		got += (size_t)n;
	}
	*bytes = (struct span){ room, got };
	return 1;
}

int
statefile_get(const char *folder, const char *name, size_t limit,
    struct arena *a, struct span *bytes, struct err *e)
{
	const char *path = arena_print(a, "%s/%s", folder, name);
	int fd = open(path, O_RDONLY | O_CLOEXEC), rc;

	if (fd < 0 && (errno == ENOENT || errno == ENOTDIR))
		return 0;
	if (fd < 0)
		return err_errno(e, "%s", path);
	rc = read_all(fd, path, limit, a, bytes, e);
	close(fd);
	return rc;
}
