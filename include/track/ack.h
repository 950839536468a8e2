/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef TRACK_ACK_H
#define TRACK_ACK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/digest.h"
#include "base/span.h"
#include "mail/message.h"
#include "track/docid.h"
#include "track/evidence.h"

struct keyring;

enum ack_kind { ACK_DSN, ACK_MDN, ACK_REPLY, ACK_AUTO_REPLY, ACK_EDXML };

/* What a message says of one recipient, and the keys to find the document by, in order. */
struct claim {
	enum ack_kind kind;
	struct span recipient;		/* Original-Recipient, else Final-Recipient, else From; canonical */
	struct span final_recipient;	/* canonical; may be empty */
	struct span sender;		/* From, canonical; of mdn, replies and edXML */
	struct span action;		/* "failed", "displayed", "replied", "auto", "01"; lower case */
	struct span status;		/* "5.1.1"; may be empty */
	struct span diagnostic;		/* Diagnostic-Code, or a server's words; may be empty */
	struct span reporter;		/* Reporting-MTA, without its type; Reporting-UA */
	struct span envelope_id;	/* Original-Envelope-Id */
	struct span document_id;	/* the returned part's stamp, as it stands */
	struct span message_id;		/* of the letter; with <> */
	struct span references;		/* more Message-IDs that it may have, as in References */
	struct span queue_id;		/* X-Postfix-Queue-ID */
	struct span number;		/* official number, of edXML: "1234/BGDĐT-VP" */
	bool is_automatic;		/* no person did it */
	bool is_error;			/* disposition with the modifier "error" */
	bool is_list;			/* the reporter is a mailing list */
	int64_t claimed_ms;		/* Last-Attempt-Date, else Arrival-Date, else Date; 0 = none */
	uint8_t digest[DIGEST_BYTES];	/* of the machine-readable part */
};

struct claims {
	struct claim *list;
	size_t count;
};

/** ack_kind_name(k): "dsn", "mdn", "reply", "auto-reply", "edxml". */
const char *ack_kind_name(enum ack_kind k);

/**
 * ack_read(a, m, header_name, claims):
 * What ${m} acknowledges: delivery reports (RFC 3464, 6522, 6533) at any bounded
 * depth, the outermost counts, also broken ones and bounces in words alone;
 * dispositions (RFC 8098); edXML status packages (QCVN 102); replies, those of people told
 * from those of programs (RFC 3834).  At most 1,000 claims of one kind; none of
 * complaints (RFC 5965).  Nothing is verified here.
 */
void ack_read(struct arena *a, const struct message *m, const char *header_name,
    struct claims *claims);

/**
 * ack_resolve(k, c, id):
 * The document ${c} names by a tag that verifies under ${k}: the envelope ID
 * first, then the returned stamp.  Return 1 with ${id}, else 0.
 */
int ack_resolve(const struct keyring *k, const struct claim *c, struct docid *id);

/**
 * ack_evidence(c, seen_ms, trust, ev):
 * What ${c} is worth as evidence; return 0 if its action is none that counts.
 */
int ack_evidence(struct arena *a, const struct claim *c, int64_t seen_ms, enum evidence_trust trust,
    struct evidence *ev);

/** ack_date_ms(value): An RFC 5322 date-time as ms since 1970; 0 if it cannot be read. */
int64_t ack_date_ms(struct span value);

#endif /* !TRACK_ACK_H */
