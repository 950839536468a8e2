/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef FILTER_EXTRACTOR_H
#define FILTER_EXTRACTOR_H

#include <sys/types.h>

#include <stdbool.h>

struct config;

/**
 * extractor_run(c, parent, fd, is_detached):
 * Be the extraction fork server: drop root and serve on ${fd} (extract/server.h).
 * ${parent} is the process that must still be our parent; a detached one lets go of stdin, stdout and
 * stderr.  Ends the process; what went wrong is in the log.
 */
_Noreturn void extractor_run(const struct config *c, pid_t parent, int fd,
    bool is_detached);

#endif /* !FILTER_EXTRACTOR_H */
