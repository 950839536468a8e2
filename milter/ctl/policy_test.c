/* SPDX-License-Identifier: BSD-2-Clause */
#include <stdio.h>
#include <unistd.h>

#include "base/err.h"
#include "base/fault.h"
#include "base/source.h"
#include "ctl/json.h"
#include "ctl/options.h"
#include "mail/mime.h"
#include "policy/policy.h"
#include "policy/trial.h"

#include "verb_internal.h"

static const char *const formats[] = { "text", "json", NULL };

static const struct option_rule known[] = {
	{ "format", OPTION_VALUE }, { NULL, OPTION_FLAG },
};

static void
put_trace(struct json *j, struct span trace)
{
	struct span line;

	json_begin(j, '[');
	while (span_line(&trace, &line))
		json_text(j, line);
	json_end(j, ']');
}

static void
put_json(const struct trial_result *r)
{
	struct json j = { .out = stdout };

	json_begin(&j, '{');
	json_key(&j, "name");
	json_text(&j, span_of(r->name));
	json_key(&j, "file");
	json_text(&j, span_of(r->file));
	json_key(&j, "line");
	json_number(&j, (int64_t)r->line);
	json_key(&j, "passed");
	json_bool(&j, r->has_passed);
	json_key(&j, "expected");
	json_text(&j, span_of(r->expected));
	json_key(&j, "seen");
	json_text(&j, span_of(r->seen));
	json_key(&j, "trace");
	put_trace(&j, span_of(r->trace));
	json_end(&j, '}');
}

static void
print_text(const struct trial_result *r)
{
	struct span trace = span_of(r->trace), line;

	printf("%s  %s\n", r->has_passed ? "pass" : "FAIL", r->name);
	if (r->has_passed)
		return;
	printf("      %s:%zu: expected %s, seen %s\n", r->file, r->line,
	    r->expected, r->seen);
	while (span_line(&trace, &line))
		printf("      %.*s\n", SPAN_PRINT(line));
}

static int
run_tests(const struct policy *p, const char *path, bool is_json)
{
	size_t i, n = trial_count(p), failed = 0;
	struct trial_result r;
	struct arena *a;

	for (i = 0; i < n; i++) {
		a = arena_new();
		trial_run(p, i, a, &r);
		failed += !r.has_passed;
		if (is_json)
			put_json(&r);
		else
			print_text(&r);
		arena_free(a);
	}
	if (!is_json)
		printf("%s: %zu tests, %zu failed\n", path, n, failed);
	return failed == 0 ? STATUS_FINE : STATUS_NONE;
}

static int
test_one(const char *path, bool is_json)
{
	struct faults faults = { 0 };
	struct err e = { "" };
	struct sources *set = sources_open(path, ".policy", &e);
	struct policy *p;
	int status = STATUS_NONE;

	if (set == NULL)
		return fail(access(path, R_OK) < 0 ? STATUS_UNREACHABLE :
		    STATUS_NONE, "%s", e.text);
	p = policy_compile_untried(set, &faults);
	faults_print(&faults, stderr, true);
	if (p != NULL)
		status = run_tests(p, path, is_json);
	policy_free(p);
	faults_end(&faults);
	sources_free(set);
	return status;
}

static int
test_configured(const struct context *ctx, bool is_json)
{
	struct config c;
	int status = context_config(ctx, true, &c);

	if (status != STATUS_FINE)
		return status;
	status = test_one(c.policy, is_json);
	config_end(&c);
	return status;
}

int
policy_test_run(const struct context *ctx, struct arena *a, int argc, char **argv)
{
	int format, status, worst = STATUS_FINE;
	struct options o;
	struct err e;
	size_t i;

	if (verb_options("policy", a, known, argc, argv, &o) != 0)
		return STATUS_USAGE;
	format = options_choice("format", options_get(&o, "format"), formats, &e);
	if (format < 0)
		return fail_usage("policy", "%s", e.text);
	mime_init();
	if (o.operand_count == 0)
		return test_configured(ctx, format == 1);
	for (i = 0; i < o.operand_count; i++) {
		status = test_one(o.operands[i], format == 1);
		if (status > worst)
			worst = status;
	}
	return worst;
}
