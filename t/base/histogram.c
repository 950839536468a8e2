/* SPDX-License-Identifier: BSD-2-Clause */
#include <criterion/criterion.h>

#include "base/histogram.h"

Test(histogram, bounds_ascend)
{
	for (size_t i = 1; i < HISTOGRAM_BOUNDS; i++) {
		cr_expect_lt(histogram_times_us[i - 1], histogram_times_us[i]);
		cr_expect_lt(histogram_sizes[i - 1], histogram_sizes[i]);
	}
}

Test(histogram, a_value_is_counted_once_where_it_does_not_exceed_the_bound)
{
	struct histogram h = { .sum = 0 };

	histogram_add(&h, histogram_sizes, 1);
	histogram_add(&h, histogram_sizes, 2);
	histogram_add(&h, histogram_sizes, 3);
	histogram_add(&h, histogram_sizes, 4);
	histogram_add(&h, histogram_sizes, -7);
	histogram_add(&h, histogram_sizes, 9000);
	cr_expect_eq(histogram_get(&h, 0), 2);
	cr_expect_eq(histogram_get(&h, 1), 1);
	cr_expect_eq(histogram_get(&h, 2), 2);
	cr_expect_eq(histogram_get(&h, HISTOGRAM_BOUNDS), 1);
	cr_expect_eq(histogram_sum(&h), 9010);
}
