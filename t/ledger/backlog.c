/* SPDX-License-Identifier: BSD-2-Clause */
#include <criterion/criterion.h>

#include <fcntl.h>
#include <sys/stat.h>

#include "ledger/backlog.h"

#include "fixture.h"

static struct fixture f;
static struct arena *a;

static void
begin(void)
{
	fixture_keys(&f);
	a = arena_new();
}

static void
end(void)
{
	char path[96];

	snprintf(path, sizeof(path), "%s/backlog", f.folder);
	unlink(path);
	arena_free(a);
	fixture_end(&f);
}

TestSuite(backlog, .init = begin, .fini = end);

static struct backlog *
reopen(struct backlog *b)
{
	struct err e = { "" };

	backlog_free(b);
	b = backlog_open(f.folder, &e);
	cr_assert_not_null(b, "%s", e.text);
	return b;
}

static struct finding
finding(int i)
{
	struct finding one = { .recipient = span_of(arena_print(a, "u%d@x.vn", i)),
	    .evidence = fixture_notice(CODE_FAILED, FIXTURE_NOW + i) };

	docid_mint(f.keys, FIXTURE_NOW + i, &one.id);
	one.evidence.reason = span_of("5.1.1 unknown");
	return one;
}

Test(backlog, what_is_kept_is_there_after_a_restart)
{
	struct backlog *b = reopen(NULL);
	struct finding kept[3], *list;
	struct err e;
	size_t n, mark;

	for (int i = 0; i < 3; i++)
		kept[i] = finding(i);
	cr_assert(backlog_is_empty(b));
	cr_assert_eq(backlog_add(b, kept, 2, &e), 1);
	cr_assert_eq(backlog_add(b, kept + 2, 1, &e), 1);
	b = reopen(b);
	cr_assert_not(backlog_is_empty(b));
	mark = backlog_read(b, a, &list, &n);
	cr_assert_eq(n, 3);
	for (int i = 0; i < 3; i++) {
		cr_assert_eq(memcmp(&list[i].id, &kept[i].id, sizeof(list[i].id)), 0);
		cr_assert(span_equal(list[i].recipient, kept[i].recipient));
		cr_assert(span_equal(list[i].evidence.reason, kept[i].evidence.reason));
		cr_assert_eq(list[i].evidence.code, CODE_FAILED);
		cr_assert_eq(list[i].evidence.seen_ms, kept[i].evidence.seen_ms);
	}
	backlog_drop(b, mark);
	cr_assert(backlog_is_empty(b));
	b = reopen(b);
	cr_assert(backlog_is_empty(b));
	backlog_free(b);
}

Test(backlog, nothing_that_came_meanwhile_is_dropped)
{
	struct backlog *b = reopen(NULL);
	struct finding one = finding(1), *list;
	struct err e;
	size_t n, mark;

	cr_assert_eq(backlog_add(b, &one, 1, &e), 1);
	mark = backlog_read(b, a, &list, &n);
	one = finding(2);
	cr_assert_eq(backlog_add(b, &one, 1, &e), 1);
	backlog_drop(b, mark);
	backlog_read(b, a, &list, &n);
	cr_assert_eq(n, 2);
	backlog_free(b);
}

Test(backlog, it_has_an_end)
{
	struct backlog *b = reopen(NULL);
	struct finding one = finding(1), *list;
	struct err e = { "" };
	size_t n, kept = 0;

	while (kept < 100000 && backlog_add(b, &one, 1, &e) >= 0)
		kept++;
	cr_assert(kept > 1000 && kept < 100000);
	cr_assert_not(e.text[0] == '\0');
	backlog_read(b, a, &list, &n);
	cr_assert_eq(n, kept);
	backlog_free(b);
}

Test(backlog, a_torn_record_ends_it_and_harms_nothing)
{
	char path[96];
	struct err e;

	snprintf(path, sizeof(path), "%s/backlog", f.folder);
	for (off_t at = 0; at < 200; at += 7) {
		struct backlog *b = reopen(NULL);
		struct finding one = finding(1), *list;
		size_t n;
		int fd;

		cr_assert_eq(backlog_add(b, &one, 1, &e), 1);
		cr_assert_eq(backlog_add(b, &one, 1, &e), 1);
		backlog_free(b);
		fd = open(path, O_RDWR);
		cr_assert_eq(pwrite(fd, "\xff\xff\xff\xff", 4, at), 4);
		close(fd);
		b = reopen(NULL);
		backlog_read(b, a, &list, &n);
		cr_assert_leq(n, 2);
		backlog_free(b);
		unlink(path);
	}
}


Test(backlog, the_writer_takes_up_what_waited)
{
	struct backlog *b = reopen(NULL);
	struct finding one = finding(1);
	struct receipt *rows;
	struct err e = { "" };
	size_t n;

	cr_assert_eq(backlog_add(b, &one, 1, &e), 1);
	f.store = store_open(f.folder, FIXTURE_LIMIT, &e);
	f.writer = writer_start(f.store, b, &e);
	cr_assert_not_null(f.writer, "%s", e.text);
	writer_stop(f.writer);
	f.writer = NULL;
	cr_assert(backlog_is_empty(b));
	cr_assert_eq(query_document(f.store, one.id.uuid, a, &fixture_rules, &rows, &n,
	    &e), 1);
	cr_assert_eq(rows[0].state.headline, HEADLINE_FAILED);
	backlog_free(b);
}
