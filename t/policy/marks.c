/* SPDX-License-Identifier: BSD-2-Clause */
#include <criterion/criterion.h>

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buffer.h"
#include "mail/transfer.h"

#include "letter.h"

/* id where form charset mark expect text data note */
enum column { ID, WHERE, FORM, CHARSET, MARK, EXPECT, TEXT, DATA, NOTE, COLUMNS };

struct counts {
	size_t rows, rejected, held, passed;
};

/* The lines of a corpus file, or NULL if there is no corpus here. */
static FILE *
corpus(const char *name)
{
	const char *folder = getenv("VANTHU_CORPUS");
	char path[1000];
	FILE *file;

	if (folder == NULL) {
		fprintf(stderr, "marks: skipped, VANTHU_CORPUS names no folder\n");
		return NULL;
	}
	snprintf(path, sizeof(path), "%s/vietnamese/%s", folder, name);
	if ((file = fopen(path, "r")) == NULL)
		fprintf(stderr, "marks: skipped, there is no %s\n", path);
	return file;
}

/* The bytes of ${row} in a letter, as its charset says. */
static const char *
letter(struct arena *a, const struct span *row)
{
	struct buffer b = { .arena = a };
	bool is_html = span_starts_nocase(row[FORM], "html");
	struct span bytes = transfer_decode(a, TRANSFER_BASE64, row[DATA]);

	if (span_is(row[WHERE], "subject")) {
		buffer_print(&b, "Subject: %.*s\n\nKinh gui\n", SPAN_PRINT(bytes));
		return buffer_string(&b);
	}
	buffer_text(&b, "Subject: =?utf-8?B?Q8O0bmcgdsSDbg==?=\nMIME-Version: 1.0\n");
	if (span_is(row[WHERE], "filename"))
		buffer_print(&b, "Content-Type: application/msword; name=\"%.*s\"\n\nx\n",
		    SPAN_PRINT(bytes));
	else
		buffer_print(&b, "Content-Type: text/%s; charset=%.*s\n"
		    "Content-Transfer-Encoding: base64\n\n%.*s\n",
		    is_html ? "html" : "plain", SPAN_PRINT(row[CHARSET]),
		    SPAN_PRINT(row[DATA]));
	return buffer_string(&b);
}

static bool
split(struct span line, struct span row[COLUMNS])
{
	size_t i, n;

	for (i = 0; i < COLUMNS; i++) {
		n = span_find_byte(line, '\t');
		row[i] = span_sub(line, 0, n);
		line = span_sub(line, n + 1, line.n);
	}
	return row[ID].n != 0 && !span_is(row[ID], "id");
}

static void
judge(const struct policy *p, const struct span *row, struct counts *c,
    bool must_pass)
{
	struct arena *a = arena_new();
	struct letter l = letter_from(a, span_of(letter(a, row)));
	const struct verdict *v;
	bool passes;

	/* Only the name is asked about: the document itself is none. */
	for (size_t i = 0; i < l.message->parts.count; i++)
		l.message->parts.list[i].reason = PART_READ;
	v = letter_judge(p, a, &l, LETTER_STEPS);
	passes = v->action == ACTION_ACCEPT;
	c->rows++;
	c->rejected += v->action == ACTION_REJECT;
	c->held += v->action == ACTION_HOLD;
	c->passed += passes;
	if (passes != must_pass)
		fprintf(stderr, "marks: %.*s %.*s: %s by %s\n",
		    SPAN_PRINT(row[ID]), SPAN_PRINT(row[TEXT]),
		    action_name(v->action), v->rule != NULL ? v->rule : "none");
	arena_free(a);
}

static bool
run(const char *name, bool must_pass, struct counts *c)
{
	FILE *file = corpus(name);
	struct policy *p;
	struct span row[COLUMNS];
	char *line = NULL;
	size_t size = 0;
	ssize_t n;

	if (file == NULL)
		return false;
	p = letter_shipped();
	while ((n = getline(&line, &size, file)) > 0)
		if (split((struct span){ line, (size_t)n }, row))
			judge(p, row, c, must_pass);
	fprintf(stderr, "marks: %s: %zu letters: %zu rejected, %zu held, "
	    "%zu passed\n", name, c->rows, c->rejected, c->held, c->passed);
	policy_free(p);
	free(line);
	fclose(file);
	return true;
}

Test(marks, every_mark_of_the_corpus_is_refused_or_held)
{
	struct counts c = { 0 };

	if (run("marks-positive.tsv", false, &c))
		cr_assert_eq(c.passed, 0);
}

Test(marks, no_innocent_letter_of_the_corpus_is_stopped)
{
	struct counts c = { 0 };

	if (run("marks-negative.tsv", true, &c))
		cr_assert_eq(c.passed, c.rows);
}

/* Says which rules would have stopped the text of ${path}. */
static void
judge_law(const struct policy *p, const char *path, struct counts *c)
{
	struct arena *a = arena_new();
	struct buffer b = { .arena = a };
	FILE *file = fopen(path, "rb");
	const struct verdict *v;
	struct letter l;
	size_t i, n;

	cr_assert_not_null(file, "%s", path);
	buffer_text(&b, "Subject: x\nMIME-Version: 1.0\n"
	    "Content-Type: text/plain; charset=utf-8\n"
	    "Content-Transfer-Encoding: 8bit\n\n");
	while ((n = fread(buffer_reserve(&b, 65536), 1, 65536, file)) > 0)
		b.n += n;
	fclose(file);
	l = letter_from(a, buffer_span(&b));
	v = letter_judge(p, a, &l, LETTER_STEPS);
	c->rows++;
	c->rejected += v->action == ACTION_REJECT;
	c->held += v->action == ACTION_HOLD;
	for (i = 0; i < v->rule_count; i++)
		if (v->rules[i].acted && v->rules[i].action >= ACTION_HOLD)
			fprintf(stderr, "marks: %s: %s\n", path, v->rules[i].name);
	arena_free(a);
}

Test(marks, no_law_text_of_the_corpus_is_stopped)
{
	const char *folder = getenv("VANTHU_CORPUS");
	struct counts c = { 0 };
	struct dirent *entry;
	struct policy *p;
	char path[1000];
	DIR *dir;

	snprintf(path, sizeof(path), "%s/vietnamese/law", folder != NULL ? folder : "");
	if (folder == NULL || (dir = opendir(path)) == NULL) {
		fprintf(stderr, "marks: skipped, there is no %s\n", path);
		return;
	}
	p = letter_shipped();
	while ((entry = readdir(dir)) != NULL) {
		snprintf(path, sizeof(path), "%s/vietnamese/law/%s", folder, entry->d_name);
		if (entry->d_name[0] != '.')
			judge_law(p, path, &c);
	}
	closedir(dir);
	policy_free(p);
	fprintf(stderr, "marks: law: %zu texts, %zu rejected, %zu held\n", c.rows,
	    c.rejected, c.held);
	cr_expect_gt(c.rows, 0);
	cr_expect_eq(c.rejected + c.held, 0);
}
