/* SPDX-License-Identifier: BSD-2-Clause */
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "base/digest.h"
#include "base/err.h"

#include "extract/cache.h"

#define BUCKETS 1024

/* One document; its findings live in its arena. */
struct entry {
	uint8_t key[DIGEST_BYTES];
	struct entry *next;			/* of its bucket */
	struct entry *newer, *older;
	struct arena *arena;
	struct findings found;
	size_t size;
	size_t text_bytes;
};

struct cache {
	pthread_mutex_t lock;
	struct entry *buckets[BUCKETS];
	struct entry *newest, *oldest;
	size_t size, limit;
};

struct cache *
cache_new(size_t bytes)
{
	struct cache *c = calloc(1, sizeof(*c));

	must(c != NULL);
	c->limit = bytes;
	pthread_mutex_init(&c->lock, NULL);
	return c;
}

static void
entry_free(struct entry *e)
{
	arena_free(e->arena);
	free(e);
}

void
cache_free(struct cache *c)
{
	struct entry *e, *older;

	if (c == NULL)
		return;
	for (e = c->newest; e != NULL; e = older) {
		older = e->older;
		entry_free(e);
	}
	pthread_mutex_destroy(&c->lock);
	free(c);
}

static struct entry **
bucket_of(struct cache *c, const uint8_t key[DIGEST_BYTES])
{
	return &c->buckets[(key[0] | key[1] << 8) % BUCKETS];
}

static struct entry *
find(struct cache *c, const uint8_t key[DIGEST_BYTES])
{
	struct entry *e;

	for (e = *bucket_of(c, key); e != NULL; e = e->next)
		if (memcmp(e->key, key, DIGEST_BYTES) == 0)
			return e;
	return NULL;
}

static void
unlink_age(struct cache *c, struct entry *e)
{
	*(e->newer != NULL ? &e->newer->older : &c->newest) = e->older;
	*(e->older != NULL ? &e->older->newer : &c->oldest) = e->newer;
}

static void
link_newest(struct cache *c, struct entry *e)
{
	e->newer = NULL;
	e->older = c->newest;
	*(c->newest != NULL ? &c->newest->newer : &c->oldest) = e;
	c->newest = e;
}

static void
drop(struct cache *c, struct entry *e)
{
	struct entry **at = bucket_of(c, e->key);

	while (*at != e)
		at = &(*at)->next;
	*at = e->next;
	unlink_age(c, e);
	c->size -= e->size;
	entry_free(e);
}

static void
findings_copy(struct arena *a, const struct findings *from, struct findings *to)
{
	size_t i;

	to->count = from->count;
	to->list = ARENA_ARRAY(a, struct finding, from->count);
	for (i = 0; i < from->count; i++) {
		const struct finding *f = &from->list[i];

		to->list[i] = *f;
		to->list[i].path = arena_string(a, span_of(f->path));
		to->list[i].name = arena_copy(a, f->name);
		to->list[i].type = f->type == NULL ? NULL :
		    arena_string(a, span_of(f->type));
		to->list[i].text = arena_copy(a, f->text);
	}
}

/* The name is part of the question: it tells apart what the bytes do not. */
static void
make_key(struct span name, struct span bytes, uint8_t key[DIGEST_BYTES])
{
	struct span fields[2] = { name, bytes };

	digest_fields(fields, 2, key);
}

bool
cache_get(struct cache *c, struct arena *a, struct span name, struct span bytes,
    const struct sink_limits *limits, struct findings *f)
{
	uint8_t key[DIGEST_BYTES];
	struct entry *e;

	if (c->limit == 0)
		return false;
	make_key(name, bytes, key);
	pthread_mutex_lock(&c->lock);
	e = find(c, key);
	if (e != NULL && (e->text_bytes > limits->text_bytes ||
	    e->found.count - 1 > limits->members))
		e = NULL;
	if (e != NULL) {
		unlink_age(c, e);
		link_newest(c, e);
		findings_copy(a, &e->found, f);
	}
	pthread_mutex_unlock(&c->lock);
	return e != NULL;
}

static bool
is_final(const struct findings *f)
{
	size_t i;

	for (i = 0; i < f->count; i++)
		if (part_reason_is_transient(f->list[i].reason) ||
		    f->list[i].reason == PART_SIZE || f->list[i].reason == PART_DEPTH)
			return false;
	return true;
}

static size_t
text_size(const struct findings *f)
{
	size_t i, n = 0;

	for (i = 0; i < f->count; i++)
		n += f->list[i].text.n;
	return n;
}

static void
add(struct cache *c, struct entry *e)
{
	struct entry **at = bucket_of(c, e->key);

	e->next = *at;
	*at = e;
	link_newest(c, e);
	c->size += e->size;
	while (c->size > c->limit)
		drop(c, c->oldest);
}

void
cache_put(struct cache *c, struct span name, struct span bytes, const struct findings *f)
{
	struct entry *e;

	if (c->limit == 0 || !is_final(f))
		return;
	e = calloc(1, sizeof(*e));
	must(e != NULL);
	e->arena = arena_new();
	e->text_bytes = text_size(f);
	make_key(name, bytes, e->key);
	findings_copy(e->arena, f, &e->found);
	e->size = sizeof(*e) + arena_bytes(e->arena);
	pthread_mutex_lock(&c->lock);
	if (find(c, e->key) == NULL) {
		add(c, e);
		e = NULL;
	}
	pthread_mutex_unlock(&c->lock);
	if (e != NULL)
		entry_free(e);
}
