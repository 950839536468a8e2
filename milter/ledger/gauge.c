/* SPDX-License-Identifier: BSD-2-Clause */
#include <string.h>

#include "base/err.h"
#include "ledger/store.h"

#include "ledger/gauge.h"
#include "index_internal.h"

static int
count_overdue(struct store_txn *t, struct arena *a, int64_t now_ms, uint64_t *n)
{
	struct span now = key_due(a, now_ms, (struct span){ NULL, 0 }), key, value;
	struct store_cursor *c = store_seek(t, TABLE_DUE, (struct span){ "", 1 }, false);
	int rc;

	while ((rc = store_step(c, &key, &value)) == 1 && key.n > now.n &&
	    memcmp(key.p, now.p, now.n) < 0)
		++*n;
	store_cursor_end(c);
	return rc < 0 ? -1 : 0;
}

static int
read_gauge(struct store_txn *t, struct arena *a, int64_t now_ms, struct gauge *g)
{
	if (store_count(t, TABLE_DOCUMENTS, &g->documents) < 0 ||
	    store_count(t, TABLE_RECIPIENTS, &g->recipients) < 0 ||
	    store_count(t, TABLE_EVIDENCE, &g->evidence) < 0 ||
	    store_count(t, TABLE_DUE, &g->open) < 0)
		return -1;
	for (int h = 0; h < HEADLINE_COUNT; h++)
		if (h != HEADLINE_UNSENT && store_count_key(t, TABLE_STATE,
		    key_state_of(a, (enum receipt_headline)h), &g->states[h]) < 0)
			return -1;
	return count_overdue(t, a, now_ms, &g->overdue);
}

int
gauge_read(struct store *s, int64_t now_ms, struct gauge *g, struct err *e)
{
	struct arena *a = arena_new();
	struct store_txn *t = store_begin(s, false, e);
	int rc = t != NULL ? 0 : -1;

	*g = (struct gauge){ .documents = 0 };
	if (t != NULL) {
		rc = read_gauge(t, a, now_ms, g);
		if (rc < 0)
			store_commit(t, e);
		else
			store_abort(t);
	}
	arena_free(a);
	return rc;
}
