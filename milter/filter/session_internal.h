/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef FILTER_SESSION_INTERNAL_H
#define FILTER_SESSION_INTERNAL_H

#include "base/digest.h"
#include "filter/session.h"
#include "mail/header.h"
#include "policy/verdict.h"
#include "track/document.h"

struct arena;
struct desk;
struct snapshot;
struct spool;

/* A message between MAIL and its end; what the pipeline works on. */
struct transaction {
	struct arena *arena;
	const struct snapshot *snapshot;
	struct span raw_sender;		/* without <> */
	struct span sender;		/* canonical */
	struct span login;
	struct span envelope_id;	/* the client's, decoded; empty = none */
	struct span ret;
	struct addressee *addressees;
	size_t addressee_count;
	size_t addressee_size;
	struct headers headers;		/* up to the limit */
	size_t header_size;
	enum sender_class sender_class;
	bool is_notice;			/* null sender, or Postfix's double-bounce */
	bool may_acknowledge;		/* as far as its header tells */
	bool wants_body;
	bool has_too_many_recipients;
	struct digest_state *body;	/* digest of the body so far */
	struct span queue_id;
	bool is_expected;		/* by the ledger's writer */
};

struct session {
	struct desk *desk;
	char client[64];
	char *hostname;
	struct spool *spool;
	struct transaction message;
};

/* Tell the writer that a letter may be handed in soon; that it need not wait for it (any more). */
void session_expect(struct session *s);
void session_release(struct session *s);

#endif /* !FILTER_SESSION_INTERNAL_H */
