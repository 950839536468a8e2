/* SPDX-License-Identifier: BSD-2-Clause */
#include "base/clock.h"
#include "base/err.h"
#include "filter/desk.h"
#include "ledger/backlog.h"
#include "ledger/gauge.h"
#include "ledger/store.h"
#include "ledger/writer.h"

#include "metrics_internal.h"

static void
print_writer(struct desk *d, FILE *out)
{
	const struct writer_times *times = writer_times(d->writer);
	struct writer_counts n;

	writer_counts(d->writer, &n);
	metrics_head(out, "evidence_total", "counter",
	    "Evidence handed to the ledger, by what it is from.");
	for (int i = SOURCE_FILTER; i <= SOURCE_EDXML; i++)
		metrics_label(out, "evidence_total", "kind",
		    evidence_source_name((enum evidence_source)i),
		    (double)n.evidence[i]);
	metrics_put(out, "ledger_commits_total", "counter", "Durable commits.",
	    (double)n.commits);
	metrics_put(out, "ledger_commit_failures_total", "counter",
	    "Commits that failed.", (double)n.failures);
	metrics_put(out, "ledger_store_failures_total", "counter",
	    "Messages put off because the ledger could not be written.",
	    (double)counter_add(&d->counters.store_failures, 0));
	metrics_put(out, "ledger_waiting", "gauge", "Jobs that wait for a commit now.",
	    (double)n.waiting);
	metrics_put(out, "ledger_tight", "gauge",
	    "1 while the ledger is beyond 80 % of its limit and new letters wait.",
	    writer_is_tight(d->writer));
	metrics_put(out, "backlog_bytes", "gauge",
	    "Evidence that waits for room in the ledger.",
	    d->backlog != NULL ? (double)backlog_bytes(d->backlog) : 0);
	metrics_histogram(out, "ledger_commit_seconds", "How long commits took.",
	    &times->commit_us, histogram_times_us, 1e6);
	metrics_histogram(out, "ledger_commit_jobs", "How many jobs shared a commit.",
	    &times->jobs, histogram_sizes, 1);
}

static void
print_states(const struct gauge *g, FILE *out)
{
	metrics_head(out, "documents", "gauge",
	    "Documents with a receipt in that state; one may be in several.");
	for (int h = 0; h < HEADLINE_COUNT; h++)
		if (h != HEADLINE_UNSENT)
			metrics_label(out, "documents", "state",
			    receipt_headline_name((enum receipt_headline)h),
			    (double)g->states[h]);
	metrics_put(out, "ledger_documents", "gauge", "Documents in the ledger.",
	    (double)g->documents);
	metrics_put(out, "ledger_receipts", "gauge", "Recipients of them.",
	    (double)g->recipients);
	metrics_put(out, "ledger_evidence", "gauge", "Evidence in the ledger.",
	    (double)g->evidence);
	metrics_put(out, "receipts_open", "gauge",
	    "Receipts with a deadline that nobody answered yet.", (double)g->open);
	metrics_put(out, "receipts_overdue", "gauge", "Of them, those that are overdue.",
	    (double)g->overdue);
}

static void
print_ledger(struct desk *d, FILE *out)
{
	struct store_usage u;
	struct gauge g;
	struct err e;
	bool is_readable = gauge_read(d->store, clock_now_ms(), &g, &e) == 0;

	metrics_put(out, "ledger_readable", "gauge", "1 if the ledger can be read.",
	    is_readable);
	if (!is_readable)
		return;
	print_states(&g, out);
	store_usage(d->store, &u);
	metrics_put(out, "ledger_map_bytes", "gauge", "Size of the map now.",
	    (double)u.map_bytes);
	metrics_put(out, "ledger_used_bytes", "gauge", "Bytes of it in use.",
	    (double)u.used_bytes);
	metrics_put(out, "ledger_limit_bytes", "gauge", "How large it may grow.",
	    (double)u.limit_bytes);
	metrics_put(out, "ledger_readers", "gauge", "Slots of readers in use.", u.readers);
}

void
metrics_ledger(struct desk *d, FILE *out)
{
	print_writer(d, out);
	print_ledger(d, out);
}
