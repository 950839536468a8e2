/* SPDX-License-Identifier: BSD-2-Clause */
#include <string.h>

#include "base/buffer.h"
#include "base/err.h"
#include "ledger/record.h"
#include "ledger/store.h"

#include "ledger/follow.h"
#include "index_internal.h"

/* A log's times are whole seconds, and not written in the order of events. */
#define SLACK_MS 5000
/* A notice is dated when it is made, shortly after the queue file may be gone. */
#define NOTICE_SLACK_MS 60000

/* queue ID, NUL, instance, NUL, begun: those of one name follow each other in time. */
static struct span
key_followed(struct arena *a, struct span queue_id, struct span instance,
    int64_t begun_ms)
{
	struct buffer b = { .arena = a };

	buffer_add(&b, queue_id);
	buffer_byte(&b, '\0');
	buffer_add(&b, instance);
	buffer_byte(&b, '\0');
	for (int shift = 56; shift >= 0; shift -= 8)
		buffer_byte(&b, (char)((uint64_t)begun_ms >> shift));
	return buffer_span(&b);
}

static bool
has_prefix(struct span s, struct span prefix)
{
	return span_equal(span_sub(s, 0, prefix.n), prefix);
}

/* End a reading transaction that went ${rc}. */
static int
end(struct store_txn *t, int rc, struct err *e)
{
	if (rc < 0)
		store_commit(t, e);
	else
		store_abort(t);
	return rc < 0 ? -1 : rc;
}

static int
find(struct store_txn *t, struct arena *a, struct span queue_id,
    struct span instance, int64_t at_ms, struct followed *f)
{
	struct span key = key_followed(a, queue_id, instance, at_ms + SLACK_MS);
	struct store_cursor *c = store_seek(t, TABLE_FOLLOWED, key, true);
	struct span found, value;
	int rc = store_step(c, &found, &value);

	if (rc == 1 && (found.n != key.n ||
	    !has_prefix(found, span_sub(key, 0, key.n - 8))))
		rc = 0;
	if (rc == 1 && record_parse_followed(a, value, f) < 0) {
		store_spoil(t);
		rc = -1;
	}
	store_cursor_end(c);
	if (rc != 1)
		return rc;
	f->queue_id = arena_copy(a, queue_id);
	f->instance = arena_copy(a, instance);
	return f->ended_ms == 0 || at_ms <= f->ended_ms + SLACK_MS;
}

int
follow_find(struct store *s, struct arena *a, struct span queue_id,
    struct span instance, int64_t at_ms, struct followed *f, struct err *e)
{
	struct store_txn *t = store_begin(s, false, e);

	return t != NULL ?
	    end(t, find(t, a, queue_id, instance, at_ms, f), e) : -1;
}

static bool
is_same_message(struct arena *a, const struct follow_query *q,
    const struct document *d)
{
	struct span named = q->message_id;

	if (span_is(d->action, "reject") || span_is(d->action, "discard"))
		return false;
	if (!q->has_message_id)
		return true;
	if (span_is(named, "<>"))
		named.n = 0;
	return span_equal(key_index(a, TABLE_MESSAGE_ID, named),
	    key_index(a, TABLE_MESSAGE_ID, d->message_id));
}

/* When ${r} of ${d} came with that queue ID; 0 = it did not. */
static int64_t
attempt_ms(const struct recipient_record *r, const struct document *d,
    struct span queue_id)
{
	if (r->attempt_count == 0)	/* as versions before wrote it */
		return span_equal(d->queue_id, queue_id) ? d->seen_ms : 0;
	return record_attempt_ms(r, queue_id);
}

/* When the document was registered under that queue ID; 0 = it was not. */
static int
registered_ms(struct store_txn *t, struct arena *a, const struct document *d,
    struct span queue_id, int64_t *ms)
{
	struct span prefix = key_document(a, d->id.uuid), key, value;
	struct store_cursor *c = store_seek(t, TABLE_RECIPIENTS, prefix, false);
	struct recipient_record r;
	int rc = 0;

	*ms = 0;
	while (*ms == 0 && (rc = store_step(c, &key, &value)) == 1 &&
	    has_prefix(key, prefix))
		if (record_parse_recipient(a, value, &r) == 0)
			*ms = attempt_ms(&r, d, queue_id);
	store_cursor_end(c);
	return rc < 0 ? -1 : 0;
}

static int
join(struct store_txn *t, struct arena *a, const struct follow_query *q,
    struct docid *id)
{
	struct span index = key_index(a, TABLE_QUEUE_ID, q->queue_id), key, uuid;
	struct store_cursor *c = store_seek(t, TABLE_QUEUE_ID, index, false);
	int64_t latest = 0, ms;
	int rc;

	while ((rc = store_step(c, &key, &uuid)) == 1 && span_equal(key, index)) {
		struct document d;
		struct span value;

		rc = store_get(t, TABLE_DOCUMENTS, arena_copy(a, uuid), &value);
		if (rc < 0)
			break;
		if (rc == 0 || record_parse_document(a, value, &d) < 0 ||
		    !is_same_message(a, q, &d))
			continue;
		rc = registered_ms(t, a, &d, q->queue_id, &ms);
		if (rc < 0)
			break;
		if (ms < q->from_ms || ms > q->to_ms || ms <= latest)
			continue;
		latest = ms;
		*id = d.id;
	}
	store_cursor_end(c);
	return rc < 0 ? -1 : latest != 0;
}

int
follow_join(struct store *s, const struct follow_query *q, struct docid *id,
    struct err *e)
{
	struct arena *a = arena_new();
	struct store_txn *t = store_begin(s, false, e);
	int rc = t != NULL ? end(t, join(t, a, q, id), e) : -1;

	arena_free(a);
	return rc;
}

static bool
is_done(const struct evidence *ev)
{
	return ev->code == CODE_SENT_NEXT_HOP || ev->code == CODE_SENT_LOCAL ||
	    ev->code == CODE_BOUNCED;
}

static bool
is_status(const struct evidence *ev)
{
	return ev->source == SOURCE_LOG &&
	    (is_done(ev) || ev->code == CODE_DEFERRED);
}

/* What the log said of a recipient since ${from_ms}. */
static int
read_statuses(struct store_txn *t, struct arena *a, struct span recipient_key,
    int64_t from_ms, struct followed_recipient *r)
{
	struct evidence *list;
	size_t n, damaged;

	if (load_evidence(t, a, recipient_key, &list, &n, &damaged) < 0)
		return -1;
	for (size_t i = 0; i < n; i++) {
		if (list[i].source != SOURCE_LOG ||
		    list[i].claimed_ms < from_ms - SLACK_MS)
			continue;
		r->codes |= FOLLOW_CODE(list[i].code);
		if (!is_status(&list[i]))
			continue;
		r->has_status = true;
		r->is_done |= is_done(&list[i]);
		if (list[i].claimed_ms >= r->last.claimed_ms)
			r->last = list[i];
	}
	return 0;
}

/* Versions before did not note it. */
static bool
came_with(const struct recipient_record *r, struct span queue_id)
{
	return r->attempt_count == 0 || record_attempt_ms(r, queue_id) != 0;
}

struct recipients {
	struct followed_recipient *list;
	size_t count, size;
};

static struct followed_recipient *
add_recipient(struct arena *a, struct recipients *rs, struct span address)
{
	if (rs->count == rs->size) {
		size_t size = 2 * rs->size + 8;

		rs->list = arena_grow(a, rs->list, rs->size * sizeof(*rs->list),
		    size * sizeof(*rs->list));
		rs->size = size;
	}
	rs->list[rs->count] = (struct followed_recipient){ .address = address };
	return &rs->list[rs->count++];
}

static int
read_recipients(struct store_txn *t, struct arena *a, const struct docid *id,
    struct span queue_id, int64_t begun_ms, struct recipients *rs)
{
	struct span prefix = key_document(a, id->uuid), key, value;
	struct store_cursor *c = store_seek(t, TABLE_RECIPIENTS, prefix, false);
	struct recipient_record r;
	int rc;

	while ((rc = store_step(c, &key, &value)) == 1 && has_prefix(key, prefix)) {
		if (record_parse_recipient(a, value, &r) < 0 ||
		    !came_with(&r, queue_id))
			continue;
		rc = read_statuses(t, a, arena_copy(a, key), begun_ms,
		    add_recipient(a, rs, r.addressee.address));
		if (rc < 0)
			break;
	}
	store_cursor_end(c);
	return rc < 0 ? -1 : 0;
}

int
follow_recipients(struct store *s, struct arena *a, const struct followed *f,
    struct followed_recipient **list, size_t *count, struct err *e)
{
	struct store_txn *t = store_begin(s, false, e);
	struct recipients rs = { .count = 0 };
	int rc;

	if (t == NULL)
		return -1;
	rc = end(t, read_recipients(t, a, &f->id, f->queue_id, f->begun_ms, &rs), e);
	*list = rs.list;
	*count = rs.count;
	return rc;
}

int
follow_recipient(struct store *s, struct arena *a, const struct followed *f,
    struct span address, struct followed_recipient *r, struct err *e)
{
	struct store_txn *t = store_begin(s, false, e);
	struct span key = key_recipient(a, f->id.uuid, address), value;
	int rc;

	if (t == NULL)
		return -1;
	*r = (struct followed_recipient){ .address = address };
	rc = store_get(t, TABLE_RECIPIENTS, key, &value);
	if (rc == 1 && read_statuses(t, a, key, f->begun_ms, r) < 0)
		rc = -1;
	return end(t, rc, e);
}

int
follow_position(struct store *s, struct log_position *p, struct err *e)
{
	struct arena *a = arena_new();
	struct store_txn *t = store_begin(s, false, e);
	struct span value;
	int rc = -1;

	if (t != NULL) {
		rc = store_get(t, TABLE_META, span_of("log_position"), &value);
		/* Damaged: as if it never was; what is read twice counts once. */
		if (rc == 1 && record_parse_position(a, value, p) < 0)
			rc = 0;
		rc = end(t, rc, e);
	}
	arena_free(a);
	return rc;
}

/* A UUIDv7 begins with its time. */
int
follow_since(struct store *s, int64_t *since_ms, struct err *e)
{
	struct store_txn *t = store_begin(s, false, e);
	struct store_cursor *c;
	struct span key, value;
	int rc;

	if (t == NULL)
		return -1;
	c = store_seek(t, TABLE_DOCUMENTS, (struct span){ "", 1 }, false);
	rc = store_step(c, &key, &value);
	if (rc == 1)
		*since_ms = 0;
	for (size_t i = 0; rc == 1 && i < 6 && i < key.n; i++)
		*since_ms = *since_ms << 8 | (uint8_t)key.p[i];
	store_cursor_end(c);
	return end(t, rc, e);
}

static int
is_recipient_of(struct store_txn *t, struct arena *a, const struct docid *id,
    struct span queue_id, struct span recipient)
{
	struct recipient_record r;
	struct span value;
	int rc = store_get(t, TABLE_RECIPIENTS,
	    key_recipient(a, id->uuid, recipient), &value);

	if (rc != 1)
		return rc;
	return record_parse_recipient(a, value, &r) == 0 && came_with(&r, queue_id);
}

/* Of the messages that had this name, the one of that time. */
static int
find_at(struct store_txn *t, struct arena *a, struct span queue_id,
    int64_t at_ms, struct followed *f)
{
	struct span prefix = arena_copy(a, queue_id), key, value;
	struct store_cursor *c;
	struct followed one;
	int rc, found = 0;

	prefix.n++;		/* with the NUL behind it */
	c = store_seek(t, TABLE_FOLLOWED, prefix, false);
	while ((rc = store_step(c, &key, &value)) == 1 && has_prefix(key, prefix)) {
		if (record_parse_followed(a, value, &one) < 0 ||
		    at_ms < one.begun_ms - SLACK_MS || (one.ended_ms != 0 &&
		    at_ms > one.ended_ms + NOTICE_SLACK_MS))
			continue;
		*f = one;
		found = 1;
	}
	store_cursor_end(c);
	return rc < 0 ? -1 : found;
}

int
query_followed(struct store *s, struct span queue_id, struct span recipient,
    int64_t at_ms, struct docid *id, enum evidence_trust *trust, struct err *e)
{
	struct arena *a = arena_new();
	struct store_txn *t = store_begin(s, false, e);
	struct followed f;
	int rc = -1;

	if (t != NULL) {
		rc = find_at(t, a, queue_id, at_ms, &f);
		if (rc == 1)
			rc = is_recipient_of(t, a, &f.id, queue_id, recipient);
		rc = end(t, rc, e);
	}
	arena_free(a);
	if (rc != 1)
		return rc;
	*id = f.id;
	*trust = f.trust;
	return 1;
}

/* Who was not done in the queue before goes on under the new name. */
static int
move_recipients(struct store_txn *t, struct arena *a, const struct followed *f)
{
	struct recipients rs = { .count = 0 };

	if (read_recipients(t, a, &f->id, f->origin_id, 0, &rs) < 0)
		return -1;
	for (size_t i = 0; i < rs.count; i++) {
		struct span key = key_recipient(a, f->id.uuid, rs.list[i].address);
		struct recipient_record r;
		struct span value;

		if (rs.list[i].is_done ||
		    store_get(t, TABLE_RECIPIENTS, key, &value) != 1 ||
		    record_parse_recipient(a, value, &r) < 0 ||
		    !record_add_attempt(&r, f->queue_id, f->begun_ms))
			continue;
		if (store_put(t, TABLE_RECIPIENTS, key,
		    record_print_recipient(a, &r)) < 0)
			return -1;
	}
	return store_put(t, TABLE_QUEUE_ID, key_index(a, TABLE_QUEUE_ID, f->queue_id),
	    key_document(a, f->id.uuid));
}

int
follow_put(struct store_txn *t, struct arena *a, const struct followed *f)
{
	if (f->origin_id.n != 0 && move_recipients(t, a, f) < 0)
		return -1;
	return store_put(t, TABLE_FOLLOWED,
	    key_followed(a, f->queue_id, f->instance, f->begun_ms),
	    record_print_followed(a, f));
}

int
follow_add(struct store_txn *t, struct arena *a, const struct followed *f)
{
	return store_add(t, TABLE_FOLLOWED,
	    key_followed(a, f->queue_id, f->instance, f->begun_ms),
	    record_print_followed(a, f));
}

int
follow_forget(struct store_txn *t, struct arena *a, const struct followed *f)
{
	return store_delete(t, TABLE_FOLLOWED,
	    key_followed(a, f->queue_id, f->instance, f->begun_ms),
	    (struct span){ NULL, 0 });
}

int
follow_put_position(struct store_txn *t, struct arena *a, const struct log_position *p)
{
	return store_put(t, TABLE_META, span_of("log_position"),
	    record_print_position(a, p));
}
