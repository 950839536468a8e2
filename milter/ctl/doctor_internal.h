/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef DOCTOR_INTERNAL_H
#define DOCTOR_INTERNAL_H

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "base/span.h"
#include "ctl/json.h"

struct config;
struct context;

/* "name = value" of postconf; of master.cf "service/type/name = value". */
struct parameter {
	struct span name, value;
};

/* A line of master.cf. */
struct service {
	struct span name, type, command;
	bool is_chroot;
};

/* The round: what was read, and what was found so far. */
struct doctor {
	const struct context *context;
	const struct config *config;
	struct arena *arena;
	const char *postfix;	/* its configuration folder; NULL = the usual one */
	struct parameter *parameters, *overrides;
	size_t parameter_count, override_count;
	struct service *services;
	size_t service_count;
	bool is_json;
	struct json json;
	size_t findings;
};

/** doctor_find(d, name, mend, format, ...): Tell one finding: its stable ${name}, what is so, and what to do. */
void doctor_find(struct doctor *d, const char *name, const char *mend,
    const char *format, ...) __attribute__((format(printf, 4, 5)));

/** doctor_postfix(d): main.cf and master.cf. */
void doctor_postfix(struct doctor *d);

/** doctor_files(d): Sockets, keys, ledger, log, disk: what the file system says. */
void doctor_files(struct doctor *d);

/** doctor_daemon(d): What the running daemon says. */
void doctor_daemon(struct doctor *d);

/** doctor_get(d, name): A parameter of main.cf; empty if Postfix knows none. */
struct span doctor_get(const struct doctor *d, const char *name);

#endif /* !DOCTOR_INTERNAL_H */
