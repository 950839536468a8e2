/* SPDX-License-Identifier: BSD-2-Clause */
#include "base/err.h"

#include "ledger/item.h"

#define DOCID_BYTES 27

/* kind, registered, ID, then three fields: address or queue ID, instance, record. */
#define HEAD_BYTES (2 + DOCID_BYTES)

static void
put_field(struct buffer *b, struct span s)
{
	for (int shift = 24; shift >= 0; shift -= 8)
		buffer_byte(b, (char)(s.n >> shift));
	buffer_add(b, s);
}

static bool
get_field(struct span *rest, struct span *field)
{
	size_t n = 0;

	if (rest->n < 4)
		return false;
	for (int i = 0; i < 4; i++)
		n = n << 8 | (unsigned char)rest->p[i];
	if (n > rest->n - 4)
		return false;
	*field = span_sub(*rest, 4, n);
	*rest = span_sub(*rest, 4 + n, rest->n);
	return true;
}

static struct span
print_record(struct arena *a, const struct item *item)
{
	switch (item->kind) {
	case ITEM_DOCUMENT: return record_print_document(a, item->document);
	case ITEM_RECIPIENT: return record_print_recipient(a, item->recipient);
	case ITEM_EVIDENCE: return record_print_evidence(a, item->evidence);
	case ITEM_FOLLOWED:
	case ITEM_FORGET_FOLLOWED: return record_print_followed(a, item->followed);
	default: return (struct span){ NULL, 0 };
	}
}

void
item_print(struct buffer *b, const struct item *item)
{
	const struct followed *f = item->followed;

	buffer_byte(b, (char)item->kind);
	buffer_byte(b, (char)item->is_registered);
	buffer_add(b, record_print_docid(b->arena, &item->id));
	put_field(b, f != NULL ? f->queue_id : item->address);
	put_field(b, f != NULL ? f->instance : (struct span){ NULL, 0 });
	put_field(b, print_record(b->arena, item));
}

#define FOLLOWED_NAME_MAX 400	/* they are a key: LMDB's have 511 bytes at most */

static int
parse_followed(struct arena *a, struct span instance, struct span record,
    struct item *item)
{
	struct followed *f = ARENA_NEW(a, struct followed);

	if (record_parse_followed(a, record, f) < 0)
		return -1;
	f->queue_id = item->address;
	f->instance = instance;
	if (f->queue_id.n + instance.n > FOLLOWED_NAME_MAX ||
	    span_find_byte(f->queue_id, '\0') != f->queue_id.n ||
	    span_find_byte(instance, '\0') != instance.n)
		return -1;
	item->followed = f;
	return 0;
}

static int
parse_record(struct arena *a, struct span instance, struct span record,
    struct item *item)
{
	struct document *d;
	struct recipient_record *r;
	struct evidence *ev;

	switch (item->kind) {
	case ITEM_DOCUMENT:
		item->document = d = ARENA_NEW(a, struct document);
		return record_parse_document(a, record, d);
	case ITEM_RECIPIENT:
		item->recipient = r = ARENA_NEW(a, struct recipient_record);
		return record_parse_recipient(a, record, r);
	case ITEM_EVIDENCE:
		item->evidence = ev = ARENA_NEW(a, struct evidence);
		return record_parse_evidence(a, record, ev);
	case ITEM_FOLLOWED:
	case ITEM_FORGET_FOLLOWED:
		return parse_followed(a, instance, record, item);
	case ITEM_FORGET_DOCUMENT:
	case ITEM_ERASE_RECIPIENT:
		return 0;
	default:
		return -1;
	}
}

static int
parse_one(struct arena *a, struct span *rest, struct item *item)
{
	struct span address, instance, record;

	*item = (struct item){ .kind = ITEM_KIND_END };
	if (rest->n < HEAD_BYTES || record_parse_docid(span_sub(*rest, 2,
	    DOCID_BYTES), &item->id) < 0)
		return -1;
	item->kind = (enum item_kind)rest->p[0];
	item->is_registered = rest->p[1] != 0;
	*rest = span_sub(*rest, HEAD_BYTES, rest->n);
	if (!get_field(rest, &address) || !get_field(rest, &instance) ||
	    !get_field(rest, &record))
		return -1;
	item->address = arena_copy(a, address);
	return parse_record(a, arena_copy(a, instance), record, item);
}

int
items_parse(struct arena *a, struct span bytes, struct item **list, size_t *count,
    struct err *e)
{
	struct span rest = bytes;
	size_t size = 0;

	*list = NULL;
	*count = 0;
	while (rest.n != 0) {
		if (*count == size) {
			*list = arena_grow(a, *list, size * sizeof(**list),
			    (2 * size + 64) * sizeof(**list));
			size = 2 * size + 64;
		}
		if (parse_one(a, &rest, &(*list)[*count]) < 0)
			return err_set(e, "record %zu of the list makes no "
			    "sense; are milterctl and milterd of one version?",
			    *count + 1);
		++*count;
	}
	return 0;
}
