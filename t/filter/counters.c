/* SPDX-License-Identifier: BSD-2-Clause */
#include <criterion/criterion.h>

#include "filter/counters.h"

Test(counters, every_counter_has_its_own_name_and_value)
{
	struct counters c = { 0 };
	const char *name;
	int64_t value;
	size_t n = 0;

	counter_add(&c.messages, 3);
	counter_add(&c.rejected, 5);
	counter_add(&c.rejected, -1);
	for (; (name = counters_next(&c, n, &value)) != NULL; n++) {
		int64_t want = strcmp(name, "messages") == 0 ? 3 :
		    strcmp(name, "rejected") == 0 ? 4 : 0;

		cr_expect_eq(value, want, "%s is %ld", name, (long)value);
	}
	cr_expect_eq(n, sizeof(c) / sizeof(c.messages));
}
