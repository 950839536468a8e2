/* SPDX-License-Identifier: BSD-2-Clause */
#include <criterion/criterion.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/buffer.h"
#include "base/err.h"
#include "base/fault.h"
#include "base/regex.h"
#include "base/source.h"
#include "mail/mime.h"
#include "policy/trial.h"

#include "letter.h"
#include "random.h"

/* What is printed is a policy with the same verdicts, and prints as itself. */

static struct span
canonical(struct arena *a, struct sources *set)
{
	struct faults f = { 0 };
	struct span text = policy_canonical(a, set, &f);

	faults_print(&f, stderr, true);
	cr_assert_neq(text.n, 0);
	faults_end(&f);
	return arena_copy(a, text);
}

/* ${text} as a file of ${folder}, where the units and the calendar are. */
static struct sources *
sources_in(const char *folder, struct span text)
{
	struct arena *a = arena_new();
	const char *path = arena_print(a, "%s/printed.policy", folder);
	FILE *out = fopen(path, "w");
	struct sources *set;
	struct err e;

	cr_assert(out != NULL && fwrite(text.p, 1, text.n, out) == text.n &&
	    fclose(out) == 0 && chmod(path, 0644) == 0);
	set = sources_open(path, ".policy", &e);
	cr_assert_not_null(set, "%s", e.text);
	arena_free(a);
	return set;
}

static struct policy *
compile(struct sources *set)
{
	struct faults f = { 0 };
	struct policy *p;

	mime_init();
	p = policy_compile_unprobed(set, &f);
	faults_print(&f, stderr, true);
	cr_assert_not_null(p);
	faults_end(&f);
	return p;
}

static void
same_trials(const struct policy *p, const struct policy *q)
{
	struct arena *a = arena_new();
	struct trial_result x, y;
	size_t i;

	cr_assert_eq(trial_count(p), trial_count(q));
	for (i = 0; i < trial_count(p); i++) {
		trial_run(p, i, a, &x);
		trial_run(q, i, a, &y);
		cr_expect_str_eq(x.name, y.name);
		cr_expect_str_eq(x.seen, y.seen, "%s", x.name);
		cr_expect(x.has_passed && y.has_passed, "%s", x.name);
	}
	arena_free(a);
}

static char *
folder_like(const char *shipped)
{
	char *folder = strdup("/tmp/vanthu-canonical-XXXXXX"), command[400];

	cr_assert_not_null(mkdtemp(folder));
	snprintf(command, sizeof(command), "cp -R %s/. %s", shipped, folder);
	cr_assert_eq(system(command), 0);
	return folder;
}

static void
check_folder(const char *shipped)
{
	char *folder = folder_like(shipped), command[400];
	struct arena *a = arena_new();
	struct err e = { "" };
	struct sources *set = sources_open(folder, ".policy", &e), *again;
	struct span once, twice;
	struct policy *p, *q;

	cr_assert_not_null(set, "%s", e.text);
	once = canonical(a, set);
	again = sources_in(folder, once);
	twice = canonical(a, again);
	cr_expect(span_equal(once, twice), "%s:\n%.*s\nthen:\n%.*s", shipped,
	    SPAN_PRINT(once), SPAN_PRINT(twice));
	sources_free(set);
	sources_free(again);
	again = sources_in(folder, once);
	q = compile(again);
	cr_assert_eq(remove(arena_print(a, "%s/printed.policy", folder)), 0);
	set = sources_open(folder, ".policy", &e);
	p = compile(set);
	cr_expect_str_eq(policy_difference(a, p, q),
	    "no rule changed, other words did");
	same_trials(p, q);
	policy_free(p);
	policy_free(q);
	sources_free(set);
	sources_free(again);
	snprintf(command, sizeof(command), "rm -rf %s", folder);
	cr_assert_eq(system(command), 0);
	free(folder);
	arena_free(a);
}

Test(canonical, the_shipped_policy_prints_as_itself_and_judges_the_same)
{
	check_folder(POLICY_FOLDER);
}

Test(canonical, the_example_of_the_language_prints_as_itself)
{
	check_folder(EXAMPLE_FOLDER);
}

Test(canonical, its_form_is_one)
{
	static const char written[] =
	    "rule zebra{shadow discard if subject~/a\\/b/sii or( not login=x )\n"
	    " says \"a \\\"b\\\" \\\\\"}\n"
	    "ministry{login b login a network 10.0.0.0/8}\n"
	    "phase late from 2007-11-15T08:30:00+07:00 phase early from 2008-02-29\n"
	    "ministry { domain moet.edu.vn }\n"
	    "rule ant { if attachment { name ~ /x/ and size>1M } or uninspectable(time,memory)\n"
	    "  during early except sender=<> on unknown hold \"q\" note }\n"
	    "deadline khan within 1 hours\n"
	    "test \"t\" { expect accept from <a@moet.edu.vn> to b@x.vn }\n";
	static const char wanted[] =
	    "ministry {\n    domain  moet.edu.vn\n    network 10.0.0.0/8\n"
	    "    login   a b\n}\n\n"
	    "phase late from 2007-11-15T08:30:00+07:00\n"
	    "phase early from 2008-02-29\n\n"
	    "deadline khan within 1 hour\n\n"
	    "rule ant {\n"
	    "    if      attachment { name ~ /x/ and size > 1M }\n"
	    "            or uninspectable (time, memory)\n"
	    "    except  sender = <>\n"
	    "    during  early\n    on      unknown hold \"q\"\n    note\n}\n\n"
	    "rule zebra {\n    says    \"a \\\"b\\\" \\\\\"\n"
	    "    if      subject ~ /a\\/b/is or (not login = x)\n"
	    "    shadow\n    discard\n}\n\n"
	    "test \"t\" {\n    expect  accept\n    from    <a@moet.edu.vn>\n"
	    "    to      b@x.vn\n}\n";
	struct arena *a = arena_new();
	struct sources *set = sources_text("p", span_of(written)), *again;
	struct span once = canonical(a, set);

	cr_expect(span_equal(once, span_of(wanted)), "%.*s", SPAN_PRINT(once));
	again = sources_text("p", once);
	cr_expect(span_equal(once, canonical(a, again)));
	sources_free(set);
	sources_free(again);
	arena_free(a);
}

#define ROUNDS 100

/* Random patterns, as the lexer takes them. */
static const char *
random_policy(struct random *r, struct arena *a)
{
	struct buffer b = { .arena = a };
	size_t i, offset;
	struct err e;

	buffer_text(&b, "ministry { domain moet.edu.vn login * }\n");
	for (i = 0; i < 10; i++) {
		struct buffer pattern = { .arena = a }, sample = { .arena = a };
		struct regex *re;
		struct span s;

		random_pattern(r, &pattern, &sample);
		s = buffer_span(&pattern);
		re = regex_compile(s, REGEX_CASELESS, &offset, &e);
		if (re != NULL && span_find_byte(s, '/') == s.n &&
		    span_find_byte(s, '\n') == s.n)
			buffer_print(&b, "rule r%zu { if %s ~ /%.*s/i %s %s }\n", i,
			    random_below(r, 2) == 0 ? "subject, text" : "text:folded",
			    SPAN_PRINT(s), random_below(r, 2) == 0 ? "shadow" :
			    "unless signed or (encrypted and size > 1K)",
			    random_below(r, 2) == 0 ? "reject" : "note \"x\"");
		regex_free(re);
	}
	buffer_text(&b, "rule last { if spoofed note }\n");
	return buffer_string(&b);
}

Test(canonical, random_policies_print_as_themselves)
{
	struct random r = { 4711 };
	size_t i;

	for (i = 0; i < ROUNDS; i++) {
		struct arena *a = arena_new();
		const char *text = random_policy(&r, a);
		struct sources *set = sources_text("p", span_of(text)), *again;
		struct span once = canonical(a, set);
		struct policy *p, *q;

		again = sources_text("p", once);
		cr_assert(span_equal(once, canonical(a, again)), "%s", text);
		p = compile(set);
		q = compile(again);
		cr_assert_str_eq(policy_difference(a, p, q),
		    "no rule changed, other words did");
		policy_free(p);
		policy_free(q);
		sources_free(set);
		sources_free(again);
		arena_free(a);
	}
}
