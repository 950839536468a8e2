/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef DUMP_INTERNAL_H
#define DUMP_INTERNAL_H

#include "base/arena.h"
#include "ledger/item.h"

struct err;
struct value;

/* The first line of an exported ledger. */
#define DUMP_TYPE "vanthu-ledger"
#define DUMP_VERSION 1

/**
 * dump_item(a, v, item, name, e):
 * The item that the line ${v} is, in ${a}.  0; -1 with the reason, and the
 * ${name} of the member that is wrong (NULL: the whole line).
 */
int dump_item(struct arena *a, const struct value *v, struct item *item,
    const char **name, struct err *e);

#endif /* !DUMP_INTERNAL_H */
