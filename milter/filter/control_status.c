/* SPDX-License-Identifier: BSD-2-Clause */
#include <inttypes.h>
#include <stdio.h>
#include <unistd.h>

#include "base/clock.h"
#include "filter/desk.h"
#include "filter/snapshot.h"
#include "ledger/shadow.h"
#include "ledger/store.h"
#include "ledger/writer.h"
#include "policy/policy.h"
#include "track/keyring.h"

#include "control_internal.h"

/* A string of JSON, or null. */
static void
print_text(FILE *out, const char *text)
{
	if (text == NULL) {
		fputs("null", out);
		return;
	}
	putc('"', out);
	for (; *text != '\0'; text++) {
		if (*text == '"' || *text == '\\')
			fprintf(out, "\\%c", *text);
		else if ((unsigned char)*text < ' ')
			fprintf(out, "\\u%04x", (unsigned)*text);
		else
			putc(*text, out);
	}
	putc('"', out);
}

static void
print_policy(struct desk *d, FILE *out)
{
	const struct snapshot *s = snapshot_hold(d->snapshots);
	struct arena *a = arena_new();
	char since[CLOCK_TEXT_SIZE];

	fprintf(out, "\"policy\":\"%s\",\"policy_since\":\"%s\",\"policy_broken\":",
	    policy_digest(s->policy), clock_print(s->since_ms, since));
	print_text(out, snapshots_broken(d->snapshots, a));
	fprintf(out, ",\"rules\":%zu,\"key\":%d", policy_rule_count(s->policy),
	    keyring_active(s->keys));
	arena_free(a);
	snapshot_release(d->snapshots, s);
}

static int64_t
value(const atomic_int_fast64_t *c)
{
	return atomic_load_explicit(c, memory_order_relaxed);
}

/* Of ten thousand rules those are of interest of which there is something to say. */
static void
print_rules(struct desk *d, FILE *out)
{
	const struct snapshot *s = snapshot_hold(d->snapshots);
	const char *comma = "";

	fprintf(out, "\"rule_counters\":[");
	for (size_t i = 0; i < policy_rule_count(s->policy); i++) {
		const struct rule_counter *c = &s->rules[i];

		if (value(&c->hits) + value(&c->shadow_hits) +
		    value(&c->unknowns) + value(&c->spent_ns) == 0)
			continue;
		fprintf(out, "%s{\"rule\":\"%s\",\"hits\":%" PRId64
		    ",\"shadow_hits\":%" PRId64 ",\"unknowns\":%" PRId64
		    ",\"time_us\":%" PRId64 "}", comma,
		    policy_rule_name(s->policy, i), value(&c->hits),
		    value(&c->shadow_hits), value(&c->unknowns),
		    value(&c->spent_ns) / 1000);
		comma = ",";
	}
	fprintf(out, "]");
	snapshot_release(d->snapshots, s);
}

static void
print_shadows(struct desk *d, FILE *out)
{
	struct arena *a = arena_new();
	const struct shadow *list;
	char until[CLOCK_TEXT_SIZE];
	size_t n;

	list = shadows_at(d->shadows, clock_now_ms(), a, &n);
	fprintf(out, "\"shadowed\":[");
	for (size_t i = 0; i < n; i++) {
		fprintf(out, "%s{\"rule\":\"%s\",\"until\":\"%s\",\"operator\":",
		    i > 0 ? "," : "", list[i].rule,
		    clock_print(list[i].until_ms, until));
		print_text(out, list[i].operator);
		fprintf(out, ",\"note\":");
		print_text(out, list[i].note);
		fprintf(out, "}");
	}
	fprintf(out, "]");
	arena_free(a);
}

static void
print_ledger(struct desk *d, FILE *out)
{
	struct store_usage usage;
	struct writer_counts counts;

	store_usage(d->store, &usage);
	writer_counts(d->writer, &counts);
	fprintf(out, "\"ledger\":{\"map_bytes\":%" PRIu64 ",\"used_bytes\":%"
	    PRIu64 ",\"limit_bytes\":%" PRIu64 ",\"readers\":%u,\"commits\":%"
	    PRIu64 ",\"records\":%" PRIu64 ",\"failures\":%" PRIu64
	    ",\"waiting\":%" PRIu64 "}", usage.map_bytes, usage.used_bytes,
	    usage.limit_bytes, usage.readers, counts.commits, counts.records,
	    counts.failures, counts.waiting);
}

static void
print_counters(struct desk *d, FILE *out)
{
	const char *name;
	int64_t value;

	fprintf(out, "\"counters\":{");
	for (size_t i = 0; (name = counters_next(&d->counters, i, &value)); i++)
		fprintf(out, "%s\"%s\":%" PRId64, i > 0 ? "," : "", name, value);
	fprintf(out, "}");
}

void
control_status(struct desk *d, FILE *out)
{
	char started[CLOCK_TEXT_SIZE];

	fprintf(out, "ok {\"version\":\"%s\",\"pid\":%ld,\"started\":\"%s\","
	    "\"draining\":%s,", PACKAGE_VERSION, (long)getpid(),
	    clock_print(d->started_ms, started),
	    atomic_load(&d->is_draining) ? "true" : "false");
	print_policy(d, out);
	fprintf(out, ",");
	print_ledger(d, out);
	fprintf(out, ",");
	print_counters(d, out);
	fprintf(out, ",");
	print_shadows(d, out);
	fprintf(out, ",");
	print_rules(d, out);
	fprintf(out, "}\n");
}
