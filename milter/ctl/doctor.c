/* SPDX-License-Identifier: BSD-2-Clause */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/fault.h"
#include "base/source.h"
#include "ctl/options.h"
#include "ctl/value.h"
#include "mail/mime.h"
#include "policy/policy.h"

#include "doctor_internal.h"
#include "verb_internal.h"

static const char *const formats[] = { "text", "json", NULL };

static const struct option_rule known[] = {
	{ "format", OPTION_VALUE }, { "postfix", OPTION_VALUE },
	{ "send", OPTION_LATER }, { NULL, OPTION_FLAG },
};

static void
put(struct json *j, const char *key, const char *text)
{
	json_key(j, key);
	json_text(j, span_of(text));
}

void
doctor_find(struct doctor *d, const char *name, const char *mend,
    const char *format, ...)
{
	char what[1024];
	va_list ap;

	va_start(ap, format);
	vsnprintf(what, sizeof(what), format, ap);
	va_end(ap);
	d->findings++;
	if (!d->is_json) {
		printf("%s\n    mend: %s\n", what, mend);
		return;
	}
	json_begin(&d->json, '{');
	put(&d->json, "finding", name);
	put(&d->json, "what", what);
	put(&d->json, "mend", mend);
	json_end(&d->json, '}');
}

/* The digest of the policy as its files are now; NULL once it is told that they do not check. */
static struct policy *
compile(struct doctor *d)
{
	struct faults faults = { 0 };
	struct err e = { "" };
	struct sources *set = sources_open(d->config->policy, ".policy", &e);
	struct policy *p = NULL;

	mime_init();
	if (set != NULL)
		p = policy_compile(set, &faults);
	if (p == NULL)
		doctor_find(d, "policy", "milterctl policy check",
		    "%s: the policy does not check%s%s", d->config->policy,
		    e.text[0] != '\0' ? ": " : "", e.text);
	sources_free(set);
	faults_end(&faults);
	return p;
}

static void
compare_policy(struct doctor *d, struct span status)
{
	struct policy *p = compile(d);
	const struct value *v, *digest;
	struct err e;
	size_t column;

	if (p != NULL && value_read(d->arena, status, &v, &column, &e) == 0 &&
	    (digest = value_get(v, "policy")) != NULL &&
	    !span_is(digest->text, policy_digest(p)))
		doctor_find(d, "policy-differs", "milterctl policy check && "
		    "milterctl reload", "%s was changed, milterd still judges by "
		    "the old policy", d->config->policy);
	policy_free(p);
}

void
doctor_daemon(struct doctor *d)
{
	struct span answer = { NULL, 0 };
	bool is_ok = false;
	struct err e;

	if (daemon_ask(d->config->control, "status\n", d->arena, &is_ok, &answer,
	    &e) < 0)
		doctor_find(d, "daemon", "start milterd; to ask it be root or in "
		    "group vanthu", "milterd does not answer: %s", e.text);
	else if (!is_ok)
		doctor_find(d, "daemon", "look into milterd's log",
		    "milterd answers: %.*s", SPAN_PRINT(answer));
	compare_policy(d, answer);
}

static int
examine(struct doctor *d)
{
	d->json.out = stdout;
	doctor_postfix(d);
	doctor_files(d);
	doctor_daemon(d);
	if (!d->is_json && d->findings == 0)
		printf("nothing found\n");
	else if (!d->is_json)
		printf("\n%zu findings\n", d->findings);
	return d->findings == 0 ? STATUS_FINE : STATUS_NONE;
}

static int
run(const struct context *ctx, struct arena *a, int argc, char **argv)
{
	struct doctor d = { .context = ctx, .arena = a };
	struct options o;
	struct config c;
	struct err e;
	int format, status;

	if (verb_options("doctor", a, known, argc, argv, &o) != 0)
		return STATUS_USAGE;
	if (o.operand_count != 0)
		return fail_usage("doctor", "unexpected argument '%s'",
		    o.operands[0]);
	format = options_choice("format", options_get(&o, "format"), formats, &e);
	if (format < 0)
		return fail_usage("doctor", "%s", e.text);
	d.is_json = format == 1;
	d.postfix = options_get(&o, "postfix");
	if ((status = context_config(ctx, true, &c)) != STATUS_FINE)
		return status;
	d.config = &c;
	status = examine(&d);
	config_end(&c);
	return status;
}

const struct verb verb_doctor = {
	"doctor", "is everything wired, and how to mend what is not",
	"usage: milterctl doctor [--postfix FOLDER] [--format text|json]\n\n"
	"Look at main.cf and master.cf (through postconf), the sockets as Postfix's\n"
	"user sees them, the policy's files against the one in force, keys, ledger,\n"
	"log, disk and settings; tell each finding and what mends it.  Nothing is\n"
	"changed.  As root it sees everything.\n\n"
	"  --postfix FOLDER   Postfix's configuration, of another instance\n\n"
	"Exit status: 0 nothing found; 1 findings; 2 usage, or vanthu.conf is wrong.\n\n"
	"example: milterctl doctor --format json\n",
	run,
};
