/* SPDX-License-Identifier: BSD-2-Clause */
#include <sys/stat.h>

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/clock.h"
#include "base/err.h"

#include "base/source.h"
#include "source_internal.h"
#include "span_internal.h"

#define SIZE_LIMIT (16 * 1024 * 1024)

static struct entry *
entry_new(const char *name)
{
	struct entry *entry = calloc(1, sizeof(*entry));

	must(entry != NULL);
	entry->name = strdup(name);
	must(entry->name != NULL);
	entry->source.name = entry->name;
	return entry;
}

void
source_drop(struct source *src)
{
	struct entry *entry = (struct entry *)src;

	if (entry == NULL)
		return;
	free(entry->name);
	free(entry->bytes);
	free(entry->real);
	free(entry);
}

static int
check_file(const struct stat *st, const char *name, bool may_be_empty,
    struct err *e)
{
	if (!S_ISREG(st->st_mode))
		return err_set(e, "%s: not a plain file", name);
	if (st->st_mode & S_IWOTH)
		return err_set(e, "%s: everybody may write to it (mode %03o); "
		    "chmod o-w it", name, (unsigned)st->st_mode & 0777);
	if (st->st_size == 0 && !may_be_empty)
		return err_set(e, "%s: empty", name);
	if (st->st_size > SIZE_LIMIT)
		return err_set(e, "%s: larger than 16 MiB", name);
	return 0;
}

static int
read_bytes(int fd, const char *name, struct entry *entry, size_t n, struct err *e)
{
	size_t got = 0;
	ssize_t rc;

	entry->bytes = malloc(n + 1);
	must(entry->bytes != NULL);
	while (got < n) {
		rc = read(fd, entry->bytes + got, n - got);
		if (rc < 0 && errno == EINTR)
			continue;
		if (rc < 0)
			return err_errno(e, "%s", name);
		if (rc == 0)
			return err_set(e, "%s: changed while it was read", name);
		got += (size_t)rc;
	}
	entry->bytes[n] = '\0';
	entry->source.text = (struct span){ entry->bytes, n };
	return 0;
}

static bool
is_same(const struct stat *a, const struct stat *b)
{
	return a->st_size == b->st_size &&
	    a->st_mtim.tv_sec == b->st_mtim.tv_sec &&
	    a->st_mtim.tv_nsec == b->st_mtim.tv_nsec &&
	    a->st_ctim.tv_sec == b->st_ctim.tv_sec &&
	    a->st_ctim.tv_nsec == b->st_ctim.tv_nsec;
}

static int
check_utf8(const struct entry *entry, struct err *e)
{
	struct span rest = entry->source.text;
	size_t line = 1, n;

	for (; rest.n != 0; rest = span_sub(rest, n, rest.n)) {
		if ((n = span_character(rest)) == 0)
			return err_set(e, "%s:%zu: not UTF-8 (byte 0x%02x)",
			    entry->name, line, (unsigned char)*rest.p);
		line += *rest.p == '\n';
	}
	return 0;
}

/* Windows editors put U+FEFF in front: nobody wrote it, nobody sees it. */
static void
skip_mark(struct source *src)
{
	if (span_starts_nocase(src->text, "\xef\xbb\xbf"))
		src->text = span_sub(src->text, 3, src->text.n);
}

static int
read_entry(int fd, struct entry *entry, bool may_be_empty, struct err *e)
{
	struct stat before, after;

	if (fstat(fd, &before) < 0)
		return err_errno(e, "%s", entry->name);
	if (check_file(&before, entry->name, may_be_empty, e) < 0)
		return -1;
	if (read_bytes(fd, entry->name, entry, (size_t)before.st_size, e) < 0)
		return -1;
	if (fstat(fd, &after) < 0)
		return err_errno(e, "%s", entry->name);
	if (!is_same(&before, &after))
		return err_set(e, "%s: changed while it was read", entry->name);
	if (check_utf8(entry, e) < 0)
		return -1;
	skip_mark(&entry->source);
	return 0;
}

struct source *
source_load(const char *path, const char *name, bool may_be_empty,
    struct err *e)
{
	struct entry *entry = entry_new(name);
	struct source *src = NULL;
	int fd;

	/* O_NONBLOCK: a FIFO must not hang us before fstat sees what it is. */
	fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	if (fd < 0) {
		err_errno(e, "%s", name);
		goto out;
	}
	if (read_entry(fd, entry, may_be_empty, e) < 0)
		goto out;
	src = &entry->source;
	entry = NULL;
out:
	if (fd >= 0)
		close(fd);
	if (entry != NULL)
		source_drop(&entry->source);
	return src;
}

struct entry *
source_entry(const char *name, struct span text)
{
	struct entry *entry = entry_new(name);

	entry->bytes = malloc(text.n + 1);
	must(entry->bytes != NULL);
	if (text.n != 0)
		memcpy(entry->bytes, text.p, text.n);
	entry->bytes[text.n] = '\0';
	entry->source.text = (struct span){ entry->bytes, text.n };
	return entry;
}

struct sources *
sources_new(const char *root)
{
	struct sources *set = calloc(1, sizeof(*set));

	must(set != NULL);
	set->root = strdup(root);
	must(set->root != NULL);
	return set;
}

static void
drop_all(struct source *src)
{
	struct source *next;

	for (; src != NULL; src = next) {
		next = src->next;
		source_drop(src);
	}
}

void
sources_free(struct sources *set)
{
	struct source_alias *alias;

	if (set == NULL)
		return;
	drop_all(set->first);
	drop_all(set->packed);
	while ((alias = set->aliases) != NULL) {
		set->aliases = alias->next;
		free(alias->path);
		free(alias->real);
		free(alias);
	}
	free(set->root);
	free(set);
}

void
sources_append(struct source **first, struct source *src)
{
	while (*first != NULL)
		first = &(*first)->next;
	*first = src;
	src->next = NULL;
}

static const char *
alias_of(const struct sources *set, const char *path)
{
	const struct source_alias *alias;

	for (alias = set->aliases; alias != NULL; alias = alias->next)
		if (strcmp(alias->path, path) == 0)
			return alias->real;
	return NULL;
}

void
sources_note(struct sources *set, const char *path, const char *real)
{
	struct source_alias *alias;

	if (alias_of(set, path) != NULL)
		return;
	alias = calloc(1, sizeof(*alias));
	must(alias != NULL);
	alias->path = strdup(path);
	alias->real = strdup(real);
	must(alias->path != NULL && alias->real != NULL);
	alias->next = set->aliases;
	set->aliases = alias;
}

static const struct source *
add_file(struct sources *set, const char *path, const char *name,
    bool may_be_empty, struct err *e)
{
	struct source *src;
	char *real;

	if ((real = realpath(path, NULL)) == NULL) {
		err_errno(e, "%s", name);
		return NULL;
	}
	if ((src = source_load(real, name, may_be_empty, e)) == NULL) {
		free(real);
		return NULL;
	}
	((struct entry *)src)->real = real;
	((struct entry *)src)->is_opened = !may_be_empty;
	sources_append(&set->first, src);
	return src;
}

/* The folder that ${path} is in, as it is written. */
static struct span
folder_of(const char *path)
{
	const char *slash = strrchr(path, '/');

	if (slash == NULL)
		return span_of(".");
	if (slash == path)
		return span_of("/");
	return (struct span){ path, (size_t)(slash - path) };
}

static struct sources *
open_file(const char *path, struct err *e)
{
	struct span folder = folder_of(path);
	char *written = strndup(folder.p, folder.n), *root = NULL;
	struct sources *set = NULL;

	must(written != NULL);
	if ((root = realpath(written, NULL)) == NULL) {
		err_errno(e, "%s", path);
		goto out;
	}
	set = sources_new(root);
	if (add_file(set, path, path, false, e) == NULL) {
		sources_free(set);
		set = NULL;
	}
out:
	free(written);
	free(root);
	return set;
}

static bool
ends_in(const char *name, const char *suffix)
{
	size_t n = strlen(name), m = strlen(suffix);

	return n > m && strcmp(name + n - m, suffix) == 0;
}

static int
add_named(struct sources *set, const char *path, const char *name,
    struct err *e)
{
	const char *slash = path[strlen(path) - 1] == '/' ? "" : "/";
	struct arena *a = arena_new();
	const char *file = arena_print(a, "%s%s%s", path, slash, name);
	int rc = add_file(set, file, file, false, e) != NULL ? 0 : -1;

	arena_free(a);
	return rc;
}

static int
by_name(const struct dirent **a, const struct dirent **b)
{
	return strcmp((*a)->d_name, (*b)->d_name);
}

static int
add_folder(struct sources *set, const char *path, const char *suffix,
    struct err *e)
{
	struct dirent **names = NULL;
	int i, n, rc = 0;

	if ((n = scandir(path, &names, NULL, by_name)) < 0)
		return err_errno(e, "%s", path);
	for (i = 0; i < n; i++) {
		if (rc == 0 && names[i]->d_name[0] != '.' &&
		    ends_in(names[i]->d_name, suffix))
			rc = add_named(set, path, names[i]->d_name, e);
		free(names[i]);
	}
	free(names);
	if (rc == 0 && set->first == NULL)
		rc = err_set(e, "%s: no file in it ends in %s", path, suffix);
	return rc;
}

static struct sources *
open_folder(const char *path, const char *suffix, struct err *e)
{
	struct sources *set;
	char *root;

	if ((root = realpath(path, NULL)) == NULL) {
		err_errno(e, "%s", path);
		return NULL;
	}
	set = sources_new(root);
	free(root);
	if (add_folder(set, path, suffix, e) < 0) {
		sources_free(set);
		return NULL;
	}
	return set;
}

struct sources *
sources_open(const char *path, const char *suffix, struct err *e)
{
	struct sources *set;
	struct stat st;

	if (stat(path, &st) < 0) {
		err_errno(e, "%s", path);
		return NULL;
	}
	set = S_ISDIR(st.st_mode) ? open_folder(path, suffix, e) :
	    open_file(path, e);
	if (set != NULL)
		set->read_ms = clock_now_ms();
	return set;
}

struct sources *
sources_text(const char *name, struct span text)
{
	struct sources *set = sources_new(".");

	set->first = &source_entry(name, text)->source;
	return set;
}

static int
check_relative(struct span relative, struct err *e)
{
	struct span rest = relative, part;
	size_t n;

	if (relative.n == 0)
		return err_set(e, "a file name is missing");
	if (span_find_byte(relative, '\0') != relative.n)
		return err_set(e, "a file name cannot hold a NUL");
	if (relative.p[0] == '/')
		return err_set(e, "%.*s: write it relative to this file's folder",
		    SPAN_PRINT(relative));
	while (rest.n != 0) {
		n = span_find_byte(rest, '/');
		part = span_sub(rest, 0, n);
		rest = span_sub(rest, n + 1, rest.n);
		if (span_is(part, ".."))
			return err_set(e, "%.*s: '..' is not allowed",
			    SPAN_PRINT(relative));
	}
	return 0;
}

static bool
is_below(const char *real, const char *root)
{
	size_t n = strlen(root);

	if (strcmp(root, "/") == 0)
		return true;
	return strncmp(real, root, n) == 0 && real[n] == '/';
}

static const struct source *
find_real(const struct sources *set, const char *real)
{
	const struct source *src;
	const char *has;

	for (src = set->first; src != NULL; src = src->next) {
		has = ((const struct entry *)src)->real;
		if (has != NULL && strcmp(has, real) == 0)
			return src;
	}
	return NULL;
}

/* The file is there already, or waits among those that were packed. */
static const struct source *
get_packed(struct sources *set, const char *path, struct err *e)
{
	const char *real = alias_of(set, path);
	const struct source *src = NULL;
	struct source **at, *found;

	if (real != NULL)
		src = find_real(set, real);
	for (at = &set->packed; src == NULL && real != NULL && *at != NULL;
	    at = &(*at)->next) {
		if (strcmp(((const struct entry *)*at)->real, real) != 0)
			continue;
		found = *at;
		*at = found->next;
		sources_append(&set->first, found);
		return found;
	}
	if (src == NULL)
		err_set(e, "%s: not among the files that were kept", path);
	return src;
}

static const struct source *
get_path(struct sources *set, const char *path, struct err *e)
{
	char *real = NULL, *root = NULL;
	const struct source *src = NULL;

	if (set->is_packed)
		return get_packed(set, path, e);
	if ((real = realpath(path, NULL)) == NULL ||
	    (root = realpath(set->root, NULL)) == NULL) {
		err_errno(e, "%s", path);
		goto out;
	}
	if (!is_below(real, root)) {
		err_set(e, "%s: leads out of %s", path, set->root);
		goto out;
	}
	if ((src = find_real(set, real)) == NULL)
		src = add_file(set, real, path, true, e);
	if (src != NULL)
		sources_note(set, path, real);
out:
	free(real);
	free(root);
	return src;
}

const struct source *
sources_get(struct sources *set, const struct source *from,
    struct span relative, struct err *e)
{
	struct span folder = folder_of(from->name);
	const struct source *src;
	struct arena *a;

	if (check_relative(relative, e) < 0)
		return NULL;
	a = arena_new();
	if (strchr(from->name, '/') == NULL)
		src = get_path(set, arena_string(a, relative), e);
	else
		src = get_path(set, arena_print(a, "%.*s/%.*s",
		    SPAN_PRINT(folder), SPAN_PRINT(relative)), e);
	arena_free(a);
	return src;
}
