/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef LEDGER_KEYFILE_H
#define LEDGER_KEYFILE_H

#include "track/keyring.h"

struct err;

/**
 * keyfile_load(folder, k, e):
 * All keys of ${folder} (files NNN.key: a line "vanthu-key 1 CREATED HEX").
 * A key that others or the group may read is refused.  0, or -1 with the reason.
 */
int keyfile_load(const char *folder, struct keyring *k, struct err *e);

/**
 * keyfile_make(folder, now_ms, id, e):
 * Make a new key with the next free id: written to a temporary file, synced, renamed, the
 * folder synced; 0600.  0 with its ${id}, or -1.
 */
int keyfile_make(const char *folder, int64_t now_ms, uint8_t *id, struct err *e);

#endif /* !LEDGER_KEYFILE_H */
