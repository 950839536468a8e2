/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef LEDGER_GENERATION_H
#define LEDGER_GENERATION_H

#include "base/span.h"

struct arena;
struct err;

/*
 * The policy that was in force last, as bytes (base/source packs them): what a
 * restart falls back to while the policy's files are broken.
 */

/**
 * generation_keep(folder, bytes, e):
 * Keep ${bytes} in ${folder}, durably, instead of those before: written to a file of
 * another name, synced and renamed.  0, or -1 with the reason; then the old ones
 * are still there.
 */
int generation_keep(const char *folder, struct span bytes, struct err *e);

/** generation_get(folder, a, bytes, e): 1 with what was kept, in ${a}; 0 if nothing was; -1 with the reason. */
int generation_get(const char *folder, struct arena *a, struct span *bytes,
    struct err *e);

#endif /* !LEDGER_GENERATION_H */
