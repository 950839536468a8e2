/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef TRACK_EVIDENCE_H
#define TRACK_EVIDENCE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/digest.h"
#include "base/span.h"

struct docid;

/* Stored as numbers: append, never renumber. */
enum evidence_source { SOURCE_FILTER = 1, SOURCE_LOG, SOURCE_DSN, SOURCE_MDN, SOURCE_REPLY, SOURCE_OPERATOR, SOURCE_EDXML };

enum evidence_code {
	CODE_ACCEPTED = 1, CODE_TAGGED, CODE_HELD, CODE_REJECTED, CODE_DISCARDED,	/* filter */
	CODE_DELAYED = 16, CODE_RELAYED, CODE_EXPANDED, CODE_DELIVERED, CODE_FAILED,	/* dsn */
	CODE_TRANSFERRED, CODE_OPAQUE,		/* RFC 3886: notes */
	CODE_DELIVERED_TO_LIST,
	CODE_QUEUED = 32, CODE_VANISHED, CODE_HOLD, CODE_RELEASED,	/* log */
	CODE_SENT_NEXT_HOP, CODE_SENT_LOCAL, CODE_DEFERRED, CODE_BOUNCED, CODE_REQUEUED,
	CODE_DISPLAYED = 48, CODE_DISPLAYED_AUTOMATIC, CODE_PROCESSED,	/* mdn */
	CODE_DISPATCHED, CODE_DELETED, CODE_DENIED, CODE_ERROR, CODE_UNKNOWN,
	CODE_HUMAN = 64, CODE_AUTO,					/* reply */
	CODE_REPLIED = 72, CODE_REGISTERED, CODE_ASSIGNED, CODE_PROCESSING,	/* operator */
	CODE_COMPLETED, CODE_REFUSED, CODE_RECALL, CODE_RECALL_AGREED, CODE_RECALL_DECLINED,
	CODE_EDXML_01 = 96, CODE_EDXML_02, CODE_EDXML_03, CODE_EDXML_04, CODE_EDXML_05,
	CODE_EDXML_06, CODE_EDXML_13, CODE_EDXML_15, CODE_EDXML_16,
};

#define CODE_END 128	/* above every code */

enum evidence_trust { TRUST_CLAIMED, TRUST_TAGGED, TRUST_AUTHENTICATED, TRUST_OURS, TRUST_SIGNED };

/* One thing that somebody says of one recipient's copy.  Never changed, only added to. */
struct evidence {
	enum evidence_source source;
	enum evidence_code code;
	enum evidence_trust trust;
	struct span reporter;	/* who says so: host or program; may be empty */
	struct span reason;	/* status and diagnostic, or the rule; may be empty; at most 512 bytes */
	int64_t claimed_ms;	/* 0 = it does not say */
	int64_t seen_ms;
	uint8_t digest[DIGEST_BYTES];	/* of the machine-readable part it was read from */
};

/** evidence_source_name(s), evidence_code_name(c): "dsn", "relayed". NULL for none. */
const char *evidence_source_name(enum evidence_source s);
const char *evidence_code_name(enum evidence_code c);

/** evidence_code_parse(text): The code called ${text} ("01" to "16" are edXML's), or -1. */
int evidence_code_parse(struct span text);

/**
 * evidence_id(id, recipient, ev, out):
 * The same evidence has the same id whenever and however often it is seen:
 * SHA-256 over document, recipient, source, code, reporter, claimed time, digest.
 */
void evidence_id(const struct docid *id, struct span recipient,
    const struct evidence *ev, uint8_t out[DIGEST_BYTES]);

#endif /* !TRACK_EVIDENCE_H */
