/* SPDX-License-Identifier: BSD-2-Clause */
#include <criterion/criterion.h>

#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "base/buffer.h"
#include "base/err.h"
#include "base/fault.h"
#include "base/source.h"
#include "mail/mime.h"
#include "mail/view.h"
#include "policy/policy.h"
#include "policy/rule.h"
#include "policy/trial.h"
#include "policy/urgency.h"

/* The examples of policy(5) are one policy: they load, and their tests pass. */

/* A line of a literal block, without what roff needs ("\e", "\&"). */
static void
add_line(struct buffer *b, struct span line)
{
	size_t i;

	for (i = 0; i < line.n; i++) {
		if (line.p[i] != '\\')
			buffer_byte(b, line.p[i]);
		else if (++i < line.n && line.p[i] == 'e')
			buffer_byte(b, '\\');
	}
	buffer_byte(b, '\n');
}

static char *
examples(struct arena *a)
{
	struct buffer b = { .arena = a };
	struct err e = { "" };
	struct sources *set = sources_open(POLICY_FOLDER "/policy.5", "", &e);
	struct span rest, line;
	bool is_literal = false;

	cr_assert_not_null(set, "%s", e.text);
	for (rest = set->first->text; span_line(&rest, &line); ) {
		if (span_starts_nocase(line, ".Bd -literal"))
			is_literal = true;
		else if (span_equal(line, span_of(".Ed")))
			is_literal = false;
		else if (is_literal)
			add_line(&b, line);
	}
	sources_free(set);
	return arena_string(a, buffer_span(&b));
}

static void
write_file(const char *folder, const char *name, const char *text)
{
	char path[200];
	FILE *out;

	snprintf(path, sizeof(path), "%s/%s", folder, name);
	out = fopen(path, "w");
	cr_assert(out != NULL && fputs(text, out) >= 0 && fclose(out) == 0 &&
	    chmod(path, 0644) == 0);
}

Test(manual, its_examples_are_a_policy_whose_tests_pass)
{
	char folder[] = "/tmp/vanthu-manual-XXXXXX", command[400];
	struct arena *a = arena_new();
	struct faults f = { 0 };
	struct err e = { "" };
	struct sources *set;
	struct policy *p;

	mime_init();
	cr_assert_not_null(mkdtemp(folder));
	snprintf(command, sizeof(command), "cp -R %s/lists %s/units.tsv "
	    "%s/calendar %s", POLICY_FOLDER, POLICY_FOLDER, POLICY_FOLDER, folder);
	cr_assert_eq(system(command), 0);
	write_file(folder, "more.txt", "rule more { if subject = more note }\n");
	write_file(folder, "manual.policy", examples(a));
	set = sources_open(folder, ".policy", &e);
	cr_assert_not_null(set, "%s", e.text);
	p = policy_compile(set, &f);
	faults_print(&f, stderr, true);
	cr_expect(p != NULL && f.warnings == 0);
	cr_expect(p == NULL || trial_count(p) >= 4);
	policy_free(p);
	sources_free(set);
	faults_end(&f);
	arena_free(a);
	snprintf(command, sizeof(command), "rm -rf %s", folder);
	cr_assert_eq(system(command), 0);
}

static void
expect_word(const char *text, const char *word)
{
	struct span all = span_of(text);

	cr_expect_lt(span_find(all, span_of(word)), all.n, "no example has '%s'", word);
}

Test(manual, every_word_of_the_language_is_in_an_example)
{
	static const char *const words[] = {
		"ministry", "domain", "network", "login", "list", "file", "rule",
		"phase", "from", "include", "units", "calendar", "deadline", "test",
		"says", "basis", "if", "except", "unless", "during", "shadow",
		"on unknown", "and", "or", "not", "any", "all", "in @", "~ @", "~ /",
		"<", "<=", ">", ">=", "=", "reject", "hold", "discard", "defer",
		"accept", "note", "track", "ack within", "working day", "hours",
		"days", "add     header", "replace header", "remove  header",
		"tag     subject", "add     recipient", "remove  recipient",
		"redirect to", "copy    to", "client", "date", "header", "attach",
		"to <", "subject", "body", "expect", "by", "attachment {",
		"permanent", "transient", NULL,
	};
	struct arena *a = arena_new();
	const char *text = examples(a);
	int i;

	for (i = 0; words[i] != NULL; i++)
		expect_word(text, words[i]);
	for (i = 0; field_names[i] != NULL; i++)
		expect_word(text, field_names[i]);
	for (i = 0; view_names[i] != NULL; i++)
		expect_word(text, arena_print(a, ":%s ~", view_names[i]));
	for (i = URGENCY_THUONG; i <= URGENCY_HOA_TOC; i++)
		expect_word(text, urgency_names[i]);
	for (i = PART_READ + 1; i <= PART_HELPER; i++)
		expect_word(text, part_reason_name((enum part_reason)i));
	arena_free(a);
}
