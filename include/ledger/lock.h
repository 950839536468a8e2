/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef LEDGER_LOCK_H
#define LEDGER_LOCK_H

#include <stdint.h>

struct err;

/**
 * lock_take(folder, wait_ms, e):
 * Take daemon.lock in the ledger's ${folder}: whoever holds it alone writes
 * there.  Waits at most ${wait_ms}.  Return a descriptor, held until it is closed
 * here and in every child; or -1 with the reason.
 */
int lock_take(const char *folder, int64_t wait_ms, struct err *e);

#endif /* !LEDGER_LOCK_H */
