/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef TRACK_STAMP_H
#define TRACK_STAMP_H

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "base/span.h"
#include "mail/header.h"
#include "track/docid.h"

struct keyring;

enum edit_kind { EDIT_DELETE_HEADER, EDIT_INSERT_HEADER, EDIT_ADD_RECIPIENT,
    EDIT_DELETE_RECIPIENT, EDIT_CHANGE_SENDER };

/* One change that the MTA is asked for, in the order to be sent. */
struct edit {
	enum edit_kind kind;
	const char *name;	/* of the header */
	const char *value;	/* header value, recipient, or sender with <> */
	const char *arguments;	/* ESMTP arguments of EDIT_CHANGE_SENDER */
	size_t index;		/* of EDIT_DELETE_HEADER: from 1 among its name */
};

struct edits {
	struct edit *list;
	size_t count;
};

/* The first valid stamp of ours in ${h}, if any: what the letter claims to be. */
/**
 * stamp_find(k, h, header_name, id):
 * Return true and the ID if ${h} bears a stamp that verifies under ${k}.
 */
bool stamp_find(const struct keyring *k, const struct headers *h, const char *header_name,
    struct docid *id);

struct stamp_facts {
	const struct headers *headers;
	const char *header_name;	/* Vanthu-Document-ID */
	const struct docid *id;		/* in force; NULL: not tracked, strip only */
	struct span sender;		/* as the MTA gave it, canonical or empty */
	struct span envelope_id;	/* the client's own, empty = none */
	struct span ret;		/* the client's RET, empty = none */
	struct span raw_sender;		/* as in MAIL, without <> */
	const char *hostname;
};

/**
 * stamp_plan(a, facts, edits):
 * The edits in a safe order (a prefix of them does no harm, the stamp last):
 * every stamp that is not the one in force deleted, from the highest index
 * down; ENVID (unless the client gave one) and RET=HDRS by a change of sender to itself;
 * a Message-ID (made of the ID) if there is none; the stamp inserted unless the
 * one in force is there.
 */
void stamp_plan(struct arena *a, const struct stamp_facts *facts, struct edits *edits);

/** stamp_xtext_decode(a, text): xtext (RFC 3461 4) read leniently; what is no xtext stays as it is. */
struct span stamp_xtext_decode(struct arena *a, struct span text);

/** stamp_xtext_encode(a, text): As xtext; printable ASCII but "+" and "=" stays. */
const char *stamp_xtext_encode(struct arena *a, struct span text);

#endif /* !TRACK_STAMP_H */
