/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef FILTER_SOCKET_H
#define FILTER_SOCKET_H

#include <sys/types.h>

struct err;

/* Addresses as in the configuration: "unix:PATH" or "inet:PORT@HOST". */

/**
 * socket_clear(where, e):
 * See to it that ${where} can be bound: a socket file that refuses
 * connections is stale and is removed.  One that is served for 5 s is in use:
 * -1 with the reason.
 */
int socket_clear(const char *where, struct err *e);

/** socket_share(where, mode, group, e): Give a unix socket its ${mode} and ${group}; inet: nothing. 0 or -1. */
int socket_share(const char *where, mode_t mode, const char *group, struct err *e);

/** socket_listen(where, e): A listening stream socket at ${where}, or at a path (cleared before); -1 with the reason. */
int socket_listen(const char *where, struct err *e);

#endif /* !FILTER_SOCKET_H */
