/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef FILTER_PRIVILEGE_H
#define FILTER_PRIVILEGE_H

struct config;
struct err;

/**
 * privilege_prepare(c, e):
 * Make the folders of ${c} that are missing, with the owner and mode they need,
 * and raise the number of open files.  0, or -1 with the reason.
 */
int privilege_prepare(const struct config *c, struct err *e);

/** privilege_drop(c, e): Become ${c}'s user for good, if we are root. 0 or -1. */
int privilege_drop(const struct config *c, struct err *e);

/** privilege_no_cores(): No core dumps and no tracing of this process: it holds secrets. */
void privilege_no_cores(void);

/** privilege_detach(): stdin, stdout and stderr become /dev/null. */
void privilege_detach(void);

#endif /* !FILTER_PRIVILEGE_H */
