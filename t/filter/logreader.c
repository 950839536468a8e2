/* SPDX-License-Identifier: BSD-2-Clause */
#include <criterion/criterion.h>

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "filter/logreader.h"

#define NOW INT64_C(1795503600000)

static char folder[64], path[128], older[128];

static void
begin(void)
{
	strcpy(folder, "/tmp/vanthu-log-XXXXXX");
	cr_assert_not_null(mkdtemp(folder));
	snprintf(path, sizeof(path), "%s/mail.log", folder);
	snprintf(older, sizeof(older), "%s/mail.log.1", folder);
}

static void
end(void)
{
	char command[128];

	snprintf(command, sizeof(command), "rm -r %s", folder);
	cr_assert_eq(system(command), 0);
}

TestSuite(logreader, .init = begin, .fini = end);

static void
add(const char *file, const char *text)
{
	FILE *out = fopen(file, "a");

	cr_assert_not_null(out);
	fputs(text, out);
	fclose(out);
}

static bool
give(struct logreader *r)
{
	struct logfiles l;

	logfile_open(path, true, &l);
	return logreader_give(r, &l, NOW);
}

/* All lines that there are, with "|" behind each. */
static const char *
lines(struct logreader *r)
{
	static char text[1000];
	struct span line;
	size_t n = 0;

	while (logreader_next(r, &line))
		n += (size_t)snprintf(text + n, sizeof(text) - n, "%.*s|",
		    SPAN_PRINT(line));
	text[n] = '\0';
	return text;
}

static struct logreader *
again(struct logreader *r)
{
	struct log_position p;

	cr_assert(logreader_position(r, &p));
	logreader_free(r);
	return logreader_new(&p, 0);
}

Test(logreader, lines_come_whole_and_once)
{
	struct logreader *r = logreader_new(NULL, INT64_MAX);

	add(path, "one\ntwo\nthr");
	cr_expect(logreader_is_lost(r));
	cr_assert(give(r));
	cr_expect_str_eq(lines(r), "one|two|");
	add(path, "ee\n");
	cr_expect_str_eq(lines(r), "three|");
	cr_expect_str_eq(lines(r), "");
	logreader_free(r);
}

Test(logreader, a_restart_reads_on_where_it_was)
{
	struct logreader *r = logreader_new(NULL, INT64_MAX);

	add(path, "one\ntwo\nthr");
	give(r);
	lines(r);
	r = again(r);
	add(path, "ee\n");
	cr_assert(give(r));
	cr_expect_str_eq(lines(r), "three|");
	logreader_free(r);
}

Test(logreader, a_renamed_file_is_read_to_its_end_first)
{
	struct logreader *r = logreader_new(NULL, INT64_MAX);
	struct logfiles l;

	add(path, "one\n");
	give(r);
	cr_expect_str_eq(lines(r), "one|");
	rename(path, older);
	add(older, "two\n");
	cr_expect_str_eq(lines(r), "two|");
	add(path, "three\n");
	logfile_open(path, false, &l);
	cr_expect_not(logreader_is_reading(r, l.fds[0]));
	logfile_close(&l);
	add(older, "late\n");
	cr_assert(give(r));
	cr_expect_str_eq(lines(r), "late|three|");
	logfile_open(path, false, &l);
	cr_expect(logreader_is_reading(r, l.fds[0]));
	logfile_close(&l);
	logreader_free(r);
}

Test(logreader, several_rotations_while_nobody_read_are_caught_up)
{
	struct logreader *r = logreader_new(NULL, INT64_MAX);
	char oldest[128];

	snprintf(oldest, sizeof(oldest), "%s/mail.log.2", folder);
	add(path, "one\ntwo\n");
	give(r);
	lines(r);
	r = again(r);
	add(path, "three\n");
	rename(path, oldest);
	add(older, "four\n");
	add(path, "five\n");
	cr_assert(give(r));
	cr_expect_str_eq(lines(r), "three|four|five|");
	logreader_free(r);
}

Test(logreader, a_file_that_is_copied_and_truncated_loses_nothing)
{
	struct logreader *r = logreader_new(NULL, INT64_MAX);

	add(path, "one\ntwo\n");
	give(r);
	lines(r);
	add(older, "one\ntwo\nthree\n");
	cr_assert_eq(truncate(path, 0), 0);
	add(path, "4\n");
	cr_expect_str_eq(lines(r), "");
	cr_assert(logreader_is_lost(r));
	cr_assert(give(r));
	cr_expect_str_eq(lines(r), "three|4|");
	logreader_free(r);
}

Test(logreader, a_truncated_file_that_grew_again_is_seen_by_its_bytes)
{
	struct logreader *r = logreader_new(NULL, INT64_MAX);
	struct log_position p;

	add(path, "one\ntwo\n");
	give(r);
	lines(r);
	cr_assert_eq(truncate(path, 0), 0);
	add(path, "three and much more\n");
	cr_expect_str_eq(lines(r), "");
	cr_assert(logreader_is_lost(r));
	cr_expect_not(give(r), "its copy is gone: a gap");
	cr_expect_str_eq(lines(r), "three and much more|");
	cr_assert(logreader_position(r, &p));
	cr_expect_eq(p.gap_ms, NOW);
	logreader_free(r);
}

Test(logreader, a_line_that_is_too_long_is_left_out_whole)
{
	struct logreader *r = logreader_new(NULL, INT64_MAX);
	char *much = malloc(200001);

	memset(much, 'x', 200000);
	much[200000] = '\0';
	add(path, "one\n");
	add(path, much);
	give(r);
	cr_expect_str_eq(lines(r), "one|");
	r = again(r);
	cr_assert(give(r));
	cr_expect_str_eq(lines(r), "", "its rest is not a line after a restart");
	add(path, "x\ntwo\n");
	cr_expect_str_eq(lines(r), "two|");
	r = again(r);
	add(path, "three\n");
	cr_assert(give(r));
	cr_expect_str_eq(lines(r), "three|");
	logreader_free(r);
	free(much);
}

Test(logreader, without_a_log_it_waits_for_one)
{
	struct logreader *r = logreader_new(NULL, INT64_MAX);
	struct log_position p;

	cr_expect(give(r));
	cr_expect(logreader_is_lost(r));
	cr_expect_str_eq(lines(r), "");
	cr_expect_not(logreader_position(r, &p));
	add(path, "one\n");
	give(r);
	cr_expect_str_eq(lines(r), "one|");
	logreader_free(r);
}

static void
set_changed(const char *file, int64_t at_ms)
{
	struct timespec times[2] = { { .tv_sec = at_ms / 1000 },
	    { .tv_sec = at_ms / 1000 } };

	cr_assert_eq(utimensat(AT_FDCWD, file, times, 0), 0);
}

Test(logreader, the_first_time_it_begins_with_the_files_since_there_are_documents)
{
	struct logreader *r = logreader_new(NULL, NOW);
	char oldest[128];

	snprintf(oldest, sizeof(oldest), "%s/mail.log.2", folder);
	add(oldest, "zero\n");
	add(older, "one\n");
	add(path, "two\n");
	set_changed(oldest, NOW - 5000);
	set_changed(older, NOW + 1000);
	cr_assert(give(r));
	cr_expect_str_eq(lines(r), "one|two|");
	logreader_free(r);
	r = logreader_new(NULL, INT64_MAX);
	cr_assert(give(r));
	cr_expect_str_eq(lines(r), "two|");
	logreader_free(r);
}
