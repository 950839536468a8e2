/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef LEDGER_OPERATOR_H
#define LEDGER_OPERATOR_H

#include "base/span.h"

struct err;
struct store;
struct writer;

/* An acknowledgement by phone or on paper, as somebody at the desk enters it. */
struct operator_word {
	struct span id;			/* the whole document ID */
	struct span recipient;		/* as written; of that document */
	struct span code;		/* one of operator_codes */
	struct span note;		/* at most 300 bytes; may be empty */
	const char *name;		/* who enters it, as the system knows them */
};

/** operator_codes: What may be entered ("registered"), ended by NULL. */
extern const char *const operator_codes[];

/**
 * operator_record(s, w, word, e):
 * Record it durably as evidence of the operator.  1 done, 0 with the reason in
 * ${e} if it makes no sense (no such document, not its recipient, no such
 * code), -1 if the ledger cannot be read or written.
 */
int operator_record(struct store *s, struct writer *w,
    const struct operator_word *word, struct err *e);

#endif /* !LEDGER_OPERATOR_H */
