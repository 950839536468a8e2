/* SPDX-License-Identifier: BSD-2-Clause */
#include <criterion/criterion.h>

#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "filter/spool.h"

static atomic_int_fast64_t bytes;

static struct spool_limits
limits(size_t memory, size_t message, size_t total)
{
	return (struct spool_limits){ .folder = "/tmp", .memory = memory,
	    .message = message, .total = total, .bytes = &bytes };
}

static void
expect_pattern(struct spool *s, size_t n)
{
	struct span all;
	struct err e;

	cr_assert_eq(spool_bytes(s, &all, &e), 0, "%s", e.text);
	cr_assert_eq(all.n, n);
	for (size_t i = 0; i < n; i++)
		cr_assert_eq(all.p[i], (char)('a' + i % 26));
}

static enum spool_answer
add_pattern(struct spool *s, size_t from, size_t n)
{
	char *text = malloc(n);
	enum spool_answer answer;

	for (size_t i = 0; i < n; i++)
		text[i] = (char)('a' + (from + i) % 26);
	answer = spool_add(s, (struct span){ text, n });
	free(text);
	return answer;
}

Test(spool, small_messages_stay_in_memory)
{
	struct spool_limits l = limits(100, 1000, 1000);
	struct spool *s = spool_new(&l);

	cr_expect_eq(add_pattern(s, 0, 60), SPOOL_KEPT);
	cr_expect_eq(add_pattern(s, 60, 40), SPOOL_KEPT);
	cr_expect_eq(atomic_load(&bytes), 0);
	expect_pattern(s, 100);
	spool_free(s);
}

Test(spool, large_messages_go_to_a_file_and_come_back_whole)
{
	struct spool_limits l = limits(100, 100000, 100000);
	struct spool *s = spool_new(&l);

	for (size_t at = 0; at < 50000; at += 500)
		cr_assert_eq(add_pattern(s, at, 500), SPOOL_KEPT);
	cr_expect_eq(atomic_load(&bytes), 50000);
	expect_pattern(s, 50000);
	spool_reset(s);
	cr_expect_eq(atomic_load(&bytes), 0);
	cr_expect_eq(add_pattern(s, 0, 10), SPOOL_KEPT);
	expect_pattern(s, 10);
	spool_free(s);
}

Test(spool, a_message_beyond_its_limit_is_too_large_and_stays_so)
{
	struct spool_limits l = limits(100, 200, 100000);
	struct spool *s = spool_new(&l);

	cr_expect_eq(add_pattern(s, 0, 200), SPOOL_KEPT);
	cr_expect_eq(add_pattern(s, 200, 1), SPOOL_TOO_LARGE);
	cr_expect_eq(spool_add(s, span_of("")), SPOOL_TOO_LARGE);
	expect_pattern(s, 200);
	spool_free(s);
}

Test(spool, all_files_together_have_a_limit_that_is_given_back)
{
	struct spool_limits l = limits(10, 1000, 150);
	struct spool *a = spool_new(&l), *b = spool_new(&l);

	cr_expect_eq(add_pattern(a, 0, 100), SPOOL_KEPT);
	cr_expect_eq(add_pattern(b, 0, 100), SPOOL_NO_ROOM);
	spool_free(a);
	spool_reset(b);
	cr_expect_eq(add_pattern(b, 0, 100), SPOOL_KEPT);
	spool_free(b);
	cr_expect_eq(atomic_load(&bytes), 0);
}

Test(spool, a_folder_that_cannot_be_written_is_no_room)
{
	struct spool_limits l = limits(10, 1000, 1000);
	struct spool *s;

	l.folder = "/nonexistent";
	s = spool_new(&l);
	cr_expect_eq(add_pattern(s, 0, 100), SPOOL_NO_ROOM);
	cr_expect_eq(atomic_load(&bytes), 0);
	spool_free(s);
}
