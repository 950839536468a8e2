/* SPDX-License-Identifier: BSD-2-Clause */
#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/err.h"
#include "extract/format.h"

#include "extract/sink.h"
#include "wire_internal.h"

/* What small documents may unpack to in any case: markup compresses well. */
#define RATIO_FREE_BYTES ((size_t)8 << 20)

/* What a document and all inside it share. */
struct output {
	int fd;
	bool is_dead;		/* the fd does not take it */
	size_t text_left;
	size_t unpacked_left;
	size_t ratio;
	size_t members_left;
	size_t depth_left;
	size_t pending;		/* bytes of records not yet written */
	size_t text_at;		/* where the last record begins */
	bool has_text;		/* it is text, and may grow */
	char records[WIRE_BYTES];
};

struct sink {
	struct output *output;
	enum part_reason reason;
	bool has_line;		/* the text does not end with a line end */
};

struct sink *
sink_new(int fd, const struct sink_limits *limits)
{
	struct sink *s = calloc(1, sizeof(*s));

	must(s != NULL);
	s->output = calloc(1, sizeof(*s->output));
	must(s->output != NULL);
	s->output->fd = fd;
	s->output->text_left = limits->text_bytes;
	s->output->unpacked_left = limits->unpacked_bytes;
	s->output->ratio = limits->ratio;
	s->output->members_left = limits->members;
	s->output->depth_left = limits->depth;
	return s;
}

void
sink_free(struct sink *s)
{
	if (s == NULL)
		return;
	free(s->output);
	free(s);
}

static int
write_all(struct output *o, const void *bytes, size_t n)
{
	const char *p = bytes;
	ssize_t done;

	while (n != 0 && !o->is_dead) {
		done = write(o->fd, p, n);
		if (done < 0 && errno == EINTR)
			continue;
		if (done <= 0) {
			o->is_dead = true;
			break;
		}
		p += done;
		n -= (size_t)done;
	}
	return o->is_dead ? -1 : 0;
}

/* A small document costs its reader one wake-up. */
static int
flush(struct output *o)
{
	size_t n = o->pending;

	o->pending = 0;
	o->has_text = false;
	return write_all(o, o->records, n);
}

static int
add_record(struct output *o, enum wire_kind kind, const void *bytes, size_t n)
{
	struct wire_record r = { kind, (uint32_t)n };

	must(sizeof(r) + n <= sizeof(o->records));
	if (sizeof(r) + n > sizeof(o->records) - o->pending && flush(o) < 0)
		return -1;
	o->text_at = o->pending;
	o->has_text = kind == WIRE_TEXT;
	memcpy(o->records + o->pending, &r, sizeof(r));
	memcpy(o->records + o->pending + sizeof(r), bytes, n);
	o->pending += sizeof(r) + n;
	return 0;
}

/* More text: a longer record, if the last one is text and there is room. */
static int
add_text(struct output *o, struct span text)
{
	struct wire_record r;

	if (!o->has_text || text.n > sizeof(o->records) - o->pending)
		return add_record(o, WIRE_TEXT, text.p, text.n);
	memcpy(&r, o->records + o->text_at, sizeof(r));
	r.length += (uint32_t)text.n;
	memcpy(o->records + o->text_at, &r, sizeof(r));
	memcpy(o->records + o->pending, text.p, text.n);
	o->pending += text.n;
	return 0;
}

static int
open_document(struct output *o, struct span name, const char *type, uint64_t size)
{
	char record[sizeof(size) + 2 * WIRE_NAME_BYTES];
	size_t n = sizeof(size), length = strlen(type) + 1;

	must(length <= WIRE_NAME_BYTES);
	name = span_sub(name, 0, WIRE_NAME_BYTES);
	memcpy(record, &size, sizeof(size));
	memcpy(record + n, type, length);
	n += length;
	if (name.n != 0)
		memcpy(record + n, name.p, name.n);
	return add_record(o, WIRE_OPEN, record, n + name.n);
}

static int
close_document(struct output *o, enum part_reason reason)
{
	uint32_t word = reason;

	return add_record(o, WIRE_CLOSE, &word, sizeof(word));
}

int
sink_text(struct sink *s, struct span utf8)
{
	struct output *o = s->output;
	struct span now;

	if (utf8.n == 0)
		return o->is_dead ? -1 : 0;
	if (utf8.n > o->text_left) {
		sink_reason(s, PART_SIZE);
		utf8 = span_sub(utf8, 0, o->text_left);
		o->text_left = 0;
	} else
		o->text_left -= utf8.n;
	for (; utf8.n != 0 && !o->is_dead; utf8 = span_sub(utf8, now.n, utf8.n)) {
		now = span_sub(utf8, 0, WIRE_TEXT_BYTES);
		add_text(o, now);
		s->has_line = now.p[now.n - 1] != '\n';
	}
	return o->is_dead || s->reason == PART_SIZE ? -1 : 0;
}

int
sink_break(struct sink *s)
{
	return s->has_line ? sink_text(s, (struct span){ "\n", 1 }) : 0;
}

int
sink_flush(struct sink *s)
{
	return flush(s->output);
}

int
sink_unpacked(struct sink *s, size_t n)
{
	struct output *o = s->output;

	if (n > o->unpacked_left) {
		o->unpacked_left = 0;
		sink_reason(s, PART_SIZE);
		return -1;
	}
	o->unpacked_left -= n;
	return 0;
}

size_t
sink_room(const struct sink *s)
{
	return s->output->unpacked_left;
}

void
sink_reason(struct sink *s, enum part_reason reason)
{
	if (s->reason == PART_READ)
		s->reason = reason;
}

/* Pictures, sounds, films and fonts have no text to miss. */
static bool
is_opaque(const char *type)
{
	static const char *const kinds[] = { "image/", "audio/", "video/", "font/" };
	size_t i;

	for (i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
		if (strncmp(type, kinds[i], strlen(kinds[i])) == 0)
			return true;
	return false;
}

/* Read ${bytes}, which are open as a document: why not wholly. */
static enum part_reason
read_document(struct output *o, const struct format *f, const char *type,
    struct span bytes)
{
	struct sink s = { .output = o };

	if (f == NULL)
		return bytes.n == 0 || is_opaque(type) ? PART_READ : PART_UNSUPPORTED;
	errno = 0;
	if (f->extract(bytes, &s) < 0)
		sink_reason(&s, errno == ENOMEM ? PART_MEMORY : PART_DAMAGED);
	return s.reason;
}

static int
document(struct output *o, struct span name, struct span bytes)
{
	const char *type;
	const struct format *f = format_find(bytes, name, &type);

	if (open_document(o, name, type, bytes.n) < 0)
		return -1;
	return close_document(o, read_document(o, f, type, bytes));
}

int
sink_document(struct sink *s, struct span name, struct span bytes)
{
	struct output *o = s->output;
	size_t most;

	if (__builtin_mul_overflow(bytes.n, o->ratio, &most))
		most = o->unpacked_left;
	if (most < RATIO_FREE_BYTES)
		most = RATIO_FREE_BYTES;
	if (o->unpacked_left > most)
		o->unpacked_left = most;
	return document(o, name, bytes) < 0 ? -1 : flush(o);
}

/* One more inside: is there room for it? */
static int
take_member(struct sink *s)
{
	struct output *o = s->output;

	if (o->is_dead)
		return -1;
	if (o->members_left == 0) {
		sink_reason(s, PART_SIZE);
		return -1;
	}
	o->members_left--;
	return 0;
}

int
sink_member(struct sink *s, struct span name, struct span bytes)
{
	struct output *o = s->output;
	int rc;

	if (o->depth_left == 0)
		return sink_member_unread(s, name, bytes.n, PART_DEPTH);
	/* What was found so far is safe, whatever becomes of the member. */
	if (take_member(s) < 0 || flush(o) < 0)
		return -1;
	o->depth_left--;
	rc = document(o, name, bytes);
	o->depth_left++;
	return rc;
}

int
sink_member_unread(struct sink *s, struct span name, size_t size,
    enum part_reason reason)
{
	if (take_member(s) < 0)
		return -1;
	if (open_document(s->output, name, "application/octet-stream", size) < 0)
		return -1;
	return close_document(s->output, reason);
}
