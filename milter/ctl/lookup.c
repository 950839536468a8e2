/* SPDX-License-Identifier: BSD-2-Clause */
#include <stdio.h>
#include <string.h>

#include "base/err.h"
#include "ledger/query.h"

#include "verb_internal.h"

#define MOST 4		/* documents that an ambiguous prefix is told by */

struct lookup {
	struct docid ids[MOST + 1];
	size_t count;
};

static bool
visit(const struct receipt *r, void *context)
{
	struct lookup *l = context;
	size_t i;

	for (i = 0; i < l->count; i++) {
		if (memcmp(l->ids[i].uuid, r->document->id.uuid, 16) == 0)
			return true;
	}
	l->ids[l->count++] = r->document->id;
	return l->count <= MOST;
}

/* A whole ID means one that is right to its last character. */
static bool
is_whole_match(struct span prefix, const struct docid *found)
{
	char text[DOCID_TEXT_SIZE], given[DOCID_TEXT_SIZE];
	struct docid id;

	if (!docid_parse(prefix, &id))
		return true;
	return strcmp(docid_print(&id, given), docid_print(found, text)) == 0;
}

static int
say_several(const struct lookup *l, struct span prefix, struct err *e)
{
	char id[DOCID_TEXT_SIZE];
	size_t i, n;

	err_set(e, "'%.*s' is ambiguous, it fits several documents:",
	    SPAN_PRINT(prefix));
	for (i = 0; i < l->count; i++) {
		n = strlen(e->text);
		snprintf(e->text + n, sizeof(e->text) - n, " %s",
		    i < MOST ? docid_print(&l->ids[i], id) : "...");
	}
	return 2;
}

int
lookup_document(struct store *s, struct span prefix,
    const struct receipt_rules *rules, struct docid *id, struct err *e)
{
	struct query q = { .id = prefix, .state = -1 };
	struct lookup l = { .count = 0 };
	uint8_t low[16], high[16];

	if (!docid_prefix(prefix, low, high))
		return 0;
	if (query_receipts(s, &q, rules, visit, &l, e) < 0)
		return -1;
	if (l.count > 1)
		return say_several(&l, prefix, e);
	if (l.count == 0 || !is_whole_match(prefix, &l.ids[0]))
		return 0;
	*id = l.ids[0];
	return 1;
}
