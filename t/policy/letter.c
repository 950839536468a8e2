/* SPDX-License-Identifier: BSD-2-Clause */
#include <criterion/criterion.h>

#include <stdio.h>
#include <string.h>

#include "base/err.h"
#include "base/fault.h"
#include "base/regex.h"
#include "base/source.h"
#include "mail/message.h"

#include "letter.h"

static const char ministry[] =
    "ministry { domain moet.edu.vn network 192.0.2.0/24 login * }\n";

static void
mime_begin(void)
{
	static bool is_ready;

	if (!is_ready)
		mime_init();
	is_ready = true;
}

static struct policy *
compile(struct sources *set, struct faults *f,
    struct policy *(*by)(struct sources *, struct faults *))
{
	struct policy *p;

	mime_begin();
	p = by(set, f);
	faults_print(f, stderr, true);
	cr_assert_not_null(p);
	sources_free(set);
	return p;
}

static struct policy *
of_rules(const char *rules,
    struct policy *(*by)(struct sources *, struct faults *))
{
	struct arena *a = arena_new();
	struct faults f = { 0 };
	struct policy *p = compile(sources_text("test.policy",
	    span_of(arena_print(a, "%s%s", ministry, rules))), &f, by);

	faults_end(&f);
	arena_free(a);
	return p;
}

struct policy *
letter_policy(const char *rules)
{
	return of_rules(rules, policy_compile);
}

struct policy *
letter_policy_unprobed(const char *rules)
{
	return of_rules(rules, policy_compile_unprobed);
}

struct policy *
letter_shipped(void)
{
	struct err e = { "" };
	struct faults f = { 0 };
	struct policy *p;
	struct sources *set = sources_open(POLICY_FOLDER, ".policy", &e);

	cr_assert_not_null(set, "%s", e.text);
	p = compile(set, &f, policy_compile);
	cr_assert_eq(f.warnings, 0);
	faults_end(&f);
	return p;
}

struct letter
letter_from(struct arena *a, struct span raw)
{
	static const struct message_limits limits = {
		.mime = { 1000, 50, 1 << 20, 2000 }, .text_bytes = 1 << 24,
	};
	struct span *to = ARENA_NEW(a, struct span);

	mime_begin();
	*to = span_of("phongcntt.hanoi@moet.edu.vn");
	return (struct letter){ .sender = span_of("vp@moet.edu.vn"),
	    .recipients = to, .recipient_count = 1, .is_authenticated = true, .now_ms = LETTER_NOW_MS,
	    .message = message_read(a, raw, &limits) };
}

struct letter
letter_with(struct arena *a, const char *subject, const char *body)
{
	return letter_from(a, span_of(arena_print(a, "From: vp@moet.edu.vn\n"
	    "Subject: %s\nMIME-Version: 1.0\n"
	    "Content-Type: text/plain; charset=utf-8\n"
	    "Content-Transfer-Encoding: 8bit\n\n%s\n", subject, body)));
}

const struct verdict *
letter_judge(const struct policy *p, struct arena *a, const struct letter *l,
    unsigned steps)
{
	struct regex_scratch *s = regex_scratch_new(steps, 0);
	const struct verdict *v = policy_judge(p, l, a, s);

	regex_scratch_free(s);
	return v;
}

const struct verdict *
letter_verdict(const struct policy *p, struct arena *a, const char *subject,
    const char *body)
{
	struct letter l = letter_with(a, subject, body);

	return letter_judge(p, a, &l, LETTER_STEPS);
}

const struct rule_result *
letter_rule(const struct verdict *v, const char *name)
{
	size_t i;

	for (i = 0; i < v->rule_count; i++)
		if (strcmp(v->rules[i].name, name) == 0)
			return &v->rules[i];
	cr_assert(false, "no rule %s", name);
	return NULL;
}
