/* SPDX-License-Identifier: BSD-2-Clause */
#include <criterion/criterion.h>

#include <signal.h>
#include <sys/resource.h>
#include <sys/wait.h>

#include "fixture.h"

#define THREADS 64
#define PER_THREAD 50
#define MANY 50000

static struct fixture f;

static void
begin(void)
{
	fixture_keys(&f);
	fixture_open(&f, FIXTURE_LIMIT);
}

static void
end(void)
{
	fixture_end(&f);
}

TestSuite(writer, .init = begin, .fini = end);

static struct addressee
to(const char *address)
{
	return (struct addressee){ .address = span_of(address) };
}

static struct entry_result
put(const struct entry *entry)
{
	struct entry_result result;
	struct err e = { "" };

	cr_assert_eq(writer_register(f.writer, entry, &result, &e), 0, "%s", e.text);
	return result;
}

static size_t
rows_of(const struct docid *id, struct arena *a, struct receipt **rows)
{
	struct err e = { "" };
	size_t n = 0;
	int rc = query_document(f.store, id->uuid, a, &fixture_rules, rows, &n, &e);

	cr_assert_geq(rc, 0, "%s", e.text);
	return rc == 1 ? n : 0;
}

Test(writer, a_retry_gets_the_first_id_and_is_counted)
{
	struct addressee who = to("a@x.edu.vn");
	struct entry first = fixture_entry(&f, "one", FIXTURE_NOW, &who, 1);
	struct entry again = fixture_entry(&f, "one", FIXTURE_NOW + 9, &who, 1);
	struct entry_result r1, r2;
	struct arena *a = arena_new();
	struct receipt *rows;

	r1 = put(&first);
	r2 = put(&again);
	cr_expect(!r1.is_retry && r2.is_retry);
	cr_expect_arr_eq(&r1.id, &r2.id, sizeof(r1.id));
	cr_assert_eq(rows_of(&r1.id, a, &rows), 1);
	cr_expect_eq(rows[0].document->attempts, 2);
	cr_expect(rows[0].state.flags & FLAG_RETRIED);
	cr_expect_eq(rows[0].evidence_count, 1, "equal facts double nothing");
	arena_free(a);
}

Test(writer, a_later_batch_adds_its_addressees_in_order)
{
	struct addressee one[] = { to("b@x.edu.vn"), to("a@x.edu.vn") };
	struct addressee two[] = { to("a@x.edu.vn"), to("c@x.edu.vn") };
	struct entry first = fixture_entry(&f, "one", FIXTURE_NOW, one, 2);
	struct entry again = fixture_entry(&f, "one", FIXTURE_NOW, two, 2);
	struct arena *a = arena_new();
	struct receipt *rows;
	struct docid id = put(&first).id;

	put(&again);
	cr_assert_eq(rows_of(&id, a, &rows), 3);
	cr_expect(span_is(rows[0].addressee.address, "b@x.edu.vn"));
	cr_expect(span_is(rows[1].addressee.address, "a@x.edu.vn"));
	cr_expect(span_is(rows[2].addressee.address, "c@x.edu.vn"));
	arena_free(a);
}

Test(writer, what_is_not_registered_never_shares_an_id)
{
	struct addressee who = to("a@x.edu.vn");
	struct entry first = fixture_entry(&f, "one", FIXTURE_NOW, &who, 1);
	struct entry again = fixture_entry(&f, "one", FIXTURE_NOW, &who, 1);
	struct entry_result r1, r2;

	first.is_registered = again.is_registered = false;
	r1 = put(&first);
	r2 = put(&again);
	cr_expect(!r2.is_retry);
	cr_expect_neq(memcmp(&r1.id, &r2.id, sizeof(r1.id)), 0);
}

Test(writer, a_duplicate_finding_changes_nothing)
{
	struct addressee who = to("a@x.edu.vn");
	struct entry entry = fixture_entry(&f, "one", FIXTURE_NOW, &who, 1);
	struct docid id = put(&entry).id;
	struct finding list[2];
	struct arena *a = arena_new();
	struct receipt *rows;
	struct err e;

	list[0] = list[1] = (struct finding){ id, who.address,
	    fixture_notice(CODE_DELIVERED, FIXTURE_NOW + 5000) };
	cr_assert_eq(writer_find(f.writer, list, 2, &e), 0);
	cr_assert_eq(writer_find(f.writer, list, 1, &e), 0);
	cr_assert_eq(rows_of(&id, a, &rows), 1);
	cr_expect_eq(rows[0].evidence_count, 2);
	cr_expect_eq(rows[0].state.headline, HEADLINE_DELIVERED);
	arena_free(a);
}

Test(writer, a_finding_of_an_unknown_document_is_kept)
{
	struct finding finding = { .recipient = span_of("a@x.edu.vn"),
	    .evidence = fixture_notice(CODE_FAILED, FIXTURE_NOW) };
	struct arena *a = arena_new();
	struct receipt *rows;
	struct err e;

	docid_mint(f.keys, FIXTURE_NOW, &finding.id);
	cr_assert_eq(writer_find(f.writer, &finding, 1, &e), 0);
	cr_assert_eq(rows_of(&finding.id, a, &rows), 1);
	cr_expect(rows[0].state.flags & FLAG_NO_ORIGIN);
	cr_expect_eq(rows[0].state.headline, HEADLINE_FAILED);
	arena_free(a);
}

static void *
register_some(void *context)
{
	struct addressee who = to("a@x.edu.vn");
	char name[32];

	for (int i = 0; i < PER_THREAD; i++) {
		struct entry entry;

		snprintf(name, sizeof(name), "%ld/%d", (long)(intptr_t)context, i);
		entry = fixture_entry(&f, name, FIXTURE_NOW + i, &who, 1);
		put(&entry);
	}
	return NULL;
}

Test(writer, those_who_wait_share_a_commit)
{
	pthread_t threads[THREADS];
	struct writer_counts c;

	for (intptr_t i = 0; i < THREADS; i++)
		cr_assert_eq(pthread_create(&threads[i], NULL, register_some,
		    (void *)i), 0);
	for (int i = 0; i < THREADS; i++)
		pthread_join(threads[i], NULL);
	writer_counts(f.writer, &c);
	fprintf(stderr, "%d letters of %d threads: %llu commits, %.1f letters each\n",
	    THREADS * PER_THREAD, THREADS, (unsigned long long)c.commits,
	    (double)(THREADS * PER_THREAD) / (double)c.commits);
	cr_expect_eq(c.failures, 0);
	cr_expect_eq(c.waiting, 0);
	cr_expect_lt(c.commits, THREADS * PER_THREAD / 2);
}

/* Ten in hand, and none of them comes: the commit begins all the same. */
Test(writer, a_letter_that_never_comes_holds_nobody_up_for_ever, .timeout = 60)
{
	struct addressee who = to("a@x.edu.vn");
	char name[32];

	for (int i = 0; i < 10; i++)
		writer_expect(f.writer);
	for (int i = 0; i < 20; i++) {
		snprintf(name, sizeof(name), "one/%d", i);
		struct entry entry = fixture_entry(&f, name, FIXTURE_NOW, &who, 1);

		cr_expect(!put(&entry).is_retry);
	}
	for (int i = 0; i < 10; i++)
		writer_release(f.writer);
}

Test(writer, a_letter_to_fifty_thousand_is_recorded_whole)
{
	struct addressee *all = calloc(MANY, sizeof(*all));
	struct arena *a = arena_new();
	struct receipt *rows;
	struct entry entry;
	struct docid id;

	for (size_t i = 0; i < MANY; i++)
		all[i].address = span_of(arena_print(a, "n%zu@x.edu.vn", i));
	entry = fixture_entry(&f, "many", FIXTURE_NOW, all, MANY);
	id = put(&entry).id;
	cr_assert_eq(rows_of(&id, a, &rows), MANY);
	cr_expect(span_is(rows[MANY - 1].addressee.address, "n49999@x.edu.vn"));
	free(all);
	arena_free(a);
}

Test(writer, a_map_that_fills_takes_evidence_after_letters_must_wait)
{
	struct addressee who = to("a@x.edu.vn");
	struct finding finding;
	struct entry_result result = { .is_retry = false };
	struct err e = { "" };
	char name[32];
	int rc = 0;

	fixture_close(&f);
	fixture_open(&f, 1 << 20);
	for (int i = 0; i < 20000 && rc == 0; i++) {
		struct entry entry;

		snprintf(name, sizeof(name), "%d", i);
		entry = fixture_entry(&f, name, FIXTURE_NOW + i, &who, 1);
		rc = writer_register(f.writer, &entry, &result, &e);
	}
	cr_assert_eq(rc, -1);
	cr_expect(writer_is_tight(f.writer));
	cr_expect_not_null(strstr(e.text, "nearly full"), "%s", e.text);
	docid_mint(f.keys, FIXTURE_NOW, &finding.id);
	finding.recipient = who.address;
	finding.evidence = fixture_notice(CODE_DELIVERED, FIXTURE_NOW);
	cr_expect_eq(writer_find(f.writer, &finding, 1, &e), 0, "%s", e.text);
}

/* A disk that is full for a while: in a child, for the limit is the process's. */
static int
write_past_a_limit(void)
{
	struct addressee who = to("a@x.edu.vn");
	struct rlimit limit, low;
	struct entry_result result;
	struct err e;
	char name[32];
	int rc = 0;

	signal(SIGXFSZ, SIG_IGN);
	fixture_open(&f, FIXTURE_LIMIT);
	getrlimit(RLIMIT_FSIZE, &limit);
	low = limit;
	low.rlim_cur = 256 * 1024;
	setrlimit(RLIMIT_FSIZE, &low);
	for (int i = 0; i < 20000 && rc == 0; i++) {
		struct entry entry;

		snprintf(name, sizeof(name), "full/%d", i);
		entry = fixture_entry(&f, name, FIXTURE_NOW + i, &who, 1);
		rc = writer_register(f.writer, &entry, &result, &e);
	}
	if (rc == 0)
		return 1;
	setrlimit(RLIMIT_FSIZE, &limit);
	struct entry after = fixture_entry(&f, "after", FIXTURE_NOW, &who, 1);
	if (writer_register(f.writer, &after, &result, &e) < 0)
		return 2;
	fixture_close(&f);
	return 0;
}

Test(writer, a_disk_that_was_full_is_written_again_once_it_is_not)
{
	int status;
	pid_t child;

	fixture_close(&f);
	if ((child = fork()) == 0)
		_exit(write_past_a_limit());
	cr_assert_eq(waitpid(child, &status, 0), child);
	cr_expect(WIFEXITED(status) && WEXITSTATUS(status) == 0, "status %x", status);
	fixture_open(&f, FIXTURE_LIMIT);
}
