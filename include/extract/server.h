/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef EXTRACT_SERVER_H
#define EXTRACT_SERVER_H

#include <sys/types.h>

struct err;

/*
 * The fork server: a process without threads, with every library loaded, that
 * forks a sandboxed helper for each document that a client (client.h) sends.
 * Requests wait in the socket, so that a server that died can be followed by
 * another on the same socket without its clients noticing.
 */

/**
 * server_socket(pair, e):
 * The socket between client and server: ${pair}[0] is the client's end.  0, or
 * -1 with the reason.
 */
int server_socket(int pair[2], struct err *e);

/**
 * server_run(fd, e):
 * Serve on ${fd}; the process is the server from now on and ends with its parent
 * at the latest.  Returns only if it cannot serve: -1 with the reason; or 0 if
 * nobody holds the client's end any more.
 */
int server_run(int fd, struct err *e);

/**
 * server_start(fd, e):
 * Fork a server for this process alone, which must have no other threads yet:
 * its pid, and the client's end in ${fd}; it ends when that is closed.  -1 with
 * the reason.
 */
pid_t server_start(int *fd, struct err *e);

#endif /* !EXTRACT_SERVER_H */
