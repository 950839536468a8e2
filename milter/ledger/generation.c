/* SPDX-License-Identifier: BSD-2-Clause */
#include "base/arena.h"
#include "base/err.h"
#include "ledger/statefile.h"

#include "ledger/generation.h"

#define NAME "policy.last"
#define SIZE_LIMIT (256 * 1024 * 1024)

int
generation_keep(const char *folder, struct span bytes, struct err *e)
{
	return statefile_put(folder, NAME, bytes, e);
}

int
generation_get(const char *folder, struct arena *a, struct span *bytes,
    struct err *e)
{
	return statefile_get(folder, NAME, SIZE_LIMIT, a, bytes, e);
}
