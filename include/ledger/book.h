/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef LEDGER_BOOK_H
#define LEDGER_BOOK_H

#include <stddef.h>

struct arena;
struct entry;
struct entry_result;
struct finding;
struct item;
struct item_counts;
struct store_txn;

/*
 * What one entry and one finding change in the tables, inside a transaction of
 * the writer.  Doing it twice changes nothing more.
 */

/**
 * book_register(t, a, entry, result):
 * Decide the ID in force by the retry key (if the entry is registered), write
 * the document, the addressees that are new, their evidence and every index.
 * 0, or -1: ask store_commit why.
 */
int book_register(struct store_txn *t, struct arena *a, const struct entry *entry,
    struct entry_result *result);

/** book_find(t, a, f): Write the evidence ${f}; a document unknown here gets a bare row. */
int book_find(struct store_txn *t, struct arena *a, const struct finding *f);

/**
 * book_apply(t, a, list, n, counts):
 * Write the ${n} items of another ledger: what is here stays, what is missing
 * is added, with every index.  What is to go, goes.  0 with what changed, or
 * -1: ask store_commit why.
 */
int book_apply(struct store_txn *t, struct arena *a, const struct item *list, size_t n,
    struct item_counts *counts);

#endif /* !LEDGER_BOOK_H */
