/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef FILTER_COUNTERS_H
#define FILTER_COUNTERS_H

#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>

/* What the daemon counts, in the order that status prints. */
#define COUNTERS(X)							\
	X(sessions)	/* open now */					\
	X(ending)	/* ends of message under way now */		\
	X(spool_bytes)	/* in files now */				\
	X(messages)	/* that reached their end */			\
	X(ministry) X(spoofed) X(foreign)				\
	X(accepted) X(tracked) X(retried)				\
	X(rejected) X(held) X(discarded) X(deferred)			\
	X(unknown)	/* rules that could not be decided */		\
	X(noted)	/* rules that only count, and shadow ones */	\
	X(no_notify)	/* tracked recipients without NOTIFY=SUCCESS */	\
	X(notices) X(claims) X(evidence)				\
	X(log_lines) X(log_evidence) X(log_gaps) X(log_alarms)		\
	X(store_failures) X(reloads) X(reload_failures)

/* Atomics: any thread, no lock. */
struct counters {
#define COUNTER(name) atomic_int_fast64_t name;
	COUNTERS(COUNTER)
#undef COUNTER
};

/** counter_add(c, n): Add ${n} (may be negative) and return the new value. */
int64_t counter_add(atomic_int_fast64_t *c, int64_t n);

/** counters_next(c, i, value): The name and value of counter ${i} from 0; NULL after the last. */
const char *counters_next(const struct counters *c, size_t i, int64_t *value);

#endif /* !FILTER_COUNTERS_H */
