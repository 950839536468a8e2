/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef EXTRACT_SANDBOX_H
#define EXTRACT_SANDBOX_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct err;

/* What keeps a helper in: made once, entered by every fork. */
struct sandbox;

struct sandbox_limits {
	size_t memory_bytes;	/* of address space, beyond what it begins with */
	int64_t time_ms;	/* by the server's clock; of CPU, rounded up to seconds */
};

/**
 * sandbox_new(e):
 * Compile the filter of system calls and see what the kernel has.  To be called
 * when all is loaded that helpers begin with.  NULL with the reason: then
 * nothing may be parsed.
 */
struct sandbox *sandbox_new(struct err *e);

/** sandbox_free(s): NULL is nothing. */
void sandbox_free(struct sandbox *s);

/** sandbox_has_landlock(s): Does the kernel refuse files and sockets too, besides the filter? */
bool sandbox_has_landlock(const struct sandbox *s);

/**
 * sandbox_enter(s, limits, fd):
 * For the rest of this process, which has one thread: only stdin, stdout, stderr
 * and ${fd} stay open; nothing can be opened, connected, begun, watched or
 * signalled; no file grows; memory and CPU end at ${limits}.  0, or -1: then exit.
 */
int sandbox_enter(struct sandbox *s, const struct sandbox_limits *limits, int fd);

#endif /* !EXTRACT_SANDBOX_H */
