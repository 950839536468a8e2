/* SPDX-License-Identifier: BSD-2-Clause */
#include <string.h>

#include "base/err.h"

#include "ledger/audit.h"
#include "audit_internal.h"

#define PAGE_ENTRIES 512
#define PAGE_BYTES ((size_t)4 * 1024 * 1024)
#define KEY_MAX 512		/* LMDB's own limit is 511, also of an index's value */

/* The pair that was read last. */
struct place {
	char key[KEY_MAX], value[KEY_MAX];
	size_t key_bytes, value_bytes;
	bool is_over;
};

void
audit_fault(struct audit *x, enum store_table table, struct span key,
    enum audit_mend mend, const char *what)
{
	if (x->count == x->size) {
		size_t size = 2 * x->size + 16;

		x->faults = arena_grow(x->arena, x->faults,
		    x->size * sizeof(*x->faults), size * sizeof(*x->faults));
		x->size = size;
	}
	x->faults[x->count++] = (struct audit_fault){ table,
	    arena_copy(x->arena, key), what, mend };
}

static void
keep(struct place *at, bool is_index, struct span key, struct span value)
{
	at->key_bytes = key.n < KEY_MAX ? key.n : KEY_MAX;
	memcpy(at->key, key.p, at->key_bytes);
	at->value_bytes = !is_index ? 0 : value.n < KEY_MAX ? value.n : KEY_MAX;
	memcpy(at->value, value.p, at->value_bytes);
}

static bool
is_at(const struct place *at, bool is_index, struct span key, struct span value)
{
	struct span last = { at->key, at->key_bytes };
	struct span last_value = { at->value, at->value_bytes };

	return span_equal(key, last) && (!is_index || span_equal(value, last_value));
}

static int
audit_entries(struct audit *x, enum store_table table, struct place *at,
    uint64_t *entries)
{
	struct span last = { at->key, at->key_bytes };
	struct span last_value = { at->value, at->value_bytes }, key, value;
	bool is_index = store_table_is_index(table);
	struct store_cursor *c = is_index && last_value.n != 0 ?
	    store_seek_pair(x->txn, table, last, last_value) :
	    store_seek(x->txn, table, last, false);
	int rc = 0;

	for (size_t n = 0; n < PAGE_ENTRIES && arena_bytes(x->arena) < PAGE_BYTES;) {
		if ((rc = store_step(c, &key, &value)) != 1)
			break;
		if (is_at(at, is_index, key, value))
			continue;
		n++;
		++*entries;
		keep(at, is_index, key, value);
		rc = is_index ? audit_index(x, table, key, value) :
		    audit_record(x, table, key, value);
		if (rc < 0)
			break;
		rc = 1;
	}
	store_cursor_end(c);
	at->is_over = rc == 0;
	return rc < 0 ? -1 : 0;
}

static int
audit_table(struct store *s, enum store_table table,
    void (*tell)(const struct audit_fault *, void *), void *context,
    struct audit_counts *counts, struct err *e)
{
	struct place at = { .key = "", .key_bytes = 1 };
	int rc = 0;

	while (rc == 0 && !at.is_over) {
		struct audit x = { .arena = arena_new() };

		x.txn = store_begin(s, false, e);
		rc = x.txn == NULL ? -1 :
		    audit_entries(&x, table, &at, &counts->entries[table]);
		if (x.txn != NULL && rc < 0)
			store_commit(x.txn, e);
		else
			store_abort(x.txn);
		for (size_t i = 0; i < x.count; i++)
			tell(&x.faults[i], context);
		counts->faults += x.count;
		arena_free(x.arena);
	}
	return rc < 0 ? err_prefix(e, "%s", store_table_name(table)) : 0;
}

int
audit_ledger(struct store *s, void (*tell)(const struct audit_fault *, void *),
    void *context, struct audit_counts *counts, struct err *e)
{
	*counts = (struct audit_counts){ .faults = 0 };
	for (int table = 0; table < TABLE_COUNT; table++)
		if (audit_table(s, (enum store_table)table, tell, context, counts,
		    e) < 0)
			return -1;
	return 0;
}
