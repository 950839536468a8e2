/* SPDX-License-Identifier: BSD-2-Clause */
#include <errno.h>
#include <fcntl.h>
#include <lmdb.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/err.h"

#include "ledger/store.h"

#define FIRST_MAP ((uint64_t)64 << 20)
#define READER_LIMIT 1024
#define DATA_MODE 0640
#define LOCK_MODE 0660
#define FORMAT "1"
#define FORMAT_MAJOR 1
#define GROWN_TRIES 8

/*
 * The map may move only while no transaction of this process is open, and
 * transactions may end in another thread than began them: so they are counted,
 * not locked.
 */
struct store {
	MDB_env *env;
	MDB_dbi tables[TABLE_COUNT];
	char *path;
	uint64_t limit_bytes;
	bool is_readonly;
	pthread_mutex_t lock;
	pthread_cond_t changed;
	unsigned open_count;
	bool is_moving;
};

struct store_txn {
	struct store *store;
	MDB_txn *txn;
	int error;		/* the first one */
	bool is_writing;
};

struct store_cursor {
	struct store_txn *t;
	MDB_cursor *cursor;
	MDB_val key, value;
	int rc;			/* of the position */
	bool is_backward;
	bool is_fresh;		/* the pair there was not given out yet */
};

static const struct {
	const char *name;
	unsigned flags;
} tables[TABLE_COUNT] = {
	[TABLE_META] = { "meta", 0 },
	[TABLE_DOCUMENTS] = { "documents", 0 },
	[TABLE_RECIPIENTS] = { "recipients", 0 },
	[TABLE_EVIDENCE] = { "evidence", 0 },
	[TABLE_RETRY] = { "retry", 0 },
	[TABLE_MESSAGE_ID] = { "message-id", MDB_DUPSORT | MDB_DUPFIXED },
	[TABLE_ENVELOPE_ID] = { "envelope-id", MDB_DUPSORT | MDB_DUPFIXED },
	[TABLE_QUEUE_ID] = { "queue-id", MDB_DUPSORT | MDB_DUPFIXED },
	[TABLE_NUMBER] = { "number", MDB_DUPSORT | MDB_DUPFIXED },
	[TABLE_SENDER] = { "sender", MDB_DUPSORT | MDB_DUPFIXED },
	[TABLE_RECIPIENT] = { "recipient", MDB_DUPSORT | MDB_DUPFIXED },
	[TABLE_STATE] = { "state", MDB_DUPSORT | MDB_DUPFIXED },
};

static MDB_val
val_of(struct span s)
{
	return (MDB_val){ s.n, (void *)(uintptr_t)s.p };
}

static struct span
span_from(const MDB_val *v)
{
	return (struct span){ v->mv_data, v->mv_size };
}

static bool
is_index(enum store_table table)
{
	return (tables[table].flags & MDB_DUPSORT) != 0;
}

static int
fail(const struct store *s, int rc, const char *what, struct err *e)
{
	return err_set(e, "ledger %s: %s: %s", s->path, what, mdb_strerror(rc));
}

/* Count one more transaction, when the map does not move. */
static void
enter(struct store *s)
{
	must(pthread_mutex_lock(&s->lock) == 0);
	while (s->is_moving)
		pthread_cond_wait(&s->changed, &s->lock);
	s->open_count++;
	pthread_mutex_unlock(&s->lock);
}

static void
leave(struct store *s)
{
	must(pthread_mutex_lock(&s->lock) == 0);
	must(s->open_count > 0);
	if (--s->open_count == 0)
		pthread_cond_broadcast(&s->changed);
	pthread_mutex_unlock(&s->lock);
}

/* Move the map to ${bytes}; 0 takes over what another process made of it. */
static int
move_map(struct store *s, uint64_t bytes)
{
	int rc;

	must(pthread_mutex_lock(&s->lock) == 0);
	while (s->is_moving)
		pthread_cond_wait(&s->changed, &s->lock);
	s->is_moving = true;
	while (s->open_count > 0)
		pthread_cond_wait(&s->changed, &s->lock);
	rc = mdb_env_set_mapsize(s->env, bytes);
	s->is_moving = false;
	pthread_cond_broadcast(&s->changed);
	pthread_mutex_unlock(&s->lock);
	return rc;
}

static struct store *
store_new(const char *path, uint64_t limit_bytes, bool is_readonly)
{
	struct store *s = calloc(1, sizeof(*s));
	uint64_t page = (uint64_t)sysconf(_SC_PAGESIZE);

	must(s != NULL && (s->path = strdup(path)) != NULL);
	must(pthread_mutex_init(&s->lock, NULL) == 0);
	must(pthread_cond_init(&s->changed, NULL) == 0);
	s->limit_bytes = limit_bytes / page * page;
	s->is_readonly = is_readonly;
	return s;
}

void
store_close(struct store *s)
{
	if (s == NULL)
		return;
	must(s->open_count == 0);
	if (s->env != NULL)
		mdb_env_close(s->env);
	pthread_cond_destroy(&s->changed);
	pthread_mutex_destroy(&s->lock);
	free(s->path);
	free(s);
}

/* The reason in words that say what to do. */
static int
fail_open(const struct store *s, int rc, struct err *e)
{
	if (rc == ENOENT)
		return err_set(e, "no ledger at %s: %s", s->path, s->is_readonly ?
		    "start milterd, which makes it" :
		    "make the folder (0750, owner vanthu), then start milterd");
	if (rc == EACCES || rc == EPERM)
		return err_set(e, "ledger %s: %s (be root or in group vanthu)",
		    s->path, strerror(rc));
	return fail(s, rc, "cannot open", e);
}

static int
env_open(struct store *s, struct err *e)
{
	unsigned flags = MDB_NOTLS | (s->is_readonly ? MDB_RDONLY : 0);
	int rc;

	if ((rc = mdb_env_create(&s->env)) != 0 ||
	    (rc = mdb_env_set_maxdbs(s->env, TABLE_COUNT)) != 0 ||
	    (rc = mdb_env_set_maxreaders(s->env, READER_LIMIT)) != 0)
		return fail(s, rc, "cannot begin", e);
	if (!s->is_readonly && (rc = mdb_env_set_mapsize(s->env,
	    s->limit_bytes < FIRST_MAP ? s->limit_bytes : FIRST_MAP)) != 0)
		return fail(s, rc, "cannot set its size", e);
	if ((rc = mdb_env_open(s->env, s->path, flags, DATA_MODE)) != 0)
		return fail_open(s, rc, e);
	return 0;
}

/* The umask of whoever started us must not lock the readers out. */
static int
set_modes(struct store *s, struct err *e)
{
	static const struct { const char *name; mode_t mode; } files[] = {
		{ "data.mdb", DATA_MODE }, { "lock.mdb", LOCK_MODE },
	};
	struct stat st;
	char path[4096];

	for (size_t i = 0; i < 2; i++) {
		snprintf(path, sizeof(path), "%s/%s", s->path, files[i].name);
		if (stat(path, &st) < 0)
			return err_errno(e, "%s", path);
		if ((st.st_mode & 07777) != files[i].mode &&
		    chmod(path, files[i].mode) < 0)
			return err_errno(e, "cannot set the mode of %s", path);
	}
	return 0;
}

static int
open_tables(struct store *s, MDB_txn *txn, struct err *e)
{
	unsigned create = s->is_readonly ? 0 : MDB_CREATE;
	int rc;

	for (int i = 0; i < TABLE_COUNT; i++) {
		rc = mdb_dbi_open(txn, tables[i].name, tables[i].flags | create,
		    &s->tables[i]);
		if (rc == MDB_NOTFOUND)
			return err_set(e, "ledger %s has no table '%s': "
			    "start milterd, which makes it", s->path, tables[i].name);
		if (rc != 0)
			return fail(s, rc, tables[i].name, e);
	}
	return 0;
}

/* What a newer major version wrote means something that we cannot know. */
static int
check_format(struct store *s, MDB_txn *txn, struct err *e)
{
	MDB_val key = val_of(span_of("format")), value;
	char text[16] = "";
	int rc;

	rc = mdb_get(txn, s->tables[TABLE_META], &key, &value);
	if (rc == 0) {
		memcpy(text, value.mv_data, value.mv_size < sizeof(text) ?
		    value.mv_size : sizeof(text) - 1);
		if (atoi(text) == FORMAT_MAJOR)
			return 0;
		return err_set(e, "ledger %s has format %s, this program knows %s:"
		    " use the version that wrote it or a later one", s->path, text, FORMAT);
	}
	if (rc != MDB_NOTFOUND)
		return fail(s, rc, "cannot read its format", e);
	if (s->is_readonly)
		return err_set(e, "ledger %s is empty: start milterd", s->path);
	value = val_of(span_of(FORMAT));
	if ((rc = mdb_put(txn, s->tables[TABLE_META], &key, &value, 0)) != 0)
		return fail(s, rc, "cannot write its format", e);
	return 0;
}

static int
prepare(struct store *s, struct err *e)
{
	MDB_txn *txn;
	int rc;

	rc = mdb_txn_begin(s->env, NULL, s->is_readonly ? MDB_RDONLY : 0, &txn);
	if (rc != 0)
		return fail(s, rc, "cannot begin to read", e);
	if (open_tables(s, txn, e) < 0 || check_format(s, txn, e) < 0) {
		mdb_txn_abort(txn);
		return -1;
	}
	if ((rc = mdb_txn_commit(txn)) != 0)
		return fail(s, rc, "cannot make its tables", e);
	return 0;
}

struct store *
store_open(const char *path, uint64_t limit_bytes, struct err *e)
{
	struct store *s = store_new(path, limit_bytes, false);

	if (env_open(s, e) < 0 || set_modes(s, e) < 0 || prepare(s, e) < 0) {
		store_close(s);
		return NULL;
	}
	return s;
}

struct store *
store_open_readonly(const char *path, struct err *e)
{
	struct store *s = store_new(path, 0, true);

	if (env_open(s, e) < 0 || prepare(s, e) < 0) {
		store_close(s);
		return NULL;
	}
	return s;
}

struct store_txn *
store_begin(struct store *s, bool is_writing, struct err *e)
{
	struct store_txn *t;
	MDB_txn *txn;
	int rc = MDB_MAP_RESIZED;

	must(!is_writing || !s->is_readonly);
	for (int i = 0; i < GROWN_TRIES && rc == MDB_MAP_RESIZED; i++) {
		enter(s);
		rc = mdb_txn_begin(s->env, NULL, is_writing ? 0 : MDB_RDONLY, &txn);
		if (rc == 0)
			break;
		leave(s);
		if (rc == MDB_MAP_RESIZED)
			(void)move_map(s, 0);
	}
	/* A failed write of the root page: only a new process may go on. */
	must(rc != MDB_PANIC);
	if (rc != 0) {
		fail(s, rc, "cannot begin", e);
		return NULL;
	}
	must((t = calloc(1, sizeof(*t))) != NULL);
	*t = (struct store_txn){ s, txn, 0, is_writing };
	return t;
}

static void
txn_end(struct store_txn *t)
{
	leave(t->store);
	free(t);
}

void
store_abort(struct store_txn *t)
{
	if (t == NULL)
		return;
	mdb_txn_abort(t->txn);
	txn_end(t);
}

int
store_commit(struct store_txn *t, struct err *e)
{
	int rc = t->error;

	if (rc != 0)
		mdb_txn_abort(t->txn);
	else
		rc = mdb_txn_commit(t->txn);
	if (rc != 0)
		fail(t->store, rc, "cannot commit", e);
	txn_end(t);
	return rc == 0 ? 0 : rc == MDB_MAP_FULL ? STORE_FULL : -1;
}

int
store_grow(struct store *s, struct err *e)
{
	MDB_envinfo info;
	uint64_t bytes;
	int rc;

	mdb_env_info(s->env, &info);
	if (info.me_mapsize >= s->limit_bytes)
		return err_set(e, "ledger %s is full at its limit of %llu bytes "
		    "(ledger_size_limit)", s->path, (unsigned long long)s->limit_bytes);
	bytes = (uint64_t)info.me_mapsize * 2;
	if (bytes > s->limit_bytes)
		bytes = s->limit_bytes;
	if ((rc = move_map(s, bytes)) != 0)
		return fail(s, rc, "cannot grow", e);
	return 0;
}

int
store_reap(struct store *s)
{
	int dead = 0;

	(void)mdb_reader_check(s->env, &dead);
	return dead;
}

/* Pages that are free to be used again: LMDB lists them in its table 0. */
static uint64_t
free_pages(MDB_txn *txn)
{
	MDB_cursor *cursor;
	MDB_val key, value;
	uint64_t pages = 0;
	size_t count;

	if (mdb_cursor_open(txn, 0, &cursor) != 0)
		return 0;
	while (mdb_cursor_get(cursor, &key, &value, MDB_NEXT) == 0) {
		memcpy(&count, value.mv_data, sizeof(count));
		pages += count;
	}
	mdb_cursor_close(cursor);
	return pages;
}

void
store_usage(struct store *s, struct store_usage *u)
{
	struct store_txn *t;
	MDB_envinfo info;
	MDB_stat stat;
	struct err e;

	*u = (struct store_usage){ .limit_bytes = s->limit_bytes };
	if ((t = store_begin(s, false, &e)) == NULL)
		return;
	mdb_env_info(s->env, &info);
	mdb_env_stat(s->env, &stat);
	u->map_bytes = info.me_mapsize;
	u->readers = info.me_numreaders;
	u->used_bytes = (info.me_last_pgno + 1 - free_pages(t->txn)) *
	    (uint64_t)stat.ms_psize;
	store_abort(t);
}

/* Keep the first error, so that callers need look only at the end. */
static int
note(struct store_txn *t, int rc)
{
	if (t->error == 0)
		t->error = rc;
	return -1;
}

int
store_get(struct store_txn *t, enum store_table table, struct span key, struct span *value)
{
	MDB_val k = val_of(key), v;
	int rc;

	if (t->error != 0)
		return -1;
	rc = mdb_get(t->txn, t->store->tables[table], &k, &v);
	if (rc == MDB_NOTFOUND)
		return 0;
	if (rc != 0)
		return note(t, rc);
	*value = span_from(&v);
	return 1;
}

static int
put(struct store_txn *t, enum store_table table, struct span key, struct span value,
    unsigned flags)
{
	MDB_val k = val_of(key), v = val_of(value);
	int rc;

	if (t->error != 0)
		return -1;
	rc = mdb_put(t->txn, t->store->tables[table], &k, &v, flags);
	if (rc == MDB_KEYEXIST)
		return 0;
	return rc != 0 ? note(t, rc) : 1;
}

int
store_put(struct store_txn *t, enum store_table table, struct span key, struct span value)
{
	return put(t, table, key, value, is_index(table) ? MDB_NODUPDATA : 0) < 0 ?
	    -1 : 0;
}

int
store_add(struct store_txn *t, enum store_table table, struct span key, struct span value)
{
	return put(t, table, key, value, MDB_NOOVERWRITE);
}

int
store_delete(struct store_txn *t, enum store_table table, struct span key, struct span value)
{
	MDB_val k = val_of(key), v = val_of(value);
	int rc;

	if (t->error != 0)
		return -1;
	rc = mdb_del(t->txn, t->store->tables[table], &k, is_index(table) ? &v : NULL);
	return rc != 0 && rc != MDB_NOTFOUND ? note(t, rc) : 0;
}

static int
move(struct store_cursor *c, MDB_cursor_op op)
{
	return c->rc = mdb_cursor_get(c->cursor, &c->key, &c->value, op);
}

static bool
is_at(const struct store_cursor *c, struct span key)
{
	return span_equal(span_from(&c->key), key);
}

/* On the last pair whose key is <= ${key}. */
static void
place_before(struct store_cursor *c, enum store_table table, struct span key)
{
	c->key = val_of(key);
	if (move(c, MDB_SET_RANGE) == MDB_NOTFOUND) {
		move(c, MDB_LAST);
		return;
	}
	if (c->rc != 0)
		return;
	if (!is_at(c, key))
		move(c, MDB_PREV);
	else if (is_index(table) &&
	    (c->rc = mdb_cursor_get(c->cursor, &c->key, &c->value, MDB_LAST_DUP)) == 0)
		move(c, MDB_GET_CURRENT);
}

static void
place_pair(struct store_cursor *c, enum store_table table, struct span key,
    struct span value)
{
	c->key = val_of(key);
	c->value = val_of(value);
	if (move(c, MDB_GET_BOTH_RANGE) == 0) {
		if (c->is_backward && !span_equal(span_from(&c->value), value))
			move(c, MDB_PREV);
		return;
	}
	if (c->rc != MDB_NOTFOUND)
		return;
	if (c->is_backward) {
		place_before(c, table, key);
		return;
	}
	c->key = val_of(key);
	if (move(c, MDB_SET_RANGE) == 0 && is_at(c, key))
		move(c, MDB_NEXT_NODUP);
}

static struct store_cursor *
cursor_new(struct store_txn *t, enum store_table table, bool is_backward)
{
	struct store_cursor *c = calloc(1, sizeof(*c));

	must(c != NULL);
	c->t = t;
	c->is_backward = is_backward;
	c->is_fresh = true;
	c->rc = t->error;
	if (c->rc == 0)
		c->rc = mdb_cursor_open(t->txn, t->store->tables[table], &c->cursor);
	return c;
}

struct store_cursor *
store_seek(struct store_txn *t, enum store_table table, struct span key, bool is_backward)
{
	struct store_cursor *c = cursor_new(t, table, is_backward);

	if (c->rc != 0)
		return c;
	if (is_backward) {
		place_before(c, table, key);
		return c;
	}
	c->key = val_of(key);
	move(c, key.n != 0 ? MDB_SET_RANGE : MDB_FIRST);
	return c;
}

struct store_cursor *
store_seek_pair(struct store_txn *t, enum store_table table, struct span key,
    struct span value, bool is_backward)
{
	struct store_cursor *c = cursor_new(t, table, is_backward);

	must(is_index(table));
	if (c->rc == 0)
		place_pair(c, table, key, value);
	return c;
}

int
store_has(struct store_txn *t, enum store_table table, struct span key, struct span value)
{
	struct store_cursor *c = cursor_new(t, table, false);
	int rc;

	c->key = val_of(key);
	c->value = val_of(value);
	if (c->rc == 0)
		move(c, MDB_GET_BOTH);
	rc = c->rc == 0 ? 1 : c->rc == MDB_NOTFOUND ? 0 : note(t, c->rc);
	store_cursor_end(c);
	return rc;
}

int
store_step(struct store_cursor *c, struct span *key, struct span *value)
{
	if (!c->is_fresh && c->rc == 0)
		move(c, c->is_backward ? MDB_PREV : MDB_NEXT);
	c->is_fresh = false;
	if (c->rc == MDB_NOTFOUND)
		return 0;
	if (c->rc != 0)
		return note(c->t, c->rc);
	*key = span_from(&c->key);
	*value = span_from(&c->value);
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
