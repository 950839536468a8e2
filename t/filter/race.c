/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Sessions of many threads while the policy is reloaded and the book is read:
 * a plain program, because ThreadSanitizer and Criterion do not go together.
 */
#include <pthread.h>

#include "base/clock.h"
#include "filter/session.h"
#include "ledger/query.h"

#include "desk_fixture.h"

#define THREADS 8
#define LETTERS 60

static struct fixture f;

static void *
write_letters(void *cookie)
{
	int thread = (int)(intptr_t)cookie;
	char id[64];
	struct answer a;

	for (int i = 0; i < LETTERS; i++) {
		struct session *s = session_new(&f.desk, "127.0.0.1", "mx");

		snprintf(id, sizeof(id), "<%d.%d@x>", thread, i);
		session_mail(s, "<vp@moet.edu.vn>", NULL, NULL);
		session_recipient(s, "<a@so.test>", NULL);
		session_header(s, "Message-ID", id);
		session_headers_end(s, &a);
		session_body(s, span_of("Số: 12\n"));
		session_end(s, "Q", &a);
		must(a.reply == REPLY_CONTINUE && a.edits.count > 0);
		session_free(s);
	}
	return NULL;
}

static void *
reload(void *cookie)
{
	struct faults faults = { 0 };
	struct err e;

	(void)cookie;
	for (int i = 0; i < 20; i++)
		must(desk_reload(&f.desk, &faults, &e) == 0);
	return NULL;
}

static bool
count_row(const struct receipt *r, void *context)
{
	(void)r;
	++*(int *)context;
	return true;
}

static int
count_rows(void)
{
	struct query q = { .state = -1 };
	struct receipt_rules rules = { .now_ms = clock_now_ms() };
	struct err e;
	int rows = 0;

	must(query_receipts(f.desk.store, &q, &rules, count_row, &rows, &e) >= 0);
	return rows;
}

int
main(void)
{
	pthread_t writers[THREADS], reloader;
	int rows;

	fixture_begin(&f);
	for (intptr_t i = 0; i < THREADS; i++)
		must(pthread_create(&writers[i], NULL, write_letters, (void *)i) == 0);
	must(pthread_create(&reloader, NULL, reload, NULL) == 0);
	for (int i = 0; i < 5; i++)
		count_rows();
	for (int i = 0; i < THREADS; i++)
		pthread_join(writers[i], NULL);
	pthread_join(reloader, NULL);
	rows = count_rows();
	printf("%d letters, %d receipts\n", THREADS * LETTERS, rows);
	fixture_end(&f);
	return rows == THREADS * LETTERS ? 0 : 1;
}
