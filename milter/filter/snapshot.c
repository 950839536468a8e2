/* SPDX-License-Identifier: BSD-2-Clause */
#include <pthread.h>
#include <stddef.h>
#include <stdlib.h>

#include "base/err.h"
#include "base/fault.h"
#include "base/source.h"
#include "ledger/keyfile.h"
#include "policy/policy.h"
#include "track/keyring.h"

#include "filter/snapshot.h"

struct counted {
	struct snapshot snapshot;	/* first: a held pointer is one to this */
	size_t holders;			/* under the lock; being in force counts */
};

struct snapshots {
	pthread_mutex_t lock;
	struct counted *current;
};

static void
snapshot_free(struct counted *c)
{
	if (c == NULL)
		return;
	policy_free(c->snapshot.policy);
	keyring_free(c->snapshot.keys);
	free(c);
}

static struct policy *
load_policy(const char *path, const struct snapshot *before, struct faults *f,
    struct err *e)
{
	struct sources *set = sources_open(path, ".policy", e);
	struct policy *p;

	if (set == NULL)
		return NULL;
	p = policy_compile_after(set, before != NULL ? before->policy : NULL, f);
	sources_free(set);
	return p;
}

struct snapshot *
snapshot_load(const char *policy_path, const char *keys_folder,
    const struct snapshot *before, struct faults *f, struct err *e)
{
	struct counted *c = calloc(1, sizeof(*c));

	must(c != NULL);
	c->holders = 1;
	e->text[0] = '\0';
	c->snapshot.policy = load_policy(policy_path, before, f, e);
	if (c->snapshot.policy == NULL)
		goto failed;
	c->snapshot.keys = keyring_new();
	if (keyfile_load(keys_folder, c->snapshot.keys, e) < 0)
		goto failed;
	if (keyring_count(c->snapshot.keys) == 0) {
		err_set(e, "%s: no key; make one with: milterctl keys new",
		    keys_folder);
		goto failed;
	}
	return &c->snapshot;
failed:
	snapshot_free(c);
	return NULL;
}

struct snapshots *
snapshots_new(struct snapshot *first)
{
	struct snapshots *s = calloc(1, sizeof(*s));

	must(s != NULL && pthread_mutex_init(&s->lock, NULL) == 0);
	s->current = (struct counted *)first;
	return s;
}

void
snapshots_free(struct snapshots *s)
{
	if (s == NULL)
		return;
	must(s->current->holders == 1);
	snapshot_free(s->current);
	pthread_mutex_destroy(&s->lock);
	free(s);
}

const struct snapshot *
snapshot_hold(struct snapshots *s)
{
	struct counted *c;

	pthread_mutex_lock(&s->lock);
	c = s->current;
	c->holders++;
	pthread_mutex_unlock(&s->lock);
	return &c->snapshot;
}

static struct counted *
drop(struct counted *c)
{
	return --c->holders == 0 ? c : NULL;
}

void
snapshot_release(struct snapshots *s, const struct snapshot *held)
{
	struct counted *last;

	if (held == NULL)
		return;
	pthread_mutex_lock(&s->lock);
	last = drop((struct counted *)held);
	pthread_mutex_unlock(&s->lock);
	snapshot_free(last);
}

void
snapshot_swap(struct snapshots *s, struct snapshot *next)
{
	struct counted *last;

	pthread_mutex_lock(&s->lock);
	last = drop(s->current);
	s->current = (struct counted *)next;
	pthread_mutex_unlock(&s->lock);
	snapshot_free(last);
}
