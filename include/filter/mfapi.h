/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef FILTER_MFAPI_H
#define FILTER_MFAPI_H

struct desk;
struct err;

/* The one door to libmilter: its callbacks only translate into session_* calls. */

/**
 * mfapi_bind(d, e):
 * Register with libmilter and bind the socket of ${d}'s configuration: from now
 * on Postfix can connect.  A socket that refuses connections is stale and is
 * removed; one that is served is an error.  0, or -1 with the reason.
 */
int mfapi_bind(struct desk *d, struct err *e);

/** mfapi_serve(): Serve until mfapi_stop; 0 if that was the reason, else -1. */
int mfapi_serve(void);

/** mfapi_stop(): Let mfapi_serve return, within seconds.  Any thread. */
void mfapi_stop(void);

#endif /* !FILTER_MFAPI_H */
