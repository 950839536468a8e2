/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef FILTER_SNAPSHOT_H
#define FILTER_SNAPSHOT_H

struct err;
struct faults;
struct keyring;
struct policy;

/*
 * The policy and the keys in force: immutable, counted, swapped whole.  A
 * message keeps the one that it began with.
 */
struct snapshot {
	struct policy *policy;
	struct keyring *keys;
};

/* Where the snapshot in force stands.  Any thread. */
struct snapshots;

/**
 * snapshot_load(policy_path, keys_folder, before, f, e):
 * Read and check both; of what ${before} (or NULL) has in force already patterns
 * are not probed again.  NULL with the faults of the policy in ${f}, or the
 * reason in ${e}, whose text is "" if the faults say it all.
 */
struct snapshot *snapshot_load(const char *policy_path, const char *keys_folder,
    const struct snapshot *before, struct faults *f, struct err *e);

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

#endif /* !FILTER_SNAPSHOT_H */
