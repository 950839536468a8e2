/* SPDX-License-Identifier: BSD-2-Clause */
#include <sys/stat.h>

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <lmdb.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/err.h"

#include "ledger/store.h"

#define FORMAT "1"
#define MAP_FIRST (64UL * 1024 * 1024)
#define READERS 1024

static const struct {
	const char *name;
	unsigned flags;
} tables[TABLE_COUNT] = {
	[TABLE_META] = { "meta", 0 },
	[TABLE_DOCUMENTS] = { "documents", 0 },
	[TABLE_RECIPIENTS] = { "recipients", 0 },
	[TABLE_EVIDENCE] = { "evidence", 0 },
	[TABLE_RETRY] = { "retry", 0 },
	[TABLE_MESSAGE_ID] = { "message_id", MDB_DUPSORT | MDB_DUPFIXED },
	[TABLE_ENVELOPE_ID] = { "envelope_id", MDB_DUPSORT | MDB_DUPFIXED },
	[TABLE_QUEUE_ID] = { "queue_id", MDB_DUPSORT | MDB_DUPFIXED },
	[TABLE_NUMBER] = { "number", MDB_DUPSORT | MDB_DUPFIXED },
	[TABLE_SENDER] = { "sender", MDB_DUPSORT | MDB_DUPFIXED },
	[TABLE_RECIPIENT] = { "recipient", MDB_DUPSORT | MDB_DUPFIXED },
	[TABLE_STATE] = { "state", MDB_DUPSORT | MDB_DUPFIXED },
	[TABLE_FOLLOWED] = { "followed", 0 },
	[TABLE_UNIT] = { "unit", MDB_DUPSORT | MDB_DUPFIXED },
	[TABLE_DUE] = { "due", 0 },
	[TABLE_RECENT] = { "recent", 0 },
};

#define TABLE_FIRST_NEWER TABLE_FOLLOWED
#define TABLE_ABSENT ((MDB_dbi)-1)

struct store {
	MDB_env *env;
	MDB_dbi table[TABLE_COUNT];
	uint64_t limit_bytes;
	bool is_readonly;
	char *path;
	/* LMDB may not resize its map while a transaction of ours is open. */
	pthread_rwlock_t map_lock;
};

struct store_txn {
	struct store *store;
	MDB_txn *txn;
	int rc;			/* the first error; MDB_SUCCESS while all is well */
};

/* Beside LMDB's own codes: the pages are whole, what they hold is not. */
#define RECORD_DAMAGED INT_MIN

struct store_cursor {
	struct store_txn *t;
	MDB_cursor *cursor;
	MDB_cursor_op next;	/* how to come to the pair that store_step gives */
	MDB_val key, value;
	bool is_there;
};

static MDB_val
to_val(struct span s)
{
	return (MDB_val){ s.n, (void *)s.p };
}

static struct span
to_span(MDB_val v)
{
	return (struct span){ v.mv_data, v.mv_size };
}

static int
fail(struct err *e, const struct store *s, const char *what, int rc)
{
	return err_set(e, "%s: %s: %s", s->path, what, mdb_strerror(rc));
}

static int
open_tables(struct store *s, struct err *e)
{
	MDB_txn *txn;
	int rc = mdb_txn_begin(s->env, NULL, s->is_readonly ? MDB_RDONLY : 0, &txn);

	if (rc != 0)
		return fail(e, s, "cannot begin", rc);
	for (int i = 0; i < TABLE_COUNT && rc == 0; i++) {
		rc = mdb_dbi_open(txn, tables[i].name, tables[i].flags |
		    (s->is_readonly ? 0 : MDB_CREATE), &s->table[i]);
		if (rc == MDB_NOTFOUND && i >= TABLE_FIRST_NEWER) {
			s->table[i] = TABLE_ABSENT;
			rc = 0;
		}
	}
	if (rc == 0)
		rc = mdb_txn_commit(txn);
	else
		mdb_txn_abort(txn);
	if (rc == MDB_NOTFOUND)
		return err_set(e, "%s: no ledger yet; it is made when milterd "
		    "starts", s->path);
	return rc != 0 ? fail(e, s, "cannot open", rc) : 0;
}

static int
check_format(struct store *s, struct err *e)
{
	struct store_txn *t = store_begin(s, !s->is_readonly, e);
	struct span key = span_of("format"), value;
	int found;

	if (t == NULL)
		return -1;
	found = store_get(t, TABLE_META, key, &value);
	if (found == 1 && !span_is(value, FORMAT)) {
		err_set(e, "%s: the ledger has format %.*s, this program knows "
		    "%s; use a newer one", s->path, SPAN_PRINT(value), FORMAT);
		store_abort(t);
		return -1;
	}
	if (found == 0 && !s->is_readonly)
		store_put(t, TABLE_META, key, span_of(FORMAT));
	return store_commit(t, e) == 0 ? 0 : -1;
}

static void
set_modes(const struct store *s)
{
	char *path;

	must(asprintf(&path, "%s/data.mdb", s->path) > 0);
	chmod(path, 0640);
	free(path);
	must(asprintf(&path, "%s/lock.mdb", s->path) > 0);
	chmod(path, 0660);
	free(path);
}

static int
check_folder(const struct store *s, struct err *e)
{
	struct stat st;

	if (stat(s->path, &st) < 0 || !S_ISDIR(st.st_mode))
		return err_set(e, "%s: no such ledger folder; milterd makes it "
		    "when it starts", s->path);
	if (!s->is_readonly && access(s->path, W_OK | X_OK) < 0)
		return err_errno(e, "%s: the ledger's folder is not writable; "
		    "give it to the user of milterd", s->path);
	return 0;
}

static size_t
first_map_size(const struct store *s)
{
	struct stat st;
	size_t size = MAP_FIRST;
	char *path;

	must(asprintf(&path, "%s/data.mdb", s->path) > 0);
	if (stat(path, &st) == 0)
		while (size < 2 * (size_t)st.st_size)
			size *= 2;
	free(path);
	return size < s->limit_bytes ? size : s->limit_bytes;
}

static int
open_env(struct store *s, struct err *e)
{
	unsigned flags = MDB_NOTLS | (s->is_readonly ? MDB_RDONLY : 0);
	int rc;

	if (check_folder(s, e) < 0)
		return -1;
	if ((rc = mdb_env_create(&s->env)) != 0)
		return fail(e, s, "cannot create", rc);
	mdb_env_set_maxreaders(s->env, READERS);
	mdb_env_set_maxdbs(s->env, TABLE_COUNT);
	if (!s->is_readonly)
		mdb_env_set_mapsize(s->env, first_map_size(s));
	rc = mdb_env_open(s->env, s->path, flags, 0640);
	if (rc == ENOENT)
		return err_set(e, "%s: no ledger yet; it is made when milterd "
		    "starts", s->path);
	if (rc != 0)
		return fail(e, s, "cannot open", rc);
	if (!s->is_readonly)
		set_modes(s);
	return open_tables(s, e) < 0 || check_format(s, e) < 0 ? -1 : 0;
}

static struct store *
open_store(const char *path, uint64_t limit, bool is_readonly, struct err *e)
{
	struct store *s = calloc(1, sizeof(*s));

	must(s != NULL);
	s->path = strdup(path);
	must(s->path != NULL);
	s->limit_bytes = limit;
	s->is_readonly = is_readonly;
	must(pthread_rwlock_init(&s->map_lock, NULL) == 0);
	if (open_env(s, e) < 0) {
		store_close(s);
		return NULL;
	}
	return s;
}

struct store *
store_open(const char *path, uint64_t limit_bytes, struct err *e)
{
	return open_store(path, limit_bytes, false, e);
}

struct store *
store_open_readonly(const char *path, struct err *e)
{
	return open_store(path, UINT64_MAX, true, e);
}

void
store_close(struct store *s)
{
	if (s == NULL)
		return;
	if (s->env != NULL)
		mdb_env_close(s->env);
	pthread_rwlock_destroy(&s->map_lock);
	free(s->path);
	free(s);
}

/* Another process grew the map: take its size over. */
static int
adopt_map(struct store *s)
{
	int rc;

	pthread_rwlock_wrlock(&s->map_lock);
	rc = mdb_env_set_mapsize(s->env, 0);
	pthread_rwlock_unlock(&s->map_lock);
	return rc;
}

struct store_txn *
store_begin(struct store *s, bool is_writing, struct err *e)
{
	struct store_txn *t = calloc(1, sizeof(*t));
	unsigned flags = is_writing ? 0 : MDB_RDONLY;

	must(t != NULL);
	t->store = s;
	pthread_rwlock_rdlock(&s->map_lock);
	t->rc = mdb_txn_begin(s->env, NULL, flags, &t->txn);
	if (t->rc == MDB_MAP_RESIZED) {
		pthread_rwlock_unlock(&s->map_lock);
		t->rc = adopt_map(s);
		pthread_rwlock_rdlock(&s->map_lock);
		if (t->rc == 0)
			t->rc = mdb_txn_begin(s->env, NULL, flags, &t->txn);
	}
	if (t->rc == 0)
		return t;
	/* LMDB has given the map up: only a new process can open it again. */
	must(t->rc != MDB_PANIC);
	pthread_rwlock_unlock(&s->map_lock);
	fail(e, s, "cannot begin", t->rc);
	free(t);
	return NULL;
}

static void
end(struct store_txn *t)
{
	pthread_rwlock_unlock(&t->store->map_lock);
	free(t);
}

int
store_commit(struct store_txn *t, struct err *e)
{
	int rc = t->rc;

	if (rc == 0)
		rc = mdb_txn_commit(t->txn);
	else
		mdb_txn_abort(t->txn);
	if (rc == RECORD_DAMAGED)
		err_set(e, "%s: damaged record; restore the ledger from a "
		    "backup", t->store->path);
	else if (rc != 0)
		fail(e, t->store, "cannot commit", rc);
	end(t);
	if (rc == MDB_MAP_FULL)
		return STORE_FULL;
	return rc == 0 ? 0 : -1;
}

void
store_spoil(struct store_txn *t)
{
	if (t->rc == 0)
		t->rc = RECORD_DAMAGED;
}

void
store_abort(struct store_txn *t)
{
	if (t == NULL)
		return;
	mdb_txn_abort(t->txn);
	end(t);
}

int
store_grow(struct store *s, struct err *e)
{
	MDB_envinfo info;
	uint64_t size;
	int rc;

	mdb_env_info(s->env, &info);
	size = (uint64_t)info.me_mapsize;
	if (size >= s->limit_bytes)
		return err_set(e, "%s: the ledger is full (%llu bytes); raise "
		    "ledger_size_limit", s->path,
		    (unsigned long long)s->limit_bytes);
	size = size > s->limit_bytes / 2 ? s->limit_bytes : 2 * size;
	pthread_rwlock_wrlock(&s->map_lock);
	rc = mdb_env_set_mapsize(s->env, size);
	pthread_rwlock_unlock(&s->map_lock);
	return rc != 0 ? fail(e, s, "cannot grow", rc) : 0;
}

int
store_reap(struct store *s)
{
	int dead = 0;

	mdb_reader_check(s->env, &dead);
	return dead;
}

static int
sync_file(const char *path, int flags, struct err *e)
{
	int fd = open(path, flags | O_CLOEXEC);
	int rc = fd < 0 || fsync(fd) < 0 ? err_errno(e, "%s", path) : 0;

	if (fd >= 0)
		close(fd);
	return rc;
}

int
store_copy(struct store *s, const char *folder, struct err *e)
{
	char *path;
	int rc = mdb_env_copy2(s->env, folder, MDB_CP_COMPACT);

	if (rc != 0)
		return err_set(e, "%s: cannot be written: %s", folder,
		    mdb_strerror(rc));
	must(asprintf(&path, "%s/data.mdb", folder) > 0);
	rc = chmod(path, 0640) < 0 ? err_errno(e, "%s", path) :
	    sync_file(path, O_RDWR, e);
	free(path);
	return rc < 0 ? -1 : sync_file(folder, O_RDONLY | O_DIRECTORY, e);
}

/* Pages of the file less those that are free to be written again. */
static uint64_t
used_bytes(struct store *s, MDB_txn *txn, const MDB_envinfo *info)
{
	MDB_stat stat;
	MDB_cursor *cursor;
	MDB_val key, value;
	uint64_t free_pages = 0;

	mdb_env_stat(s->env, &stat);
	if (mdb_cursor_open(txn, 0, &cursor) != 0)
		return 0;
	while (mdb_cursor_get(cursor, &key, &value, MDB_NEXT) == 0)
		free_pages += *(const size_t *)value.mv_data;
	mdb_cursor_close(cursor);
	return (info->me_last_pgno + 1 - free_pages) * stat.ms_psize;
}

void
store_usage(struct store *s, struct store_usage *u)
{
	struct store_txn *t;
	MDB_envinfo info;
	struct err e;

	*u = (struct store_usage){ .limit_bytes = s->limit_bytes };
	t = store_begin(s, false, &e);
	if (t == NULL)
		return;
	mdb_env_info(s->env, &info);
	u->map_bytes = info.me_mapsize;
	u->readers = info.me_numreaders;
	u->used_bytes = used_bytes(s, t->txn, &info);
	store_abort(t);
}

bool
store_is_beyond(struct store *s, uint64_t bytes)
{
	struct store_usage u;
	MDB_envinfo info;
	MDB_stat stat;

	mdb_env_info(s->env, &info);
	mdb_env_stat(s->env, &stat);
	if ((info.me_last_pgno + 1) * stat.ms_psize <= bytes)
		return false;
	store_usage(s, &u);
	return u.used_bytes > bytes;
}

static int
remember(struct store_txn *t, int rc)
{
	if (t->rc == 0)
		t->rc = rc;
	return rc == 0 ? 0 : -1;
}

int
store_get(struct store_txn *t, enum store_table table, struct span key,
    struct span *value)
{
	MDB_val k = to_val(key), v;
	int rc;

	if (t->store->table[table] == TABLE_ABSENT)
		return 0;
	rc = mdb_get(t->txn, t->store->table[table], &k, &v);
	if (rc == MDB_NOTFOUND)
		return 0;
	if (rc != 0)
		return remember(t, rc);
	*value = to_span(v);
	return 1;
}

static int
put(struct store_txn *t, enum store_table table, struct span key,
    struct span value, unsigned flags)
{
	MDB_val k = to_val(key), v = to_val(value);

	if (t->rc != 0)
		return t->rc;
	return mdb_put(t->txn, t->store->table[table], &k, &v, flags);
}

int
store_has(struct store_txn *t, enum store_table table, struct span key,
    struct span value)
{
	MDB_val k = to_val(key), v = to_val(value);
	MDB_cursor *cursor;
	int rc;

	if (t->store->table[table] == TABLE_ABSENT)
		return 0;
	rc = mdb_cursor_open(t->txn, t->store->table[table], &cursor);
	if (rc == 0) {
		rc = mdb_cursor_get(cursor, &k, &v, MDB_GET_BOTH);
		mdb_cursor_close(cursor);
	}
	if (rc == MDB_NOTFOUND)
		return 0;
	return rc == 0 ? 1 : remember(t, rc);
}

int
store_count(struct store_txn *t, enum store_table table, uint64_t *n)
{
	MDB_stat stat;
	int rc;

	*n = 0;
	if (t->store->table[table] == TABLE_ABSENT)
		return 0;
	rc = mdb_stat(t->txn, t->store->table[table], &stat);
	if (rc == 0)
		*n = stat.ms_entries;
	return remember(t, rc);
}

int
store_count_key(struct store_txn *t, enum store_table table, struct span key,
    uint64_t *n)
{
	MDB_val k = to_val(key), v;
	MDB_cursor *cursor;
	size_t count = 0;
	int rc;

	*n = 0;
	if (t->store->table[table] == TABLE_ABSENT)
		return 0;
	if ((rc = mdb_cursor_open(t->txn, t->store->table[table], &cursor)) != 0)
		return remember(t, rc);
	rc = mdb_cursor_get(cursor, &k, &v, MDB_SET);
	if (rc == 0)
		rc = mdb_cursor_count(cursor, &count);
	mdb_cursor_close(cursor);
	*n = count;
	return rc == MDB_NOTFOUND ? 0 : remember(t, rc);
}

int
store_put(struct store_txn *t, enum store_table table, struct span key,
    struct span value)
{
	return remember(t, put(t, table, key, value, 0));
}

int
store_add(struct store_txn *t, enum store_table table, struct span key,
    struct span value)
{
	int rc = put(t, table, key, value, MDB_NOOVERWRITE);

	if (rc == MDB_KEYEXIST)
		return 0;
	return remember(t, rc) == 0 ? 1 : -1;
}

int
store_delete(struct store_txn *t, enum store_table table, struct span key,
    struct span value)
{
	MDB_val k = to_val(key), v = to_val(value);
	int rc;

	if (t->rc != 0)
		return -1;
	rc = mdb_del(t->txn, t->store->table[table], &k, value.n != 0 ? &v : NULL);
	return rc == MDB_NOTFOUND ? 0 : remember(t, rc);
}

/*
 * LMDB finds the first pair at or above; the last at or below is the one
 * before, or the last of those with this very key.
 */
static int
seek_backward(struct store_cursor *c, struct span key, bool has_many)
{
	int rc = mdb_cursor_get(c->cursor, &c->key, &c->value, MDB_SET_RANGE);

	if (rc == MDB_NOTFOUND)
		return mdb_cursor_get(c->cursor, &c->key, &c->value, MDB_LAST);
	if (rc == 0 && !span_equal(to_span(c->key), key))
		return mdb_cursor_get(c->cursor, &c->key, &c->value, MDB_PREV);
	if (rc == 0 && has_many)
		return mdb_cursor_get(c->cursor, &c->key, &c->value, MDB_LAST_DUP);
	return rc;
}

struct store_cursor *
store_seek(struct store_txn *t, enum store_table table, struct span key,
    bool is_backward)
{
	struct store_cursor *c = calloc(1, sizeof(*c));
	int rc;

	must(c != NULL);
	c->t = t;
	c->next = is_backward ? MDB_PREV : MDB_NEXT;
	c->key = to_val(key);
	if (t->store->table[table] == TABLE_ABSENT)
		return c;
	rc = mdb_cursor_open(t->txn, t->store->table[table], &c->cursor);
	if (rc == 0)
		rc = is_backward ?
		    seek_backward(c, key, tables[table].flags & MDB_DUPSORT) :
		    mdb_cursor_get(c->cursor, &c->key, &c->value, MDB_SET_RANGE);
	c->is_there = rc == 0;
	if (rc != 0 && rc != MDB_NOTFOUND)
		remember(t, rc);
	return c;
}

/* As seek_backward, among the values of one key: they are sorted. */
static int
seek_value(struct store_cursor *c)
{
	MDB_val wanted = c->value;
	int rc = mdb_cursor_get(c->cursor, &c->key, &c->value, MDB_GET_BOTH_RANGE);

	if (rc == 0 && span_equal(to_span(c->value), to_span(wanted)))
		return 0;
	if (rc == 0)
		return mdb_cursor_get(c->cursor, &c->key, &c->value, MDB_PREV_DUP);
	if (rc != MDB_NOTFOUND)
		return rc;
	rc = mdb_cursor_get(c->cursor, &c->key, &c->value, MDB_SET_KEY);
	return rc != 0 ? rc :
	    mdb_cursor_get(c->cursor, &c->key, &c->value, MDB_LAST_DUP);
}

struct store_cursor *
store_seek_within(struct store_txn *t, enum store_table table, struct span key,
    struct span value)
{
	struct store_cursor *c = calloc(1, sizeof(*c));
	int rc;

	must(c != NULL);
	c->t = t;
	c->next = MDB_PREV_DUP;
	c->key = to_val(key);
	c->value = to_val(value);
	if (t->store->table[table] == TABLE_ABSENT)
		return c;
	rc = mdb_cursor_open(t->txn, t->store->table[table], &c->cursor);
	if (rc == 0)
		rc = seek_value(c);
	c->is_there = rc == 0;
	if (rc != 0 && rc != MDB_NOTFOUND)
		remember(t, rc);
	return c;
}

struct store_cursor *
store_seek_pair(struct store_txn *t, enum store_table table, struct span key,
    struct span value)
{
	struct store_cursor *c = store_seek(t, table, key, false);
	MDB_val k = to_val(key), v = to_val(value);
	int rc;

	if (!c->is_there || !span_equal(to_span(c->key), key))
		return c;
	rc = mdb_cursor_get(c->cursor, &k, &v, MDB_GET_BOTH_RANGE);
	if (rc == MDB_NOTFOUND) {	/* every one of this key is smaller */
		rc = mdb_cursor_get(c->cursor, &c->key, &c->value, MDB_SET);
		if (rc == 0)
			rc = mdb_cursor_get(c->cursor, &c->key, &c->value,
			    MDB_NEXT_NODUP);
	} else if (rc == 0)
		rc = mdb_cursor_get(c->cursor, &c->key, &c->value,
		    MDB_GET_CURRENT);
	c->is_there = rc == 0;
	if (rc != 0 && rc != MDB_NOTFOUND)
		remember(t, rc);
	return c;
}

const char *
store_table_name(enum store_table table)
{
	return table < TABLE_COUNT ? tables[table].name : NULL;
}

bool
store_table_is_index(enum store_table table)
{
	return (tables[table].flags & MDB_DUPSORT) != 0;
}

int
store_step(struct store_cursor *c, struct span *key, struct span *value)
{
	int rc;

	if (!c->is_there)
		return c->t->rc != 0 ? -1 : 0;
	*key = to_span(c->key);
	*value = to_span(c->value);
	rc = mdb_cursor_get(c->cursor, &c->key, &c->value, c->next);
	c->is_there = rc == 0;
	if (rc != 0 && rc != MDB_NOTFOUND)
		remember(c->t, rc);
	return 1;
}

void
store_cursor_end(struct store_cursor *c)
{
	if (c == NULL)
		return;
	if (c->cursor != NULL)
		mdb_cursor_close(c->cursor);
	free(c);
}
