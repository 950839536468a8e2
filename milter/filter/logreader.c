/* SPDX-License-Identifier: BSD-2-Clause */
#include <sys/stat.h>

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/digest.h"
#include "base/err.h"

#include "filter/logreader.h"

#define LINE_LONGEST 65536
#define TAIL_BYTES 256

struct logreader {
	struct logfiles files;		/* those still to be read; [0] is being read */
	bool is_fresh;			/* nothing was read ever */
	int64_t since_ms;		/* then files of before are of no use */
	bool is_lost;
	struct log_position start;	/* looked for until files are given */
	uint64_t position;		/* behind the last line given */
	char tail[TAIL_BYTES];		/* the bytes before it */
	size_t tail_bytes;
	int64_t gap_ms;
	bool is_skipping;		/* in a line that is too long */
	char buffer[LINE_LONGEST];	/* of the file from ${base} on */
	uint64_t base;
	size_t begin, end;		/* what is still to be looked at */
};

struct logreader *
logreader_new(const struct log_position *start, int64_t since_ms)
{
	struct logreader *r = calloc(1, sizeof(*r));

	must(r != NULL);
	r->is_fresh = start == NULL;
	r->since_ms = since_ms;
	r->is_lost = true;
	if (start != NULL) {
		r->start = *start;
		r->position = start->offset;
		r->gap_ms = start->gap_ms;
	}
	return r;
}

void
logreader_free(struct logreader *r)
{
	if (r == NULL)
		return;
	logfile_close(&r->files);
	free(r);
}

static bool
is_same_file(int a, int b)
{
	struct stat x, y;

	return fstat(a, &x) == 0 && fstat(b, &y) == 0 &&
	    x.st_dev == y.st_dev && x.st_ino == y.st_ino;
}

/* ${n} bytes before ${offset} in ${fd}. */
static bool
read_before(int fd, uint64_t offset, char *bytes, size_t n)
{
	return n <= offset &&
	    pread(fd, bytes, n, (off_t)(offset - n)) == (ssize_t)n;
}

/* Since files were given, the bytes themselves are known. */
static bool
has_tail(const struct logreader *r, int fd)
{
	char bytes[TAIL_BYTES];

	return read_before(fd, r->position, bytes, r->tail_bytes) &&
	    memcmp(bytes, r->tail, r->tail_bytes) == 0;
}

static bool
has_start(const struct logreader *r, int fd)
{
	char bytes[TAIL_BYTES];
	struct span tail = { bytes, r->start.tail_bytes };
	uint8_t hash[DIGEST_BYTES];

	if (tail.n == 0 || tail.n > TAIL_BYTES ||
	    !read_before(fd, r->start.offset, bytes, tail.n))
		return false;
	digest_fields(&tail, 1, hash);
	return digest_equal(hash, r->start.tail, sizeof(hash));
}

static bool
is_the_place(const struct logreader *r, int fd)
{
	if (r->tail_bytes != 0)
		return has_tail(r, fd);
	if (r->files.count > 0)
		return is_same_file(r->files.fds[0], fd);
	return has_start(r, fd);
}

static void
take_tail(struct logreader *r)
{
	size_t n = r->position < TAIL_BYTES ? r->position : TAIL_BYTES;

	r->tail_bytes = read_before(r->files.fds[0], r->position, r->tail, n) ? n : 0;
}

/* Read ${files.fds[0]} from ${position} on. */
static void
go_to(struct logreader *r, uint64_t position)
{
	r->position = r->base = position;
	r->begin = r->end = 0;
	r->is_skipping = false;
	take_tail(r);
}

static bool
was_written_since(int fd, int64_t since_ms)
{
	struct stat st;

	return fstat(fd, &st) == 0 && (int64_t)st.st_mtim.tv_sec * 1000 +
	    st.st_mtim.tv_nsec / 1000000 >= since_ms;
}

/* Where to begin in ${l} if nothing was read ever: the log itself is the last one. */
static size_t
find_first(const struct logreader *r, const struct logfiles *l)
{
	size_t first = l->count - 1;

	while (first > 0 && was_written_since(l->fds[first - 1], r->since_ms))
		first--;
	return first;
}

bool
logreader_give(struct logreader *r, struct logfiles *l, int64_t now_ms)
{
	size_t first = l->count;
	bool is_found = r->is_fresh;

	if (l->count == 0)
		return true;
	while (!is_found && first > 0)
		is_found = is_the_place(r, l->fds[--first]);
	if (r->is_fresh)
		first = find_first(r, l);
	else if (!is_found)
		first = l->count - 1;
	for (size_t i = 0; i < first; i++)
		close(l->fds[i]);
	l->count -= first;
	memmove(l->fds, l->fds + first, l->count * sizeof(l->fds[0]));
	logfile_close(&r->files);
	r->files = *l;
	l->count = 0;
	if (!is_found)
		r->gap_ms = now_ms;
	go_to(r, is_found ? r->position : 0);
	r->is_fresh = r->is_lost = false;
	return is_found;
}

/* The tail, and ${n} bytes more. */
static void
add_tail(struct logreader *r, const char *bytes, size_t n)
{
	size_t keep;

	if (n > TAIL_BYTES) {
		bytes += n - TAIL_BYTES;
		n = TAIL_BYTES;
	}
	keep = r->tail_bytes < TAIL_BYTES - n ? r->tail_bytes : TAIL_BYTES - n;
	memmove(r->tail, r->tail + r->tail_bytes - keep, keep);
	memcpy(r->tail + keep, bytes, n);
	r->tail_bytes = keep + n;
}

/* The next ${n} bytes are behind us. */
static void
pass(struct logreader *r, size_t n)
{
	if (!r->is_skipping)
		add_tail(r, r->buffer + r->begin, n);
	r->begin += n;
	r->position = r->base + r->begin;
	if (r->is_skipping)
		take_tail(r);
}

/* More bytes into the buffer: false at the end of what there is. */
static bool
fill(struct logreader *r)
{
	int fd = r->files.fds[0];
	ssize_t n;

	if (r->begin > 0) {
		memmove(r->buffer, r->buffer + r->begin, r->end - r->begin);
		r->base += r->begin;
		r->end -= r->begin;
		r->begin = 0;
	}
	if (r->end == sizeof(r->buffer)) {
		r->is_skipping = true;
		r->base += r->end;
		r->end = 0;
	}
	n = pread(fd, r->buffer + r->end, sizeof(r->buffer) - r->end,
	    (off_t)(r->base + r->end));
	if (n <= 0)
		return false;
	r->end += (size_t)n;
	return true;
}

/* What was read before may be gone: then what follows it is something else. */
static bool
check(struct logreader *r)
{
	struct stat st;

	if (fstat(r->files.fds[0], &st) == 0 &&
	    (uint64_t)st.st_size >= r->base + r->end && has_tail(r, r->files.fds[0]))
		return true;
	r->is_lost = true;
	return false;
}

static bool
take_line(struct logreader *r, struct span *line)
{
	char *from = r->buffer + r->begin;
	char *newline = memchr(from, '\n', r->end - r->begin);

	if (newline == NULL)
		return false;
	*line = (struct span){ from, (size_t)(newline - from) };
	pass(r, line->n + 1);
	return true;
}

/* An older file is read to its end: on to the next. */
static void
turn(struct logreader *r)
{
	close(r->files.fds[0]);
	r->files.count--;
	memmove(r->files.fds, r->files.fds + 1,
	    r->files.count * sizeof(r->files.fds[0]));
	go_to(r, 0);
}

bool
logreader_next(struct logreader *r, struct span *line)
{
	while (!r->is_lost) {
		if (take_line(r, line)) {
			if (!r->is_skipping)
				return true;
			r->is_skipping = false;
			continue;
		}
		if (!check(r))
			break;
		if (fill(r))
			continue;
		if (r->files.count == 1)
			break;
		turn(r);
	}
	return false;
}

bool
logreader_position(const struct logreader *r, struct log_position *p)
{
	struct span tail = { r->tail, r->tail_bytes };

	if (r->tail_bytes == 0)
		return false;
	*p = (struct log_position){ .offset = r->position,
	    .tail_bytes = r->tail_bytes, .gap_ms = r->gap_ms };
	digest_fields(&tail, 1, p->tail);
	return true;
}

bool
logreader_is_lost(const struct logreader *r)
{
	return r->is_lost;
}

bool
logreader_is_reading(const struct logreader *r, int fd)
{
	return r->files.count > 0 &&
	    is_same_file(r->files.fds[r->files.count - 1], fd);
}
