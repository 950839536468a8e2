/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef LEDGER_AUDIT_INTERNAL_H
#define LEDGER_AUDIT_INTERNAL_H

#include "ledger/audit.h"
#include "index_internal.h"

/* A page of one table, read in one transaction; its faults are told after it. */
struct audit {
	struct store_txn *txn;
	struct arena *arena;
	struct audit_fault *faults;
	size_t count, size;
};

/* Note a fault of the entry under ${key}; what and key are copied. */
void audit_fault(struct audit *x, enum store_table table, struct span key,
    enum audit_mend mend, const char *what);

/* Check one entry; 0, or -1 if the transaction failed. */
int audit_record(struct audit *x, enum store_table table, struct span key,
    struct span value);
int audit_index(struct audit *x, enum store_table table, struct span key,
    struct span value);

#endif /* !LEDGER_AUDIT_INTERNAL_H */
