/* SPDX-License-Identifier: BSD-2-Clause */
#include "filter/counters.h"

int64_t
counter_add(atomic_int_fast64_t *c, int64_t n)
{
	return atomic_fetch_add_explicit(c, n, memory_order_relaxed) + n;
}

const char *
counters_next(const struct counters *c, size_t i, int64_t *value)
{
	static const struct {
		const char *name;
		size_t offset;
	} table[] = {
#define COUNTER(name) { #name, offsetof(struct counters, name) },
		COUNTERS(COUNTER)
#undef COUNTER
	};

	if (i >= sizeof(table) / sizeof(table[0]))
		return NULL;
	*value = atomic_load_explicit((const atomic_int_fast64_t *)
	    ((const char *)c + table[i].offset), memory_order_relaxed);
	return table[i].name;
}
