/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef LEDGER_STATEFILE_H
#define LEDGER_STATEFILE_H

#include <stddef.h>

#include "base/span.h"

struct arena;
struct err;

/* Small files beside the ledger, replaced whole. */

/**
 * statefile_put(folder, name, bytes, e):
 * Make ${bytes} the contents of ${name} in ${folder}, durably: written beside it,
 * synced, renamed, and the folder synced.  0; -1 with the reason, and the file is
 * as it was.
 */
int statefile_put(const char *folder, const char *name, struct span bytes,
    struct err *e);

/**
 * statefile_get(folder, name, limit, a, bytes, e):
 * The contents, in ${a}.  1; 0 if there is no such file; -1 with the reason, such
 * as more than ${limit} bytes.
 */
int statefile_get(const char *folder, const char *name, size_t limit,
    struct arena *a, struct span *bytes, struct err *e);

#endif /* !LEDGER_STATEFILE_H */
