/* SPDX-License-Identifier: BSD-2-Clause */
/* kill -9 in the middle of writing, twenty times: what was acknowledged is there. */
#include <signal.h>
#include <sys/wait.h>

#include "fixture.h"

#define KILLS 20
#define KEPT 200000

static struct fixture f;
static uint8_t reported[KEPT][16];
static size_t count;

static _Noreturn void
register_forever(int out, int round)
{
	struct addressee who = { .address = { "a@x.edu.vn", 10 } };
	struct entry_result result;
	struct err e = { "" };
	char name[32];

	fixture_open(&f, FIXTURE_LIMIT);
	for (int i = 0;; i++) {
		struct entry entry;

		snprintf(name, sizeof(name), "%d/%d", round, i);
		entry = fixture_entry(&f, name, FIXTURE_NOW + i, &who, 1);
		must(writer_register(f.writer, &entry, &result, &e) == 0);
		must(write(out, result.id.uuid, 16) == 16);
	}
}

static void
one_round(int round)
{
	int ends[2];
	pid_t child;
	unsigned random;

	must(pipe(ends) == 0);
	if ((child = fork()) == 0) {
		close(ends[0]);
		register_forever(ends[1], round);
	}
	must(child > 0);
	close(ends[1]);
	/* At least one is acknowledged, then at a random moment of the next ones. */
	must(read(ends[0], reported[count], 16) == 16);
	count++;
	digest_random(&random, sizeof(random));
	usleep(random % 20000);
	must(kill(child, SIGKILL) == 0 && waitpid(child, NULL, 0) == child);
	while (count < KEPT && read(ends[0], reported[count], 16) == 16)
		count++;
	close(ends[0]);
}

int
main(void)
{
	struct arena *a = arena_new();
	struct receipt *rows;
	struct err e = { "" };
	size_t n;

	fixture_keys(&f);
	for (int i = 0; i < KILLS; i++)
		one_round(i);
	fixture_open(&f, FIXTURE_LIMIT);
	for (size_t i = 0; i < count; i++)
		must(query_document(f.store, reported[i], a, &fixture_rules, &rows,
		    &n, &e) == 1 && n == 1 && rows[0].evidence_count == 1);
	printf("%d kills, %zu acknowledged, all found\n", KILLS, count);
	arena_free(a);
	fixture_end(&f);
	return 0;
}
