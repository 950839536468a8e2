/* SPDX-License-Identifier: BSD-2-Clause */
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "ledger/store.h"
#include "ledger/writer.h"
#include "track/keyring.h"
#include "track/receipt.h"

/*
 * Fills the ledger folder named by the argument for t/ctl/milterctl.sh; with a
 * number behind it, with so many documents of November 2007 of every kind, each
 * to three recipients.
 */

#define NOVEMBER_MS INT64_C(1195093800000)	/* 2007-11-15T02:30:00Z */

static int
put(struct writer *w, const struct keyring *k, int i, enum evidence_code code,
    const char *action, struct docid *id)
{
	struct addressee to[2] = {
		{ .address = span_of("a@x.edu.vn"), .has_success_notify = true },
		{ .address = span_of("b@y.edu.vn"), .has_success_notify = true },
	};
	struct entry entry = { .addressees = to, .addressee_count = 2,
	    .is_registered = code == CODE_ACCEPTED };
	struct document *d = &entry.document;
	struct entry_result result;
	char number[32], message_id[32];
	struct err e;

	snprintf(number, sizeof(number), "%d/BGDĐT-VP", i);
	snprintf(message_id, sizeof(message_id), "<%d@moet.edu.vn>", i);
	docid_mint(k, NOVEMBER_MS + i * 60000, &d->id);
	d->seen_ms = NOVEMBER_MS + i * 60000;
	d->sender = span_of(i == 3 ? "v\xff,p@moet.edu.vn" : "vp@moet.edu.vn");
	d->number = span_of(number);
	d->message_id = span_of(message_id);
	d->queue_id = span_of("4F1Q2r0abcz");
	d->action = span_of(action);
	d->attempts = 1;
	if (i >= 60) {		/* these are to be answered within the day */
		d->due_ms = NOVEMBER_MS + 86400000;
		to[0].unit = span_of("H26");
	}
	d->has_subject = true;
	memset(d->subject, 0xab, sizeof(d->subject));
	memset(d->retry_key, i, sizeof(d->retry_key));
	entry.evidence = (struct evidence){ .source = SOURCE_FILTER,
	    .code = code, .trust = TRUST_OURS, .seen_ms = d->seen_ms };
	if (writer_register(w, &entry, &result, &e) < 0) {
		fprintf(stderr, "%s\n", e.text);
		return -1;
	}
	*id = result.id;
	return 0;
}

static int
deliver(struct writer *w, const struct docid *id)
{
	struct finding f = {
		.id = *id,
		.recipient = span_of("a@x.edu.vn"),
		.evidence = { .source = SOURCE_DSN, .code = CODE_DELIVERED,
		    .trust = TRUST_TAGGED, .reporter = span_of("mx.x.edu.vn"),
		    .reason = span_of("2.0.0"),
		    .claimed_ms = NOVEMBER_MS + 3600000,
		    .seen_ms = NOVEMBER_MS + 3601000 },
	};
	struct err e;

	return writer_find(w, &f, 1, &e);
}

#define MINUTE_MS INT64_C(60000)
#define MONTH_MS INT64_C(1193850000000)		/* 2007-11-01T00:00:00+07:00 */
#define MONTH_MINUTES (30 * 24 * 60)
#define THREADS 32
#define EVIDENCE_MAX 8

/* Many documents, written by many threads that share commits. */
struct crowd {
	struct writer *writer;
	const struct keyring *keys;
	int documents;
	atomic_int next;
	atomic_int failures;
};

static void
describe(struct document *d, int i, int64_t at_ms)
{
	static const char *const actions[] = { "accept", "hold", "reject" };

	d->seen_ms = at_ms;
	d->sender = span_of(i % 97 == 0 ? "v\xff,p@moet.edu.vn" : "vp@moet.edu.vn");
	d->action = span_of(actions[i % 50 == 7 ? 1 : i % 20 == 3 ? 2 : 0]);
	d->rule = span_of(i % 40 == 3 ? "secrecy-mark" : "official-letter");
	d->policy = span_of("0123456789abcdef");
	d->has_subject = i % 3 != 0;
	d->attempts = 1;
	d->size_bytes = (uint64_t)i * 17;
	d->due_ms = i % 2 == 0 ? at_ms + 3 * 24 * 60 * MINUTE_MS : 0;
	d->flags = i % 11 == 0 ? FLAG_COPIED_STAMP : 0;
	memset(d->subject, i % 3 != 0 ? i : 0, sizeof(d->subject));
	memcpy(d->retry_key, &i, sizeof(i));
	d->retry_key[31] = 1;
}

static void
address(struct addressee *to, char text[3][64], int i)
{
	static const char *const units[] = { "H26", "H41", "G03.15", "", "A&<\"b" };

	for (int j = 0; j < 3; j++) {
		snprintf(text[j], 64, "u%d@x%d.edu.vn", (i * 7 + j) % 300, j);
		to[j] = (struct addressee){ .address = span_of(text[j]),
		    .unit = span_of(units[(i + j) % 5]),
		    .has_success_notify = j != 1, .is_our_notify = j == 2 };
	}
}

static enum evidence_code
first_code(const struct document *d)
{
	return span_is(d->action, "reject") ? CODE_REJECTED :
	    span_is(d->action, "hold") ? CODE_HELD : CODE_ACCEPTED;
}

/* What was heard of one recipient, up to an answer. */
static size_t
hear(struct finding *list, const struct docid *id, struct span who, int i, int64_t at_ms)
{
	static const struct { enum evidence_source source; enum evidence_code code;
	    enum evidence_trust trust; } steps[] = {
		{ SOURCE_LOG, CODE_QUEUED, TRUST_OURS },
		{ SOURCE_LOG, CODE_SENT_NEXT_HOP, TRUST_OURS },
		{ SOURCE_DSN, CODE_RELAYED, TRUST_TAGGED },
		{ SOURCE_DSN, CODE_DELIVERED, TRUST_TAGGED },
		{ SOURCE_MDN, CODE_DISPLAYED, TRUST_AUTHENTICATED },
		{ SOURCE_REPLY, CODE_HUMAN, TRUST_AUTHENTICATED },
		{ SOURCE_EDXML, CODE_EDXML_03, TRUST_CLAIMED },
		{ SOURCE_OPERATOR, CODE_REGISTERED, TRUST_OURS },
	};
	size_t n = (size_t)(i * 5 % 9);

	for (size_t k = 0; k < n; k++) {
		at_ms += (1 + i % 400) * MINUTE_MS;
		list[k] = (struct finding){ .id = *id, .recipient = who,
		    .evidence = { .source = steps[k].source, .code = steps[k].code,
		    .trust = steps[k].trust, .reporter = span_of("mx.x.edu.vn"),
		    .reason = span_of(k == 5 ? "\"Vâng\" \\ \xc3" : "2.0.0"),
		    .claimed_ms = k % 2 == 0 ? at_ms : 0, .seen_ms = at_ms + 7 } };
	}
	return n;
}

static int
put_one(struct crowd *c, int i)
{
	int64_t at_ms = MONTH_MS + (int64_t)i * MONTH_MINUTES / c->documents * MINUTE_MS;
	struct finding list[3 * EVIDENCE_MAX];
	struct entry entry = { .addressee_count = 3 };
	struct entry_result result;
	struct addressee to[3];
	char text[3][64], number[32], message_id[64], queue_id[32];
	size_t n = 0;
	struct err e;

	address(to, text, i);
	docid_mint(c->keys, at_ms, &entry.document.id);
	describe(&entry.document, i, at_ms);
	snprintf(number, sizeof(number), "%d/BGDĐT-VP", i);
	snprintf(message_id, sizeof(message_id), "<%d@moet.edu.vn>", i);
	snprintf(queue_id, sizeof(queue_id), "4F%07d", i);
	entry.addressees = to;
	entry.document.number = span_of(first_code(&entry.document) ==
	    CODE_REJECTED ? "" : number);
	entry.document.message_id = span_of(message_id);
	entry.document.queue_id = span_of(queue_id);
	entry.is_registered = first_code(&entry.document) == CODE_ACCEPTED;
	entry.evidence = (struct evidence){ .source = SOURCE_FILTER,
	    .code = first_code(&entry.document), .trust = TRUST_OURS,
	    .seen_ms = at_ms };
	if (writer_register(c->writer, &entry, &result, &e) < 0)
		return -1;
	for (int j = 0; entry.is_registered && j < 3; j++)
		n += hear(&list[n], &result.id, to[j].address, i + j, at_ms);
	return writer_find(c->writer, list, n, &e);
}

static void *
work(void *cookie)
{
	struct crowd *c = cookie;
	int i;

	while ((i = atomic_fetch_add(&c->next, 1)) < c->documents)
		if (put_one(c, i) < 0)
			atomic_fetch_add(&c->failures, 1);
	return NULL;
}

/* What only the log and strangers tell of. */
static int
put_strange(struct crowd *c)
{
	struct followed f = { .queue_id = span_of("4F0000001"),
	    .instance = span_of("postfix"), .begun_ms = MONTH_MS,
	    .ended_ms = MONTH_MS + 5, .trust = TRUST_OURS, .has_birth = true };
	struct finding lost = { .recipient = span_of("nobody@x.vn"),
	    .evidence = { .source = SOURCE_DSN, .code = CODE_FAILED,
	    .trust = TRUST_TAGGED, .claimed_ms = MONTH_MS, .seen_ms = MONTH_MS } };
	struct log_batch batch = { .followed = &f, .followed_count = 1,
	    .findings = &lost, .finding_count = 1 };
	struct err e;

	docid_mint(c->keys, MONTH_MS, &lost.id);
	f.id = lost.id;
	return writer_follow(c->writer, &batch, &e);
}

static int
put_many(struct writer *w, const struct keyring *k, int documents)
{
	struct crowd c = { .writer = w, .keys = k, .documents = documents };
	pthread_t threads[THREADS];

	for (int i = 0; i < THREADS; i++)
		if (pthread_create(&threads[i], NULL, work, &c) != 0)
			return -1;
	for (int i = 0; i < THREADS; i++)
		pthread_join(threads[i], NULL);
	return atomic_load(&c.failures) == 0 ? put_strange(&c) : -1;
}

static int
put_few(struct writer *w, const struct keyring *k)
{
	struct docid id = { .key = 0 };
	char text[DOCID_TEXT_SIZE];
	int rc = put(w, k, 2, CODE_REJECTED, "reject", &id);

	rc |= put(w, k, 3, CODE_ACCEPTED, "accept", &id);
	rc |= put(w, k, 1, CODE_ACCEPTED, "accept", &id);
	rc |= deliver(w, &id);
	puts(docid_print(&id, text));
	for (int i = 10; i < 70; i++)
		rc |= put(w, k, i, CODE_ACCEPTED, "accept", &id);
	return rc;
}

int
main(int argc, char **argv)
{
	static const uint8_t secret[KEY_BYTES] = { 1 };
	struct keyring *k = keyring_new();
	struct store *s;
	struct writer *w;
	struct err e = { "" };
	int rc;

	if (argc != 2 && argc != 3)
		return 2;
	keyring_add(k, 1, NOVEMBER_MS, secret);
	if ((s = store_open(argv[1], UINT64_C(16) << 30, &e)) == NULL ||
	    (w = writer_start(s, NULL, &e)) == NULL) {
		fprintf(stderr, "%s\n", e.text);
		return 1;
	}
	rc = argc == 3 ? put_many(w, k, atoi(argv[2])) : put_few(w, k);
	writer_stop(w);
	store_close(s);
	keyring_free(k);
	return rc == 0 ? 0 : 1;
}
