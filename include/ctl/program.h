/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef CTL_PROGRAM_H
#define CTL_PROGRAM_H

#include <stdint.h>

#include "base/arena.h"
#include "base/span.h"

struct err;

/**
 * program_read(a, argv, deadline_ms, output, e):
 * Run ${argv} (ended by NULL; looked for in PATH) without input, and take what it
 * prints, in ${a}: at most 64 MiB, for at most ${deadline_ms}; longer, and it is
 * killed.  What it says on its standard error is not shown.  Return its exit
 * status, 0 to 255; -1 if it could not be run, was killed or printed too much.
 */
int program_read(struct arena *a, const char *const *argv, int64_t deadline_ms,
    struct span *output, struct err *e);

#endif /* !CTL_PROGRAM_H */
