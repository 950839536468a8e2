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

Test(rule, a_word_of_a_later_version_is_known_as_such)
{
	cr_assert(word_is_later(span_of("uninspectable")));
	cr_assert(word_is_later(span_of("attachment.text")));
	cr_assert_not(word_is_later(span_of("subject")));
}
