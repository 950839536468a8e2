/* SPDX-License-Identifier: BSD-2-Clause */
#include <criterion/criterion.h>

#include "policy/rule.h"

Test(rule, every_field_has_a_name_that_parses_back)
{
	int i;

	for (i = 0; i < FIELD_COUNT; i++)
		cr_assert_eq(field_parse(span_of(field_names[i])), i);
	cr_assert_eq(field_parse(span_of("atachment.name")), FIELD_COUNT);
	cr_assert_null(field_names[FIELD_COUNT]);
}

Test(rule, every_field_compares_in_one_way)
{
	int i;

	for (i = 0; i < FIELD_COUNT; i++)
		cr_expect_leq(field_is_truth(i) + field_is_number(i) +
		    field_is_viewed(i) + field_is_address(i), 1, "%s", field_names[i]);
	cr_assert(field_is_viewed(FIELD_ATTACHMENT_TEXT));
	cr_assert(field_is_bound(FIELD_ATTACHMENT_SIZE));
	cr_assert_not(field_is_bound(FIELD_ATTACHMENT_COUNT));
	cr_assert(field_is_recipient(FIELD_RECIPIENT_KIND));
	cr_assert_not(change_is_header(CHANGE_REDIRECT));
}
