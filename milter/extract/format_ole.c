/* SPDX-License-Identifier: BSD-2-Clause */
#include <string.h>

#include "extract/sink.h"

#include "format_internal.h"

/*
 * Compound files (MS-CFB): a small file system of storages and streams.  Read
 * here and not by a library: libgsf and its kin want files and GLib types, and
 * what is needed is chains of sectors, each walked at most once.
 */

#define SECTORS_END 0xFFFFFFFAu		/* from here on no sector's number */
#define NO_ENTRY UINT32_MAX
#define ENTRY_BYTES 128
#define NAME_BYTES 64
#define ENTRIES_MAX 200000

enum kind { STORAGE = 1, STREAM = 2, ROOT = 5 };

struct table {
	uint32_t *next;		/* the sector behind each */
	size_t count;
};

struct ole {
	struct arena *arena;
	struct span bytes;
	unsigned shift;		/* of a sector's size */
	struct table fat, mini_fat;
	struct span directory;
	struct span mini;	/* where small streams live */
	uint32_t *parents;	/* of each entry; NO_ENTRY: in no storage */
	size_t entries;
	size_t budget;		/* bytes of streams that may still be copied */
};

static struct span
sector(const struct ole *o, uint32_t number)
{
	size_t size = (size_t)1 << o->shift;

	if (number >= o->bytes.n >> o->shift)
		return (struct span){ NULL, 0 };
	return span_sub(o->bytes, ((size_t)number + 1) << o->shift, size);
}

/* ${n} bytes of the chain from ${start}, in sectors of ${store}; fewer if it breaks. */
static struct span
chain(struct ole *o, const struct table *t, struct span store, unsigned shift,
    uint32_t start, size_t n)
{
	struct buffer out = { .arena = o->arena };
	size_t size = (size_t)1 << shift, steps = t->count;
	struct span one;

	if (n > o->budget)
		n = o->budget;
	for (; out.n < n && start < t->count && steps-- != 0; start = t->next[start]) {
		one = store.p != NULL ? span_sub(store, (size_t)start << shift, size) :
		    sector(o, start);
		if (one.n == 0)
			break;
		buffer_add(&out, span_sub(one, 0, n - out.n));
	}
	o->budget -= out.n;
	return buffer_span(&out);
}

static struct span
big_chain(struct ole *o, uint32_t start, size_t n)
{
	return chain(o, &o->fat, (struct span){ NULL, 0 }, o->shift, start, n);
}

static void
table_add(struct table *t, struct span s, size_t most)
{
	size_t at;

	for (at = 0; at + 4 <= s.n && t->count < most; at += 4)
		t->next[t->count++] = read_32(s, at);
}

/* The allocation table: its first 109 sectors are named in the head, the rest in a chain. */
static void
read_fat(struct ole *o)
{
	size_t most = o->bytes.n >> o->shift, last = ((size_t)1 << o->shift) - 4, i;
	size_t lists = read_32(o->bytes, 0x48);
	uint32_t list = read_32(o->bytes, 0x44);
	struct span s;

	o->fat.next = ARENA_ARRAY(o->arena, uint32_t, most + 1);
	for (i = 0; i < 109; i++)
		if (read_32(o->bytes, 0x4C + i * 4) < SECTORS_END)
			table_add(&o->fat, sector(o, read_32(o->bytes, 0x4C + i * 4)), most);
	for (; list < SECTORS_END && lists-- != 0 && o->fat.count < most;
	    list = read_32(s, last)) {
		if ((s = sector(o, list)).n == 0)
			break;
		for (i = 0; i < last; i += 4)
			if (read_32(s, i) < SECTORS_END)
				table_add(&o->fat, sector(o, read_32(s, i)), most);
	}
}

static uint32_t
entry_32(const struct ole *o, uint32_t e, size_t at)
{
	return read_32(o->directory, (size_t)e * ENTRY_BYTES + at);
}

static unsigned
entry_kind(const struct ole *o, uint32_t e)
{
	return (unsigned char)o->directory.p[(size_t)e * ENTRY_BYTES + 0x42];
}

/* Say whose the entries are: each storage has a tree of them. */
static void
read_parents(struct ole *o)
{
	uint32_t *stack = ARENA_ARRAY(o->arena, uint32_t, 3 * o->entries + 1), e, next[3];
	size_t depth = 0, i;

	o->parents = ARENA_ARRAY(o->arena, uint32_t, o->entries);
	for (e = 0; e < o->entries; e++)
		o->parents[e] = NO_ENTRY;
	stack[depth++] = 0;
	while (depth != 0) {
		e = stack[--depth];
		for (i = 0; i < 3; i++) {
			next[i] = entry_32(o, e, 0x44 + 4 * i);
			if (e == 0 && i < 2)	/* the root stands beside none */
				continue;
			if (next[i] == 0 || next[i] >= o->entries ||
			    o->parents[next[i]] != NO_ENTRY)
				continue;
			o->parents[next[i]] = i == 2 ? e : o->parents[e];
			stack[depth++] = next[i];
		}
	}
}

struct ole *
ole_open(struct arena *a, struct span bytes)
{
	struct ole *o = ARENA_NEW(a, struct ole);
	struct span mini_fat;

	o->arena = a;
	o->bytes = bytes;
	o->shift = read_16(bytes, 0x1E);
	o->budget = 4 * bytes.n;
	if (bytes.n < 512 || (o->shift != 9 && o->shift != 12))
		return NULL;
	read_fat(o);
	o->directory = big_chain(o, read_32(bytes, 0x30), bytes.n);
	o->entries = o->directory.n / ENTRY_BYTES;
	if (o->entries == 0 || o->entries > ENTRIES_MAX)
		return NULL;
	mini_fat = big_chain(o, read_32(bytes, 0x3C), bytes.n);
	o->mini_fat.next = ARENA_ARRAY(a, uint32_t, mini_fat.n / 4 + 1);
	table_add(&o->mini_fat, mini_fat, mini_fat.n / 4);
	o->mini = big_chain(o, entry_32(o, 0, 0x74), entry_32(o, 0, 0x78));
	read_parents(o);
	return o;
}

/* The name of an entry in ASCII; other characters are "?". */
static struct span
entry_name(const struct ole *o, uint32_t e, char name[NAME_BYTES / 2])
{
	struct span raw = span_sub(o->directory, (size_t)e * ENTRY_BYTES, NAME_BYTES);
	size_t n = 0;
	uint16_t c;

	while (n < NAME_BYTES / 2 && (c = read_16(raw, 2 * n)) != 0)
		name[n++] = c < 0x80 ? (char)c : '?';
	return (struct span){ name, n };
}

static struct span
entry_bytes(struct ole *o, uint32_t e)
{
	uint32_t start = entry_32(o, e, 0x74), n = entry_32(o, e, 0x78);

	if (n >= read_32(o->bytes, 0x38))
		return big_chain(o, start, n);
	if (o->mini.n == 0)
		return (struct span){ NULL, 0 };
	return chain(o, &o->mini_fat, o->mini, 6, start, n);
}

struct span
ole_stream(struct ole *o, uint32_t storage, const char *name)
{
	char text[NAME_BYTES / 2];
	uint32_t e;

	for (e = 1; e < o->entries; e++)
		if (o->parents[e] == storage && entry_kind(o, e) == STREAM &&
		    span_is(entry_name(o, e, text), name))
			return entry_bytes(o, e);
	return (struct span){ NULL, 0 };
}

uint32_t
ole_next(struct ole *o, uint32_t storage, const char *prefix, uint32_t at)
{
	char text[NAME_BYTES / 2];
	uint32_t e;

	for (e = at + 1; e < o->entries; e++)
		if ((o->parents[e] == storage || storage == OLE_ANYWHERE) &&
		    o->parents[e] != NO_ENTRY && entry_kind(o, e) == STORAGE &&
		    span_starts_nocase(entry_name(o, e, text), prefix))
			return e;
	return 0;
}

bool
ole_has(struct ole *o, uint32_t storage, const char *name)
{
	char text[NAME_BYTES / 2];
	uint32_t e;

	for (e = 1; e < o->entries; e++)
		if (o->parents[e] == storage && span_is(entry_name(o, e, text), name))
			return true;
	return false;
}
