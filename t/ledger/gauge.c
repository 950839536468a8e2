/* SPDX-License-Identifier: BSD-2-Clause */
#include <criterion/criterion.h>

#include "ledger/gauge.h"

#include "fixture.h"

static struct fixture f;

static void
begin(void)
{
	fixture_keys(&f);
	fixture_open(&f, FIXTURE_LIMIT);
}

static void
end(void)
{
	fixture_end(&f);
}

TestSuite(gauge, .init = begin, .fini = end);

Test(gauge, an_empty_ledger_has_nothing)
{
	struct gauge g;
	struct err e;

	cr_assert_eq(gauge_read(f.store, FIXTURE_NOW, &g, &e), 0);
	cr_expect_eq(g.documents + g.recipients + g.evidence + g.open + g.overdue, 0);
}

Test(gauge, what_is_there_is_counted)
{
	struct addressee who[2] = { { .address = span_of("a@x.vn") },
	    { .address = span_of("b@x.vn") } };
	struct entry_result result;
	struct gauge g;
	struct err e;

	for (int i = 0; i < 3; i++) {
		char name[2] = { (char)('a' + i), '\0' };
		struct entry entry = fixture_entry(&f, name, FIXTURE_NOW, who, 2);

		entry.document.due_ms = FIXTURE_NOW + 1000 * (i + 1);
		cr_assert_eq(writer_register(f.writer, &entry, &result, &e), 0);
	}
	cr_assert_eq(writer_find(f.writer, &(struct finding){ result.id,
	    span_of("a@x.vn"), fixture_notice(CODE_DELIVERED, FIXTURE_NOW) }, 1, &e), 0);
	cr_assert_eq(gauge_read(f.store, FIXTURE_NOW + 2001, &g, &e), 0);
	cr_expect_eq(g.documents, 3);
	cr_expect_eq(g.recipients, 6);
	cr_expect_eq(g.evidence, 7);
	cr_expect_eq(g.open, 6);
	cr_expect_eq(g.overdue, 4, "%lu", (unsigned long)g.overdue);
	cr_expect_eq(g.states[HEADLINE_ACCEPTED], 3);
	cr_expect_eq(g.states[HEADLINE_DELIVERED], 1);
	cr_expect_eq(g.states[HEADLINE_FAILED], 0);
}
