/* SPDX-License-Identifier: BSD-2-Clause */
#include <criterion/criterion.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/config.h"
#include "base/err.h"
#include "base/fault.h"

static char path[] = "/tmp/vanthu-config-XXXXXX";
static struct config c;
static struct faults f;
static struct err e;
static char *said;

static void
end(void)
{
	unlink(path);
	config_end(&c);
	faults_end(&f);
	free(said);
}

TestSuite(config, .fini = end);

/* Load ${text}; what it says of it, without the file's name, is in ${said}. */
static int
load(const char *text)
{
	int fd = mkstemp(path), rc;
	char *p, *q;
	FILE *out;
	size_t n;

	cr_assert_geq(fd, 0);
	cr_assert_eq(write(fd, text, strlen(text)), (ssize_t)strlen(text));
	close(fd);
	rc = config_load(path, &c, &f, &e);
	out = open_memstream(&said, &n);
	faults_print(&f, out, false);
	fclose(out);
	while ((p = strstr(said, path)) != NULL) {
		q = p + strlen(path) + 1;
		memmove(p, q, strlen(q) + 1);
	}
	return rc;
}

Test(config, an_empty_file_gives_the_defaults)
{
	cr_assert_eq(load(""), 0, "%s", e.text);
	cr_assert_str_eq(said, "");
	cr_assert_str_eq(c.socket, "unix:/var/spool/postfix/vanthu/vanthu.sock");
	cr_assert_eq(c.socket_mode, 0660);
	cr_assert_str_eq(c.ledger, LOCALSTATEDIR "/lib/vanthu/ledger");
	cr_assert_str_eq(c.control, RUNSTATEDIR "/vanthu/control");
	cr_assert_str_eq(c.policy, SYSCONFDIR "/vanthu/policy");
	cr_assert_str_eq(c.maillog, "");
	cr_assert_neq(c.hostname[0], '\0');
	cr_assert_eq(c.min_trust, 1);
	cr_assert_eq(c.grace_ms, 600000);
	cr_assert_eq(c.retention_ms, 900 * (int64_t)86400000);
	cr_assert_eq(c.on_error, ON_ERROR_TEMPFAIL);
	cr_assert_eq(c.message_size_limit, 64 << 20);
	cr_assert_eq(c.ledger_size_limit, (size_t)64 << 30);
	cr_assert_eq(c.judge_time_ms, 5000);
	cr_assert_eq(c.judge_limit, 0);
}

Test(config, values_of_every_kind_are_taken)
{
	cr_assert_eq(load("socket = inet:8899@127.0.0.1\nsocket_mode=600\n"
	    "ledger\t=\t/srv/led ger \nmin_trust = 3\non_error = reject\n"
	    "success_notices = pass\n"
	    "message_size_limit = 10m\npart_limit = 7\njudge_time = 250ms\n"
	    "authserv_id = mx.a.vn\n\tmx.b.vn\n"), 0, "%s", said);
	cr_assert_str_eq(said, "");
	cr_assert_str_eq(c.socket, "inet:8899@127.0.0.1");
	cr_assert_eq(c.socket_mode, 0600);
	cr_assert_str_eq(c.ledger, "/srv/led ger");
	cr_assert_eq(c.min_trust, 3);
	cr_assert_eq(c.on_error, ON_ERROR_REJECT);
	cr_assert_eq(c.success_notices, SUCCESS_NOTICES_PASS);
	cr_assert_eq(c.message_size_limit, 10 << 20);
	cr_assert_eq(c.part_limit, 7);
	cr_assert_eq(c.judge_time_ms, 250);
	cr_assert_str_eq(c.authserv_id, "mx.a.vn mx.b.vn");
}

Test(config, crlf_comments_and_a_missing_last_line_end_are_fine)
{
	cr_assert_eq(load("# a comment\r\n\r\nauthserv_id =\r\n  one\r\n"
	    "# between\r\n  two\r\n  # too\r\nuser = mail"), 0, "%s", said);
	cr_assert_str_eq(said, "");
	cr_assert_str_eq(c.authserv_id, "one two");
	cr_assert_str_eq(c.user, "mail");
}

Test(config, all_faults_come_in_one_run_with_their_place)
{
	cr_assert_eq(load("legder = /x\n"
	    "socket = /run/x\n"
	    "socket_mode = 0888\n"
	    "what is this\n"
	    "spool_limit = 3T\n"
	    "on_error = drop\n"
	    "part_limit = 0\n"
	    "nothing_like_it = 1\n"
	    "user =\n"), -1);
	cr_assert_str_eq(said,
	    "1:1: unknown name 'legder' (did you mean 'ledger'?)\n"
	    "2:10: socket: '/run/x' is no socket: write unix:PATH or "
	    "inet:PORT@HOST\n"
	    "3:15: socket_mode: '0888' is no mode: write it in octal, as 0660\n"
	    "4:1: expected name = value\n"
	    "5:15: spool_limit: '3T' is no size: write bytes, or a number and "
	    "K, M or G\n"
	    "6:12: on_error: 'drop' is none of tempfail, accept, reject\n"
	    "7:14: part_limit: 0 is out of range (1 to 1000000)\n"
	    "8:1: unknown name 'nothing_like_it'\n"
	    "9:6: user: a value is missing\n");
	cr_assert_eq(c.part_limit, 1000);
}

Test(config, values_that_could_not_work_are_faults)
{
	cr_assert_eq(load("socket = inet:0@x\n"
	    "socket = inet:70000@x\n"
	    "socket = inet:25@\n"
	    "socket = unix:relative\n"
	    "spool = relative\n"
	    "header = Bad Name\n"
	    "header = Bad:Name\n"
	    "socket_mode = 01777\n"
	    "group = a b\n"
	    "grace = 5 parsecs\n"
	    "grace = 10m # ten\n"
	    "memory_limit = 99999999999999999999\n"
	    "memory_limit = 99999999999999G\n"
	    "min_trust = -1\n"), -1);
	cr_assert_eq(f.errors, 14, "%s", said);
}

Test(config, a_socket_path_that_bind_would_cut_is_a_fault)
{
	char text[300] = "control = /";

	memset(text + strlen(text), 'x', 107);
	cr_assert_eq(load(text), -1);
	cr_assert_eq(f.errors, 1);
	cr_assert_not_null(strstr(said, "at most 107 bytes"));
}

Test(config, the_last_of_two_wins_with_a_warning)
{
	cr_assert_eq(load("user = one\n\nuser = two\n"), 0);
	cr_assert_str_eq(c.user, "two");
	cr_assert_str_eq(said, "3:1: warning: user is set twice: this one counts, "
	    "line 1 does not\n");
}

Test(config, what_this_version_does_not_use_is_said)
{
	cr_assert_eq(load("calendar = /x\n"), 0);
	cr_assert_str_eq(said,
	    "1:1: warning: calendar is not used by this version\n");
}

Test(config, the_log_and_who_writes_it_are_named)
{
	cr_assert_eq(load("maillog = /var/log/mail.log\n"
	    "maillog_writer = postlogd\n"), 0);
	cr_expect_str_eq(c.maillog, "/var/log/mail.log");
	cr_expect_eq(c.maillog_writer, LOG_WRITER_POSTLOGD);
}

Test(config, a_log_has_a_path_and_a_known_writer)
{
	cr_expect_eq(load("maillog = mail.log\nmaillog_writer = rsyslog\n"), -1);
	cr_expect_eq(f.errors, 2);
}

Test(config, nothing_is_said_of_an_unused_name_left_empty)
{
	cr_assert_eq(load("maillog =\ncalendar =\n"), 0);
	cr_assert_str_eq(said, "");
}

Test(config, a_continuation_of_nothing_is_a_fault)
{
	cr_assert_eq(load("  user = x\n"), -1);
	cr_assert_eq(f.errors, 1);
}

Test(config, a_file_that_cannot_be_read_gives_the_reason)
{
	cr_assert_eq(config_load("/nowhere/vanthu.conf", &c, &f, &e), -1);
	cr_assert_not_null(strstr(e.text, "/nowhere/vanthu.conf"));
	cr_assert_eq(f.errors, 0);
	cr_assert_neq(c.socket[0], '\0');
}
