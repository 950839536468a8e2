/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef TRACK_DOCUMENT_H
#define TRACK_DOCUMENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/digest.h"
#include "base/span.h"
#include "mail/header.h"
#include "track/docid.h"

/* Where a rule hit: never what it hit. */
struct document_hit {
	struct span part;
	struct span view;
	uint64_t offset;
	uint64_t length;
	uint8_t digest[DIGEST_BYTES];	/* HMAC of the matched text under the signing key */
};

/* What the registry keeps of a letter. */
struct document {
	struct docid id;
	struct span number;		/* official number; empty = none, always for refused ones */
	struct span sender;		/* canonical; empty = null sender */
	struct span message_id;		/* with <>; empty = none */
	struct span envelope_id;	/* the client's own or ours, xtext-decoded; empty = none */
	struct span queue_id;		/* of the first attempt */
	struct span action;		/* "accept" "hold" "reject" "discard" */
	struct span rule;		/* that decided; empty = none */
	struct span policy;		/* hex digest of the policy */
	bool has_subject;
	uint8_t subject[DIGEST_BYTES];	/* HMAC of the subject; not for refused ones */
	uint8_t retry_key[DIGEST_BYTES];
	int64_t seen_ms;
	uint64_t size_bytes;
	uint64_t attempts;		/* 1 at first */
	unsigned flags;			/* FLAG_COPIED_STAMP, FLAG_RETRIED */
	const struct document_hit *hits;
	size_t hit_count;		/* at most 16 are kept */
};

/* One addressee of it. */
struct addressee {
	struct span address;		/* canonical */
	struct span raw;		/* as in RCPT, without <>; empty in the ledger */
	bool has_success_notify;	/* NOTIFY held SUCCESS */
	bool is_our_notify;		/* spelled NOTIFY=DELAY,FAILURE,SUCCESS: only we asked */
};

/**
 * document_retry_key(sender, h, queue_id, body, key):
 * The same for every attempt and every parallel batch of one message: over
 * sender, Message-ID and ${body} (digest of the body); without a Message-ID
 * (or with one that Postfix made of ${queue_id}) over sender, Date, From,
 * Subject and ${body}.
 */
void document_retry_key(struct span sender, const struct headers *h, struct span queue_id,
    const uint8_t body[DIGEST_BYTES], uint8_t key[DIGEST_BYTES]);

#endif /* !TRACK_DOCUMENT_H */
