/* SPDX-License-Identifier: BSD-2-Clause */
#include <criterion/criterion.h>

#include <stdlib.h>
#include <string.h>

#include "base/fault.h"
#include "base/source.h"

static char *
printed(const struct faults *f, bool with_excerpt)
{
	char *text = NULL;
	size_t n;
	FILE *out = open_memstream(&text, &n);

	faults_print(f, out, with_excerpt);
	fclose(out);
	return text;
}

static void
prints(struct faults *f, bool with_excerpt, const char *want)
{
	char *text = printed(f, with_excerpt);

	cr_assert_str_eq(text, want);
	free(text);
	faults_end(f);
}

Test(fault, the_place_is_counted_in_characters)
{
	struct sources *set = sources_text("a.policy",
	    span_of("one\n\tif MẬT atachment\nlast"));
	struct faults f = { 0 };

	faults_add(&f, set->first, span_find(set->first->text,
	    span_of("atachment")), 9, "unknown field '%s'", "atachment");
	sources_free(set);
	cr_assert_eq(f.errors, 1);
	prints(&f, true, "a.policy:2:9: unknown field 'atachment'\n"
	    "       2 | \tif MẬT atachment\n"
	    "         | \t       ^~~~~~~~~\n");
}

Test(fault, faults_come_in_order_of_file_and_place)
{
	struct sources *b = sources_text("b", span_of("x y\nz"));
	struct sources *a = sources_text("a", span_of("x"));
	struct faults f = { 0 };

	faults_add(&f, b->first, 4, 1, "fourth");
	faults_warn(&f, b->first, 2, 1, "second");
	faults_add(&f, b->first, 2, 1, "third");
	faults_add(&f, a->first, 0, 1, "first");
	faults_add(&f, NULL, 0, 0, "no place");
	sources_free(a);
	sources_free(b);
	cr_assert_eq(f.errors, 4);
	cr_assert_eq(f.warnings, 1);
	prints(&f, false, "no place\na:1:1: first\nb:1:3: warning: second\n"
	    "b:1:3: third\nb:2:1: fourth\n");
	cr_assert_null(f.first);
	cr_assert_eq(f.errors, 0);
}

Test(fault, a_place_past_the_end_is_the_end)
{
	struct sources *set = sources_text("a", span_of("ab\r\n"));
	struct faults f = { 0 };

	faults_add(&f, set->first, 99, 50, "cut off");
	faults_add(&f, set->first, 1, 50, "wide");
	sources_free(set);
	prints(&f, true, "a:1:2: wide\n       1 | ab\n         |  ^\n"
	    "a:2:1: cut off\n       2 | \n         | ^\n");
}

Test(fault, what_a_file_holds_cannot_steer_the_terminal)
{
	struct sources *set = sources_text("a", span_of("\x1b[2J"));
	struct faults f = { 0 };

	faults_add(&f, set->first, 0, 1, "bad '%s'", "\x1b\n");
	sources_free(set);
	prints(&f, true, "a:1:1: bad '?\?'\n       1 | ?[2J\n         | ^\n");
}

Test(fault, a_near_word_is_suggested)
{
	static const char *const known[] = { "attachment", "body", "sender",
	    "to", NULL };

	cr_assert_str_eq(fault_suggest(span_of("atachment"), known), "attachment");
	cr_assert_str_eq(fault_suggest(span_of("bdoy"), known), "body");
	cr_assert_str_eq(fault_suggest(span_of("SENDR"), known), "sender");
	cr_assert_null(fault_suggest(span_of("policy"), known));
	cr_assert_null(fault_suggest(span_of("x"), known));
	cr_assert_null(fault_suggest(span_of(""), known));
}

Test(fault, a_word_without_end_is_no_typing_error)
{
	static const char *const known[] = { "body", NULL };
	static char word[10000];

	memset(word, 'b', sizeof(word) - 1);
	cr_assert_null(fault_suggest(span_of(word), known));
}
