/* SPDX-License-Identifier: BSD-2-Clause */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/buffer.h"
#include "base/err.h"
#include "ctl/options.h"
#include "ctl/text.h"
#include "ctl/value.h"

#include "change_internal.h"
#include "dump_internal.h"
#include "verb_internal.h"

/* A record may have headers of a letter in it, which are bounded by 64 MiB at most. */
#define LINE_LONGEST ((size_t)64 * 1024 * 1024)

static const struct option_rule known[] = { { NULL, OPTION_FLAG } };

struct import {
	const char *name;
	FILE *in;
	struct change *change;
	uint64_t line, records;
	bool has_end;
	size_t column;		/* of what is wrong */
};

/* 1 a line without its end, 0 nothing is left, -1. */
static int
read_line(FILE *in, struct buffer *b, struct err *e)
{
	int c;

	while ((c = getc_unlocked(in)) != EOF && c != '\n') {
		if (b->n == LINE_LONGEST)
			return err_set(e, "a line has at most %zu bytes",
			    LINE_LONGEST);
		buffer_byte(b, (char)c);
	}
	if (ferror(in))
		return err_errno(e, "cannot be read");
	return c != EOF || b->n != 0;
}

/* Columns count characters. */
static size_t
column_of(struct span line, const char *name)
{
	struct arena *a = arena_new();
	struct span quoted = span_of(arena_print(a, "\"%s\"", name));
	size_t end = span_find(line, quoted), column = 1, n;
	uint32_t code;

	if (end == line.n)
		end = 0;
	for (size_t at = 0; at < end && (n = text_next(line, at, &code)) != 0; at += n)
		column++;
	arena_free(a);
	return column;
}

static int
read_head(struct import *m, const struct value *v, struct err *e)
{
	const struct value *type = value_get(v, "type");
	const struct value *version = value_get(v, "version");

	if (type == NULL || type->kind != VALUE_TEXT ||
	    !span_is(type->text, DUMP_TYPE) || version == NULL ||
	    version->kind != VALUE_NUMBER)
		return err_set(e, "this is not what milterctl export writes: its "
		    "first line is {\"type\":\"" DUMP_TYPE "\",\"version\":%d}",
		    DUMP_VERSION);
	if (version->number != DUMP_VERSION)
		return err_set(e, "version %" PRId64 " of the format is not known "
		    "here, only %d; use the milterctl that wrote it",
		    version->number, DUMP_VERSION);
	(void)m;
	return 0;
}

/* The last line counts the records. */
static int
read_end(struct import *m, const struct value *v, struct err *e)
{
	const struct value *records = value_get(v, "records");

	if (records == NULL || records->kind != VALUE_NUMBER ||
	    (uint64_t)records->number != m->records)
		return err_set(e, "the last line does not count the %" PRIu64
		    " records before it: some are missing", m->records);
	m->has_end = true;
	return 0;
}

static int
read_record(struct import *m, struct arena *a, struct span line,
    const struct value *v, struct err *e)
{
	const struct value *type = value_get(v, "type");
	const char *name = NULL;
	struct item item;

	if (m->line == 1)
		return read_head(m, v, e);
	if (m->has_end)
		return err_set(e, "something follows the last line");
	if (type != NULL && type->kind == VALUE_TEXT && span_is(type->text, "end"))
		return read_end(m, v, e);
	if (dump_item(a, v, &item, &name, e) < 0) {
		if (name != NULL)
			m->column = column_of(line, name);
		return -1;
	}
	m->records++;
	m->column = 0;
	return change_add(m->change, &item, e);
}

/* 1 a line was read, 0 the file is over, -1. */
static int
take_line(struct import *m, struct arena *a, struct err *e)
{
	struct buffer b = { .arena = a };
	const struct value *v;
	int rc = read_line(m->in, &b, e);

	if (rc == 1) {
		m->line++;
		m->column = 1;
		if (value_read(a, buffer_span(&b), &v, &m->column, e) < 0)
			return -1;
		m->column = 1;
		if (read_record(m, a, buffer_span(&b), v, e) < 0)
			return -1;
	} else if (rc == 0 && !m->has_end) {
		m->line++;
		m->column = 1;
		return err_set(e, "the last line is missing: the file was cut");
	}
	return rc;
}

static int
fault(const struct import *m, const struct err *e)
{
	if (m->column == 0)
		return fail(STATUS_UNREACHABLE, "%s:%" PRIu64 ": %s", m->name,
		    m->line, e->text);
	return fail(STATUS_NONE, "%s:%" PRIu64 ":%zu: %s", m->name, m->line,
	    m->column, e->text);
}

static int
import(struct import *m)
{
	const struct item_counts *n;
	struct err e;
	int rc = 1, status = STATUS_FINE;

	while (rc == 1) {
		struct arena *a = arena_new();

		rc = take_line(m, a, &e);
		arena_free(a);
	}
	if (rc < 0)
		status = fault(m, &e);
	if (change_flush(m->change, &e) < 0)
		status = fail(STATUS_UNREACHABLE, "%s", e.text);
	n = change_counts(m->change);
	printf("%" PRIu64 " records read; new or changed: %" PRIu64 " documents, %"
	    PRIu64 " recipients, %" PRIu64 " evidence, %" PRIu64 " followed\n",
	    m->records, n->documents, n->recipients, n->evidence, n->followed);
	return status;
}

static int
import_file(struct arena *a, const struct config *c, const char *path)
{
	bool is_stdin = strcmp(path, "-") == 0;
	struct import m = { .name = is_stdin ? "stdin" : path };
	struct err e;
	int status;

	m.in = is_stdin ? stdin : fopen(path, "re");
	if (m.in == NULL)
		return fail(STATUS_UNREACHABLE, "%s: %s", path, strerror(errno));
	if ((m.change = change_begin(a, c, &e)) == NULL)
		status = fail(STATUS_UNREACHABLE, "%s", e.text);
	else
		status = import(&m);
	change_free(m.change);
	if (!is_stdin)
		fclose(m.in);
	return status;
}

static int
run(const struct context *ctx, struct arena *a, int argc, char **argv)
{
	struct options o;
	struct config c;
	int status;

	if (verb_options("import", a, known, argc, argv, &o) != 0)
		return STATUS_USAGE;
	if (o.operand_count != 1)
		return fail_usage("import", "a file that milterctl export wrote is "
		    "needed ('-' is the standard input)");
	if ((status = context_config(ctx, true, &c)) != STATUS_FINE)
		return status;
	status = import_file(a, &c, o.operands[0]);
	config_end(&c);
	return status;
}

const struct verb verb_import = {
	"import", "read back what export wrote",
	"usage: milterctl import FILE\n\n"
	"Add to the ledger what milterctl export wrote into FILE ('-': the standard\n"
	"input).  What is here stays: doing it twice changes nothing more, and what\n"
	"several ledgers hold comes together.  With milterd up it writes, else\n"
	"milterctl does; either way only for root and the user of milterd.\n\n"
	"At the first line that makes no sense it stops and tells where; what was\n"
	"before it is in the ledger.\n\n"
	"Exit status: 0; 1 the file is faulty or cut; 2 usage; 3 the file cannot be\n"
	"read or the ledger cannot be written.\n\n"
	"example: zcat vanthu-2007.jsonl.gz | milterctl import -\n",
	run,
};
