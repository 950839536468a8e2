/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef LEDGER_FOLLOW_H
#define LEDGER_FOLLOW_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/digest.h"
#include "base/span.h"
#include "track/docid.h"
#include "track/evidence.h"

struct err;
struct store;
struct store_txn;

/*
 * What the ledger remembers of Postfix's log: which message in its queue is
 * which document, and how far the log was read.
 */

/* A message in the queue, joined to its document. */
struct followed {
	struct docid id;
	struct span queue_id;		/* at most 32 bytes */
	struct span instance;		/* at most 64 bytes */
	struct span origin_id;		/* requeued: its queue ID before; not kept */
	int64_t begun_ms;		/* its first line */
	int64_t ended_ms;		/* removed from the queue; 0 = not yet */
	enum evidence_trust trust;	/* of the log that it was in */
	bool has_birth;			/* the log was read from its very first line on */
	bool is_queued;			/* "queue active" was seen */
};

/* How far the log was read.  What was there is known by its bytes: files get new names. */
struct log_position {
	uint64_t offset;
	uint64_t tail_bytes;		/* that many bytes before it */
	uint8_t tail[DIGEST_BYTES];	/* have this SHA-256 */
	int64_t gap_ms;			/* something may be missing before; 0 = nothing is */
};

/* One recipient of a message in the queue. */
struct followed_recipient {
	struct span address;		/* as the ledger has it */
	bool has_status;		/* the log said something of its delivery */
	bool is_done;			/* and that was the last word: sent or bounced */
	unsigned codes;			/* all that it said: FOLLOW_CODE of each */
	struct evidence last;		/* what it said last of its delivery; code 0: nothing */
};

#define FOLLOW_CODE(code) (1u << ((code) - CODE_QUEUED))

/**
 * follow_find(s, a, queue_id, instance, at_ms, f, e):
 * The message that had ${queue_id} in ${instance} when it was ${at_ms}, in
 * ${a}.  1 found, 0 not, -1.
 */
int follow_find(struct store *s, struct arena *a, struct span queue_id,
    struct span instance, int64_t at_ms, struct followed *f, struct err *e);

/* Which document a queue ID of the log may stand for. */
struct follow_query {
	struct span queue_id;
	bool has_message_id;		/* cleanup named it: */
	struct span message_id;		/* with <>; "<>" = it has none */
	int64_t from_ms, to_ms;		/* it was registered in between */
};

/**
 * follow_join(s, q, id, e):
 * The letter registered with that queue ID in that time, if it has that
 * Message-ID and was not refused or discarded by the filter; the latest of several.
 * 1 with its ${id}, 0 none, -1.
 */
int follow_join(struct store *s, const struct follow_query *q, struct docid *id,
    struct err *e);

/** follow_recipients(s, a, f, list, count, e): Whom the message ${f} goes to, in ${a}. 0 or -1. */
int follow_recipients(struct store *s, struct arena *a, const struct followed *f,
    struct followed_recipient **list, size_t *count, struct err *e);

/**
 * follow_recipient(s, a, f, address, r, e):
 * Is the canonical ${address} a recipient of the document that ${f} is?  1
 * with what the log said since, 0 no, -1.
 */
int follow_recipient(struct store *s, struct arena *a, const struct followed *f,
    struct span address, struct followed_recipient *r, struct err *e);

/** follow_position(s, p, e): How far the log was read. 1, 0 it never was, -1. */
int follow_position(struct store *s, struct log_position *p, struct err *e);

/** follow_since(s, since_ms, e): When the first document came that the log may speak of. 1, 0 there is none, -1. */
int follow_since(struct store *s, int64_t *since_ms, struct err *e);

/**
 * query_followed(s, queue_id, recipient, at_ms, id, trust, e):
 * Did our own MTA have the letter to the canonical ${recipient} in its queue as
 * ${queue_id} when it was ${at_ms}?  1 with the document's ${id} and the
 * ${trust} that its log has; 0 if the log that was followed does not say so; -1.
 */
int query_followed(struct store *s, struct span queue_id, struct span recipient,
    int64_t at_ms, struct docid *id, enum evidence_trust *trust, struct err *e);

/**
 * follow_put(t, a, f):
 * Inside the writer's transaction: remember ${f}.  With an origin, the
 * recipients that were not done there come along.  0 or -1: ask store_commit.
 */
int follow_put(struct store_txn *t, struct arena *a, const struct followed *f);

/** follow_add(t, a, f): The same, only if it is not there: 1 added, 0 was there, -1. */
int follow_add(struct store_txn *t, struct arena *a, const struct followed *f);

/** follow_forget(t, a, f): Drop it; 0 (also if it was not there) or -1. */
int follow_forget(struct store_txn *t, struct arena *a, const struct followed *f);

/** follow_put_position(t, a, p): Inside the writer's transaction. */
int follow_put_position(struct store_txn *t, struct arena *a, const struct log_position *p);

#endif /* !LEDGER_FOLLOW_H */
