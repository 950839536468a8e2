/* SPDX-License-Identifier: BSD-2-Clause */
/* Eight threads write and two read; the sanitizer for threads watches (no Criterion). */
#include <stdatomic.h>

#include "fixture.h"

#define WRITERS 8
#define READERS 2
#define LETTERS 100
#define SHARED 10	/* of each writer's letters: the same for all */

static struct fixture f;
static struct docid shared[WRITERS][SHARED];
static atomic_int writing = WRITERS;

static void
write_one(int me, int i)
{
	char name[32], address[48];
	struct addressee who = { .address = { address, 0 } };
	struct entry entry;
	struct entry_result result;
	struct finding finding;
	struct err e = { "" };

	snprintf(name, sizeof(name), "%d/%d", i < SHARED ? -1 : me, i);
	snprintf(address, sizeof(address), "n%d@x.edu.vn", me);
	who.address = span_of(address);
	entry = fixture_entry(&f, name, FIXTURE_NOW + i, &who, 1);
	must(writer_register(f.writer, &entry, &result, &e) == 0);
	if (i < SHARED)
		shared[me][i] = result.id;
	finding = (struct finding){ result.id, who.address,
	    fixture_notice(CODE_DELIVERED, FIXTURE_NOW + 5000) };
	must(writer_find(f.writer, &finding, 1, &e) == 0);
}

static void *
write_all(void *context)
{
	for (int i = 0; i < LETTERS; i++)
		write_one((int)(intptr_t)context, i);
	atomic_fetch_sub(&writing, 1);
	return NULL;
}

/* A reader sees a registered receipt whole: never without the filter's evidence. */
static bool
look(const struct receipt *r, void *context)
{
	++*(int64_t *)context;
	must(r->document != NULL && r->evidence_count >= 1);
	must(r->state.accepted_ms != 0);
	return true;
}

static void *
read_all(void *context)
{
	struct query q = { .state = -1 };
	struct err e = { "" };
	int64_t last = 0, seen;

	(void)context;
	do {
		seen = 0;
		must(query_receipts(f.store, &q, &fixture_rules, look, &seen, &e) == seen);
		must(seen >= last);
		last = seen;
	} while (atomic_load(&writing) > 0);
	return NULL;
}

int
main(void)
{
	pthread_t threads[WRITERS + READERS];
	struct query q = { .state = HEADLINE_DELIVERED };
	struct err e = { "" };
	int64_t seen = 0;

	fixture_keys(&f);
	fixture_open(&f, FIXTURE_LIMIT);
	for (intptr_t i = 0; i < WRITERS + READERS; i++)
		must(pthread_create(&threads[i], NULL,
		    i < WRITERS ? write_all : read_all, (void *)i) == 0);
	for (int i = 0; i < WRITERS + READERS; i++)
		must(pthread_join(threads[i], NULL) == 0);
	for (int w = 1; w < WRITERS; w++)
		must(memcmp(shared[w], shared[0], sizeof(shared[0])) == 0);
	must(query_receipts(f.store, &q, &fixture_rules, look, &seen, &e) ==
	    WRITERS * LETTERS);
	fixture_end(&f);
	return 0;
}
