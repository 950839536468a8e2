/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef TABLE_INTERNAL_H
#define TABLE_INTERNAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "ledger/record.h"
#include "ledger/store.h"
#include "ledger/writer.h"

/* How documents, recipients and evidence lie in the tables of a store. */

#define UUID_BYTES 16
#define HASH_BYTES 16
#define RECIPIENT_KEY_BYTES (UUID_BYTES + HASH_BYTES)
#define EVIDENCE_KEY_BYTES (RECIPIENT_KEY_BYTES + HASH_BYTES)

/** table_index_key(a, table, text): The key of ${text} in an index: without case, hashed if long; empty if ${text} is. */
struct span table_index_key(struct arena *a, enum store_table table, struct span text);

/** table_bucket(h): The headline under which TABLE_STATE keeps it whatever the time. */
enum receipt_headline table_bucket(enum receipt_headline h);

/** table_bucket_rules: The rules under which buckets are computed. */
extern const struct receipt_rules table_bucket_rules;

/** table_recipient_key(uuid, address, key): The key of a recipient; the first bytes of all its evidence. */
struct span table_recipient_key(const uint8_t uuid[UUID_BYTES], struct span address,
    uint8_t key[RECIPIENT_KEY_BYTES]);

/** table_document(t, a, uuid, r, e): Load a document: 1 found, 0 not, -1. */
int table_document(struct store_txn *t, struct arena *a, const uint8_t uuid[UUID_BYTES],
    struct record_document *r, struct err *e);

/** table_evidence(t, a, key, list, count, e): All evidence of the recipient ${key}, in order of time seen: 0 or -1. */
int table_evidence(struct store_txn *t, struct arena *a, struct span key,
    struct evidence **list, size_t *count, struct err *e);

/**
 * table_add_entry(t, a, entry, result, records, e):
 * Write ${entry} in ${t}, adding what was written to ${records}.  0; 1 if a
 * record there is damaged; -1 if ${t} failed.
 */
int table_add_entry(struct store_txn *t, struct arena *a, const struct entry *entry,
    struct entry_result *result, uint64_t *records, struct err *e);

/** table_add_finding(t, a, f, records, e): The same for one finding. */
int table_add_finding(struct store_txn *t, struct arena *a, const struct finding *f,
    uint64_t *records, struct err *e);

#endif /* !TABLE_INTERNAL_H */
