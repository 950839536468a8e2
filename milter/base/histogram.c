/* SPDX-License-Identifier: BSD-2-Clause */
#include "base/histogram.h"

const int64_t histogram_times_us[HISTOGRAM_BOUNDS] = { 500, 1000, 2500, 5000, 10000,
    25000, 50000, 100000, 250000, 500000, 1000000, 2500000, 10000000, 60000000 };

const int64_t histogram_sizes[HISTOGRAM_BOUNDS] = { 1, 2, 4, 8, 16, 32, 64, 128, 256,
    512, 1024, 2048, 4096, 8192 };

void
histogram_add(struct histogram *h, const int64_t bounds[HISTOGRAM_BOUNDS],
    int64_t value)
{
	size_t i = 0;

	if (value < 0)
		value = 0;
	while (i < HISTOGRAM_BOUNDS && value > bounds[i])
		i++;
	atomic_fetch_add_explicit(&h->counts[i], 1, memory_order_relaxed);
	atomic_fetch_add_explicit(&h->sum, (uint64_t)value, memory_order_relaxed);
}

uint64_t
histogram_get(const struct histogram *h, size_t i)
{
	return atomic_load_explicit(&h->counts[i], memory_order_relaxed);
}

uint64_t
histogram_sum(const struct histogram *h)
{
	return atomic_load_explicit(&h->sum, memory_order_relaxed);
}
