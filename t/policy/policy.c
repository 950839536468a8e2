/* SPDX-License-Identifier: BSD-2-Clause */
#include <criterion/criterion.h>

#include <string.h>

#include "letter.h"

Test(policy, the_shipped_policy_compiles_without_a_warning)
{
	struct policy *p = letter_shipped();

	cr_assert_gt(policy_rule_count(p), 10);
	cr_assert_eq(strlen(policy_digest(p)), 64);
	policy_free(p);
}

Test(policy, the_digest_changes_with_the_sources_alone)
{
	struct policy *a = letter_policy("rule r { if spoofed note }\n");
	struct policy *b = letter_policy("rule r { if spoofed note }\n");
	struct policy *c = letter_policy("rule r { if spoofed hold }\n");

	cr_assert_str_eq(policy_digest(a), policy_digest(b));
	cr_assert_str_neq(policy_digest(a), policy_digest(c));
	policy_free(a);
	policy_free(b);
	policy_free(c);
	policy_free(NULL);
}
