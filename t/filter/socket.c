/* SPDX-License-Identifier: BSD-2-Clause */
#include <criterion/criterion.h>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/err.h"
#include "filter/socket.h"

static char folder[] = "/tmp/vanthu-socket-XXXXXX";
static char path[64], where[80];

static void
make_folder(void)
{
	cr_assert_not_null(mkdtemp(folder));
	snprintf(path, sizeof(path), "%s/s", folder);
	snprintf(where, sizeof(where), "unix:%s", path);
}

static void
remove_folder(void)
{
	unlink(path);
	rmdir(folder);
}

TestSuite(socket, .init = make_folder, .fini = remove_folder);

Test(socket, a_stale_socket_is_removed)
{
	struct err e;
	int fd = socket_listen(path, &e);

	cr_assert_geq(fd, 0, "%s", e.text);
	close(fd);
	cr_expect_eq(access(path, F_OK), 0);
	cr_expect_eq(socket_clear(where, &e), 0, "%s", e.text);
	cr_expect_neq(access(path, F_OK), 0);
}

Test(socket, one_that_is_served_is_in_use, .timeout = 30)
{
	struct err e;
	int fd = socket_listen(path, &e);

	cr_assert_geq(fd, 0, "%s", e.text);
	cr_expect_eq(socket_clear(where, &e), -1);
	cr_expect(strstr(e.text, path) != NULL, "%s", e.text);
	cr_expect(strstr(e.text, "in use") != NULL, "%s", e.text);
	cr_expect_eq(access(path, F_OK), 0);
	close(fd);
}

Test(socket, a_free_port_is_clear_and_a_served_one_is_not, .timeout = 30)
{
	struct sockaddr_in a = { .sin_family = AF_INET,
	    .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t n = sizeof(a);
	int fd = socket(AF_INET, SOCK_STREAM, 0);
	char inet[64];
	struct err e;

	cr_assert_eq(bind(fd, (struct sockaddr *)&a, n), 0);
	cr_assert_eq(getsockname(fd, (struct sockaddr *)&a, &n), 0);
	snprintf(inet, sizeof(inet), "inet:%d@127.0.0.1", ntohs(a.sin_port));
	cr_expect_eq(socket_clear(inet, &e), 0, "%s", e.text);
	cr_assert_eq(listen(fd, 8), 0);
	cr_expect_eq(socket_clear(inet, &e), -1);
	close(fd);
}

Test(socket, sharing_sets_the_mode_whatever_the_umask)
{
	struct stat st;
	struct err e;
	int fd = socket_listen(path, &e);

	cr_assert_eq(socket_share(where, 0660, "", &e), 0, "%s", e.text);
	cr_assert_eq(stat(path, &st), 0);
	cr_expect_eq(st.st_mode & 0777, 0660);
	close(fd);
}
