/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What ack_read makes of the corpus' bounces, a row per family of mail systems:
 * messages whose status the upstream project's own tests assert, those whose
 * recipients are all right, those whose statuses are right too.  Status codes
 * x.y.9nn are upstream's own: only their first digit can be asked for.  Upstream
 * reads some reports by their words alone; where the fields of RFC 3464 say
 * something else and are what we read, a standard report counts in a column of
 * its own, and is right by its own fields.  A file may hold several messages (mbox).
 *
 * usage: bounces [-v] [CORPUS]		-v: what differs, too
 * Fails below LEAST_PERCENT, or if a standard report is not right; skips (77) where there is no corpus.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/buffer.h"
#include "mail/message.h"
#include "track/ack.h"

#define LEAST_PERCENT 97
#define FAMILY_MAX 200
#define SKIPPED 77

static const struct message_limits limits = {
	{ 1000, 50, 1 << 20, 2000 }, 16 << 20
};

/* Columns of index.tsv. */
enum { PATH = 0, KIND = 1, NAME = 7, RECIPIENTS = 8, STATUSES = 10, ASSERTED = 14 };

struct family {
	char name[64];
	size_t messages, recipients, statuses, by_fields;
};

struct tally {
	struct family list[FAMILY_MAX], total;
	size_t count;
	size_t reports, reports_right, reports_by_fields;	/* of standard delivery reports */
	bool is_verbose;
};

static struct span
column(struct span line, int n)
{
	while (n-- > 0)
		line = span_sub(line, span_find_byte(line, '\t') + 1, line.n);
	return span_sub(line, 0, span_find_byte(line, '\t'));
}

static bool
item(struct span *rest, struct span *one)
{
	size_t n = span_find_byte(*rest, ',');

	if (rest->n == 0)
		return false;
	*one = span_trim(span_sub(*rest, 0, n));
	*rest = span_sub(*rest, n + 1, rest->n);
	return true;
}

static struct span
file_read(struct arena *a, const char *path)
{
	FILE *f = fopen(path, "rb");
	struct stat st;
	char *p;
	size_t n;

	if (f == NULL)
		return (struct span){ NULL, 0 };
	if (fstat(fileno(f), &st) < 0) {
		fclose(f);
		return (struct span){ NULL, 0 };
	}
	p = arena_alloc(a, (size_t)st.st_size + 1);
	n = fread(p, 1, (size_t)st.st_size, f);
	fclose(f);
	return (struct span){ p, n };
}

/* "5.0.911" asks for "5" alone. */
static bool
status_agrees(struct span have, struct span want)
{
	struct span detail = span_sub(want, 4, want.n);
	bool is_pseudo = detail.n == 3 && detail.p[0] == '9';

	if (want.n == 0)
		return true;
	if (is_pseudo)
		return have.n != 0 && have.p[0] == want.p[0];
	return span_equal(have, want);
}

/*
 * Upstream names the last address, we the first one (Original-Recipient): both
 * are right.
 */
static bool
is_about(const struct claim *c, struct span recipient)
{
	return span_equal_nocase(c->recipient, recipient) ||
	    span_equal_nocase(c->final_recipient, recipient);
}

static const struct claim *
find_claim(const struct claims *c, struct span recipient, struct span status)
{
	for (size_t i = 0; i < c->count; i++)
		if (is_about(&c->list[i], recipient) &&
		    status_agrees(c->list[i].status, status))
			return &c->list[i];
	return NULL;
}

static bool
is_wanted(struct span list, const struct claim *c)
{
	struct span one;

	while (item(&list, &one))
		if (is_about(c, one))
			return true;
	return false;
}

/* All that are wanted, and nobody else. */
static bool
recipients_agree(const struct claims *c, struct span want)
{
	struct span rest = want, one;

	while (item(&rest, &one))
		if (find_claim(c, one, (struct span){ NULL, 0 }) == NULL)
			return false;
	for (size_t i = 0; i < c->count; i++)
		if (!is_wanted(want, &c->list[i]))
			return false;
	return true;
}

static bool
statuses_agree(const struct claims *c, struct span recipients, struct span statuses)
{
	struct span one, status;

	while (item(&recipients, &one) && item(&statuses, &status))
		if (find_claim(c, one, status) == NULL)
			return false;
	return true;
}

/* Does a field ${name} of the raw message end in ${value}? */
static bool
is_field(struct span raw, const char *name, struct span value)
{
	struct span line;

	while (span_line(&raw, &line)) {
		line = span_trim(line);
		if (span_starts_nocase(line, name) && line.n > value.n &&
		    span_equal_nocase(span_sub(line, line.n - value.n, line.n), value))
			return true;
	}
	return false;
}

/* All that we read stands in the fields, letter for letter. */
static bool
fields_agree(const struct claims *c, struct span raw)
{
	for (size_t i = 0; i < c->count; i++)
		if (!is_field(raw, "Final-Recipient:", c->list[i].final_recipient) ||
		    !is_field(raw, "Action:", c->list[i].action) ||
		    !is_field(raw, "Status:", c->list[i].status))
			return false;
	return c->count != 0;
}

/* The next message of a file; a line "From " behind an empty one begins it in an mbox. */
static bool
next_message(struct span *rest, struct span *raw)
{
	size_t n = span_starts_nocase(*rest, "From ") ?
	    span_find(*rest, span_of("\n\nFrom MAILER-DAEMON ")) : rest->n;

	if (rest->n == 0)
		return false;
	*raw = span_sub(*rest, 0, n);
	*rest = span_sub(*rest, n + 2, rest->n);
	return true;
}

static void
read_claims(struct arena *a, struct span file, struct claims *all)
{
	struct span raw;
	struct claims c;

	*all = (struct claims){ NULL, 0 };
	while (next_message(&file, &raw)) {
		struct claim *list;

		ack_read(a, message_read(a, raw, &limits), "Vanthu-Document-ID", &c);
		list = ARENA_ARRAY(a, struct claim, all->count + c.count + 1);
		if (all->count != 0)
			memcpy(list, all->list, all->count * sizeof(*list));
		if (c.count != 0)
			memcpy(list + all->count, c.list, c.count * sizeof(*list));
		all->list = list;
		all->count += c.count;
	}
}

static struct family *
family_of(struct tally *t, struct span name)
{
	size_t n = name.n;

	while (n > 0 && name.p[n - 1] != '-')
		n--;
	if (n > 1)
		name.n = n - 1;
	for (size_t i = 0; i < t->count; i++)
		if (span_is(name, t->list[i].name))
			return &t->list[i];
	if (t->count == FAMILY_MAX)
		return &t->list[FAMILY_MAX - 1];
	snprintf(t->list[t->count].name, sizeof(t->list[0].name), "%.*s",
	    SPAN_PRINT(name));
	return &t->list[t->count++];
}

static void
show(struct span path, const struct claims *c, struct span line)
{
	printf("%.*s\n  want %.*s  %.*s\n", SPAN_PRINT(path),
	    SPAN_PRINT(column(line, RECIPIENTS)), SPAN_PRINT(column(line, STATUSES)));
	for (size_t i = 0; i < c->count; i++)
		printf("  have %.*s  %.*s  %.*s\n", SPAN_PRINT(c->list[i].recipient),
		    SPAN_PRINT(c->list[i].status), SPAN_PRINT(c->list[i].diagnostic));
}

static void
count_message(struct tally *t, const char *corpus, struct span line)
{
	struct arena *a = arena_new();
	struct span path = column(line, PATH), recipients = column(line, RECIPIENTS);
	struct span raw = file_read(a, arena_print(a, "%s/%.*s", corpus,
	    SPAN_PRINT(path)));
	struct family *f = family_of(t, column(line, NAME));
	struct claims c;
	bool is_right, is_whole, is_by_fields;
	bool is_report = span_is(column(line, KIND), "dsn");

	read_claims(a, raw, &c);
	is_right = recipients_agree(&c, recipients);
	is_whole = is_right && statuses_agree(&c, recipients, column(line, STATUSES));
	is_by_fields = is_report && !is_whole && fields_agree(&c, raw);
	f->messages++;
	f->recipients += is_right;
	f->statuses += is_whole;
	f->by_fields += is_by_fields;
	t->reports += is_report;
	t->reports_right += is_report && is_whole;
	t->reports_by_fields += is_by_fields;
	if (!is_whole && t->is_verbose)
		show(path, &c, line);
	arena_free(a);
}

static int
by_name(const void *left, const void *right)
{
	return strcmp(((const struct family *)left)->name,
	    ((const struct family *)right)->name);
}

static void
print_row(const struct family *f)
{
	printf("%-24s %9zu %11zu %11zu %10zu\n", f->name, f->messages, f->recipients,
	    f->statuses, f->by_fields);
}

static void
print_table(struct tally *t)
{
	snprintf(t->total.name, sizeof(t->total.name), "all");
	printf("%-24s %9s %11s %11s %10s\n", "family", "messages", "recipients",
	    "and status", "by fields");
	qsort(t->list, t->count, sizeof(t->list[0]), by_name);
	for (size_t i = 0; i < t->count; i++) {
		print_row(&t->list[i]);
		t->total.messages += t->list[i].messages;
		t->total.recipients += t->list[i].recipients;
		t->total.statuses += t->list[i].statuses;
		t->total.by_fields += t->list[i].by_fields;
	}
	print_row(&t->total);
	printf("standard delivery reports: %zu of %zu as upstream says, %zu by their own "
	    "fields\n", t->reports_right, t->reports, t->reports_by_fields);
}

int
main(int argc, char **argv)
{
	static struct tally t;
	struct arena *a = arena_new();
	const char *corpus = getenv("VANTHU_CORPUS");
	struct span index, line;
	int rc = 1;

	mime_init();
	for (int i = 1; i < argc; i++)
		if (strcmp(argv[i], "-v") == 0)
			t.is_verbose = true;
		else
			corpus = argv[i];
	index = file_read(a, arena_print(a, "%s/index.tsv", corpus != NULL ? corpus : "."));
	if (index.n == 0) {
		printf("bounces: no %s/index.tsv (VANTHU_CORPUS names the folder)\n",
		    corpus != NULL ? corpus : ".");
		rc = SKIPPED;
		goto out;
	}
	while (span_line(&index, &line))
		if (span_starts_nocase(line, "bounce/") &&
		    span_starts_nocase(column(line, ASSERTED), "statuses"))
			count_message(&t, corpus, line);
	print_table(&t);
	rc = t.total.statuses * 100 < t.total.messages * LEAST_PERCENT ||
	    t.reports_right + t.reports_by_fields < t.reports;
out:
	arena_free(a);
	return rc;
}
