/* SPDX-License-Identifier: BSD-2-Clause */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/err.h"
#include "ctl/options.h"

#include "verb_internal.h"

static const struct option_rule known[] = {
	{ "for", OPTION_VALUE }, { "note", OPTION_VALUE }, { NULL, OPTION_FLAG },
};

static int
send_line(const struct context *ctx, struct arena *a, const char *rule,
    int64_t for_ms, const char *note)
{
	char *line = arena_print(a, "shadow %s %" PRId64 "%s%s", rule, for_ms,
	    note != NULL ? " " : "", note != NULL ? note : "");
	struct span answer;
	int status;

	/* The note is the rest of a line: what would end it is a blank. */
	for (char *p = line; *p != '\0'; p++)
		if (*p == '\n' || *p == '\r')
			*p = ' ';
	status = daemon_request(ctx, a, arena_print(a, "%s\n", line), &answer);
	if (status == STATUS_FINE)
		printf("%.*s\n", SPAN_PRINT(answer));
	return status;
}

int
policy_shadow_run(const struct context *ctx, struct arena *a, int argc, char **argv,
    bool is_end)
{
	struct options o;
	int64_t for_ms = 0;
	struct err e;

	if (verb_options("policy", a, known, argc, argv, &o) != 0)
		return STATUS_USAGE;
	if (o.operand_count != 1 || o.operands[0][0] == '\0' ||
	    o.operands[0][strcspn(o.operands[0], " \t\r\n")] != '\0')
		return fail_usage("policy", "the name of one rule is needed");
	if (is_end && o.given_count != 0)
		return fail_usage("policy", "unshadow has no options");
	if (!is_end && options_get(&o, "for") == NULL)
		return fail_usage("policy", "--for is needed, as --for 2h");
	if (!is_end && clock_duration(options_get(&o, "for"), &for_ms, &e) < 0)
		return fail_usage("policy", "--for: %s", e.text);
	return send_line(ctx, a, o.operands[0], for_ms, options_get(&o, "note"));
}
