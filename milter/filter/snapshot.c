/* SPDX-License-Identifier: BSD-2-Clause */
#include <pthread.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/clock.h"
#include "base/err.h"
#include "base/fault.h"
#include "base/log.h"
#include "base/source.h"
#include "ledger/generation.h"
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
	char *broken;			/* why the files are not in force; NULL: they are */
};

static void
snapshot_free(struct counted *c)
{
	if (c == NULL)
		return;
	policy_free(c->snapshot.policy);
	keyring_free(c->snapshot.keys);
	free(c->snapshot.rules);
	free(c);
}

/* A policy that cannot be kept is in force all the same: the mail does not wait. */
static void
keep(const struct snapshot_places *places, const struct sources *set)
{
	struct arena *a = arena_new();
	struct err e;

	if (generation_keep(places->kept, sources_pack(a, set), &e) < 0)
		log_event(LOG_LEVEL_ERROR, "policy-not-kept", "reason", e.text, NULL);
	arena_free(a);
}

static struct policy *
load_kept(const struct snapshot_places *places, struct faults *f, struct err *e)
{
	struct arena *a = arena_new();
	struct sources *set = NULL;
	struct policy *p = NULL;
	struct span bytes;
	int rc = generation_get(places->kept, a, &bytes, e);

	if (rc == 0)
		err_set(e, "%s: no policy was kept", places->kept);
	if (rc == 1)
		set = sources_unpack(bytes, "the policy that was kept", e);
	if (set != NULL)
		p = policy_compile(set, f);
	sources_free(set);
	arena_free(a);
	return p;
}

/* ${p} with the keys; it is freed if there are none. */
static struct snapshot *
with_keys(struct policy *p, const char *folder, struct err *e)
{
	struct counted *c = calloc(1, sizeof(*c));

	must(c != NULL);
	c->holders = 1;
	c->snapshot.policy = p;
	c->snapshot.since_ms = clock_now_ms();
	c->snapshot.rules = calloc(policy_rule_count(p) + 1,
	    sizeof(*c->snapshot.rules));
	must(c->snapshot.rules != NULL);
	c->snapshot.keys = keyring_new();
	if (keyfile_load(folder, c->snapshot.keys, e) < 0)
		goto failed;
	if (keyring_count(c->snapshot.keys) == 0) {
		err_set(e, "%s: no key; make one with: milterctl keys new", folder);
		goto failed;
	}
	return &c->snapshot;
failed:
	snapshot_free(c);
	return NULL;
}

struct snapshot *
snapshot_load(const struct snapshot_places *places,
    const struct snapshot *before, struct faults *f, struct err *e)
{
	struct snapshot *s = NULL;
	struct sources *set;
	struct policy *p;

	e->text[0] = '\0';
	if ((set = sources_open(places->policy, ".policy", e)) == NULL)
		return NULL;
	p = policy_compile_after(set, before != NULL ? before->policy : NULL, f);
	if (p != NULL)
		s = with_keys(p, places->keys, e);
	if (s != NULL && (before == NULL ||
	    strcmp(policy_digest(s->policy), policy_digest(before->policy)) != 0))
		keep(places, set);
	sources_free(set);
	return s;
}

struct snapshot *
snapshot_load_last(const struct snapshot_places *places, struct faults *f,
    struct err *e)
{
	struct policy *p;

	e->text[0] = '\0';
	p = load_kept(places, f, e);
	return p != NULL ? with_keys(p, places->keys, e) : NULL;
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
	free(s->broken);
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

void
snapshots_note(struct snapshots *s, const char *broken)
{
	char *copy = broken != NULL ? strdup(broken) : NULL;

	must(broken == NULL || copy != NULL);
	pthread_mutex_lock(&s->lock);
	free(s->broken);
	s->broken = copy;
	pthread_mutex_unlock(&s->lock);
}

const char *
snapshots_broken(struct snapshots *s, struct arena *a)
{
	const char *copy = NULL;

	pthread_mutex_lock(&s->lock);
	if (s->broken != NULL)
		copy = arena_string(a, span_of(s->broken));
	pthread_mutex_unlock(&s->lock);
	return copy;
}
