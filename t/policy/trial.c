/* SPDX-License-Identifier: BSD-2-Clause */
#include <criterion/criterion.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/fault.h"
#include "base/source.h"
#include "mail/mime.h"
#include "policy/trial.h"

#include "letter.h"

#define HEAD								\
	"ministry { domain moet.edu.vn }\n"				\
	"phase official from 2007-11-15\n"				\
	"rule mark {\n if text, attachment.text ~ /^MẬT$/m\n during official\n reject\n}\n" \
	"rule count {\n if subject ~ /x/\n note\n}\n"

/* The faults of a policy with this test block, one a line; the caller frees it. */
static char *
faults_of(const char *test)
{
	struct arena *a = arena_new();
	struct sources *set = sources_text("p", span_of(arena_print(a, "%s%s",
	    HEAD, test)));
	struct faults f = { 0 };
	char *out = NULL;
	size_t n;
	FILE *file = open_memstream(&out, &n);

	mime_init();
	policy_free(policy_compile(set, &f));
	faults_print(&f, file, false);
	fclose(file);
	sources_free(set);
	faults_end(&f);
	arena_free(a);
	return out;
}

static void
expect(const char *test, const char *faults)
{
	char *got = faults_of(test);

	cr_expect_str_eq(got, faults, "%s got:\n%s", test, got);
	free(got);
}

#define ENVELOPE " from <vp@moet.edu.vn>  to <a@moet.edu.vn> b@moet.edu.vn\n"

Test(trial, a_test_that_passes_says_nothing)
{
	expect("test \"t\" {\n" ENVELOPE " body \"MẬT\"\n expect reject by mark\n}\n", "");
	expect("test \"t\" {\n" ENVELOPE " body \"MẬT\"\n expect reject\n}\n", "");
	expect("test \"t\" {\n" ENVELOPE " subject \"x\"\n expect note by count\n}\n", "");
	expect("test \"t\" {\n" ENVELOPE " subject \"y\"\n expect accept\n}\n", "");
	expect("test \"t\" {\n" ENVELOPE " date 2007-11-14\n body \"MẬT\"\n expect accept\n}\n", "");
	expect("test \"t\" {\n" ENVELOPE " attach \"Đính kèm.txt\" \"a\\nMẬT\"\n"
	    " expect reject by mark\n}\n", "");
	expect("test \"t\" {\n client 192.0.2.1\n" ENVELOPE " body \"MẬT\"\n expect accept\n}\n", "");
}

Test(trial, a_test_that_fails_tells_what_was_seen_and_why)
{
	expect("test \"t\" {\n" ENVELOPE " subject \"x\"\n body \"MẬT\"\n expect accept\n}\n",
	    "p:12:6: test failed: expected accept, seen reject by mark "
	    "(count: yes, text of header:Subject at 0; mark: yes, reject, text of 1 at 0)\n");
}

Test(trial, every_fault_of_a_test_is_told_in_its_place)
{
	expect("test \"t\" {\n fom <a@b.c>\n}\n",
	    "p:12:6: the test has no 'from'\np:12:6: the test has no 'to'\n"
	    "p:12:6: the test has no 'expect'\n"
	    "p:13:2: unknown line of a test 'fom' (did you mean 'from'?)\n");
	expect("test \"t\" {\n" ENVELOPE " expect rejct\n}\n",
	    "p:14:9: expected reject, hold, discard, defer, accept or note, not 'rejct'\n");
	expect("test \"t\" {\n" ENVELOPE " expect reject by marks\n}\n",
	    "p:14:19: unknown rule 'marks' (did you mean 'mark'?)\n");
	expect("test \"t\" {\n" ENVELOPE " client 192.0.2.0/24\n date yesterday\n expect accept\n}\n",
	    "p:14:9: '192.0.2.0/24' is no IP address\n"
	    "p:15:7: 'yesterday' is no day (say 2026-11-15, or 2026-11-15T08:00:00+07:00)\n");
	expect("test t {\n}\n", "p:12:6: expected the test's name in quotes, not 't'\n");
}

Test(trial, a_test_is_held_when_every_phase_has_begun_and_people_work)
{
	struct policy *p;
	struct arena *a = arena_new();
	struct trial_result r;

	mime_init();
	p = letter_policy("phase far from 2031-02-01\n"
	    "rule r {\n if working day and time = 10:00 and date >= 2031-02-01\n"
	    " during far\n hold\n}\n"
	    "test \"t\" {\n from <vp@moet.edu.vn> to <a@b.vn>\n expect hold by r\n}\n");

	cr_assert_eq(trial_count(p), 1);
	trial_run(p, 0, a, &r);
	cr_assert(r.has_passed);
	cr_assert_str_eq(r.name, "t");
	cr_assert_str_eq(r.expected, "hold by r");
	cr_assert_str_eq(r.seen, "hold by r");
	cr_assert_eq(r.line, 8);
	arena_free(a);
	policy_free(p);
}
