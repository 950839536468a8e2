/* SPDX-License-Identifier: BSD-2-Clause */
#include <criterion/criterion.h>

#include "ledger/operator.h"

#include "fixture.h"

static struct fixture f;
static struct docid id;
static char text[DOCID_TEXT_SIZE];

static void
begin(void)
{
	struct addressee who = { .address = span_of("a@x.vn") };
	struct entry_result result;
	struct entry entry;
	struct err e;

	fixture_keys(&f);
	fixture_open(&f, FIXTURE_LIMIT);
	entry = fixture_entry(&f, "one", FIXTURE_NOW, &who, 1);
	cr_assert_eq(writer_register(f.writer, &entry, &result, &e), 0);
	id = result.id;
	docid_print(&id, text);
}

static void
end(void)
{
	fixture_end(&f);
}

TestSuite(operator, .init = begin, .fini = end);

static int
enter(const char *document, const char *who, const char *code, const char *note,
    struct err *e)
{
	struct operator_word word = { span_of(document), span_of(who),
	    span_of(code), span_of(note), "lan" };

	return operator_record(f.store, f.writer, &word, e);
}

Test(operator, a_word_at_the_desk_is_evidence_with_a_name)
{
	struct arena *a = arena_new();
	struct receipt *rows;
	struct err e = { "" };
	size_t n;

	cr_assert_eq(enter(text, "a@X.VN", "registered", "by phone", &e), 1, "%s", e.text);
	cr_assert_eq(query_document(f.store, id.uuid, a, &fixture_rules, &rows, &n,
	    &e), 1);
	cr_assert_eq(n, 1);
	cr_expect_eq(rows[0].state.headline, HEADLINE_REGISTERED);
	cr_assert_eq(rows[0].evidence_count, 2);
	for (size_t i = 0; i < 2; i++) {
		const struct evidence *ev = &rows[0].evidence[i];

		if (ev->source != SOURCE_OPERATOR)
			continue;
		cr_expect(span_is(ev->reporter, "lan"));
		cr_expect(span_is(ev->reason, "by phone"));
		cr_expect_eq(ev->trust, TRUST_OURS);
	}
	arena_free(a);
}

Test(operator, every_code_that_may_be_entered_is_one)
{
	struct err e = { "" };

	for (size_t i = 0; operator_codes[i] != NULL; i++)
		cr_expect_eq(enter(text, "a@x.vn", operator_codes[i], "", &e), 1,
		    "%s: %s", operator_codes[i], e.text);
}

Test(operator, what_makes_no_sense_is_told_and_not_recorded)
{
	char wrong[DOCID_TEXT_SIZE], much[400];
	struct err e;

	strcpy(wrong, text);
	wrong[43] = wrong[43] == '0' ? 'G' : '0';
	memset(much, 'x', sizeof(much));
	much[399] = '\0';
	cr_expect_eq(enter(wrong, "a@x.vn", "registered", "", &e), 0);
	cr_expect_eq(enter("x", "a@x.vn", "registered", "", &e), 0);
	cr_expect_eq(enter(text, "b@x.vn", "registered", "", &e), 0);
	cr_expect_not_null(strstr(e.text, "did not go to"));
	cr_expect_eq(enter(text, "a@x.vn", "accepted", "", &e), 0);
	cr_expect_eq(enter(text, "a@x.vn", "registered", much, &e), 0);
}
