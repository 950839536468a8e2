/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef EXTRACT_HELPER_INTERNAL_H
#define EXTRACT_HELPER_INTERNAL_H

#include <sys/types.h>

struct sandbox;
struct wire_request;

/* How a helper ends when no signal ends it. */
enum helper_exit { HELPER_DONE, HELPER_FAILED, HELPER_NO_MEMORY };

/** helper_prepare(): What helpers inherit: once, in the server. */
void helper_prepare(void);

/**
 * helper_run(s, r, server, null, fds):
 * Read the document of ${r} in the sandbox: the bytes from ${fds}[0], records to
 * ${fds}[1]; ${null} is /dev/null.  Right after fork, in the child of ${server};
 * ends the process.
 */
_Noreturn void helper_run(struct sandbox *s, const struct wire_request *r, pid_t server,
    int null, const int fds[2]);

#endif /* !EXTRACT_HELPER_INTERNAL_H */
