/* SPDX-License-Identifier: BSD-2-Clause */
#include <criterion/criterion.h>

#include <string.h>

#include "track/docid.h"
#include "track/evidence.h"

static const struct docid id = { { 1, 2, 3 }, 1, { 4 } };

static const struct evidence sample = {
	.source = SOURCE_DSN, .code = CODE_DELIVERED, .trust = TRUST_TAGGED,
	.reporter = { "mx.x.vn", 7 }, .claimed_ms = 1000, .seen_ms = 2000,
};

static bool
is_same(const struct evidence *ev, const char *recipient)
{
	uint8_t a[DIGEST_BYTES], b[DIGEST_BYTES];

	evidence_id(&id, span_of("a@x.vn"), &sample, a);
	evidence_id(&id, span_of(recipient), ev, b);
	return memcmp(a, b, sizeof(a)) == 0;
}

Test(evidence, the_same_evidence_seen_again_has_the_same_id)
{
	struct evidence again = sample;

	again.seen_ms = 9000;
	again.trust = TRUST_CLAIMED;
	cr_assert(is_same(&again, "a@x.vn"));
}

Test(evidence, another_fact_has_another_id)
{
	struct evidence other = sample;

	cr_assert_not(is_same(&other, "b@x.vn"));
	other.code = CODE_RELAYED;
	cr_assert_not(is_same(&other, "a@x.vn"));
	other = sample;
	other.source = SOURCE_LOG;
	cr_assert_not(is_same(&other, "a@x.vn"));
	other = sample;
	other.reporter.n--;
	cr_assert_not(is_same(&other, "a@x.vn"));
	other = sample;
	other.claimed_ms++;
	cr_assert_not(is_same(&other, "a@x.vn"));
	other = sample;
	other.digest[31] ^= 1;
	cr_assert_not(is_same(&other, "a@x.vn"));
}

Test(evidence, names_are_those_of_the_table)
{
	cr_assert_str_eq(evidence_source_name(SOURCE_DSN), "dsn");
	cr_assert_str_eq(evidence_code_name(CODE_RELAYED), "relayed");
	cr_assert_str_eq(evidence_code_name(CODE_ACCEPTED), "accepted");
	cr_assert_null(evidence_code_name((enum evidence_code)6));
	cr_assert_null(evidence_code_name((enum evidence_code)127));
	cr_assert_null(evidence_source_name((enum evidence_source)0));
	cr_assert_null(evidence_source_name((enum evidence_source)99));
}

Test(evidence, a_code_reads_back_from_its_name)
{
	for (int c = 0; c < CODE_END; c++) {
		const char *name = evidence_code_name((enum evidence_code)c);

		if (name != NULL)
			cr_assert_eq(evidence_code_parse(span_of(name)), c, "%s", name);
	}
	cr_assert_eq(evidence_code_parse(span_of("13")), CODE_EDXML_13);
	cr_assert_eq(evidence_code_parse(span_of("read")), -1);
	cr_assert_eq(evidence_code_parse(span_of("")), -1);
}
