/* SPDX-License-Identifier: BSD-2-Clause */
#include <criterion/criterion.h>

#include "ledger/audit.h"
#include "ledger/record.h"

#include "fixture.h"

#define LETTERS 300	/* index entries of one key on several pages */

static struct fixture f;

static void
begin(void)
{
	struct addressee who[2] = { { .address = span_of("A@x.vn"),
	    .unit = span_of("H26") }, { .address = span_of("b@x.vn") } };
	struct entry_result result;
	struct err e;
	char name[32], id[64];

	fixture_keys(&f);
	fixture_open(&f, FIXTURE_LIMIT);
	for (int i = 0; i < LETTERS; i++) {
		struct entry entry;

		snprintf(name, sizeof(name), "%d", i);
		snprintf(id, sizeof(id), "<%d@moet.edu.vn>", i);
		entry = fixture_entry(&f, name, FIXTURE_NOW + i, who, 2);
		entry.document.message_id = span_of(id);
		entry.document.number = span_of("7/VP");
		entry.document.queue_id = span_of("4FQ");
		entry.document.due_ms = FIXTURE_NOW + 100000;
		cr_assert_eq(writer_register(f.writer, &entry, &result, &e), 0);
	}
}

static void
end(void)
{
	fixture_end(&f);
}

TestSuite(audit, .init = begin, .fini = end);

struct told {
	size_t count;
	enum store_table table;
	enum audit_mend mend;
	char what[128];
};

static void
tell(const struct audit_fault *fault, void *context)
{
	struct told *t = context;

	if (t->count++ != 0)
		return;
	t->table = fault->table;
	t->mend = fault->mend;
	snprintf(t->what, sizeof(t->what), "%s", fault->what);
}

static struct told
audit(void)
{
	struct told t = { 0 };
	struct audit_counts n;
	struct err e = { "" };

	cr_assert_eq(audit_ledger(f.store, tell, &t, &n, &e), 0, "%s", e.text);
	cr_expect_eq(n.faults, t.count);
	return t;
}

Test(audit, a_ledger_that_the_writer_made_has_no_fault)
{
	struct told t = { 0 };
	struct audit_counts n;
	struct err e = { "" };

	cr_assert_eq(audit_ledger(f.store, tell, &t, &n, &e), 0, "%s", e.text);
	cr_expect_eq(t.count, 0, "%s: %s", store_table_name(t.table), t.what);
	cr_expect_eq(n.entries[TABLE_DOCUMENTS], LETTERS);
	cr_expect_eq(n.entries[TABLE_NUMBER], LETTERS);
	cr_expect_eq(n.entries[TABLE_RECIPIENT], 2 * LETTERS);
	cr_expect_eq(n.entries[TABLE_DUE], 2 * LETTERS);
}

/* The first pair of a table. */
static void
first(struct store_txn *t, struct arena *a, enum store_table table, struct span *key,
    struct span *value)
{
	struct store_cursor *c = store_seek(t, table, (struct span){ "", 1 }, false);

	cr_assert_eq(store_step(c, key, value), 1);
	*key = arena_copy(a, *key);
	*value = arena_copy(a, *value);
	store_cursor_end(c);
}

enum damage { GARBAGE, CUT, GONE, ELSEWHERE };

/* Do something to the first pair of ${table} behind the writer's back. */
static void
damage(enum store_table table, enum damage how)
{
	struct arena *a = arena_new();
	struct span key, value, other;
	struct store_txn *t;
	struct err e;

	t = store_begin(f.store, true, &e);
	cr_assert_not_null(t);
	first(t, a, table, &key, &value);
	if (how == GARBAGE)
		store_put(t, table, key, span_of("\xff\xff\xff\xff"));
	else if (how == CUT)
		store_put(t, table, key, span_sub(value, 0, value.n - 3));
	else if (how == GONE)
		store_delete(t, table, key,
		    store_table_is_index(table) ? value : (struct span){ NULL, 0 });
	else {
		other = arena_copy(a, key);
		((char *)other.p)[other.n - 1] ^= 0x15;
		store_put(t, table, other, value);
	}
	cr_assert_eq(store_commit(t, &e), 0, "%s", e.text);
	arena_free(a);
}

Test(audit, whatever_is_damaged_is_told_with_what_mends_it)
{
	static const struct {
		enum store_table table;
		enum damage how;
		enum store_table told;
		const char *what;
		enum audit_mend mend;
	} all[] = {
		{ TABLE_DOCUMENTS, GARBAGE, TABLE_DOCUMENTS, "is no record", MEND_BACKUP },
		{ TABLE_DOCUMENTS, CUT, TABLE_DOCUMENTS, "is no record", MEND_BACKUP },
		{ TABLE_DOCUMENTS, GONE, TABLE_RECIPIENTS, "has no document", MEND_BACKUP },
		{ TABLE_DOCUMENTS, ELSEWHERE, TABLE_DOCUMENTS, "is of another document", MEND_BACKUP },
		{ TABLE_RECIPIENTS, CUT, TABLE_RECIPIENTS, "is no record", MEND_BACKUP },
		{ TABLE_RECIPIENTS, GONE, TABLE_EVIDENCE, "has no recipient", MEND_BACKUP },
		{ TABLE_RECIPIENTS, ELSEWHERE, TABLE_RECIPIENTS, "is of another recipient", MEND_BACKUP },
		{ TABLE_EVIDENCE, GARBAGE, TABLE_EVIDENCE, "is no record", MEND_BACKUP },
		{ TABLE_EVIDENCE, ELSEWHERE, TABLE_EVIDENCE, "is of another evidence", MEND_BACKUP },
		{ TABLE_RETRY, GARBAGE, TABLE_RETRY, "is no document's ID", MEND_BACKUP },
		{ TABLE_RETRY, ELSEWHERE, TABLE_RETRY, "names a document that has not this key", MEND_EXPORT },
		{ TABLE_MESSAGE_ID, GONE, TABLE_DOCUMENTS, "is not in the index message_id", MEND_EXPORT },
		{ TABLE_MESSAGE_ID, ELSEWHERE, TABLE_MESSAGE_ID, "names a document of which it is not so", MEND_EXPORT },
		{ TABLE_NUMBER, GONE, TABLE_DOCUMENTS, "is not in the index number", MEND_EXPORT },
		{ TABLE_NUMBER, ELSEWHERE, TABLE_NUMBER, "names a document of which it is not so", MEND_EXPORT },
		{ TABLE_SENDER, GONE, TABLE_DOCUMENTS, "is not in the index sender", MEND_EXPORT },
		{ TABLE_QUEUE_ID, GONE, TABLE_DOCUMENTS, "is not in the index queue_id", MEND_EXPORT },
		{ TABLE_RECIPIENT, GONE, TABLE_RECIPIENTS, "is not in the index recipient", MEND_EXPORT },
		{ TABLE_RECIPIENT, ELSEWHERE, TABLE_RECIPIENT, "names a document of which it is not so", MEND_EXPORT },
		{ TABLE_UNIT, GONE, TABLE_RECIPIENTS, "is not in the index unit", MEND_EXPORT },
		{ TABLE_UNIT, ELSEWHERE, TABLE_UNIT, "names a document of which it is not so", MEND_EXPORT },
		{ TABLE_STATE, GONE, TABLE_RECIPIENTS, "is not in the index state", MEND_EXPORT },
		{ TABLE_STATE, ELSEWHERE, TABLE_STATE, "names a document of which it is not so", MEND_EXPORT },
		{ TABLE_DUE, GONE, TABLE_RECIPIENTS, "is not in the index due", MEND_EXPORT },
		{ TABLE_DUE, ELSEWHERE, TABLE_DUE, "is nobody's deadline", MEND_EXPORT },
	};
	struct told t;

	for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++) {
		if (i != 0) {
			end();
			begin();
		}
		damage(all[i].table, all[i].how);
		t = audit();
		cr_expect_gt(t.count, 0, "%zu", i);
		cr_expect_eq(t.table, all[i].told, "%zu: %s", i,
		    store_table_name(t.table));
		cr_expect_str_eq(t.what, all[i].what, "%zu: %s", i, t.what);
		cr_expect_eq(t.mend, all[i].mend, "%zu", i);
	}
}
