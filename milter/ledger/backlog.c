/* SPDX-License-Identifier: BSD-2-Clause */
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/buffer.h"
#include "base/digest.h"
#include "base/err.h"
#include "ledger/record.h"
#include "ledger/writer.h"

#include "ledger/backlog.h"

#define DOCID_BYTES 27
#define CHECK_BYTES 8
#define HEAD_BYTES (4 + CHECK_BYTES)	/* length, and digest of what follows */

struct backlog {
	pthread_mutex_t lock;
	int fd;			/* -1: memory alone */
	char *bytes;		/* BACKLOG_BYTES, as in the file */
	atomic_size_t used;
};

static void
put32(char *p, uint32_t n)
{
	for (int i = 0; i < 4; i++)
		p[i] = (char)(n >> (24 - 8 * i));
}

static uint32_t
get32(const char *p)
{
	uint32_t n = 0;

	for (int i = 0; i < 4; i++)
		n = n << 8 | (uint8_t)p[i];
	return n;
}

static void
check(struct span text, char out[CHECK_BYTES])
{
	uint8_t digest[DIGEST_BYTES];

	digest_fields(&text, 1, digest);
	memcpy(out, digest, CHECK_BYTES);
}

/* Document, recipient and evidence of one finding, behind its head. */
static struct span
print(struct arena *a, const struct finding *f)
{
	struct buffer b = { .arena = a };
	char head[HEAD_BYTES] = { 0 }, length[4];
	struct span whole, body;

	put32(length, (uint32_t)f->recipient.n);
	buffer_add(&b, (struct span){ head, sizeof(head) });
	buffer_add(&b, record_print_docid(a, &f->id));
	buffer_add(&b, (struct span){ length, sizeof(length) });
	buffer_add(&b, f->recipient);
	buffer_add(&b, record_print_evidence(a, &f->evidence));
	whole = buffer_span(&b);
	body = span_sub(whole, HEAD_BYTES, whole.n);
	put32(b.p, (uint32_t)body.n);
	check(body, b.p + 4);
	return whole;
}

static bool
parse(struct arena *a, struct span body, struct finding *f)
{
	size_t n;

	if (body.n < DOCID_BYTES + 4 ||
	    record_parse_docid(span_sub(body, 0, DOCID_BYTES), &f->id) < 0)
		return false;
	n = get32(body.p + DOCID_BYTES);
	body = span_sub(body, DOCID_BYTES + 4, body.n);
	if (n > body.n)
		return false;
	f->recipient = arena_copy(a, span_sub(body, 0, n));
	return record_parse_evidence(a, span_sub(body, n, body.n), &f->evidence) == 0;
}

/* The record at ${at}, if one stands there whole: a torn one ends the file. */
static bool
record_at(const struct backlog *b, size_t at, size_t limit, struct span *body)
{
	char sum[CHECK_BYTES];
	size_t n;

	if (at + HEAD_BYTES > limit || (n = get32(b->bytes + at)) == 0 ||
	    n > limit - at - HEAD_BYTES)
		return false;
	*body = (struct span){ b->bytes + at + HEAD_BYTES, n };
	check(*body, sum);
	return memcmp(sum, b->bytes + at + 4, CHECK_BYTES) == 0;
}

/* Room is taken now: later the disk may have none. */
static int
open_file(const char *folder, struct err *e)
{
	struct arena *a = arena_new();
	const char *path = arena_print(a, "%s/backlog", folder);
	int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);

	if (fd < 0 && errno != ENOSPC && errno != EDQUOT)
		err_errno(e, "%s", path);
	else if (fd < 0)
		fd = -2;
	else if (posix_fallocate(fd, 0, (off_t)BACKLOG_BYTES) != 0) {
		close(fd);
		fd = -2;
	}
	arena_free(a);
	return fd;
}

static int
load(struct backlog *b, struct err *e)
{
	struct span body;
	size_t at = 0;
	ssize_t n;

	for (size_t done = 0; b->fd >= 0 && done < BACKLOG_BYTES; done += (size_t)n) {
		n = pread(b->fd, b->bytes + done, BACKLOG_BYTES - done, (off_t)done);
		if (n < 0)
			return err_errno(e, "cannot read the backlog");
		if (n == 0)
			break;
	}
	while (record_at(b, at, BACKLOG_BYTES, &body))
		at += HEAD_BYTES + body.n;
	memset(b->bytes + at, 0, BACKLOG_BYTES - at);
	atomic_store(&b->used, at);
	return 0;
}

struct backlog *
backlog_open(const char *folder, struct err *e)
{
	struct backlog *b = calloc(1, sizeof(*b));

	must(b != NULL && (b->bytes = calloc(1, BACKLOG_BYTES)) != NULL);
	pthread_mutex_init(&b->lock, NULL);
	b->fd = open_file(folder, e);
	if (b->fd != -1 && load(b, e) == 0)
		return b;
	backlog_free(b);
	return NULL;
}

void
backlog_free(struct backlog *b)
{
	if (b == NULL)
		return;
	if (b->fd >= 0)
		close(b->fd);
	pthread_mutex_destroy(&b->lock);
	free(b->bytes);
	free(b);
}

/* Bytes [from, to) of memory into the file, and onto the disk. */
static bool
save(struct backlog *b, size_t from, size_t to)
{
	while (b->fd >= 0 && from < to) {
		ssize_t n = pwrite(b->fd, b->bytes + from, to - from, (off_t)from);

		if (n <= 0)
			return false;
		from += (size_t)n;
	}
	return b->fd >= 0 && fdatasync(b->fd) == 0;
}

int
backlog_add(struct backlog *b, const struct finding *list, size_t n, struct err *e)
{
	struct arena *a = arena_new();
	struct buffer all = { .arena = a };
	size_t used;
	int rc = -1;

	for (size_t i = 0; i < n; i++)
		buffer_add(&all, print(a, &list[i]));
	pthread_mutex_lock(&b->lock);
	used = atomic_load(&b->used);
	if (all.n < BACKLOG_BYTES - used) {
		memcpy(b->bytes + used, all.p, all.n);
		atomic_store(&b->used, used + all.n);
		rc = save(b, used, used + all.n);
	} else {
		err_set(e, "the backlog is full");
	}
	pthread_mutex_unlock(&b->lock);
	arena_free(a);
	return rc;
}

size_t
backlog_bytes(const struct backlog *b)
{
	return atomic_load(&((struct backlog *)b)->used);
}

bool
backlog_is_empty(const struct backlog *b)
{
	return atomic_load(&b->used) == 0;
}

size_t
backlog_read(struct backlog *b, struct arena *a, struct finding **list, size_t *count)
{
	struct span body;
	size_t at = 0, n = 0;

	pthread_mutex_lock(&b->lock);
	while (record_at(b, at, atomic_load(&b->used), &body)) {
		at += HEAD_BYTES + body.n;
		n++;
	}
	*list = ARENA_ARRAY(a, struct finding, n + 1);
	*count = 0;
	for (at = 0; record_at(b, at, atomic_load(&b->used), &body);
	    at += HEAD_BYTES + body.n)
		*count += parse(a, arena_copy(a, body), &(*list)[*count]);
	pthread_mutex_unlock(&b->lock);
	return at;
}

/* Written twice is nothing: where more came since, all of it stays. */
void
backlog_drop(struct backlog *b, size_t mark)
{
	pthread_mutex_lock(&b->lock);
	if (atomic_load(&b->used) == mark) {
		memset(b->bytes, 0, mark);
		atomic_store(&b->used, 0);
		save(b, 0, mark);
	}
	pthread_mutex_unlock(&b->lock);
}
