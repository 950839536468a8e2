/* SPDX-License-Identifier: BSD-2-Clause */
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

#include <errno.h>
#include <grp.h>
#include <netdb.h>
#include <poll.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/err.h"
#include "base/log.h"

#include "filter/socket.h"

#define WAIT_MS 5000

/* The path of "unix:PATH" or "local:PATH"; NULL for inet. */
static const char *
unix_path(const char *where)
{
	if (strncmp(where, "unix:", 5) == 0)
		return where + 5;
	if (where[0] == '/')
		return where;
	return NULL;
}

static int
unix_address(const char *path, struct sockaddr_un *address, struct err *e)
{
	*address = (struct sockaddr_un){ .sun_family = AF_UNIX };
	if (strlen(path) >= sizeof(address->sun_path))
		return err_set(e, "%s: a socket's path may have at most %zu "
		    "bytes", path, sizeof(address->sun_path) - 1);
	strcpy(address->sun_path, path);
	return 0;
}

/* 1 somebody serves it, 0 nobody does, -1 cannot tell. */
static int
unix_is_served(const char *path, struct err *e)
{
	struct sockaddr_un address;
	int fd, rc;

	if (unix_address(path, &address, e) < 0)
		return -1;
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd < 0)
		return err_errno(e, "cannot make a socket");
	rc = connect(fd, (struct sockaddr *)&address, sizeof(address));
	/* EAGAIN: somebody listens, with more callers than it takes. */
	if (rc < 0 && errno == EAGAIN)
		rc = 0;
	else if (rc < 0 && (errno == ECONNREFUSED || errno == ENOENT ||
	    errno == ENOTSOCK))
		rc = 1;
	else if (rc < 0)
		err_errno(e, "%s: cannot look who serves this socket", path);
	close(fd);
	return rc < 0 ? -1 : !rc;
}

/* Does somebody take the call, or at least not refuse it? */
static bool
inet_answers(const struct addrinfo *a)
{
	struct pollfd wait = { .events = POLLOUT };
	socklen_t n = sizeof(int);
	int failure = 0, rc;

	wait.fd = socket(a->ai_family,
	    SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (wait.fd < 0)
		return false;
	rc = connect(wait.fd, a->ai_addr, a->ai_addrlen);
	if (rc < 0 && errno == EINPROGRESS && poll(&wait, 1, 1000) > 0) {
		getsockopt(wait.fd, SOL_SOCKET, SO_ERROR, &failure, &n);
		rc = failure == 0 ? 0 : -1;
	} else if (rc < 0 && errno == EINPROGRESS) {
		rc = 0;
	}
	close(wait.fd);
	return rc == 0;
}

/* inet:PORT@HOST, as getaddrinfo(3) has it; 1 served, 0 not. */
static int
inet_is_served(const char *where, struct err *e)
{
	struct addrinfo hints = { .ai_socktype = SOCK_STREAM }, *list = NULL;
	char port[32], host[256] = "127.0.0.1";
	int served = 0;

	if (sscanf(where, "inet:%31[^@]@%255s", port, host) < 1)
		return err_set(e, "%s: want unix:PATH or inet:PORT@HOST", where);
	if (getaddrinfo(host, port, &hints, &list) != 0)
		return err_set(e, "%s: no such host or port", where);
	for (struct addrinfo *a = list; a != NULL && !served; a = a->ai_next)
		served = inet_answers(a);
	freeaddrinfo(list);
	return served;
}

int
socket_clear(const char *where, struct err *e)
{
	const char *path = unix_path(where);
	int64_t end = clock_monotonic_ms() + WAIT_MS;
	int served;

	for (;;) {
		served = path != NULL ? unix_is_served(path, e) :
		    inet_is_served(where, e);
		if (served <= 0 || clock_monotonic_ms() >= end)
			break;
		usleep(100000);
	}
	if (served < 0)
		return -1;
	if (served)
		return err_set(e, "%s: this socket is in use by another "
		    "process; stop it or set another one", where);
	if (path != NULL && unlink(path) < 0 && errno != ENOENT)
		return err_errno(e, "%s: cannot remove a stale socket", path);
	return 0;
}

int
socket_share(const char *where, mode_t mode, const char *group, struct err *e)
{
	const char *path = unix_path(where);
	struct group *g;

	if (path == NULL)
		return 0;
	if (chmod(path, mode) < 0)
		return err_errno(e, "%s: cannot set mode %04o", path, mode);
	if (group[0] == '\0')
		return 0;
	g = getgrnam(group);
	if (g != NULL && chown(path, (uid_t)-1, g->gr_gid) == 0)
		return 0;
	log_event(LOG_LEVEL_WARNING, "socket-group", "socket", path, "group",
	    group, "reason", g == NULL ? "no such group; set socket_group" :
	    strerror(errno), NULL);
	return 0;
}

static int
listen_at(int family, const struct sockaddr *address, socklen_t n, const char *where,
    struct err *e)
{
	int fd = socket(family, SOCK_STREAM | SOCK_CLOEXEC, 0), on = 1;

	if (fd < 0)
		return err_errno(e, "cannot make a socket");
	if (family != AF_UNIX)
		setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
	if (bind(fd, address, n) == 0 && listen(fd, 16) == 0)
		return fd;
	err_errno(e, "%s: cannot listen here", where);
	close(fd);
	return -1;
}

static int
listen_inet(const char *where, struct err *e)
{
	struct addrinfo hints = { .ai_socktype = SOCK_STREAM,
	    .ai_flags = AI_PASSIVE }, *list = NULL;
	char port[32], host[256];
	int fd;

	if (sscanf(where, "inet:%31[^@]@%255s", port, host) != 2)
		return err_set(e, "%s: want unix:PATH or inet:PORT@HOST", where);
	if (getaddrinfo(host, port, &hints, &list) != 0)
		return err_set(e, "%s: no such host or port", where);
	fd = listen_at(list->ai_family, list->ai_addr, list->ai_addrlen, where, e);
	freeaddrinfo(list);
	return fd;
}

int
socket_listen(const char *where, struct err *e)
{
	const char *path = unix_path(where);
	struct sockaddr_un address;

	if (path == NULL)
		return listen_inet(where, e);
	if (unix_address(path, &address, e) < 0)
		return -1;
	return listen_at(AF_UNIX, (struct sockaddr *)&address, sizeof(address),
	    path, e);
}
