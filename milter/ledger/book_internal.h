/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef LEDGER_BOOK_INTERNAL_H
#define LEDGER_BOOK_INTERNAL_H

#include "index_internal.h"

struct item;
struct item_counts;

/* Steps of the book that its parts share; all inside the writer's transaction,
 * all 0 or -1: ask store_commit why. */

/* The documents row. */
int book_put_document(struct store_txn *t, struct arena *a, const struct document *d);

/* One index entry; none if ${value} has no form to be asked for. */
int book_add_index(struct store_txn *t, struct arena *a, enum store_table table,
    struct span value, const uint8_t uuid[UUID_BYTES]);

/* Every index of a document's own row. */
int book_index_document(struct store_txn *t, struct arena *a, const struct document *d);

/* Evidence of one recipient, its state and deadline moved once; how many were new or better, or -1. */
int book_add_evidence(struct store_txn *t, struct arena *a, const struct document *d,
    struct span address, const struct evidence *list, size_t count);

/* The deadline of a recipient whose key and evidence these are. */
int book_move_due(struct store_txn *t, struct arena *a, struct span recipient,
    int64_t due_ms, const struct evidence *list, size_t n);

/* The keys of all recipients of a document, in ${a}: a cursor may not see them change. */
int book_recipient_keys(struct store_txn *t, struct arena *a,
    const uint8_t uuid[UUID_BYTES], struct span **keys, size_t *count);

/* Drop a document with all that hangs on it. */
int book_forget_document(struct store_txn *t, struct arena *a, const struct item *item,
    struct item_counts *counts);

/* Put nobody in the place of one recipient; what happened stays, no word or name does. */
int book_erase_recipient(struct store_txn *t, struct arena *a, const struct item *item,
    struct item_counts *counts);

#endif /* !LEDGER_BOOK_INTERNAL_H */
