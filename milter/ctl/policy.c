/* SPDX-License-Identifier: BSD-2-Clause */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/err.h"
#include "base/fault.h"
#include "base/source.h"
#include "ctl/json.h"
#include "ctl/options.h"
#include "mail/mime.h"
#include "policy/policy.h"

#include "verb_internal.h"

static const char *const formats[] = { "text", "json", NULL };

static const struct option_rule known[] = {
	{ "format", OPTION_VALUE }, { NULL, OPTION_FLAG },
};

static void
put_fault(struct json *j, const struct fault *f)
{
	json_begin(j, '{');
	json_key(j, "file");
	json_text_or_null(j, span_of(f->file));
	json_key(j, "line");
	json_number(j, (int64_t)f->line);
	json_key(j, "column");
	json_number(j, (int64_t)f->column);
	json_key(j, "severity");
	json_text(j, span_of(f->is_warning ? "warning" : "error"));
	json_key(j, "message");
	json_text(j, span_of(f->message));
	json_end(j, '}');
}

static void
put_json(const char *path, const struct policy *p, const struct faults *faults)
{
	struct json j = { .out = stdout };
	const struct fault *f;

	json_begin(&j, '{');
	json_key(&j, "path");
	json_text(&j, span_of(path));
	json_key(&j, "rules");
	json_number(&j, p != NULL ? (int64_t)policy_rule_count(p) : 0);
	json_key(&j, "digest");
	json_text_or_null(&j, span_of(p != NULL ? policy_digest(p) : NULL));
	json_key(&j, "errors");
	json_number(&j, (int64_t)faults->errors);
	json_key(&j, "warnings");
	json_number(&j, (int64_t)faults->warnings);
	json_key(&j, "faults");
	json_begin(&j, '[');
	for (f = faults->first; f != NULL; f = f->next)
		put_fault(&j, f);
	json_end(&j, ']');
	json_end(&j, '}');
}

static void
print_text(const char *path, const struct policy *p, const struct faults *faults)
{
	faults_print(faults, stdout, true);
	if (p != NULL)
		printf("%s: %zu rules, digest %s\n", path, policy_rule_count(p),
		    policy_digest(p));
	else
		printf("%s: %zu errors, %zu warnings\n", path, faults->errors,
		    faults->warnings);
}

/* What is there but refused is a check that failed; what is not, is not there. */
static int
unreadable(const char *path, const struct err *e)
{
	return fail(access(path, R_OK) < 0 ? STATUS_UNREACHABLE : STATUS_NONE,
	    "%s", e->text);
}

static int
check_one(const char *path, bool is_json)
{
	struct faults faults = { 0 };
	struct err e = { "" };
	struct sources *set;
	struct policy *p;
	int status;

	if ((set = sources_open(path, ".policy", &e)) == NULL)
		return unreadable(path, &e);
	mime_init();
	p = policy_compile(set, &faults);
	if (is_json)
		put_json(path, p, &faults);
	else
		print_text(path, p, &faults);
	status = p != NULL ? STATUS_FINE : STATUS_NONE;
	policy_free(p);
	faults_end(&faults);
	sources_free(set);
	return status;
}

static int
print_one(const char *path, bool is_json)
{
	struct arena *a = arena_new();
	struct faults faults = { 0 };
	struct err e = { "" };
	struct sources *set = sources_open(path, ".policy", &e);
	struct span text = { NULL, 0 };
	int status = STATUS_NONE;

	(void)is_json;
	if (set == NULL)
		status = unreadable(path, &e);
	else
		text = policy_canonical(a, set, &faults);
	if (text.n != 0) {
		printf("%.*s", SPAN_PRINT(text));
		status = STATUS_FINE;
	}
	if (faults.errors != 0)
		faults_print(&faults, stderr, true);
	faults_end(&faults);
	sources_free(set);
	arena_free(a);
	return status;
}

static int
check_configured(const struct context *ctx, bool is_json,
    int (*one)(const char *, bool))
{
	struct config c;
	int status = context_config(ctx, true, &c);

	if (status != STATUS_FINE)
		return status;
	status = one(c.policy, is_json);
	config_end(&c);
	return status;
}

/* "check" and "print" of each policy that is named, or of the configured one. */
static int
each(const struct context *ctx, struct arena *a, int argc, char **argv,
    int (*one)(const char *, bool))
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
	if (o.operand_count == 0)
		return check_configured(ctx, format == 1, one);
	for (i = 0; i < o.operand_count; i++) {
		status = one(o.operands[i], format == 1);
		if (status > worst)
			worst = status;
	}
	return worst;
}

static int
run(const struct context *ctx, struct arena *a, int argc, char **argv)
{
	static const char *const verbs[] = { "check", "explain", "test", "print",
	    "replay", "shadow", "unshadow", NULL };
	struct err e;
	int verb;

	if (argc == 0)
		return fail_usage("policy", "check, test, print, explain, replay or shadow is "
		    "needed");
	if ((verb = options_choice("verb", argv[0], verbs, &e)) < 0)
		return fail_usage("policy", "%s", e.text);
	if (verb == 0)
		return each(ctx, a, argc - 1, argv + 1, check_one);
	if (verb == 1)
		return explain_run(ctx, a, argc - 1, argv + 1);
	if (verb == 2)
		return policy_test_run(ctx, a, argc - 1, argv + 1);
	if (verb == 4)
		return replay_run(ctx, a, argc - 1, argv + 1);
	if (verb == 5 || verb == 6)
		return policy_shadow_run(ctx, a, argc - 1, argv + 1, verb == 6);
	return each(ctx, a, argc - 1, argv + 1, print_one);
}

const struct verb verb_policy = {
	"policy", "check, test and replay a policy; explain what it does to a letter",
	"usage: milterctl policy check|test [PATH...] [--format text|json]\n"
	"       milterctl policy print [PATH...]\n"
	"       milterctl policy explain MESSAGE --sender A --recipient B...\n"
	"       milterctl policy replay SOURCE --policy NEW [--against OLD] [--all]\n"
	"       milterctl policy shadow RULE --for 2h [--note TEXT] | unshadow RULE\n\n"
	"check prints every fault and runs the tests; test prints each of them; print, the\n"
	"canonical form.  A PATH, file or folder, is a policy; without: the configured one.\n"
	"explain says rule by rule what matched where (MESSAGE \"-\": stdin).  replay\n"
	"judges all of SOURCE (a letter, a folder, an mbox, a Maildir) by two policies\n"
	"and lists the letters whose verdict changes.  shadow: the daemon looks at the rule\n"
	"and does nothing, for at most 30 days; a restart does not end it.\n\n"
	"  --sender A, --recipient B...   the envelope; <> is the null sender (replay: as\n"
	"                     in the letter unless given)\n"
	"  --client IP, --login L, --date RFC3339   explain: who sends, and when; without\n"
	"                     client and login the sender counts as authenticated\n"
	"  --policy, --against PATH   instead of the configured policy\n"
	"  --format FORMAT    table, json; replay: csv\n\n"
	"Exit status: 0 fine, whatever the verdicts; 1 errors, nothing or not all of SOURCE\n"
	"could be read; 2 usage; 3 something is not there.\n\n"
	"example: milterctl policy replay ~/Maildir --policy new/ --against policy/\n",
	run,
};
