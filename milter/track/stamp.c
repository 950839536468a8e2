/* SPDX-License-Identifier: BSD-2-Clause */
#include <stdint.h>
#include <string.h>

#include "base/buffer.h"

#include "track/keyring.h"

#include "track/stamp.h"

/* Ours and a foreign hand's may differ in case or hyphens: compare the ID. */
static bool
stamp_read(struct span value, struct docid *id)
{
	return docid_parse(span_trim(value), id);
}

static bool
docid_equal(const struct docid *a, const struct docid *b)
{
	return a->key == b->key &&
	    memcmp(a->uuid, b->uuid, sizeof(a->uuid)) == 0 &&
	    memcmp(a->tag, b->tag, sizeof(a->tag)) == 0;
}

bool
stamp_find(const struct keyring *k, const struct headers *h, const char *header_name,
    struct docid *id)
{
	struct docid read;

	for (size_t i = 0; i < h->count; i++) {
		if (!span_is(h->list[i].name, header_name) ||
		    !stamp_read(h->list[i].value, &read) ||
		    !docid_verify(k, &read))
			continue;
		*id = read;
		return true;
	}
	return false;
}

static void
edits_add(struct edits *edits, struct edit edit)
{
	edits->list[edits->count++] = edit;
}

/* Is the ${i}th field the stamp in force? */
static bool
is_in_force(const struct stamp_facts *f, size_t i)
{
	const struct header *field = &f->headers->list[i];
	struct docid read;

	return f->id != NULL && span_is(field->name, f->header_name) &&
	    stamp_read(field->value, &read) && docid_equal(&read, f->id);
}

static size_t
count_stamps(const struct stamp_facts *f, size_t *kept)
{
	size_t n = 0;

	*kept = SIZE_MAX;
	for (size_t i = 0; i < f->headers->count; i++) {
		n += span_is(f->headers->list[i].name, f->header_name);
		if (*kept == SIZE_MAX && is_in_force(f, i))
			*kept = i;
	}
	return n;
}

/* From the last one up, so that no deletion moves the index of a later one. */
static void
delete_stamps(const struct stamp_facts *f, size_t n, size_t kept, struct edits *edits)
{
	for (size_t i = f->headers->count; i-- > 0;) {
		if (!span_is(f->headers->list[i].name, f->header_name))
			continue;
		if (i != kept)
			edits_add(edits, (struct edit){ EDIT_DELETE_HEADER,
			    .name = f->header_name, .index = n });
		n--;
	}
}

/* RFC 3461 4.3, 4.4: a notice must not carry the document back, and must name it. */
static void
change_sender(struct arena *a, const struct stamp_facts *f, const char *text,
    struct edits *edits)
{
	struct edit edit = { EDIT_CHANGE_SENDER, .name = NULL };

	if (f->envelope_id.n != 0 && span_is(f->ret, "HDRS"))
		return;
	edit.value = arena_print(a, "<%.*s>", SPAN_PRINT(f->raw_sender));
	edit.arguments = arena_print(a, "ENVID=%s RET=HDRS",
	    f->envelope_id.n != 0 ? stamp_xtext_encode(a, f->envelope_id) : text);
	edits_add(edits, edit);
}

void
stamp_plan(struct arena *a, const struct stamp_facts *facts, struct edits *edits)
{
	char *text = arena_alloc(a, DOCID_TEXT_SIZE);
	size_t kept, n = count_stamps(facts, &kept);

	*edits = (struct edits){ ARENA_ARRAY(a, struct edit, n + 3), 0 };
	delete_stamps(facts, n, kept, edits);
	if (facts->id == NULL)
		return;
	docid_print(facts->id, text);
	change_sender(a, facts, text, edits);
	if (header_find(facts->headers, "Message-ID", 0) == NULL)
		edits_add(edits, (struct edit){ EDIT_INSERT_HEADER,
		    .name = "Message-ID", .index = 1,
		    .value = arena_print(a, "<%s@%s>", text, facts->hostname) });
	if (kept == SIZE_MAX)
		edits_add(edits, (struct edit){ EDIT_INSERT_HEADER,
		    .name = facts->header_name, .index = 1, .value = text });
}

static int
hex_value(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c |= 0x20;
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

static bool
is_plain(char c)
{
	return c > 32 && c < 127 && c != '+' && c != '=';
}

struct span
stamp_xtext_decode(struct arena *a, struct span text)
{
	char *out = arena_alloc(a, text.n + 1);
	size_t n = 0;

	for (size_t i = 0; i < text.n; i++) {
		int high, low;

		/* "=" is none of xtext, but clients write it and nothing is lost. */
		if (is_plain(text.p[i]) || text.p[i] == '=') {
			out[n++] = text.p[i];
			continue;
		}
		if (text.p[i] != '+' || text.n - i < 3 ||
		    (high = hex_value(text.p[i + 1])) < 0 ||
		    (low = hex_value(text.p[i + 2])) < 0)
			return text;
		out[n++] = (char)(high << 4 | low);
		i += 2;
	}
	return (struct span){ out, n };
}

const char *
stamp_xtext_encode(struct arena *a, struct span text)
{
	struct buffer b = { .arena = a };

	for (size_t i = 0; i < text.n; i++) {
		if (is_plain(text.p[i]))
			buffer_byte(&b, text.p[i]);
		else
			buffer_print(&b, "+%02X", (unsigned char)text.p[i]);
	}
	return buffer_string(&b);
}
