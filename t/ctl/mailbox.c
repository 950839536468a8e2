/* SPDX-License-Identifier: BSD-2-Clause */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ctl/mailbox.h"

#define MARK "From vp@moet.edu.vn Tue Nov 24 08:00:00 2026\n"

/* Every letter of ${file}, unquoted, with "|" behind it. */
static void
check(const char *file, const char *wanted)
{
	char *text = NULL, *copy = strdup(file);
	struct span rest = { copy, strlen(file) }, letter;
	struct arena *a = arena_new();
	size_t n = 0;
	FILE *out = open_memstream(&text, &n);

	while (mailbox_next(&rest, &letter)) {
		letter = mailbox_unquote(a, letter);
		fprintf(out, "%.*s|", SPAN_PRINT(letter));
	}
	fclose(out);
	cr_expect_str_eq(text, wanted);
	free(text);
	free(copy);
	arena_free(a);
}

Test(mailbox, letters_are_split_at_their_lines)
{
	check(MARK "A: b\n\ntext\n\n" MARK "C: d\n\nmore\n\n",
	    "A: b\n\ntext\n|C: d\n\nmore\n|");
	check(MARK "A: b\r\n\r\ntext\r\n\r\n" MARK "C: d\r\n",
	    "A: b\r\n\r\ntext\r\n|C: d\r\n|");
}

Test(mailbox, one_empty_line_belongs_to_the_mailbox_and_the_others_to_the_letter)
{
	check(MARK "A: b\n\ntext\n\n\n\n" MARK "C: d\n\n\n",
	    "A: b\n\ntext\n\n\n|C: d\n\n|");
}

Test(mailbox, a_line_of_text_begins_no_letter)
{
	check(MARK "A: b\n\nFrom here on\n\nFrom Tue Nov\ntext\n" MARK,
	    "A: b\n\nFrom here on\n\nFrom Tue Nov\ntext\n" MARK "|");
}

Test(mailbox, lines_of_other_programs_are_known)
{
	check("From - Tue Nov 24 08:00:00 2026\nA: b\n\n"
	    "From 17@xxx Tue Nov 24 08:00:00 +0000 2026\nC: d\n\n"
	    "From MAILER-DAEMON  Tue Nov  3 08:00:00 2026\nE: f\n",
	    "A: b\n|C: d\n|E: f\n|");
}

Test(mailbox, quoted_lines_lose_one_sign)
{
	check(MARK "A: b\n\n>From x\n>>From y\n> From z\n>Fro\n>From",
	    "A: b\n\nFrom x\n>From y\n> From z\n>Fro\n>From|");
}

Test(mailbox, what_is_cut_off_is_split_all_the_same)
{
	check("", "");
	check("From ", "|");
	check(MARK, "|");
	check(MARK "\n", "|");
	check(MARK "\n" MARK, "||");
	check(MARK "A: b", "A: b|");
	check(MARK "A: b\n\n" MARK "C", "A: b\n|C|");
}

Test(mailbox, only_what_begins_as_one_is_one)
{
	cr_expect(mailbox_is(span_of(MARK)));
	cr_expect(!mailbox_is(span_of("From: a@b.vn\n")));
	cr_expect(!mailbox_is(span_of("From")));
	cr_expect(!mailbox_is(span_of("")));
}
