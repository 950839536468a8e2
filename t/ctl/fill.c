/* SPDX-License-Identifier: BSD-2-Clause */
#include <stdio.h>
#include <string.h>

#include "base/err.h"
#include "ledger/store.h"
#include "ledger/writer.h"
#include "track/keyring.h"

/* Fills the ledger folder named by the argument for t/ctl/milterctl.sh. */

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

int
main(int argc, char **argv)
{
	static const uint8_t secret[KEY_BYTES] = { 1 };
	struct keyring *k = keyring_new();
	struct store *s;
	struct writer *w;
	struct docid id = { .key = 0 };
	char text[DOCID_TEXT_SIZE];
	struct err e = { "" };
	int rc;

	if (argc != 2)
		return 2;
	keyring_add(k, 1, NOVEMBER_MS, secret);
	if ((s = store_open(argv[1], 64 << 20, &e)) == NULL ||
	    (w = writer_start(s, NULL, &e)) == NULL) {
		fprintf(stderr, "%s\n", e.text);
		return 1;
	}
	rc = put(w, k, 2, CODE_REJECTED, "reject", &id);
	rc |= put(w, k, 3, CODE_ACCEPTED, "accept", &id);
	rc |= put(w, k, 1, CODE_ACCEPTED, "accept", &id);
	rc |= deliver(w, &id);
	puts(docid_print(&id, text));
	for (int i = 10; i < 70; i++)
		rc |= put(w, k, i, CODE_ACCEPTED, "accept", &id);
	writer_stop(w);
	store_close(s);
	keyring_free(k);
	return rc == 0 ? 0 : 1;
}
