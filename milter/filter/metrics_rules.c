/* SPDX-License-Identifier: BSD-2-Clause */
#include <stdatomic.h>
#include <stddef.h>

#include "filter/desk.h"
#include "filter/snapshot.h"
#include "policy/policy.h"

#include "metrics_internal.h"

/* A family with a number for each rule, even one that did nothing yet. */
static void
print_family(const struct snapshot *s, FILE *out, const char *name, const char *help,
    size_t member, double unit)
{
	metrics_head(out, name, "counter", help);
	for (size_t i = 0; i < policy_rule_count(s->policy); i++) {
		const atomic_int_fast64_t *n = (const void *)
		    ((const char *)&s->rules[i] + member);

		metrics_label(out, name, "rule", policy_rule_name(s->policy, i),
		    (double)atomic_load_explicit(n, memory_order_relaxed) / unit);
	}
}

void
metrics_rules(struct desk *d, FILE *out)
{
	const struct snapshot *s = snapshot_hold(d->snapshots);

	print_family(s, out, "rule_hits_total", "Letters that a rule was true of.",
	    offsetof(struct rule_counter, hits), 1);
	print_family(s, out, "rule_shadow_hits_total",
	    "Letters that a rule in shadow was true of.",
	    offsetof(struct rule_counter, shadow_hits), 1);
	print_family(s, out, "rule_unknowns_total",
	    "Letters of which a rule could not be decided.",
	    offsetof(struct rule_counter, unknowns), 1);
	print_family(s, out, "rule_seconds_total", "Time that a rule's patterns took.",
	    offsetof(struct rule_counter, spent_ns), 1e9);
	snapshot_release(d->snapshots, s);
}
