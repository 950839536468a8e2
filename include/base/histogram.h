/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef BASE_HISTOGRAM_H
#define BASE_HISTOGRAM_H

#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>

#define HISTOGRAM_BOUNDS 14

/* How large the values were, counted in buckets: begin with zeros; any thread, no lock. */
struct histogram {
	atomic_uint_fast64_t counts[HISTOGRAM_BOUNDS + 1];	/* the last: above all bounds */
	atomic_uint_fast64_t sum;
};

/** histogram_times_us: 0.5 ms to 60 s; histogram_sizes: 1 to 8,192. Ascending. */
extern const int64_t histogram_times_us[HISTOGRAM_BOUNDS];
extern const int64_t histogram_sizes[HISTOGRAM_BOUNDS];

/** histogram_add(h, bounds, value): Count ${value}, below 0 as 0, in the first bucket whose bound it does not exceed. */
void histogram_add(struct histogram *h, const int64_t bounds[HISTOGRAM_BOUNDS],
    int64_t value);

/** histogram_get(h, i): What is in bucket ${i}, 0 to HISTOGRAM_BOUNDS. */
uint64_t histogram_get(const struct histogram *h, size_t i);

/** histogram_sum(h): All values together. */
uint64_t histogram_sum(const struct histogram *h);

#endif /* !BASE_HISTOGRAM_H */
