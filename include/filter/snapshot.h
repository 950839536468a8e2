/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef FILTER_SNAPSHOT_H
#define FILTER_SNAPSHOT_H

#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>

struct arena;
struct err;
struct faults;
struct keyring;
struct policy;

/* What became of one rule since its snapshot came into force.  Any thread, no lock. */
struct rule_counter {
	atomic_int_fast64_t hits;		/* it matched and acted, or noted */
	atomic_int_fast64_t shadow_hits;	/* it matched in shadow */
	atomic_int_fast64_t unknowns;		/* it could not be decided */
	atomic_int_fast64_t spent_ns;		/* in its patterns */
};

/*
 * The policy and the keys in force: immutable but for the counters, counted,
 * swapped whole.  A message keeps the one that it began with.
 */
struct snapshot {
	struct policy *policy;
	struct keyring *keys;
	struct rule_counter *rules;	/* by policy_rule_name */
	int64_t since_ms;		/* it was made then */
};

/* Where the snapshot in force stands.  Any thread. */
struct snapshots;

/* Where a snapshot is made of. */
struct snapshot_places {
	const char *policy;	/* file or folder */
	const char *keys;	/* folder */
	const char *kept;	/* folder in which the last good policy is kept */
};

/**
 * snapshot_load(places, before, f, e):
 * Read and check both, and keep the policy as the last good one; of what
 * ${before} (or NULL) has in force already patterns are not probed again.  NULL
 * with the faults of the policy in ${f}, or the reason in ${e}, whose text is "" if
 * the faults say it all.
 */
struct snapshot *snapshot_load(const struct snapshot_places *places,
    const struct snapshot *before, struct faults *f, struct err *e);

/** snapshot_load_last(places, f, e): The same with the policy that was kept, if there is one. */
struct snapshot *snapshot_load_last(const struct snapshot_places *places,
    struct faults *f, struct err *e);

/** snapshots_new(first): With ${first} in force, which it owns from now on. */
struct snapshots *snapshots_new(struct snapshot *first);

/** snapshots_free(s): No message may hold one any more; NULL is nothing. */
void snapshots_free(struct snapshots *s);

/** snapshot_hold(s): The one in force; give it back with snapshot_release. */
const struct snapshot *snapshot_hold(struct snapshots *s);

/** snapshot_release(s, held): NULL is nothing. */
void snapshot_release(struct snapshots *s, const struct snapshot *held);

/** snapshot_swap(s, next): Put ${next} in force; the old one goes when its last message ends. */
void snapshot_swap(struct snapshots *s, struct snapshot *next);

/** snapshots_note(s, broken): The policy's files are not what is in force, for ${broken} reason; NULL: they are. */
void snapshots_note(struct snapshots *s, const char *broken);

/** snapshots_broken(s, a): That reason, in ${a}; NULL if there is none. */
const char *snapshots_broken(struct snapshots *s, struct arena *a);

#endif /* !FILTER_SNAPSHOT_H */
