/* SPDX-License-Identifier: BSD-2-Clause */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/log.h"
#include "filter/desk.h"
#include "ledger/item.h"
#include "ledger/operator.h"
#include "ledger/writer.h"

#include "control_internal.h"

/* "ID RECIPIENT CODE", and the note up to the end of the line. */
void
control_ack(struct desk *d, const char *operator, struct span rest, FILE *out)
{
	struct operator_word word = { .name = operator };
	char id[DOCID_TEXT_SIZE] = "";
	struct err e;
	int rc;

	word.id = control_word(&rest);
	word.recipient = control_word(&rest);
	word.code = control_word(&rest);
	word.note = rest;
	rc = operator_record(d->store, d->writer, &word, &e);
	if (rc != 1) {
		fprintf(out, "error %s\n", e.text);
		return;
	}
	snprintf(id, sizeof(id), "%.*s", SPAN_PRINT(word.id));
	log_event(LOG_LEVEL_INFO, "evidence", "id", id, "source", "operator",
	    "operator", operator, NULL);
	fprintf(out, "ok recorded\n");
}

static void
log_change(const char *operator, const struct item_counts *n)
{
	char counts[128];

	snprintf(counts, sizeof(counts), "%" PRIu64 " documents, %" PRIu64
	    " recipients, %" PRIu64 " evidence", n->documents, n->recipients,
	    n->evidence);
	log_event(LOG_LEVEL_INFO, "changed", "operator", operator, "reason",
	    counts, NULL);
}

static int
apply(struct desk *d, struct span bytes, struct item_counts *n, struct err *e)
{
	struct arena *a = arena_new();
	struct item *list;
	size_t count;
	int rc = items_parse(a, bytes, &list, &count, e);

	if (rc == 0)
		rc = writer_apply(d->writer, list, count, n, e);
	arena_free(a);
	return rc;
}

/* As many bytes of items follow the line as ${rest} says. */
void
control_change(struct desk *d, const char *operator, const char *rest, FILE *stream)
{
	struct item_counts n = { 0 };
	struct err e = { "" };
	size_t size = strtoul(rest, NULL, 10);
	char *bytes = size <= ITEMS_BYTES_MAX ? malloc(size + 1) : NULL;
	int rc = -1;

	if (!control_is_owner(stream))
		err_set(&e, "only root and the user of milterd may do that");
	else if (bytes == NULL)
		err_set(&e, "at most %zu bytes at once", ITEMS_BYTES_MAX);
	else if (fread(bytes, 1, size, stream) != size)
		err_set(&e, "the list ended too early");
	else
		rc = apply(d, (struct span){ bytes, size }, &n, &e);
	free(bytes);
	fseek(stream, 0, SEEK_CUR);
	if (rc < 0) {
		fprintf(stream, "error %s\n", e.text);
		return;
	}
	if (size != 0)
		log_change(operator, &n);
	fprintf(stream, "ok %" PRIu64 " %" PRIu64 " %" PRIu64 " %" PRIu64 "\n",
	    n.documents, n.recipients, n.evidence, n.followed);
}
