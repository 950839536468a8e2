/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef LEDGER_STORE_H
#define LEDGER_STORE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/span.h"

struct err;

/* The one door to LMDB: tables of sorted keys, transactions that remember
 * their first error. */

enum store_table {
	TABLE_META, TABLE_DOCUMENTS, TABLE_RECIPIENTS, TABLE_EVIDENCE, TABLE_RETRY,
	/* indexes: value is a document's uuid, many per key */
	TABLE_MESSAGE_ID, TABLE_ENVELOPE_ID, TABLE_QUEUE_ID, TABLE_NUMBER, TABLE_SENDER,
	TABLE_RECIPIENT, TABLE_STATE,
	/* since the log is followed: a ledger of before has none until it is next written */
	TABLE_FOLLOWED,
	TABLE_UNIT,		/* an index as above */
	TABLE_DUE,		/* deadlines not met yet, in order */
	TABLE_RECENT,		/* the latest evidence, numbered */
	TABLE_COUNT
};

struct store;
struct store_txn;

struct store_usage {
	uint64_t map_bytes;	/* of the map now */
	uint64_t used_bytes;
	uint64_t limit_bytes;	/* the map grows up to */
	unsigned readers;
};

/* Answers besides 0 (done), 1 (found) and -1. */
#define STORE_FULL (-2)		/* the map is full: grow and try again */

/**
 * store_open(path, limit_bytes, e):
 * Open the ledger folder ${path} for writing, making files 0640 (data) and 0660
 * (lock).  NULL with the reason: not there, not writable, of a newer version.
 */
struct store *store_open(const char *path, uint64_t limit_bytes, struct err *e);

/** store_open_readonly(path, e): As a reader beside a writer; never writes or grows. */
struct store *store_open_readonly(const char *path, struct err *e);

/** store_close(s): NULL is nothing; no transaction may be open. */
void store_close(struct store *s);

/** store_begin(s, is_writing, e): A transaction; reading ones see one moment and belong to the caller until ended. */
struct store_txn *store_begin(struct store *s, bool is_writing, struct err *e);

/** store_commit(t, e): Durable when it returns 0; STORE_FULL or -1 with the reason; ends ${t} in any case. */
int store_commit(struct store_txn *t, struct err *e);

/** store_spoil(t): A record that was read makes no sense: ${t} fails, and store_commit says so. */
void store_spoil(struct store_txn *t);

/** store_abort(t): End ${t} without its changes; NULL is nothing. */
void store_abort(struct store_txn *t);

/** store_grow(s, e): Double the map up to its limit; 0, or -1 when it may not grow. No transaction of ours may be open. */
int store_grow(struct store *s, struct err *e);

/** store_reap(s): Free the slots of readers that died. Return how many. */
int store_reap(struct store *s);

/** store_is_beyond(s, bytes): Are more than ${bytes} used? Cheap while the file is smaller than that. */
bool store_is_beyond(struct store *s, uint64_t bytes);

/**
 * store_copy(s, folder, e):
 * Write a copy of one moment into the empty ${folder}, without free pages, and
 * sync it; writers go on.  0 or -1.
 */
int store_copy(struct store *s, const char *folder, struct err *e);

/** store_usage(s, u): Fill ${u}; walks the list of free pages. */
void store_usage(struct store *s, struct store_usage *u);

/** store_get(t, table, key, value): 1 found (value valid until the next write or the end), 0 not, -1 ${t} failed. */
int store_get(struct store_txn *t, enum store_table table, struct span key, struct span *value);

/** store_has(t, table, key, value): Does an index have this pair? 1, 0 or -1. */
int store_has(struct store_txn *t, enum store_table table, struct span key, struct span value);

/** store_count(t, table, n): How many pairs it has; cheap.  store_count_key: how many of an index's ${key}.  0 or -1. */
int store_count(struct store_txn *t, enum store_table table, uint64_t *n);
int store_count_key(struct store_txn *t, enum store_table table, struct span key, uint64_t *n);

/** store_put(t, table, key, value): Write or replace (indexes: add). 0 or -1: ask store_commit why. */
int store_put(struct store_txn *t, enum store_table table, struct span key, struct span value);

/** store_add(t, table, key, value): Only if the key is not there: 1 added, 0 was there, -1. */
int store_add(struct store_txn *t, enum store_table table, struct span key, struct span value);

/** store_delete(t, table, key, value): That pair (indexes) or key; 0 (also if it was not there) or -1. */
int store_delete(struct store_txn *t, enum store_table table, struct span key, struct span value);

/* Walking a table in order. */
struct store_cursor;

/** store_seek(t, table, key, is_backward): At the first pair >= ${key} (or, backward, the last one <= it). */
struct store_cursor *store_seek(struct store_txn *t, enum store_table table, struct span key, bool is_backward);

/** store_seek_within(t, table, key, value): Backward in an index, among the values of ${key} alone: at the last one <= ${value}. */
struct store_cursor *store_seek_within(struct store_txn *t, enum store_table table, struct span key, struct span value);
/** store_seek_pair(t, table, key, value): In an index, at the first pair >= that one. */
struct store_cursor *store_seek_pair(struct store_txn *t, enum store_table table, struct span key, struct span value);

/** store_table_name(table): "documents"; NULL above the last. */
const char *store_table_name(enum store_table table);

/** store_table_is_index(table): Has it many documents for a key? */
bool store_table_is_index(enum store_table table);

/** store_step(c, key, value): The pair there, and move on: 1, 0 at the end, -1. */
int store_step(struct store_cursor *c, struct span *key, struct span *value);

/** store_cursor_end(c): NULL is nothing. */
void store_cursor_end(struct store_cursor *c);

#endif /* !LEDGER_STORE_H */
