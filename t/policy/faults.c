/* SPDX-License-Identifier: BSD-2-Clause */
#include <criterion/criterion.h>

#include <stdio.h>
#include <string.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/fault.h"
#include "base/source.h"
#include "mail/mime.h"
#include "policy/policy.h"

#define FAULTS_LEAST 40
#define EXPECTATION "# expect "

/* "# expect LINE:COLUMN error|warning "part of the message"" */
struct expectation {
	size_t line, column;
	bool is_warning;
	char part[200];
};

static struct expectation
expectation_of(const struct source *src)
{
	struct expectation e = { 0 };
	struct span rest = src->text, line;
	char text[300], severity[20];

	cr_assert(span_line(&rest, &line) && line.n < sizeof(text), "%s", src->name);
	snprintf(text, sizeof(text), "%.*s", SPAN_PRINT(line));
	cr_assert_eq(sscanf(text, EXPECTATION "%zu:%zu %19s \"%199[^\"]\"", &e.line,
	    &e.column, severity, e.part), 4, "%s: %s", src->name, text);
	e.is_warning = strcmp(severity, "warning") == 0;
	cr_assert(e.is_warning || strcmp(severity, "error") == 0, "%s", src->name);
	return e;
}

static bool
is_expected(const struct fault *f, const struct source *src,
    const struct expectation *e)
{
	return strcmp(f->file, src->name) == 0 && f->line == e->line &&
	    f->column == e->column && f->is_warning == e->is_warning &&
	    strstr(f->message, e->part) != NULL;
}

static bool
has_expected(const struct faults *faults, const struct source *src)
{
	struct expectation e = expectation_of(src);
	const struct fault *f;

	for (f = faults->first; f != NULL; f = f->next)
		if (is_expected(f, src, &e))
			return true;
	return false;
}

static bool
is_planted(const struct source *src)
{
	size_t n = strlen(src->name);

	return n > 7 && strcmp(src->name + n - 7, ".policy") == 0;
}

static struct sources *
open_faults(const char *path)
{
	struct err e = { "" };
	struct sources *set = sources_open(path, ".policy", &e);

	cr_assert_not_null(set, "%s", e.text);
	mime_init();
	return set;
}

/* The file alone has its one fault and no other. */
static void
check_alone(const char *path)
{
	struct sources *set = open_faults(path);
	struct faults f = { 0 };
	struct policy *p = policy_compile(set, &f);

	if (f.errors + f.warnings != 1 || !has_expected(&f, set->first)) {
		faults_print(&f, stderr, true);
		cr_expect(false, "%s: %zu faults, wanted one as its first line says",
		    path, f.errors + f.warnings);
	}
	cr_expect_eq(p == NULL, f.errors != 0);
	policy_free(p);
	faults_end(&f);
	sources_free(set);
}

Test(faults, each_is_reported_at_its_line_and_column_and_nothing_else_is)
{
	struct sources *all = open_faults(FAULTS_FOLDER);
	const struct source *src;
	struct arena *a = arena_new();
	const char *slash;
	size_t n = 0;

	for (src = all->first; src != NULL; src = src->next, n++) {
		slash = strrchr(src->name, '/');
		check_alone(arena_print(a, "%s/%s", FAULTS_FOLDER,
		    slash != NULL ? slash + 1 : src->name));
	}
	cr_assert_geq(n, FAULTS_LEAST);
	arena_free(a);
	sources_free(all);
}

Test(faults, one_run_over_all_of_them_reports_every_one)
{
	struct sources *all = open_faults(FAULTS_FOLDER);
	struct faults f = { 0 };
	struct policy *p = policy_compile(all, &f);
	const struct source *src;

	cr_assert_null(p);
	for (src = all->first; src != NULL; src = src->next)
		if (is_planted(src))
			cr_expect(has_expected(&f, src), "%s is not reported", src->name);
	faults_end(&f);
	sources_free(all);
}
