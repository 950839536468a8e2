/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef LEDGER_ITEM_H
#define LEDGER_ITEM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/buffer.h"
#include "base/span.h"
#include "ledger/record.h"
#include "track/docid.h"
#include "track/document.h"
#include "track/evidence.h"

struct err;

/* Sent to a writer at once: at most so many bytes of items. */
#define ITEMS_BYTES_MAX ((size_t)16 * 1024 * 1024)

/* Written as numbers between programs of one version. */
enum item_kind {
	ITEM_DOCUMENT = 1, ITEM_RECIPIENT, ITEM_EVIDENCE, ITEM_FOLLOWED,
	/* what is to go: */
	ITEM_FORGET_DOCUMENT, ITEM_FORGET_FOLLOWED, ITEM_ERASE_RECIPIENT,
	ITEM_KIND_END
};

/* One record of the ledger on its way out of one or into one, or an order to drop it. */
struct item {
	enum item_kind kind;
	struct docid id;			/* of all but followed ones */
	struct span address;			/* of recipient, evidence, erase; canonical */
	bool is_registered;			/* document: its retry key stands for it */
	const struct document *document;
	const struct recipient_record *recipient;
	const struct evidence *evidence;
	const struct followed *followed;	/* also of FORGET_FOLLOWED */
};

/* What a list of items changed. */
struct item_counts {
	uint64_t documents, recipients, evidence, followed;
};

/** item_print(b, item): Append ${item} as bytes that items_parse reads. */
void item_print(struct buffer *b, const struct item *item);

/**
 * items_parse(a, bytes, list, count, e):
 * All items of ${bytes}, in ${a}.  0; -1 if they are none, with the reason.
 */
int items_parse(struct arena *a, struct span bytes, struct item **list, size_t *count,
    struct err *e);

#endif /* !LEDGER_ITEM_H */
