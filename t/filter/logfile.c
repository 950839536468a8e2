/* SPDX-License-Identifier: BSD-2-Clause */
#include <criterion/criterion.h>

#include <sys/socket.h>
#include <sys/stat.h>

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "filter/logfile.h"

static char folder[64];

static void
begin(void)
{
	strcpy(folder, "/tmp/vanthu-log-XXXXXX");
	cr_assert_not_null(mkdtemp(folder));
}

static void
end(void)
{
	char command[128];

	snprintf(command, sizeof(command), "rm -r %s", folder);
	cr_assert_eq(system(command), 0);
}

TestSuite(logfile, .init = begin, .fini = end);

static const char *
path_of(const char *name)
{
	static char path[128];

	snprintf(path, sizeof(path), "%s/%s", folder, name);
	return path;
}

/* A file of one byte, changed ${age_s} ago. */
static void
make(const char *name, char byte, long age_s)
{
	struct timespec times[2] = { { 2000000000 - age_s, 0 },
	    { 2000000000 - age_s, 0 } };
	int fd = open(path_of(name), O_WRONLY | O_CREAT, 0600);

	cr_assert(fd >= 0 && write(fd, &byte, 1) == 1);
	cr_assert_eq(futimens(fd, times), 0);
	close(fd);
}

/* The first bytes of all files, in order. */
static const char *
bytes_of(const struct logfiles *l)
{
	static char text[LOGFILES_MAX + 1];

	for (size_t i = 0; i < l->count; i++)
		cr_assert_eq(pread(l->fds[i], text + i, 1, 0), 1);
	text[l->count] = '\0';
	return text;
}

Test(logfile, rotated_files_come_oldest_first_and_the_log_last)
{
	struct logfiles l;

	make("mail.log", 'c', 100);
	make("mail.log.1", 'b', 20);
	make("mail.log-20261101", 'a', 30);
	make("mail.log.2.gz", 'z', 10);
	make("mail.logs", 'z', 10);
	make("mail.err", 'z', 10);
	logfile_open(path_of("mail.log"), true, &l);
	cr_expect_str_eq(bytes_of(&l), "abc");
	logfile_close(&l);
	logfile_open(path_of("mail.log"), false, &l);
	cr_expect_str_eq(bytes_of(&l), "c");
	logfile_close(&l);
}

Test(logfile, of_many_the_newest_are_kept)
{
	struct logfiles l;
	char name[32];

	make("mail.log", '*', 0);
	for (int i = 0; i < 26; i++) {
		snprintf(name, sizeof(name), "mail.log.%d", i);
		make(name, (char)('a' + i), i);
	}
	logfile_open(path_of("mail.log"), true, &l);
	cr_expect_str_eq(bytes_of(&l), "onmlkjihgfedcba*");
	logfile_close(&l);
}

Test(logfile, what_is_no_file_is_no_log)
{
	struct logfiles l;

	logfile_open(path_of("mail.log"), true, &l);
	cr_expect_eq(l.count, 0);
	cr_assert_eq(mkfifo(path_of("mail.log"), 0600), 0);
	logfile_open(path_of("mail.log"), true, &l);
	cr_expect_eq(l.count, 0);
}

Test(logfile, descriptors_come_with_the_order_they_belong_to)
{
	struct logfiles l, none = { .count = 0 }, got;
	int pair[2];
	char order;

	make("mail.log", 'c', 0);
	make("mail.log.1", 'b', 1);
	cr_assert_eq(socketpair(AF_UNIX, SOCK_STREAM, 0, pair), 0);
	logfile_open(path_of("mail.log"), true, &l);
	l.is_postlogd = true;
	cr_assert_eq(logfile_send(pair[0], 'r', &none), 0);
	cr_assert_eq(logfile_send(pair[0], 'L', &l), 0);
	cr_assert_eq(logfile_send(pair[0], 'd', &none), 0);
	logfile_close(&l);
	cr_assert_eq(logfile_receive(pair[1], &order, &got), 1);
	cr_expect(order == 'r' && got.count == 0);
	cr_assert_eq(logfile_receive(pair[1], &order, &got), 1);
	cr_expect(order == 'L' && got.is_postlogd);
	cr_expect_str_eq(bytes_of(&got), "bc");
	logfile_close(&got);
	cr_assert_eq(logfile_receive(pair[1], &order, &got), 1);
	cr_expect(order == 'd' && got.count == 0 && !got.is_postlogd);
	close(pair[0]);
	cr_expect_eq(logfile_receive(pair[1], &order, &got), 0);
	close(pair[1]);
}

Test(logfile, a_log_that_somebody_else_writes_is_not_postlogd_s)
{
	int fd;

	make("mail.log", 'c', 0);
	fd = open(path_of("mail.log"), O_WRONLY);
	cr_expect_not(logfile_has_only_postlogd(fd), "we write to it");
	close(fd);
	fd = open(path_of("mail.log"), O_RDONLY);
	cr_expect_not(logfile_has_only_postlogd(fd), "nobody does");
	close(fd);
}
