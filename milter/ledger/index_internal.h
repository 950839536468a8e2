/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef LEDGER_INDEX_INTERNAL_H
#define LEDGER_INDEX_INTERNAL_H

#include <stdint.h>

#include "base/arena.h"
#include "base/span.h"
#include "ledger/store.h"
#include "track/document.h"
#include "track/receipt.h"

/* The keys under which the ledger keeps things; one place, so that the writer
 * and the query agree. */

#define UUID_BYTES 16
#define RECIPIENT_BYTES 16
#define EVIDENCE_BYTES 16
#define DUE_BYTES 8

/* The documents row of an ID; recipients and evidence begin with it. */
struct span key_document(struct arena *a, const uint8_t uuid[UUID_BYTES]);

/* A recipient's row: uuid and a hash of the address. */
struct span key_recipient(struct arena *a, const uint8_t uuid[UUID_BYTES], struct span address);

/* An evidence's row: the recipient's and the evidence id. */
struct span key_evidence(struct arena *a, const struct docid *id, struct span address,
    const struct evidence *ev);

/* What an index is asked for: one form for all spellings of a value; "" has none. */
struct span key_index(struct arena *a, enum store_table table, struct span value);

/* A deadline's row: due, uuid and the recipient's hash; they sort by time. */
struct span key_due(struct arena *a, int64_t due_ms, struct span recipient_key);

/* All evidence of one recipient, in key order; how many records made no sense. */
int load_evidence(struct store_txn *t, struct arena *a, struct span recipient_key,
    struct evidence **list, size_t *count, size_t *damaged);

/* The bucket of TABLE_STATE: the headline without what time alone changes. */
struct span key_state(struct arena *a, const struct evidence *list, size_t n);

/* The bucket that receipts of headline ${h} are in. */
struct span key_state_of(struct arena *a, enum receipt_headline h);

#endif /* !LEDGER_INDEX_INTERNAL_H */
