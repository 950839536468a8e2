/* SPDX-License-Identifier: BSD-2-Clause */
#include <string.h>

#include "base/buffer.h"
#include "mail/charset.h"

#include "extract/finding.h"
#include "wire_internal.h"

struct open {
	size_t index;		/* in the list */
	size_t inside;		/* documents in it so far */
	struct buffer text;
};

struct reader {
	struct arena *arena;
	const struct finding_limits *limits;
	struct findings *findings;
	size_t size;		/* room in the list */
	size_t text_left;
	struct open *stack;
	size_t depth;		/* how many are open */
	enum part_reason fate;
};

static struct finding *
finding_add(struct reader *r)
{
	struct findings *f = r->findings;
	size_t size = r->size * 2 + 4;

	if (f->count == r->size) {
		f->list = arena_grow(r->arena, f->list, r->size * sizeof(*f->list),
		    size * sizeof(*f->list));
		r->size = size;
	}
	memset(&f->list[f->count], 0, sizeof(*f->list));
	return &f->list[f->count++];
}

static const char *
path_of(struct reader *r)
{
	struct open *around;
	const char *path;

	if (r->depth == 0)
		return "";
	around = &r->stack[r->depth - 1];
	path = r->findings->list[around->index].path;
	around->inside++;
	return arena_print(r->arena, "%s%s%zu", path, path[0] != '\0' ? "/" : "",
	    around->inside);
}

static struct span
readable(struct reader *r, struct span bytes)
{
	return charset_decode(r->arena, span_of("utf-8"), arena_copy(r->arena, bytes),
	    NULL);
}

static bool
document_open(struct reader *r, struct span record)
{
	size_t nul, most = r->limits->depth + 2;
	struct finding *f;
	uint64_t size;

	if (r->depth == most || (r->depth == 0 && r->findings->count != 0) ||
	    r->findings->count > r->limits->members || record.n < sizeof(size))
		return false;
	memcpy(&size, record.p, sizeof(size));
	record = span_sub(record, sizeof(size), record.n);
	if ((nul = span_find_byte(record, '\0')) == record.n)
		return false;
	f = finding_add(r);
	f->path = path_of(r);
	f->size = size;
	f->type = arena_string(r->arena, readable(r, span_sub(record, 0, nul)));
	f->name = readable(r, span_sub(record, nul + 1, record.n));
	r->stack[r->depth++] = (struct open){ .index = r->findings->count - 1,
	    .text = { .arena = r->arena } };
	return true;
}

static bool
text_add(struct reader *r, struct span text)
{
	if (r->depth == 0 || text.n > r->text_left)
		return false;
	r->text_left -= text.n;
	buffer_add(&r->stack[r->depth - 1].text, text);
	return true;
}

static void
close_innermost(struct reader *r, enum part_reason reason)
{
	struct open *o = &r->stack[--r->depth];
	struct finding *f = &r->findings->list[o->index];

	f->text = readable(r, buffer_span(&o->text));
	f->reason = reason;
}

static bool
take_reason(struct span record, enum part_reason *reason)
{
	uint32_t word;

	if (record.n != sizeof(word))
		return false;
	memcpy(&word, record.p, sizeof(word));
	*reason = (enum part_reason)word;
	return word == PART_READ || part_reason_name(*reason) != NULL;
}

static bool
take_record(struct reader *r, uint32_t kind, struct span record)
{
	enum part_reason reason;

	switch (kind) {
	case WIRE_OPEN:
		return document_open(r, record);
	case WIRE_TEXT:
		return text_add(r, record);
	case WIRE_CLOSE:
		if (r->depth == 0 || !take_reason(record, &reason))
			return false;
		close_innermost(r, reason);
		return true;
	case WIRE_FATE:
		return take_reason(record, &r->fate);
	default:
		return false;
	}
}

static void
take_stream(struct reader *r, struct span stream)
{
	struct wire_record head;

	while (stream.n >= sizeof(head)) {
		memcpy(&head, stream.p, sizeof(head));
		stream = span_sub(stream, sizeof(head), stream.n);
		if (head.length > stream.n ||
		    !take_record(r, head.kind, span_sub(stream, 0, head.length))) {
			r->fate = PART_HELPER;
			return;
		}
		stream = span_sub(stream, head.length, stream.n);
	}
}

void
findings_read(struct arena *a, struct span stream, const struct finding_limits *limits,
    struct findings *f)
{
	struct reader r = { .arena = a, .limits = limits, .findings = f,
	    .text_left = limits->text_bytes, .fate = PART_HELPER };

	memset(f, 0, sizeof(*f));
	r.stack = ARENA_ARRAY(a, struct open, limits->depth + 2);
	take_stream(&r, stream);
	if (r.fate == PART_READ)
		r.fate = PART_HELPER;	/* it ended well, yet not at the end */
	if (f->count == 0) {
		*finding_add(&r) = (struct finding){ .path = "", .type =
		    "application/octet-stream", .reason = r.fate };
		return;
	}
	while (r.depth != 0)
		close_innermost(&r, r.fate);
}
