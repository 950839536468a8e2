/* SPDX-License-Identifier: BSD-2-Clause */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/arena.h"
#include "base/clock.h"
#include "base/err.h"
#include "base/log.h"
#include "filter/desk.h"
#include "filter/snapshot.h"
#include "ledger/shadow.h"
#include "policy/policy.h"

#include "control_internal.h"

#define SHADOW_LONGEST_MS (INT64_C(30) * 24 * 3600 * 1000)

/* 1 ${rule} is one of the policy in force; else 0, and it has been told. */
static int
knows_rule(struct desk *d, struct span rule, FILE *out)
{
	const struct snapshot *s = snapshot_hold(d->snapshots);
	const char *near = policy_near_rule(s->policy, rule);
	int is_known = near != NULL && span_equal(rule, span_of(near));

	if (!is_known && near != NULL)
		fprintf(out, "error there is no rule '%.*s' (did you mean '%s'?)\n",
		    SPAN_PRINT(rule), near);
	else if (!is_known)
		fprintf(out, "error there is no rule '%.*s'\n", SPAN_PRINT(rule));
	snapshot_release(d->snapshots, s);
	return is_known;
}

static void
end_shadow(struct desk *d, const char *operator, struct span rule, FILE *out)
{
	char name[256];
	struct err e;
	int rc = shadows_end(d->shadows, rule, &e);

	snprintf(name, sizeof(name), "%.*s", SPAN_PRINT(rule));
	if (rc < 0)
		fprintf(out, "error %s\n", e.text);
	else if (rc == 0)
		fprintf(out, "error nobody has put '%s' in shadow\n", name);
	else {
		log_event(LOG_LEVEL_WARNING, "rule-unshadowed", "rule", name,
		    "operator", operator, NULL);
		fprintf(out, "ok '%s' does again what the policy says\n", name);
	}
}

static void
begin_shadow(struct desk *d, const char *operator, const char *rule,
    int64_t for_ms, const char *note, FILE *out)
{
	struct shadow one = { rule, clock_now_ms() + for_ms, operator, note };
	char until[CLOCK_TEXT_SIZE];
	struct err e;

	if (shadows_put(d->shadows, &one, &e) < 0) {
		fprintf(out, "error %s\n", e.text);
		return;
	}
	clock_print(one.until_ms, until);
	log_event(LOG_LEVEL_WARNING, "rule-shadowed", "rule", rule,
	    "until", until, "operator", operator,
	    "note", note[0] != '\0' ? note : NULL, NULL);
	fprintf(out, "ok '%s' is in shadow until %s\n", rule, until);
}

/* "RULE MILLISECONDS", and the note up to the end of the line. */
void
control_shadow(struct desk *d, const char *operator, struct span rest, FILE *out)
{
	struct arena *a = arena_new();
	struct span rule = control_word(&rest);
	const char *length = arena_string(a, control_word(&rest));
	char *end;
	int64_t for_ms = strtoll(length, &end, 10);

	if (*length == '\0' || *end != '\0' || for_ms < 0 || for_ms > SHADOW_LONGEST_MS)
		fprintf(out, "error '%s' is no time: milliseconds, at most 30 days\n",
		    length);
	else if (for_ms == 0)
		end_shadow(d, operator, rule, out);
	else if (knows_rule(d, rule, out))
		begin_shadow(d, operator, arena_string(a, rule), for_ms,
		    arena_string(a, rest), out);
	arena_free(a);
}
