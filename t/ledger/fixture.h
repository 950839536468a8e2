/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef T_LEDGER_FIXTURE_H
#define T_LEDGER_FIXTURE_H

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/digest.h"
#include "base/err.h"
#include "ledger/query.h"
#include "ledger/store.h"
#include "ledger/writer.h"
#include "track/keyring.h"

#define FIXTURE_NOW INT64_C(1795503000000)
#define FIXTURE_LIMIT ((uint64_t)256 << 20)

static const struct receipt_rules fixture_rules = {
	FIXTURE_NOW + 60000, 600000, TRUST_TAGGED
};

/* A ledger in a folder of its own. */
struct fixture {
	char folder[64];
	struct store *store;
	struct writer *writer;
	struct keyring *keys;
};

static inline void
fixture_open(struct fixture *f, uint64_t limit_bytes)
{
	struct err e = { "" };

	f->store = store_open(f->folder, limit_bytes, &e);
	if (f->store == NULL)
		fprintf(stderr, "%s\n", e.text);
	must(f->store != NULL);
	f->writer = writer_start(f->store, NULL, &e);
	must(f->writer != NULL);
}

static inline void
fixture_close(struct fixture *f)
{
	writer_stop(f->writer);
	store_close(f->store);
	f->writer = NULL;
	f->store = NULL;
}

static inline void
fixture_keys(struct fixture *f)
{
	static const uint8_t secret[KEY_BYTES] = { 7 };

	strcpy(f->folder, "/tmp/vanthu-ledger-XXXXXX");
	must(mkdtemp(f->folder) != NULL);
	f->keys = keyring_new();
	keyring_add(f->keys, 1, 1, secret);
}

static inline void
fixture_end(struct fixture *f)
{
	char path[96];

	fixture_close(f);
	keyring_free(f->keys);
	snprintf(path, sizeof(path), "%s/data.mdb", f->folder);
	unlink(path);
	snprintf(path, sizeof(path), "%s/lock.mdb", f->folder);
	unlink(path);
	rmdir(f->folder);
}

/* A tracked letter whose retry key is made of ${name}. */
static inline struct entry
fixture_entry(const struct fixture *f, const char *name, int64_t at_ms,
    const struct addressee *who, size_t n)
{
	struct span field = span_of(name);
	struct entry entry = { .addressees = who, .addressee_count = n,
	    .is_registered = true };
	struct document *d = &entry.document;

	docid_mint(f->keys, at_ms, &d->id);
	d->sender = span_of("vanthu@moet.edu.vn");
	d->action = span_of("accept");
	d->seen_ms = at_ms;
	d->attempts = 1;
	digest_fields(&field, 1, d->retry_key);
	entry.evidence = (struct evidence){ .source = SOURCE_FILTER,
	    .code = CODE_ACCEPTED, .trust = TRUST_OURS, .seen_ms = at_ms };
	memcpy(entry.evidence.digest, d->retry_key, DIGEST_BYTES);
	return entry;
}

static inline struct evidence
fixture_notice(enum evidence_code code, int64_t at_ms)
{
	return (struct evidence){ .source = SOURCE_DSN, .code = code,
	    .trust = TRUST_TAGGED, .reporter = { "mx.x.edu.vn", 11 },
	    .claimed_ms = at_ms, .seen_ms = at_ms };
}

#endif /* !T_LEDGER_FIXTURE_H */
