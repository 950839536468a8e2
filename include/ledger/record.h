/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef LEDGER_RECORD_H
#define LEDGER_RECORD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/span.h"
#include "ledger/follow.h"
#include "track/document.h"
#include "track/evidence.h"

/*
 * How the ledger writes things down: a version byte, then fields of tag, length
 * and bytes, numbers as varints.  Unknown tags are skipped, so that a newer
 * program may add some; a record that is cut or of a newer version is damaged.
 */

#define ATTEMPTS_KEPT 8

/* Once more the letter came for somebody, and got this queue ID. */
struct recipient_attempt {
	struct span queue_id;
	int64_t at_ms;
};

/* An addressee as it is kept. */
struct recipient_record {
	struct addressee addressee;
	uint64_t ordinal;	/* its place among the document's */
	struct recipient_attempt attempts[ATTEMPTS_KEPT];	/* the latest, in order */
	size_t attempt_count;	/* 0 in records of older versions */
};

/** record_print_document(a, d): ${d} as bytes in ${a}. */
struct span record_print_document(struct arena *a, const struct document *d);

/** record_parse_document(a, bytes, d): Read it back; texts point into a copy in ${a}. 0, or -1 if damaged. */
int record_parse_document(struct arena *a, struct span bytes, struct document *d);

/** record_print_recipient, record_parse_recipient: the same for an addressee. */
struct span record_print_recipient(struct arena *a, const struct recipient_record *r);
int record_parse_recipient(struct arena *a, struct span bytes, struct recipient_record *r);

/** record_add_attempt(r, queue_id, at_ms): Note it, unless it is there; the oldest makes room. True if noted. */
bool record_add_attempt(struct recipient_record *r, struct span queue_id, int64_t at_ms);

/** record_attempt_ms(r, queue_id): When it came with that queue ID; 0 = it did not. */
int64_t record_attempt_ms(const struct recipient_record *r, struct span queue_id);

/** record_print_evidence, record_parse_evidence: the same for evidence. */
struct span record_print_evidence(struct arena *a, const struct evidence *ev);
int record_parse_evidence(struct arena *a, struct span bytes, struct evidence *ev);

/** record_print_followed, record_parse_followed: the same for a message in the queue, but for the parts of its key. */
struct span record_print_followed(struct arena *a, const struct followed *f);
int record_parse_followed(struct arena *a, struct span bytes, struct followed *f);

/** record_print_position, record_parse_position: the same for a place in the log. */
struct span record_print_position(struct arena *a, const struct log_position *p);
int record_parse_position(struct arena *a, struct span bytes, struct log_position *p);

/** record_print_docid, record_parse_docid: 27 bytes: uuid, key, tag. */
struct span record_print_docid(struct arena *a, const struct docid *id);
int record_parse_docid(struct span bytes, struct docid *id);

#endif /* !LEDGER_RECORD_H */
