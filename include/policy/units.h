/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef POLICY_UNITS_H
#define POLICY_UNITS_H

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "base/span.h"

struct faults;
struct source;

/* One mailbox, or one pattern of mailboxes, of a unit: a line of units.tsv. */
struct unit {
	struct span code;	/* "G03.15" */
	struct span name;
	struct span kind;	/* one of unit_kinds, lower case */
	struct span room;	/* "Văn thư" */
	bool is_virtual;	/* a room without people: a role */
	struct span address;	/* canonical, lower case; "*" stands for anything */
	struct span focal;	/* the officer's mailbox, canonical; may be empty */
	struct span phone;
	size_t offset;		/* of its line in the file */
};

/* The directory of units: immutable once read, any thread. */
struct units;

/** unit_kinds: Every kind that a unit may be of, lower case, ended by NULL. */
extern const char *const unit_kinds[];

/**
 * units_read(a, src, f):
 * Read ${src} into ${a}: tab-separated lines "code name kind room address focal
 * phone"; room begins with "real" or "virtual"; trailing columns may be left
 * out; "#" begins a comment line.  Faults go into ${f}.
 */
const struct units *units_read(struct arena *a, const struct source *src,
    struct faults *f);

/** units_count(u): How many lines it has. */
size_t units_count(const struct units *u);

/** units_get(u, i): The line ${i} < units_count(u), in the order of the file. */
const struct unit *units_get(const struct units *u, size_t i);

/**
 * units_find(u, address):
 * The unit of a canonical ${address}, lower case: one that names it, else the
 * first whose pattern it matches; NULL if it is in none.
 */
const struct unit *units_find(const struct units *u, struct span address);

/** units_has_code(u, code): Is there a unit ${code}, ASCII letters without case? */
bool units_has_code(const struct units *u, struct span code);

#endif /* !POLICY_UNITS_H */
