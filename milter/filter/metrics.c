/* SPDX-License-Identifier: BSD-2-Clause */
#include <inttypes.h>
#include <stdbool.h>

#include "base/histogram.h"
#include "extract/client.h"
#include "filter/desk.h"
#include "filter/snapshot.h"
#include "policy/policy.h"

#include "filter/metrics.h"
#include "metrics_internal.h"

void
metrics_head(FILE *out, const char *name, const char *type, const char *help)
{
	fprintf(out, "# HELP vanthu_%s %s\n# TYPE vanthu_%s %s\n", name, help, name,
	    type);
}

void
metrics_put(FILE *out, const char *name, const char *type, const char *help, double value)
{
	metrics_head(out, name, type, help);
	fprintf(out, "vanthu_%s %.17g\n", name, value);
}

void
metrics_label(FILE *out, const char *name, const char *label, const char *value, double n)
{
	fprintf(out, "vanthu_%s{%s=\"%s\"} %.17g\n", name, label, value, n);
}

void
metrics_histogram(FILE *out, const char *name, const char *help,
    const struct histogram *h, const int64_t bounds[HISTOGRAM_BOUNDS], double unit)
{
	uint64_t count = 0;

	metrics_head(out, name, "histogram", help);
	for (size_t i = 0; i < HISTOGRAM_BOUNDS; i++) {
		count += histogram_get(h, i);
		fprintf(out, "vanthu_%s_bucket{le=\"%g\"} %" PRIu64 "\n", name,
		    (double)bounds[i] / unit, count);
	}
	count += histogram_get(h, HISTOGRAM_BOUNDS);
	fprintf(out, "vanthu_%s_bucket{le=\"+Inf\"} %" PRIu64 "\n"
	    "vanthu_%s_sum %.17g\nvanthu_%s_count %" PRIu64 "\n", name, count, name,
	    (double)histogram_sum(h) / unit, name, count);
}

static double
get(const atomic_int_fast64_t *c)
{
	return (double)atomic_load_explicit(c, memory_order_relaxed);
}

static void
print_daemon(struct desk *d, FILE *out)
{
	const struct snapshot *s = snapshot_hold(d->snapshots);

	metrics_head(out, "build_info", "gauge", "Always 1; version and policy in force.");
	fprintf(out, "vanthu_build_info{version=\"%s\",policy=\"%s\"} 1\n",
	    PACKAGE_VERSION, policy_digest(s->policy));
	metrics_put(out, "policy_rules", "gauge", "Rules of the policy in force.",
	    (double)policy_rule_count(s->policy));
	snapshot_release(d->snapshots, s);
	metrics_put(out, "start_time_seconds", "gauge",
	    "When the filter started, in seconds since 1970.",
	    (double)d->started_ms / 1000);
	metrics_put(out, "draining", "gauge", "1 while the daemon stops.",
	    atomic_load(&d->is_draining));
}

static void
print_letters(const struct counters *c, FILE *out)
{
	const struct { const char *name; const atomic_int_fast64_t *n; } senders[] = {
		{ "ministry", &c->ministry }, { "spoofed", &c->spoofed },
		{ "foreign", &c->foreign },
	}, actions[] = {
		{ "accept", &c->accepted }, { "reject", &c->rejected },
		{ "hold", &c->held }, { "discard", &c->discarded },
		{ "defer", &c->deferred },
	};

	metrics_put(out, "sessions", "gauge", "SMTP sessions open now.", get(&c->sessions));
	metrics_put(out, "messages_in_hand", "gauge", "Ends of message under way now.",
	    get(&c->ending));
	metrics_put(out, "spool_bytes", "gauge", "Bytes of messages in files now.",
	    get(&c->spool_bytes));
	metrics_put(out, "messages_total", "counter", "Messages that reached their end.",
	    get(&c->messages));
	metrics_head(out, "senders_total", "counter", "Messages by class of sender.");
	for (size_t i = 0; i < sizeof(senders) / sizeof(senders[0]); i++)
		metrics_label(out, "senders_total", "class", senders[i].name,
		    get(senders[i].n));
	metrics_head(out, "verdicts_total", "counter", "Verdicts by action.");
	for (size_t i = 0; i < sizeof(actions) / sizeof(actions[0]); i++)
		metrics_label(out, "verdicts_total", "action", actions[i].name,
		    get(actions[i].n));
	metrics_put(out, "tracked_total", "counter", "Documents that got a receipt.",
	    get(&c->tracked));
	metrics_put(out, "retried_total", "counter", "Documents that came once more.",
	    get(&c->retried));
	metrics_put(out, "undecided_rules_total", "counter",
	    "Rules that could not be decided.", get(&c->unknown));
	metrics_put(out, "noted_total", "counter", "Hits of rules that only count.",
	    get(&c->noted));
	metrics_put(out, "recipients_without_notify_total", "counter",
	    "Tracked recipients of whom no notice of success was asked.",
	    get(&c->no_notify));
}

static void
print_acknowledgements(const struct counters *c, FILE *out)
{
	metrics_put(out, "notices_total", "counter",
	    "Messages that might acknowledge something.", get(&c->notices));
	metrics_put(out, "claims_total", "counter", "What they said of recipients.",
	    get(&c->claims));
	metrics_put(out, "log_lines_total", "counter", "Lines of Postfix's log read.",
	    get(&c->log_lines));
	metrics_put(out, "log_gaps_total", "counter",
	    "Places where lines of Postfix's log may be missing.",
	    get(&c->log_gaps));
	metrics_put(out, "log_alarms_total", "counter",
	    "Documents that left the queue without a word.", get(&c->log_alarms));
	metrics_head(out, "reloads_total", "counter", "Reloads of policy and keys.");
	metrics_label(out, "reloads_total", "result", "success", get(&c->reloads));
	metrics_label(out, "reloads_total", "result", "failure",
	    get(&c->reload_failures));
}

static void
print_extraction(const struct client *c, FILE *out)
{
	if (c == NULL)
		return;
	metrics_put(out, "attachments_cached_total", "counter",
	    "Attachments whose text was remembered.",
	    (double)client_cached(c));
	metrics_histogram(out, "extraction_seconds",
	    "How long looking into an attachment took, waiting included.",
	    client_times(c), histogram_times_us, 1e6);
}

void
metrics_print(struct desk *d, FILE *out)
{
	print_daemon(d, out);
	print_letters(&d->counters, out);
	metrics_rules(d, out);
	print_acknowledgements(&d->counters, out);
	metrics_ledger(d, out);
	print_extraction(d->extract, out);
}
