/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef LEDGER_RECORD_H
#define LEDGER_RECORD_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/span.h"
#include "track/document.h"
#include "track/evidence.h"
#include "track/receipt.h"

struct err;

/*
 * What stands in the tables: a byte for the version, then tag, length and value,
 * tag and length as varints.  Tags that are not known are skipped, so a record
 * may gain fields; texts are cut to RECORD_TEXT_LIMIT.
 */
#define RECORD_VERSION 1
#define RECORD_TEXT_LIMIT 4096
#define RECORD_HIT_LIMIT 16

struct record_document {
	struct document document;
	bool is_registered;
	uint64_t counts[HEADLINE_COUNT];	/* recipients in each bucket */
};

struct record_recipient {
	struct addressee addressee;
	uint64_t ordinal;
	enum receipt_headline bucket;	/* headline without regard to time */
	bool has_origin;		/* the filter saw it, not only a notice */
};

/** record_document_print(a, r): ${r} as bytes in ${a}; the others likewise. */
struct span record_document_print(struct arena *a, const struct record_document *r);
struct span record_recipient_print(struct arena *a, const struct record_recipient *r);
struct span record_evidence_print(struct arena *a, const struct evidence *ev);

/**
 * record_document_parse(a, bytes, r, e):
 * Read ${bytes} into ${r}, copied to ${a}; 0, or -1 "damaged record"; the others likewise.
 */
int record_document_parse(struct arena *a, struct span bytes, struct record_document *r,
    struct err *e);
int record_recipient_parse(struct arena *a, struct span bytes, struct record_recipient *r,
    struct err *e);
int record_evidence_parse(struct arena *a, struct span bytes, struct evidence *ev,
    struct err *e);

/** record_docid_print(id, out), record_docid_parse(bytes, id): The 27 bytes of an ID; false if they are not 27. */
#define RECORD_DOCID_BYTES 27
struct span record_docid_print(const struct docid *id, uint8_t out[RECORD_DOCID_BYTES]);
bool record_docid_parse(struct span bytes, struct docid *id);

#endif /* !LEDGER_RECORD_H */
