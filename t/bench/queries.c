/* SPDX-License-Identifier: BSD-2-Clause */
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/digest.h"
#include "base/err.h"
#include "ledger/book.h"
#include "ledger/query.h"
#include "ledger/store.h"
#include "ledger/writer.h"
#include "track/keyring.h"

/*
 * What a query by each index costs in a small ledger and in a large one, in CPU
 * time of one run: it may grow with the depth of the trees, not with the ledger.
 *
 * usage: queries [SMALL LARGE]	receipts (default 10000 300000)
 *
 * Prints a line for each index; exits 1 if a ratio is above MOST or a query finds
 * nothing.  The ledgers are made in TMPDIR (default /tmp): about 1.8 GB a million.
 * t/long/queries has ten million.
 */

#define MOST 3.0	/* twenty-five times the receipts are two levels more at most */
#define BATCH 2000	/* letters of a transaction */
#define ROWS 20		/* as --limit 20 */
#define ROUNDS 7
#define REPEATS 40
#define START_MS INT64_C(1795503000000)
#define STEP_MS 500
#define LEDGER_LIMIT (UINT64_C(64) << 30)

struct ledger {
	char folder[256];
	struct store *store;
	struct keyring *keys;
	int64_t count;
	struct docid *sample;	/* of every SAMPLE_STEPth letter */
	int64_t step;
};

#define SAMPLES 1000

static void
check(int rc, const struct err *e)
{
	if (rc >= 0)
		return;
	fprintf(stderr, "queries: %s\n", e->text);
	exit(2);
}

static struct span
text(struct arena *a, const char *before, int64_t n, const char *behind)
{
	return span_of(arena_print(a, "%s%lld%s", before, (long long)n, behind));
}

static struct span
sender_of(struct arena *a, int64_t i)
{
	return text(a, "phong", i % 20, "@moet.edu.vn");
}

static struct span
recipient_of(struct arena *a, int64_t i)
{
	return text(a, "vanthu@so", i % 150, ".edu.vn");
}

static struct span
unit_of(struct arena *a, int64_t i)
{
	return text(a, "G", i % 64, "");
}

static int64_t
seen_of(int64_t i)
{
	return START_MS + i * STEP_MS;
}

static struct evidence
evidence_of(enum evidence_source source, enum evidence_code code, int64_t at_ms)
{
	return (struct evidence){ .source = source, .code = code,
	    .trust = source == SOURCE_FILTER ? TRUST_OURS : TRUST_TAGGED,
	    .reporter = span_of("mx.so.edu.vn"), .claimed_ms = at_ms, .seen_ms = at_ms };
}

static void
put_letter(struct ledger *l, struct store_txn *t, struct arena *a, int64_t i)
{
	struct addressee who = { .address = recipient_of(a, i), .unit = unit_of(a, i) };
	struct entry entry = { .addressees = &who, .addressee_count = 1,
	    .is_registered = true,
	    .evidence = evidence_of(SOURCE_FILTER, CODE_ACCEPTED, seen_of(i)) };
	struct document *d = &entry.document;
	struct entry_result result;
	struct finding f = { .recipient = who.address };
	struct span name = text(a, "letter ", i, "");

	docid_mint(l->keys, seen_of(i), &d->id);
	d->sender = sender_of(a, i);
	d->number = text(a, "", i, "/BGDĐT-VP");
	d->message_id = text(a, "<", i, "@moet.edu.vn>");
	d->queue_id = text(a, "4F1Q", i, "");
	d->action = span_of("accept");
	d->seen_ms = seen_of(i);
	d->due_ms = seen_of(i) + 86400000;
	d->attempts = 1;
	digest_fields(&name, 1, d->retry_key);
	book_register(t, a, &entry, &result);
	f.id = result.id;
	f.evidence = evidence_of(SOURCE_DSN, i % 50 == 0 ? CODE_FAILED : CODE_DELIVERED,
	    seen_of(i) + 1000);
	book_find(t, a, &f);
	f.evidence = evidence_of(SOURCE_REPLY, CODE_HUMAN, seen_of(i) + 60000);
	if (i % 3 != 0)
		book_find(t, a, &f);
	if (i % l->step == 0)
		l->sample[i / l->step] = result.id;
}

static void
fill(struct ledger *l)
{
	struct err e = { "" };
	int64_t i = 0;

	while (i < l->count) {
		int64_t first = i, end = i + BATCH < l->count ? i + BATCH : l->count;
		struct store_txn *t = store_begin(l->store, true, &e);
		struct arena *a = arena_new();
		int rc;

		check(t != NULL ? 0 : -1, &e);
		for (; i < end; i++)
			put_letter(l, t, a, i);
		rc = store_commit(t, &e);
		arena_free(a);
		if (rc != STORE_FULL) {
			check(rc, &e);
			continue;
		}
		check(store_grow(l->store, &e), &e);
		i = first;
	}
}

static void
ledger_begin(struct ledger *l, int64_t count)
{
	static const uint8_t secret[KEY_BYTES] = { 7 };
	const char *folder = getenv("TMPDIR");
	struct err e = { "" };

	*l = (struct ledger){ .count = count, .keys = keyring_new(),
	    .step = count > SAMPLES ? count / SAMPLES : 1 };
	l->sample = calloc((size_t)(count / l->step) + 1, sizeof(*l->sample));
	must(l->sample != NULL);
	snprintf(l->folder, sizeof(l->folder), "%s/vanthu-queries-XXXXXX",
	    folder != NULL ? folder : "/tmp");
	if (mkdtemp(l->folder) == NULL) {
		perror(l->folder);
		exit(2);
	}
	keyring_add(l->keys, 1, 1, secret);
	l->store = store_open(l->folder, LEDGER_LIMIT, &e);
	check(l->store != NULL ? 0 : -1, &e);
	fill(l);
}

static void
ledger_end(struct ledger *l)
{
	static const char *const files[] = { "data.mdb", "lock.mdb" };
	char path[300];

	store_close(l->store);
	keyring_free(l->keys);
	free(l->sample);
	for (size_t i = 0; i < 2; i++) {
		snprintf(path, sizeof(path), "%s/%s", l->folder, files[i]);
		unlink(path);
	}
	rmdir(l->folder);
}

enum question {
	BY_ID, BY_NUMBER, BY_MESSAGE_ID, BY_QUEUE_ID, BY_SENDER, BY_RECIPIENT, BY_UNIT,
	BY_STATE, BY_SINCE, BY_SENDER_SINCE, BY_OVERDUE, BY_NOTHING, QUESTIONS
};

static const char *const names[QUESTIONS] = { "--id", "--number", "--message-id",
    "--queue-id", "--from", "--to", "--unit", "--state", "--since", "--from --since",
    "--overdue", "(all)" };

/* The ${n}th question by an index, of a letter anywhere in the ledger. */
static struct query
query_of(struct arena *a, const struct ledger *l, enum question by, int64_t n)
{
	int64_t i = n * 7919 % (l->count / l->step) * l->step;
	struct query q = { .state = -1 };

	switch (by) {
	case BY_ID:
		q.id = span_of(docid_print(&l->sample[i / l->step],
		    arena_alloc(a, DOCID_TEXT_SIZE)));
		break;
	case BY_NUMBER:
		q.number = text(a, "", i, "/bgdđt-vp");
		break;
	case BY_MESSAGE_ID:
		q.message_id = text(a, "<", i, "@moet.edu.vn>");
		break;
	case BY_QUEUE_ID:
		q.queue_id = text(a, "4F1Q", i, "");
		break;
	case BY_SENDER_SINCE:
		q.since_ms = seen_of(l->count - 2000);
		/* FALLTHROUGH */
	case BY_SENDER:
		q.sender = sender_of(a, n);
		break;
	case BY_RECIPIENT:
		q.recipient = recipient_of(a, n);
		break;
	case BY_UNIT:
		q.unit = unit_of(a, n);
		break;
	case BY_STATE:
		q.state = n % 2 == 0 ? HEADLINE_DELIVERED : HEADLINE_REPLIED;
		break;
	case BY_SINCE:
		q.since_ms = seen_of(l->count - 2000);
		break;
	case BY_OVERDUE:
		q.is_overdue = true;
		break;
	case BY_NOTHING:
	case QUESTIONS:
		break;
	}
	return q;
}

static bool
visit(const struct receipt *r, void *context)
{
	(void)r;
	return ++*(int *)context % ROWS != 0;
}

static double
cpu_us(void)
{
	struct timespec t;

	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
	return (double)t.tv_sec * 1e6 + (double)t.tv_nsec / 1e3;
}

/* Of one query, in microseconds; the best of some rounds. */
static double
measure(struct ledger *l, enum question by)
{
	struct receipt_rules rules = { seen_of(l->count) + 2 * 86400000, 600000,
	    TRUST_TAGGED };
	double best = 0;

	for (int round = 0; round < ROUNDS; round++) {
		double before = cpu_us(), took;

		for (int n = 0; n < REPEATS; n++) {
			struct arena *a = arena_new();
			struct query q = query_of(a, l, by, n);
			struct err e = { "" };
			int rows = 0;

			check(query_receipts(l->store, &q, &rules, visit, &rows, &e) >= 0 ?
			    0 : -1, &e);
			if (rows == 0) {
				printf("queries: nothing found by %s\n", names[by]);
				exit(1);
			}
			arena_free(a);
		}
		took = (cpu_us() - before) / REPEATS;
		if (round == 0 || took < best)
			best = took;
	}
	return best;
}

int
main(int argc, char **argv)
{
	int64_t small_count = argc == 3 ? atoll(argv[1]) : 10000;
	int64_t large_count = argc == 3 ? atoll(argv[2]) : 300000;
	struct ledger small, large;
	double worst = 0;

	if ((argc != 1 && argc != 3) || small_count < 5000 || large_count < small_count) {
		fprintf(stderr, "usage: queries [SMALL LARGE], at least 5000 receipts\n");
		return 2;
	}
	ledger_begin(&small, small_count);
	ledger_begin(&large, large_count);
	printf("%-16s %12lld %12lld   ratio\n", "CPU us, 20 rows", (long long)small_count,
	    (long long)large_count);
	for (int by = 0; by < QUESTIONS; by++) {
		double little = measure(&small, (enum question)by);
		double much = measure(&large, (enum question)by);

		printf("%-16s %12.1f %12.1f %7.2f\n", names[by], little, much,
		    much / little);
		worst = much / little > worst ? much / little : worst;
	}
	ledger_end(&large);
	ledger_end(&small);
	printf("worst ratio %.2f, at most %.1f\n", worst, MOST);
	return worst > MOST;
}
