/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef FILTER_HTTP_H
#define FILTER_HTTP_H

struct desk;
struct err;

/**
 * http_start(d, e):
 * Serve what metrics_print says at /metrics, over HTTP in threads of its own, on
 * the configured metrics_listen: nothing if that is empty.  Everything else is
 * 404, every other method than GET and HEAD 405.  The one door to libmicrohttpd.
 * 0, or -1 with the reason.  It serves until the process ends.
 */
int http_start(struct desk *d, struct err *e);

#endif /* !FILTER_HTTP_H */
