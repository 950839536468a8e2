/* SPDX-License-Identifier: BSD-2-Clause */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/buffer.h"
#include "base/digest.h"
#include "base/err.h"

#include "base/source.h"
#include "source_internal.h"

/*
 * Lines "KIND LENGTH", each with so many bytes and a line end behind it, and at
 * last the digest of all that: half a file is none.
 */
#define HEAD "vanthu-sources 1\n"
#define TAIL_BYTES (DIGEST_HEX_SIZE)	/* digits and a line end */

static void
put(struct buffer *b, const char *kind, struct span bytes)
{
	buffer_print(b, "%s %zu\n", kind, bytes.n);
	buffer_add(b, bytes);
	buffer_byte(b, '\n');
}

static void
put_digest(struct buffer *b)
{
	struct span all = buffer_span(b);
	uint8_t digest[DIGEST_BYTES];
	char text[DIGEST_HEX_SIZE];

	digest_fields(&all, 1, digest);
	buffer_print(b, "%s\n", digest_hex(digest, sizeof(digest), text));
}

struct span
sources_pack(struct arena *a, const struct sources *set)
{
	struct buffer b = { .arena = a };
	const struct source_alias *alias;
	const struct source *src;
	const struct entry *entry;

	buffer_text(&b, HEAD);
	put(&b, "root", span_of(set->root));
	for (src = set->first; src != NULL; src = src->next) {
		entry = (const struct entry *)src;
		put(&b, "name", span_of(src->name));
		put(&b, "real", span_of(entry->real));
		put(&b, entry->is_opened ? "opened" : "asked", src->text);
	}
	for (alias = set->aliases; alias != NULL; alias = alias->next) {
		put(&b, "path", span_of(alias->path));
		put(&b, "real", span_of(alias->real));
	}
	put_digest(&b);
	return buffer_span(&b);
}

/* What has been read of the packed bytes. */
struct unpacking {
	struct arena *arena;
	struct span rest;
	struct sources *set;
	const char *name, *path, *real;
};

static bool
take(struct unpacking *u, struct span *kind, struct span *bytes)
{
	size_t line = span_find_byte(u->rest, '\n');
	size_t blank = span_find_byte(span_sub(u->rest, 0, line), ' ');
	size_t n;

	if (line == u->rest.n || blank == line)
		return false;
	*kind = span_sub(u->rest, 0, blank);
	n = strtoul(arena_string(u->arena, span_sub(u->rest, blank + 1,
	    line - blank - 1)), NULL, 10);
	*bytes = span_sub(u->rest, line + 1, n);
	if (bytes->n != n || line + 1 + n >= u->rest.n)
		return false;
	u->rest = span_sub(u->rest, line + n + 2, u->rest.n);
	return true;
}

static void
add_source(struct unpacking *u, struct span text, bool is_opened)
{
	struct entry *entry = source_entry(u->name != NULL ? u->name : "", text);

	entry->real = strdup(u->real != NULL ? u->real : "");
	must(entry->real != NULL);
	entry->is_opened = is_opened;
	sources_append(is_opened ? &u->set->first : &u->set->packed,
	    &entry->source);
	u->name = u->real = NULL;
}

static void
take_up(struct unpacking *u, struct span kind, struct span bytes)
{
	const char *text = arena_string(u->arena, bytes);

	if (span_is(kind, "root")) {
		free(u->set->root);
		u->set->root = strdup(text);
		must(u->set->root != NULL);
	} else if (span_is(kind, "name"))
		u->name = text;
	else if (span_is(kind, "path"))
		u->path = text;
	else if (span_is(kind, "opened") || span_is(kind, "asked"))
		add_source(u, bytes, span_is(kind, "opened"));
	else if (span_is(kind, "real") && u->path != NULL) {
		sources_note(u->set, u->path, text);
		u->path = NULL;
	} else if (span_is(kind, "real"))
		u->real = text;
}

static bool
is_whole(struct span bytes)
{
	struct span all = span_sub(bytes, 0, bytes.n - TAIL_BYTES);
	uint8_t digest[DIGEST_BYTES];
	char text[DIGEST_HEX_SIZE];

	digest_fields(&all, 1, digest);
	digest_hex(digest, sizeof(digest), text);
	return memcmp(bytes.p + all.n, text, DIGEST_HEX_SIZE - 1) == 0;
}

struct sources *
sources_unpack(struct span bytes, const char *name, struct err *e)
{
	struct unpacking u = { .set = NULL };
	struct span kind, text;

	if (bytes.n < strlen(HEAD) + TAIL_BYTES ||
	    memcmp(bytes.p, HEAD, strlen(HEAD)) != 0 || !is_whole(bytes)) {
		err_set(e, "%s: damaged, or not ours", name);
		return NULL;
	}
	u.arena = arena_new();
	u.set = sources_new("");
	u.set->is_packed = true;
	u.rest = span_sub(bytes, strlen(HEAD), bytes.n - strlen(HEAD) - TAIL_BYTES);
	while (take(&u, &kind, &text))
		take_up(&u, kind, text);
	arena_free(u.arena);
	if (u.set->first != NULL)
		return u.set;
	err_set(e, "%s: holds no policy", name);
	sources_free(u.set);
	return NULL;
}
