/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef LEDGER_AUDIT_H
#define LEDGER_AUDIT_H

#include <stdint.h>

#include "base/span.h"
#include "ledger/store.h"

struct err;

/* What may mend it. */
enum audit_mend {
	MEND_EXPORT,		/* export and import: the indexes are made anew */
	MEND_BACKUP		/* something is lost: only a backup has it */
};

/* Something of the ledger that makes no sense. */
struct audit_fault {
	enum store_table table;
	struct span key;	/* any bytes */
	const char *what;	/* "is no record" */
	enum audit_mend mend;
};

struct audit_counts {
	uint64_t entries[TABLE_COUNT];
	uint64_t faults;
};

/**
 * audit_ledger(s, tell, context, counts, e):
 * Read every entry of every table in short reads: that it is a record, that its
 * key is its own, that what it belongs to is there, that every index has it and
 * that no index has what is not so.  Call ${tell} for each fault, without a
 * transaction.  0 with what was read, -1 if the ledger cannot be read on.  A page
 * that the disk does not give, as of a file that was cut, is a SIGBUS.
 */
int audit_ledger(struct store *s, void (*tell)(const struct audit_fault *, void *),
    void *context, struct audit_counts *counts, struct err *e);

#endif /* !LEDGER_AUDIT_H */
