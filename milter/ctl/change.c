/* SPDX-License-Identifier: BSD-2-Clause */
#include <inttypes.h>
#include <stdio.h>
#include <unistd.h>

#include "base/buffer.h"
#include "base/err.h"
#include "ledger/lock.h"
#include "ledger/store.h"
#include "ledger/writer.h"

#include "change_internal.h"
#include "verb_internal.h"

#define BATCH_BYTES ((size_t)512 * 1024)
#define BATCH_ITEMS 4000

/* Only the holder of daemon.lock writes: the daemon, or this program while it is down. */
struct change {
	const struct config *config;
	struct arena *arena;	/* of the batch */
	struct buffer bytes;
	size_t items;
	bool is_remote;
	int lock;
	struct store *store;
	struct writer *writer;
	struct item_counts counts;
};

static int
open_here(struct change *x, struct err *e)
{
	const struct config *c = x->config;

	if ((x->lock = lock_take(c->ledger, 0, e)) < 0)
		return -1;
	if ((x->store = store_open(c->ledger, c->ledger_size_limit, e)) == NULL)
		return -1;
	x->writer = writer_start(x->store, NULL, e);
	return x->writer != NULL ? 0 : -1;
}

static void
renew(struct change *x)
{
	arena_free(x->arena);
	x->arena = arena_new();
	x->bytes = (struct buffer){ .arena = x->arena };
	x->items = 0;
}

struct change *
change_begin(struct arena *a, const struct config *c, struct err *e)
{
	struct change *x = ARENA_NEW(a, struct change);
	struct span answer;
	bool is_ok = false;

	x->config = c;
	x->lock = -1;
	renew(x);
	if (daemon_send(c->control, "change 0\n", (struct span){ NULL, 0 },
	    x->arena, &is_ok, &answer, e) == 0) {
		x->is_remote = true;
		if (!is_ok)
			err_set(e, "%.*s", SPAN_PRINT(answer));
		else if ((x->store = store_open_readonly(c->ledger, e)) != NULL)
			return x;
	} else if (open_here(x, e) == 0)
		return x;
	change_free(x);
	return NULL;
}

static void
add_counts(struct item_counts *sum, const struct item_counts *n)
{
	sum->documents += n->documents;
	sum->recipients += n->recipients;
	sum->evidence += n->evidence;
	sum->followed += n->followed;
}

static int
send_batch(struct change *x, struct err *e)
{
	struct item_counts n;
	struct span answer;
	bool is_ok = false;

	if (daemon_send(x->config->control,
	    arena_print(x->arena, "change %zu\n", x->bytes.n),
	    buffer_span(&x->bytes), x->arena, &is_ok, &answer, e) < 0)
		return -1;
	if (!is_ok)
		return err_set(e, "%.*s", SPAN_PRINT(answer));
	if (sscanf(arena_string(x->arena, answer), "%" SCNu64 " %" SCNu64 " %"
	    SCNu64 " %" SCNu64, &n.documents, &n.recipients, &n.evidence,
	    &n.followed) != 4)
		return err_set(e, "the daemon answers '%.*s'", SPAN_PRINT(answer));
	add_counts(&x->counts, &n);
	return 0;
}

static int
write_batch(struct change *x, struct err *e)
{
	struct item_counts n;
	struct item *list;
	size_t count;

	if (items_parse(x->arena, buffer_span(&x->bytes), &list, &count, e) < 0 ||
	    writer_apply(x->writer, list, count, &n, e) < 0)
		return -1;
	add_counts(&x->counts, &n);
	return 0;
}

int
change_flush(struct change *x, struct err *e)
{
	int rc;

	if (x->items == 0)
		return 0;
	rc = x->is_remote ? send_batch(x, e) : write_batch(x, e);
	renew(x);
	return rc;
}

int
change_add(struct change *x, const struct item *item, struct err *e)
{
	item_print(&x->bytes, item);
	x->items++;
	if (x->items < BATCH_ITEMS && x->bytes.n < BATCH_BYTES)
		return 0;
	return change_flush(x, e);
}

struct store *
change_store(const struct change *x)
{
	return x->store;
}

const struct item_counts *
change_counts(const struct change *x)
{
	return &x->counts;
}

void
change_free(struct change *x)
{
	if (x == NULL)
		return;
	writer_stop(x->writer);
	store_close(x->store);
	if (x->lock >= 0)
		close(x->lock);
	arena_free(x->arena);
}
