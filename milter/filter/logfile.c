/* SPDX-License-Identifier: BSD-2-Clause */
#include <sys/socket.h>
#include <sys/stat.h>

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/err.h"

#include "filter/logfile.h"

#define POSTLOGD "/postlogd"

/* Only a file can be read again from where it was left. */
static int
open_log(int folder, const char *name)
{
	int fd = openat(folder, name, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	struct stat st;

	if (fd >= 0 && fstat(fd, &st) == 0 && S_ISREG(st.st_mode))
		return fd;
	if (fd >= 0)
		close(fd);
	return -1;
}

static bool
is_compressed(const char *name)
{
	static const char *const ends[] = { ".gz", ".xz", ".bz2", ".zst", NULL };
	size_t n = strlen(name);

	for (size_t i = 0; ends[i] != NULL; i++)
		if (n > strlen(ends[i]) &&
		    strcmp(name + n - strlen(ends[i]), ends[i]) == 0)
			return true;
	return false;
}

static bool
is_rotated(const char *name, const char *log)
{
	size_t n = strlen(log);

	return strncmp(name, log, n) == 0 && (name[n] == '.' || name[n] == '-') &&
	    !is_compressed(name);
}

struct rotated {
	int fd;
	struct timespec changed;
};

/* The newest first. */
static int
by_age(const void *left, const void *right)
{
	const struct timespec *a = &((const struct rotated *)left)->changed;
	const struct timespec *b = &((const struct rotated *)right)->changed;

	if (a->tv_sec != b->tv_sec)
		return a->tv_sec < b->tv_sec ? 1 : -1;
	return (a->tv_nsec < b->tv_nsec) - (a->tv_nsec > b->tv_nsec);
}

/* Keep the newest: the one that is too many goes. */
static void
keep(struct rotated *list, size_t *n, int fd)
{
	struct stat st;

	if (fd < 0 || fstat(fd, &st) < 0) {
		if (fd >= 0)
			close(fd);
		return;
	}
	list[(*n)++] = (struct rotated){ fd, st.st_mtim };
	qsort(list, *n, sizeof(*list), by_age);
	if (*n == LOGFILES_MAX)
		close(list[--*n].fd);
}

static void
open_rotated(const char *path, struct logfiles *l)
{
	struct rotated list[LOGFILES_MAX];
	char folder[PATH_MAX];
	const char *name = strrchr(path, '/');
	struct dirent *entry;
	size_t n = 0;
	DIR *d;

	if (name == NULL || (size_t)(name - path) >= sizeof(folder))
		return;
	snprintf(folder, sizeof(folder), "%.*s/", (int)(name - path), path);
	if ((d = opendir(folder)) == NULL)
		return;
	while ((entry = readdir(d)) != NULL)
		if (is_rotated(entry->d_name, name + 1))
			keep(list, &n, open_log(dirfd(d), entry->d_name));
	closedir(d);
	while (n > 0)
		l->fds[l->count++] = list[--n].fd;
}

void
logfile_open(const char *path, bool with_rotated, struct logfiles *l)
{
	int fd = open_log(AT_FDCWD, path);

	*l = (struct logfiles){ .count = 0 };
	if (fd < 0)
		return;
	if (with_rotated)
		open_rotated(path, l);
	l->fds[l->count++] = fd;
}

void
logfile_close(struct logfiles *l)
{
	for (size_t i = 0; i < l->count; i++)
		close(l->fds[i]);
	l->count = 0;
}

static bool
is_number(const char *name)
{
	while (isdigit((unsigned char)*name))
		name++;
	return *name == '\0';
}

/* Is descriptor ${name} of the process open for writing? */
static bool
is_writing(int info, const char *name)
{
	char text[256], *flags;
	int fd = openat(info, name, O_RDONLY | O_CLOEXEC);
	ssize_t n = fd >= 0 ? read(fd, text, sizeof(text) - 1) : -1;

	if (fd >= 0)
		close(fd);
	if (n < 0)
		return false;
	text[n] = '\0';
	flags = strstr(text, "flags:");
	return flags != NULL &&
	    (strtol(flags + 6, NULL, 8) & O_ACCMODE) != O_RDONLY;
}

/* Does the process write to the file? */
static bool
writes_to(const char *pid, const struct stat *file)
{
	char path[300];
	struct dirent *entry;
	struct stat st;
	bool found = false;
	DIR *fds;
	int info;

	snprintf(path, sizeof(path), "/proc/%s/fdinfo", pid);
	info = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	snprintf(path, sizeof(path), "/proc/%s/fd", pid);
	fds = opendir(path);
	while (fds != NULL && !found && (entry = readdir(fds)) != NULL)
		found = isdigit((unsigned char)entry->d_name[0]) &&
		    fstatat(dirfd(fds), entry->d_name, &st, 0) == 0 &&
		    st.st_dev == file->st_dev && st.st_ino == file->st_ino &&
		    is_writing(info, entry->d_name);
	if (fds != NULL)
		closedir(fds);
	if (info >= 0)
		close(info);
	return found;
}

static bool
is_postlogd(const char *pid)
{
	char path[300], target[PATH_MAX];
	ssize_t n;

	snprintf(path, sizeof(path), "/proc/%s/exe", pid);
	n = readlink(path, target, sizeof(target) - 1);
	if (n < (ssize_t)strlen(POSTLOGD))
		return false;
	target[n] = '\0';
	return strcmp(target + n - strlen(POSTLOGD), POSTLOGD) == 0;
}

bool
logfile_has_only_postlogd(int fd)
{
	DIR *proc = opendir("/proc");
	struct dirent *entry;
	struct stat file;
	bool has_postlogd = false, has_other = false;

	if (proc == NULL)
		return false;
	if (fstat(fd, &file) == 0) {
		while (!has_other && (entry = readdir(proc)) != NULL) {
			if (!is_number(entry->d_name) ||
			    !writes_to(entry->d_name, &file))
				continue;
			if (is_postlogd(entry->d_name))
				has_postlogd = true;
			else
				has_other = true;
		}
	}
	closedir(proc);
	return has_postlogd && !has_other;
}

union control {
	struct cmsghdr header;
	char room[CMSG_SPACE(LOGFILES_MAX * sizeof(int))];
};

/* A second byte says who writes the log. */
int
logfile_send(int socket, char order, const struct logfiles *l)
{
	char bytes[2] = { order, (char)l->is_postlogd };
	struct iovec vector = { bytes, sizeof(bytes) };
	union control control = { .room = { 0 } };
	struct msghdr m = { .msg_iov = &vector, .msg_iovlen = 1 };

	if (l->count > 0) {
		m.msg_control = &control;
		m.msg_controllen = CMSG_SPACE(l->count * sizeof(int));
		control.header.cmsg_level = SOL_SOCKET;
		control.header.cmsg_type = SCM_RIGHTS;
		control.header.cmsg_len = CMSG_LEN(l->count * sizeof(int));
		memcpy(CMSG_DATA(&control.header), l->fds, l->count * sizeof(int));
	}
	return sendmsg(socket, &m, MSG_NOSIGNAL) == (ssize_t)sizeof(bytes) ? 0 : -1;
}

int
logfile_receive(int socket, char *order, struct logfiles *l)
{
	char bytes[2];
	struct iovec vector = { bytes, sizeof(bytes) };
	union control control;
	struct msghdr m = { .msg_iov = &vector, .msg_iovlen = 1,
	    .msg_control = &control, .msg_controllen = sizeof(control) };
	struct cmsghdr *c;
	ssize_t n;

	*l = (struct logfiles){ .count = 0 };
	do
		n = recvmsg(socket, &m, MSG_CMSG_CLOEXEC | MSG_WAITALL);
	while (n < 0 && errno == EINTR);
	if (n != (ssize_t)sizeof(bytes))
		return n <= 0 ? (int)n : -1;
	c = CMSG_FIRSTHDR(&m);
	if (c != NULL && c->cmsg_level == SOL_SOCKET && c->cmsg_type == SCM_RIGHTS) {
		l->count = (c->cmsg_len - CMSG_LEN(0)) / sizeof(int);
		must(l->count <= LOGFILES_MAX);
		memcpy(l->fds, CMSG_DATA(c), l->count * sizeof(int));
	}
	*order = bytes[0];
	l->is_postlogd = bytes[1] != 0;
	return 1;
}
