/* SPDX-License-Identifier: BSD-2-Clause */
#include <sys/mman.h>
#include <sys/stat.h>

#include <errno.h>
#include <fcntl.h>
#include <fts.h>
#include <limits.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/err.h"
#include "ctl/mailbox.h"

#include "replay_internal.h"

struct entry {
	const char *path;
	uint64_t size;
	const char *fault;
};

struct saved {
	struct arena *arena;
	size_t size_limit;
	struct entry *list;
	size_t count, room;
	size_t at;		/* the entry that is next */
	uint64_t total, done;	/* bytes */
	struct span map;	/* the mbox that is open; else empty */
	struct span rest;	/* of it */
	size_t index;		/* of its letters */
};

static void
add(struct saved *s, const FTSENT *f, const char *fault)
{
	size_t more = s->room == 0 ? 64 : 2 * s->room;

	if (s->count == s->room) {
		s->list = arena_grow(s->arena, s->list,
		    s->room * sizeof(*s->list), more * sizeof(*s->list));
		s->room = more;
	}
	s->list[s->count] = (struct entry){ .fault = fault,
	    .path = arena_string(s->arena, span_of(f->fts_path)) };
	if (fault == NULL)
		s->list[s->count].size = (uint64_t)f->fts_statp->st_size;
	s->total += s->list[s->count++].size;
}

static bool
is_maildir(const char *path)
{
	char inside[PATH_MAX];
	struct stat st;
	static const char *const names[] = { "cur", "new" };

	for (size_t i = 0; i < 2; i++) {
		int n = snprintf(inside, sizeof(inside), "%s/%s", path, names[i]);

		if (n < 0 || (size_t)n >= sizeof(inside) ||
		    stat(inside, &st) < 0 || !S_ISDIR(st.st_mode))
			return false;
	}
	return true;
}

/* Indexes lie beside the letters of a Maildir, and what is in tmp is not whole. */
static bool
is_passed_over(const FTSENT *f)
{
	if (f->fts_level <= FTS_ROOTLEVEL)
		return false;
	if (f->fts_name[0] == '.')
		return true;
	return f->fts_parent->fts_number != 0 && strcmp(f->fts_name, "cur") != 0 &&
	    strcmp(f->fts_name, "new") != 0;
}

static void
visit(struct saved *s, FTS *tree, FTSENT *f)
{
	if (f->fts_info == FTS_DP)
		return;
	if (is_passed_over(f)) {
		fts_set(tree, f, FTS_SKIP);
		return;
	}
	switch (f->fts_info) {
	case FTS_D:
		f->fts_number = is_maildir(f->fts_accpath);
		break;
	case FTS_F:
		add(s, f, NULL);
		break;
	case FTS_DC:		/* it is being listed already */
		break;
	case FTS_DNR:
	case FTS_ERR:
	case FTS_NS:
		add(s, f, arena_string(s->arena, span_of(strerror(f->fts_errno))));
		break;
	default:
		add(s, f, "neither a file nor a folder");
	}
}

static int
by_name(const FTSENT **a, const FTSENT **b)
{
	return strcmp((*a)->fts_name, (*b)->fts_name);
}

static int
list_all(struct saved *s, const char *path, struct err *e)
{
	char *root = arena_string(s->arena, span_of(path));
	FTSENT *f;
	FTS *tree;

	tree = fts_open((char *[]){ root, NULL }, FTS_LOGICAL | FTS_NOCHDIR, by_name);
	if (tree == NULL)
		return err_errno(e, "%s", path);
	while (errno = 0, (f = fts_read(tree)) != NULL)
		visit(s, tree, f);
	if (errno != 0) {
		err_errno(e, "%s", path);
		fts_close(tree);
		return -1;
	}
	fts_close(tree);
	return 0;
}

struct saved *
saved_open(const char *path, size_t size_limit, struct err *e)
{
	struct arena *a;
	struct saved *s;

	if (access(path, R_OK) < 0) {
		err_errno(e, "%s", path);
		return NULL;
	}
	a = arena_new();
	s = ARENA_NEW(a, struct saved);
	s->arena = a;
	s->size_limit = size_limit;
	if (list_all(s, path, e) == 0)
		return s;
	arena_free(a);
	return NULL;
}

static void
unmap(struct saved *s)
{
	if (s->map.n != 0)
		munmap((void *)(uintptr_t)s->map.p, s->map.n);
	s->map = s->rest = (struct span){ NULL, 0 };
}

/* Map it whole: only what is looked at takes memory. */
static const char *
map(struct saved *s, const struct entry *entry)
{
	int fd = open(entry->path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	const char *fault = NULL;
	struct stat st;
	void *p;

	if (fd < 0)
		return strerror(errno);
	if (fstat(fd, &st) < 0)
		fault = strerror(errno);
	else if (st.st_size == 0)
		fault = "empty";
	else if ((p = mmap(NULL, (size_t)st.st_size, PROT_READ, MAP_PRIVATE, fd,
	    0)) == MAP_FAILED)
		fault = strerror(errno);
	else
		s->map = s->rest = (struct span){ p, (size_t)st.st_size };
	close(fd);
	return fault;
}

static void
take(const struct saved *s, struct arena *a, struct span letter, bool is_quoted,
    struct saved_letter *l)
{
	if (letter.n > s->size_limit) {
		l->fault = "larger than message_size_limit";
		return;
	}
	letter = is_quoted ? mailbox_unquote(a, letter) : arena_copy(a, letter);
	l->bytes = (char *)(uintptr_t)letter.p;
	l->n = letter.n;
}

static void
take_next(struct saved *s, struct arena *a, struct saved_letter *l)
{
	size_t before = s->rest.n;
	struct span letter;

	mailbox_next(&s->rest, &letter);
	take(s, a, letter, true, l);
	s->done += before - s->rest.n;
	l->source = arena_print(a, "%s#%zu", s->list[s->at - 1].path, ++s->index);
	if (s->rest.n == 0)
		unmap(s);
}

/* The next file: a letter as it is, unless an mbox is open now. */
static void
take_file(struct saved *s, struct arena *a, struct saved_letter *l)
{
	const struct entry *entry = &s->list[s->at++];

	s->index = 0;
	l->source = entry->path;
	l->fault = entry->fault != NULL ? entry->fault : map(s, entry);
	if (mailbox_is(s->map))
		return;
	if (l->fault == NULL)
		take(s, a, s->map, false, l);
	s->done += entry->size;
	unmap(s);
}

bool
saved_next(struct saved *s, struct arena *a, struct saved_letter *l)
{
	*l = (struct saved_letter){ NULL, NULL, 0, NULL };
	if (s->rest.n == 0) {
		if (s->at == s->count)
			return false;
		take_file(s, a, l);
	}
	if (s->rest.n != 0)
		take_next(s, a, l);
	return true;
}

unsigned
saved_percent(const struct saved *s)
{
	if (s->total == 0 || s->done >= s->total)
		return 100;
	return (unsigned)(s->done * 100 / s->total);
}

void
saved_close(struct saved *s)
{
	if (s == NULL)
		return;
	unmap(s);
	arena_free(s->arena);
}
