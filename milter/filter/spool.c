/* SPDX-License-Identifier: BSD-2-Clause */
#include <sys/mman.h>

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/err.h"
#include "filter/counters.h"

#include "filter/spool.h"

struct spool {
	const struct spool_limits *limits;
	char *memory;
	size_t memory_size;
	size_t length;
	int fd;			/* -1 while all is in memory */
	void *map;
	size_t map_length;
	enum spool_answer answer;
};

struct spool *
spool_new(const struct spool_limits *limits)
{
	struct spool *s = calloc(1, sizeof(*s));

	must(s != NULL);
	s->limits = limits;
	s->fd = -1;
	return s;
}

void
spool_free(struct spool *s)
{
	if (s == NULL)
		return;
	spool_reset(s);
	free(s->memory);
	free(s);
}

void
spool_reset(struct spool *s)
{
	if (s->map != NULL)
		munmap(s->map, s->map_length);
	s->map = NULL;
	if (s->fd >= 0) {
		close(s->fd);
		counter_add(s->limits->bytes, -(int64_t)s->length);
	}
	s->fd = -1;
	s->length = 0;
	s->answer = SPOOL_KEPT;
}

static int
write_all(int fd, struct span bytes)
{
	while (bytes.n > 0) {
		ssize_t n = write(fd, bytes.p, bytes.n);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -1;
		bytes = span_sub(bytes, (size_t)n, bytes.n);
	}
	return 0;
}

static bool
take_room(struct spool *s, size_t n)
{
	int64_t now = counter_add(s->limits->bytes, (int64_t)n);

	if (now <= (int64_t)s->limits->total)
		return true;
	counter_add(s->limits->bytes, -(int64_t)n);
	return false;
}

static enum spool_answer
move_to_file(struct spool *s)
{
	if (!take_room(s, s->length))
		return SPOOL_NO_ROOM;
	s->fd = open(s->limits->folder, O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
	if (s->fd >= 0 &&
	    write_all(s->fd, (struct span){ s->memory, s->length }) == 0)
		return SPOOL_KEPT;
	if (s->fd >= 0)
		close(s->fd);
	s->fd = -1;
	counter_add(s->limits->bytes, -(int64_t)s->length);
	return SPOOL_NO_ROOM;
}

static enum spool_answer
add_to_file(struct spool *s, struct span bytes)
{
	if (!take_room(s, bytes.n))
		return SPOOL_NO_ROOM;
	if (write_all(s->fd, bytes) < 0) {
		counter_add(s->limits->bytes, -(int64_t)bytes.n);
		return SPOOL_NO_ROOM;
	}
	s->length += bytes.n;
	return SPOOL_KEPT;
}

static void
add_to_memory(struct spool *s, struct span bytes)
{
	size_t want = s->length + bytes.n;

	if (want > s->memory_size) {
		size_t size = s->memory_size != 0 ? s->memory_size : 16384;

		while (size < want)
			size *= 2;
		s->memory = realloc(s->memory, size);
		must(s->memory != NULL);
		s->memory_size = size;
	}
	memcpy(s->memory + s->length, bytes.p, bytes.n);
	s->length = want;
}

enum spool_answer
spool_add(struct spool *s, struct span bytes)
{
	if (s->answer != SPOOL_KEPT || bytes.n == 0)
		return s->answer;
	if (bytes.n > s->limits->message - s->length)
		return s->answer = SPOOL_TOO_LARGE;
	if (s->fd < 0 && bytes.n <= s->limits->memory &&
	    s->length <= s->limits->memory - bytes.n) {
		add_to_memory(s, bytes);
		return SPOOL_KEPT;
	}
	if (s->fd < 0)
		s->answer = move_to_file(s);
	if (s->answer == SPOOL_KEPT)
		s->answer = add_to_file(s, bytes);
	return s->answer;
}

enum spool_answer
spool_answer(const struct spool *s)
{
	return s->answer;
}

int
spool_bytes(struct spool *s, struct span *bytes, struct err *e)
{
	*bytes = (struct span){ s->memory, s->length };
	if (s->fd < 0 || s->length == 0)
		return 0;
	if (s->map != NULL)
		munmap(s->map, s->map_length);
	s->map = mmap(NULL, s->length, PROT_READ, MAP_PRIVATE, s->fd, 0);
	if (s->map == MAP_FAILED) {
		s->map = NULL;
		return err_errno(e, "%s: cannot map a spool file",
		    s->limits->folder);
	}
	s->map_length = s->length;
	*bytes = (struct span){ s->map, s->length };
	return 0;
}
