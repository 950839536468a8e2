/* SPDX-License-Identifier: BSD-2-Clause */
#include <stdio.h>

#include "ctl/options.h"

#include "verb_internal.h"

static const struct option_rule known[] = { { NULL, OPTION_FLAG } };

static int
run(const struct context *ctx, struct arena *a, int argc, char **argv)
{
	struct span answer;
	struct options o;
	int status;

	if (verb_options("metrics", a, known, argc, argv, &o) != 0)
		return STATUS_USAGE;
	if (o.operand_count != 0)
		return fail_usage("metrics", "unexpected argument '%s'",
		    o.operands[0]);
	status = daemon_request(ctx, a, "metrics\n", &answer);
	if (status == STATUS_FINE)
		printf("%.*s\n", SPAN_PRINT(answer));
	return status;
}

const struct verb verb_metrics = {
	"metrics", "what the daemon counts, as Prometheus reads it",
	"usage: milterctl metrics\n\n"
	"Ask milterd through its control socket for its counters and for what is in\n"
	"the ledger, in the text format of Prometheus.  The setting metrics_listen\n"
	"serves the same over HTTP at /metrics.\n\n"
	"Exit status: 0; 1 it answered with an error; 2 usage; 3 it cannot be\n"
	"reached.\n\n"
	"example: milterctl metrics | grep vanthu_verdicts_total\n",
	run,
};
