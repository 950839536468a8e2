/* SPDX-License-Identifier: BSD-2-Clause */
#include <sys/mman.h>
#include <sys/socket.h>

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/buffer.h"
#include "base/clock.h"
#include "base/config.h"
#include "base/err.h"
#include "base/histogram.h"
#include "extract/cache.h"

#include "extract/client.h"
#include "wire_internal.h"

#define GRACE_MS 2000		/* for a server that starts, or kills a late helper */
#define RECORD_BYTES 1024	/* of bookkeeping for a document, more than there are */

struct client {
	int fd;
	struct client_limits limits;
	pthread_mutex_t lock;
	pthread_cond_t has_room;
	size_t working;
	struct cache *cache;
	struct histogram times_us;
	atomic_uint_fast64_t cached;
};

/* One document on its way. */
struct errand {
	struct client *client;
	struct arena *arena;
	struct wire_request request;
	int bytes;		/* memfd */
	int records;		/* the end that is read; -1 before */
	int64_t deadline_ms;	/* when to stop listening */
};

/* One core at least is left for letters without attachments. */
static size_t
turns(size_t wanted)
{
	long cores = sysconf(_SC_NPROCESSORS_ONLN);

	if (wanted != 0)
		return wanted;
	return cores > 2 ? (size_t)cores - 1 : 1;
}

struct client_limits
client_configured(const struct config *c)
{
	return (struct client_limits){
		.sink = { c->text_limit, c->extract_size_limit,
		    c->extract_ratio_limit, c->extract_member_limit,
		    c->extract_depth_limit },
		.sandbox = { c->extract_memory, c->extract_time_ms },
		.attachments = c->extract_attachment_limit,
		.message_time_ms = c->extract_message_time_ms,
		.at_once = turns(c->extract_limit),
		.cache_bytes = c->extract_cache,
	};
}

struct client *
client_new(int fd, const struct client_limits *limits)
{
	struct client *c = calloc(1, sizeof(*c));
	pthread_condattr_t monotonic;

	must(c != NULL);
	c->fd = fd;
	c->limits = *limits;
	c->cache = cache_new(limits->cache_bytes);
	pthread_mutex_init(&c->lock, NULL);
	pthread_condattr_init(&monotonic);
	pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
	pthread_cond_init(&c->has_room, &monotonic);
	pthread_condattr_destroy(&monotonic);
	return c;
}

void
client_free(struct client *c)
{
	if (c == NULL)
		return;
	pthread_cond_destroy(&c->has_room);
	pthread_mutex_destroy(&c->lock);
	cache_free(c->cache);
	free(c);
}

const struct client_limits *
client_limits(const struct client *c)
{
	return &c->limits;
}

static bool
take_turn(struct client *c, int64_t deadline_ms)
{
	struct timespec until = { deadline_ms / 1000, deadline_ms % 1000 * 1000000 };
	bool has_turn;

	pthread_mutex_lock(&c->lock);
	while (c->working >= c->limits.at_once)
		if (pthread_cond_timedwait(&c->has_room, &c->lock, &until) == ETIMEDOUT)
			break;
	if ((has_turn = c->working < c->limits.at_once))
		c->working++;
	pthread_mutex_unlock(&c->lock);
	return has_turn;
}

static void
end_turn(struct client *c)
{
	pthread_mutex_lock(&c->lock);
	c->working--;
	pthread_cond_signal(&c->has_room);
	pthread_mutex_unlock(&c->lock);
}

/* ${bytes} in memory that nobody can change any more; -1. */
static int
share(struct span bytes)
{
	int fd = memfd_create("document", MFD_CLOEXEC | MFD_ALLOW_SEALING);
	size_t done = 0;
	ssize_t n;

	if (fd < 0)
		return -1;
	while (done < bytes.n) {
		n = write(fd, bytes.p + done, bytes.n - done);
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			goto fail;
		done += (size_t)n;
	}
	if (fcntl(fd, F_ADD_SEALS, F_SEAL_SEAL | F_SEAL_SHRINK | F_SEAL_GROW |
	    F_SEAL_WRITE) == 0)
		return fd;
fail:
	close(fd);
	return -1;
}

static int
send_request(const struct errand *r, int records)
{
	union {
		char bytes[CMSG_SPACE(2 * sizeof(int))];
		struct cmsghdr align;
	} control = { { 0 } };
	struct iovec v = { (void *)(uintptr_t)&r->request, sizeof(r->request) };
	struct msghdr m = { .msg_iov = &v, .msg_iovlen = 1,
	    .msg_control = &control, .msg_controllen = sizeof(control) };
	struct cmsghdr *c = CMSG_FIRSTHDR(&m);
	int fds[2] = { r->bytes, records };

	c->cmsg_level = SOL_SOCKET;
	c->cmsg_type = SCM_RIGHTS;
	c->cmsg_len = CMSG_LEN(sizeof(fds));
	memcpy(CMSG_DATA(c), fds, sizeof(fds));
	/* Turns are few: the socket is never full but with a server that is lost. */
	return sendmsg(r->client->fd, &m, MSG_NOSIGNAL | MSG_DONTWAIT) ==
	    sizeof(r->request) ? 0 : -1;
}

static int
ask(struct errand *r, struct span bytes)
{
	int pair[2], rc;

	if ((r->bytes = share(bytes)) < 0)
		return -1;
	if (pipe2(pair, O_CLOEXEC) < 0) {
		close(r->bytes);
		return -1;
	}
	rc = send_request(r, pair[1]);
	close(r->bytes);
	close(pair[1]);
	r->records = pair[0];
	return rc;
}

/* May ${fd} be read, or is it at its end, before it is too late? */
static bool
wait_for(int fd, int64_t deadline_ms)
{
	struct pollfd p = { .fd = fd, .events = POLLIN };
	int64_t left;
	int rc;

	do {
		left = deadline_ms - clock_monotonic_ms();
		rc = poll(&p, 1, left > 0 ? (int)left : 0);
	} while (rc < 0 && errno == EINTR);
	return rc > 0;
}

/* What the helper writes, and the server behind it; cut where it is too much. */
static struct span
hear(const struct errand *r)
{
	struct buffer b = { .arena = r->arena };
	const struct sink_limits *l = &r->request.sink;
	size_t most = l->text_bytes + l->text_bytes / 16 +
	    (l->members + 2) * (RECORD_BYTES + 2 * WIRE_NAME_BYTES);
	ssize_t n;

	while (b.n < most && wait_for(r->records, r->deadline_ms)) {
		n = read(r->records, buffer_reserve(&b, WIRE_BYTES), WIRE_BYTES);
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			break;
		b.n += (size_t)n;
	}
	return buffer_span(&b);
}

static struct span
run(struct errand *r, struct span bytes)
{
	struct span stream = { NULL, 0 };

	if (ask(r, bytes) == 0)
		stream = hear(r);
	if (r->records >= 0)
		close(r->records);
	return stream;
}

static void
fill_request(struct errand *r, struct span name, size_t size,
    const struct sink_limits *sink)
{
	struct wire_request *w = &r->request;

	memset(w, 0, sizeof(*w));	/* its padding is sent, too */
	w->sink = *sink;
	w->sandbox = r->client->limits.sandbox;
	w->size = size;
	name = span_sub(name, 0, sizeof(w->name) - 1);
	if (name.n != 0)
		memcpy(w->name, name.p, name.n);
}

static void
nothing_found(struct arena *a, size_t size, enum part_reason reason, struct findings *f)
{
	f->list = ARENA_NEW(a, struct finding);
	f->count = 1;
	*f->list = (struct finding){ .path = "", .size = size,
	    .reason = reason };
}

static void
extract(struct client *c, struct arena *a, struct span name, struct span bytes,
    const struct sink_limits *sink, int64_t deadline_ms, struct findings *f)
{
	struct errand r = { .client = c, .arena = a, .records = -1 };
	struct finding_limits bounds = { sink->text_bytes, sink->members, sink->depth };
	int64_t now;

	if (clock_monotonic_ms() >= deadline_ms || !take_turn(c, deadline_ms)) {
		nothing_found(a, bytes.n, PART_TIME, f);
		return;
	}
	now = clock_monotonic_ms();
	fill_request(&r, name, bytes.n, sink);
	if (r.request.sandbox.time_ms > deadline_ms - now)
		r.request.sandbox.time_ms = deadline_ms > now ? deadline_ms - now : 1;
	r.deadline_ms = now + r.request.sandbox.time_ms + GRACE_MS;
	findings_read(a, run(&r, bytes), &bounds, f);
	end_turn(c);
}

void
client_extract(struct client *c, struct arena *a, struct span name, struct span bytes,
    const struct sink_limits *sink, int64_t deadline_ms, struct findings *f)
{
	int64_t began_us = clock_monotonic_ns() / 1000;

	if (cache_get(c->cache, a, name, bytes, sink, f)) {
		atomic_fetch_add(&c->cached, 1);
		return;
	}
	extract(c, a, name, bytes, sink, deadline_ms, f);
	histogram_add(&c->times_us, histogram_times_us,
	    clock_monotonic_ns() / 1000 - began_us);
	cache_put(c->cache, name, bytes, f);
}

const struct histogram *
client_times(const struct client *c)
{
	return &c->times_us;
}

uint64_t
client_cached(const struct client *c)
{
	return atomic_load(&((struct client *)c)->cached);
}
