/* SPDX-License-Identifier: BSD-2-Clause */
#include <ctype.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/source.h"

#include "base/fault.h"

#define EXCERPT_LONGEST 1000	/* bytes; what nobody wrote by hand is not shown */
#define WORD_LONGEST 64

static size_t
count_characters(struct span s)
{
	size_t n = 0, i;

	for (i = 0; i < s.n; i++)
		n += ((unsigned char)s.p[i] & 0xc0) != 0x80;
	return n;
}

/* What is shown may come from the file: no control reaches the terminal. */
static char *
make_visible(char *text)
{
	char *p;

	for (p = text; *p != '\0'; p++) {
		if (*p != '\t' && iscntrl((unsigned char)*p))
			*p = '?';
	}
	return text;
}

static void
place(struct fault *fault, struct span text, size_t offset, size_t length)
{
	struct span rest = text, line = { text.p, 0 };
	size_t start = 0, i;

	if (offset > text.n)
		offset = text.n;
	fault->line = 1;
	for (i = 0; i < offset; i++) {
		if (text.p[i] == '\n') {
			fault->line++;
			start = i + 1;
		}
	}
	rest = span_sub(text, start, text.n);
	span_line(&rest, &line);
	fault->column = 1 + count_characters(span_sub(text, start, offset - start));
	fault->width = count_characters(span_sub(line, offset - start, length));
	if (line.n <= EXCERPT_LONGEST) {
		fault->excerpt = strndup(line.n != 0 ? line.p : "", line.n);
		must(fault->excerpt != NULL);
		make_visible(fault->excerpt);
	}
}

static void __attribute__((format(printf, 6, 0)))
add(struct faults *f, bool is_warning, const struct source *src, size_t offset,
    size_t length, const char *format, va_list ap)
{
	struct fault *fault = calloc(1, sizeof(*fault));

	must(fault != NULL);
	fault->is_warning = is_warning;
	must(vasprintf(&fault->message, format, ap) >= 0);
	make_visible(fault->message);
	if (src != NULL) {
		fault->file = strdup(src->name);
		must(fault->file != NULL);
		place(fault, src->text, offset, length);
	}
	if (fault->width == 0)
		fault->width = 1;
	if (f->last != NULL)
		f->last->next = fault;
	else
		f->first = fault;
	f->last = fault;
}

void
faults_add(struct faults *f, const struct source *src, size_t offset,
    size_t length, const char *format, ...)
{
	va_list ap;

	va_start(ap, format);
	add(f, false, src, offset, length, format, ap);
	va_end(ap);
	f->errors++;
}

void
faults_warn(struct faults *f, const struct source *src, size_t offset,
    size_t length, const char *format, ...)
{
	va_list ap;

	va_start(ap, format);
	add(f, true, src, offset, length, format, ap);
	va_end(ap);
	f->warnings++;
}

static void
print_excerpt(const struct fault *fault, FILE *out)
{
	const char *p = fault->excerpt;
	size_t i, column = 1;

	fprintf(out, "%8zu | %s\n         | ", fault->line, p);
	/* The same tabs as above, so that the caret stands below its place. */
	for (; column < fault->column; column++) {
		putc(*p == '\t' ? '\t' : ' ', out);
		while (*p != '\0' && ((unsigned char)*++p & 0xc0) == 0x80)
			;
	}
	putc('^', out);
	for (i = 1; i < fault->width; i++)
		putc('~', out);
	putc('\n', out);
}

static void
print_one(const struct fault *fault, FILE *out, bool with_excerpt)
{
	if (fault->file != NULL)
		fprintf(out, "%s:%zu:%zu: ", fault->file, fault->line,
		    fault->column);
	fprintf(out, "%s%s\n", fault->is_warning ? "warning: " : "",
	    fault->message);
	if (with_excerpt && fault->excerpt != NULL)
		print_excerpt(fault, out);
}

static bool
is_before(const struct fault *a, const struct fault *b)
{
	int order = strcmp(a->file != NULL ? a->file : "",
	    b->file != NULL ? b->file : "");

	if (order != 0)
		return order < 0;
	if (a->line != b->line)
		return a->line < b->line;
	return a->column < b->column;
}

static void
merge(const struct fault **v, const struct fault **spare, size_t n)
{
	size_t half = n / 2, i = 0, j = half, k = 0;

	while (i < half || j < n) {
		if (j == n || (i < half && !is_before(v[j], v[i])))
			spare[k++] = v[i++];
		else
			spare[k++] = v[j++];
	}
	memcpy(v, spare, n * sizeof(*v));
}

/* By hand, since qsort(3) may swap two faults of one place. */
static void
sort(const struct fault **v, const struct fault **spare, size_t n)
{
	if (n < 2)
		return;
	sort(v, spare, n / 2);
	sort(v + n / 2, spare, n - n / 2);
	merge(v, spare, n);
}

void
faults_print(const struct faults *f, FILE *out, bool with_excerpt)
{
	size_t n = f->errors + f->warnings, i = 0;
	const struct fault **v, *fault;

	v = calloc(2 * n + 1, sizeof(*v));
	must(v != NULL);
	for (fault = f->first; fault != NULL; fault = fault->next)
		v[i++] = fault;
	must(i == n);
	sort(v, v + n, n);
	for (i = 0; i < n; i++)
		print_one(v[i], out, with_excerpt);
	free(v);
}

void
faults_end(struct faults *f)
{
	struct fault *fault;

	while ((fault = f->first) != NULL) {
		f->first = fault->next;
		free((char *)(uintptr_t)fault->file);
		free(fault->message);
		free(fault->excerpt);
		free(fault);
	}
	*f = (struct faults){ 0 };
}

static size_t
smaller(size_t a, size_t b)
{
	return a < b ? a : b;
}

static bool
is_same(char a, char b)
{
	return tolower((unsigned char)a) == tolower((unsigned char)b);
}

/* Optimal string alignment: three rows, since a swap looks two back. */
static size_t
distance(struct span a, struct span b)
{
	size_t rows[3][WORD_LONGEST + 1], i, j;
	size_t *row = rows[0], *before = rows[1], *two = rows[2], *free_row;

	for (j = 0; j <= b.n; j++)
		row[j] = j;
	for (i = 1; i <= a.n; i++) {
		free_row = two;
		two = before;
		before = row;
		row = free_row;
		row[0] = i;
		for (j = 1; j <= b.n; j++) {
			row[j] = before[j - 1] + !is_same(a.p[i - 1], b.p[j - 1]);
			row[j] = smaller(row[j], smaller(before[j], row[j - 1]) + 1);
			if (i > 1 && j > 1 && is_same(a.p[i - 1], b.p[j - 2]) &&
			    is_same(a.p[i - 2], b.p[j - 1]))
				row[j] = smaller(row[j], two[j - 2] + 1);
		}
	}
	return row[b.n];
}

const char *
fault_suggest(struct span word, const char *const *known)
{
	size_t best = 1 + (word.n > 5 ? word.n / 3 : 1), d;
	const char *found = NULL;

	if (word.n > WORD_LONGEST || word.n < 2)
		return NULL;
	for (; *known != NULL; known++) {
		if (strlen(*known) > WORD_LONGEST)
			continue;
		d = distance(word, span_of(*known));
		if (d < best) {
			best = d;
			found = *known;
		}
	}
	return found;
}
