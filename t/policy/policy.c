/* SPDX-License-Identifier: BSD-2-Clause */
#include <criterion/criterion.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/err.h"
#include "base/fault.h"
#include "base/source.h"
#include "mail/mime.h"

#include "letter.h"

Test(policy, the_shipped_policy_compiles_without_a_warning)
{
	struct policy *p = letter_shipped();

	cr_assert_gt(policy_rule_count(p), 10);
	cr_assert_eq(strlen(policy_digest(p)), 64);
	policy_free(p);
}

Test(policy, the_digest_changes_with_the_sources_alone)
{
	struct policy *a = letter_policy("rule r { if spoofed note }\n");
	struct policy *b = letter_policy("rule r { if spoofed note }\n");
	struct policy *c = letter_policy("rule r { if spoofed hold }\n");

	cr_assert_str_eq(policy_digest(a), policy_digest(b));
	cr_assert_str_neq(policy_digest(a), policy_digest(c));
	policy_free(a);
	policy_free(b);
	policy_free(c);
	policy_free(NULL);
}

/* A folder of policies, made of names and texts; the caller removes it. */
static char *
folder_of(const char *const files[][2])
{
	char *folder = strdup("/tmp/vanthu-policy-XXXXXX"), path[200];
	FILE *out;

	cr_assert_not_null(mkdtemp(folder));
	for (; (*files)[0] != NULL; files++) {
		snprintf(path, sizeof(path), "%s/%s", folder, (*files)[0]);
		out = fopen(path, "w");
		cr_assert(out != NULL && fputs((*files)[1], out) >= 0 &&
		    fclose(out) == 0 && chmod(path, 0644) == 0);
	}
	return folder;
}

/* How many rules the folder's policy has; -1 if it is faulty, which is told. */
static int
rules_in(const char *const files[][2])
{
	char *folder = folder_of(files), command[100];
	struct faults f = { 0 };
	struct err e = { "" };
	struct sources *set = sources_open(folder, ".policy", &e);
	struct policy *p;
	int n;

	cr_assert_not_null(set, "%s", e.text);
	p = policy_compile(set, &f);
	n = p != NULL ? (int)policy_rule_count(p) : -1;
	faults_print(&f, stderr, false);
	faults_end(&f);
	policy_free(p);
	sources_free(set);
	snprintf(command, sizeof(command), "rm -rf %s", folder);
	cr_assert_eq(system(command), 0);
	free(folder);
	return n;
}

#define MINISTRY "ministry { domain moet.edu.vn }\n"

Test(policy, an_included_file_counts_once_however_often_it_is_named)
{
	static const char *const circle[][2] = {
		{ "a.policy", MINISTRY "include \"more.txt\"\n"
		    "include \"b.policy\"\nrule a { if spoofed note }\n" },
		{ "b.policy", "include \"a.policy\"\nrule b { if spoofed note }\n" },
		{ "more.txt", "include \"more.txt\"\nrule m { if spoofed note }\n" },
		{ NULL, NULL },
	};

	cr_assert_eq(rules_in(circle), 3);
}

Test(policy, an_empty_file_is_never_included)
{
	static const char *const empty[][2] = {
		{ "a.policy", MINISTRY "include \"more.txt\"\nrule a { if spoofed note }\n" },
		{ "more.txt", "" }, { NULL, NULL },
	};

	cr_assert_eq(rules_in(empty), -1);
}

Test(policy, faults_of_the_directory_and_the_calendar_are_faults_of_the_policy)
{
	static const char *const units[][2] = {
		{ "a.policy", MINISTRY "units file \"u.tsv\"\nrule a { if spoofed note }\n" },
		{ "u.tsv", "A\tB\n" }, { NULL, NULL },
	};
	static const char *const days[][2] = {
		{ "a.policy", MINISTRY "calendar file \"days\"\nrule a { if spoofed note }\n" },
		{ "days", "2026-02-30 off\n" }, { NULL, NULL },
	};

	cr_assert_eq(rules_in(units), -1);
	cr_assert_eq(rules_in(days), -1);
}

Test(policy, units_are_known_by_the_directory)
{
	static const char *const files[][2] = {
		{ "a.policy", MINISTRY "units file \"u.tsv\"\n"
		    "rule kind { if any recipient.kind = sở note }\n"
		    "rule all { if all recipient.kind = sở note }\n"
		    "rule unit { if recipient.unit = h26 note }\n"
		    "rule none { if recipient.unit = \"\" note }\n"
		    "rule mail {\n if subject = never\n copy to lost@moet.edu.vn\n"
		    " copy to x@elsewhere.vn\n copy to a.hanoi@moet.edu.vn\n}\n"
		    "rule own { if sender.kind = \"Vụ\" and sender.unit ~ /^G03/ note }\n" },
		{ "u.tsv", "G03.1\tVP\tvụ\treal Văn thư\tvp@moet.edu.vn\n"
		    "H26\tHN\tsở\treal CNTT\t*.hanoi@moet.edu.vn\n" },
		{ NULL, NULL },
	};
	static const struct span to[] = { { "phongcntt.hanoi@moet.edu.vn", 27 },
	    { "x@elsewhere.vn", 14 } };
	char *folder = folder_of(files), command[100];
	struct faults f = { 0 };
	struct err e = { "" };
	struct sources *set = sources_open(folder, ".policy", &e);
	struct policy *p = policy_compile(set, &f);
	struct arena *a = arena_new();
	struct letter l = letter_with(a, "x", "x");
	const struct verdict *v;

	faults_print(&f, stderr, false);
	cr_assert_not_null(p);
	cr_expect_eq(f.warnings, 1);
	cr_expect_eq(f.first->line, 9);
	cr_expect_eq(f.first->column, 2);
	l.recipients = to;
	l.recipient_count = 2;
	v = letter_judge(p, a, &l, LETTER_STEPS);
	cr_expect_eq(letter_rule(v, "kind")->truth, TRUTH_YES);
	cr_expect_eq(letter_rule(v, "all")->truth, TRUTH_NO);
	cr_expect_eq(letter_rule(v, "unit")->truth, TRUTH_YES);
	cr_expect_eq(letter_rule(v, "none")->truth, TRUTH_YES);
	cr_expect_eq(letter_rule(v, "own")->truth, TRUTH_YES);
	faults_end(&f);
	policy_free(p);
	sources_free(set);
	arena_free(a);
	snprintf(command, sizeof(command), "rm -rf %s", folder);
	cr_assert_eq(system(command), 0);
	free(folder);
}

/* The language's own example (design, section 3), with what shall become of letters. */
static const struct verdict *
judge_example(const struct policy *p, struct arena *a, const char *body, int64_t now_ms)
{
	struct letter l = letter_with(a, "x", body);

	l.now_ms = now_ms;
	return letter_judge(p, a, &l, LETTER_STEPS);
}

Test(policy, the_example_of_the_language_loads_as_it_stands_and_works)
{
	struct faults f = { 0 };
	struct err e = { "" };
	struct sources *set = sources_open(EXAMPLE_FOLDER, ".policy", &e);
	struct arena *a = arena_new();
	const struct verdict *v;
	struct policy *p;

	cr_assert_not_null(set, "%s", e.text);
	mime_init();
	p = policy_compile(set, &f);
	faults_print(&f, stderr, false);
	cr_assert(p != NULL && f.warnings == 0);
	v = judge_example(p, a, "TỐI MẬT", LETTER_NOW_MS);
	cr_assert_eq(v->action, ACTION_REJECT);
	cr_assert_str_eq(v->rule, "secrecy-mark");
	v = judge_example(p, a, "TỐI MẬT", INT64_C(1195050000000));	/* 14 November 2007 */
	cr_assert_eq(v->action, ACTION_ACCEPT);
	v = judge_example(p, a, "Số: 12/BGDĐT", LETTER_NOW_MS);
	cr_assert(span_equal(v->number, span_of("12/BGDĐT")));
	cr_assert_eq(v->copy_count, 1);
	cr_assert_eq(v->due_ms, INT64_C(1795625999000));	/* the end of 25 November 2026 */
	policy_free(p);
	sources_free(set);
	faults_end(&f);
	arena_free(a);
}

static struct policy *
compiled(const char *rules)
{
	struct arena *a = arena_new();
	struct sources *set = sources_text("p", span_of(arena_print(a,
	    MINISTRY "%s", rules)));
	struct faults f = { 0 };
	struct policy *p = policy_compile(set, &f);

	cr_assert_not_null(p);
	sources_free(set);
	arena_free(a);
	return p;
}

Test(policy, it_tells_what_another_one_has_that_it_had_not)
{
	struct policy *old = compiled("rule a { if spoofed note }\n"
	    "rule b { if text ~ /b/ note }\nrule c { if spoofed note }\n");
	struct policy *new = compiled("rule d { if spoofed note }\n# more\n"
	    "rule b { if text ~ /b/i note }\nrule c {\n if spoofed\n note\n}\n");
	struct policy *words = compiled("# other\nrule a { if spoofed note }\n"
	    "rule b { if text ~ /b/ note }\nrule c { if spoofed note }\n");
	struct arena *a = arena_new();

	cr_expect_str_eq(policy_difference(a, old, new),
	    "1 rule added (d), 1 rule removed (a), 1 rule changed (b)");
	cr_expect_str_eq(policy_difference(a, old, old), "nothing changed");
	cr_expect_str_eq(policy_difference(a, old, words),
	    "no rule changed, other words did");
	cr_expect_str_eq(policy_near_rule(old, span_of("b")), "b");
	cr_expect_null(policy_near_rule(old, span_of("secrecy")));
	policy_free(old);
	policy_free(new);
	policy_free(words);
	arena_free(a);
}
