/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef FILTER_METRICS_H
#define FILTER_METRICS_H

#include <stdio.h>

struct desk;

/**
 * metrics_print(d, out):
 * What the daemon counts and what is in the ledger now, in the text format that
 * Prometheus reads (version 0.0.4), names after its conventions.  What cannot be
 * read just now is left out, but for vanthu_ledger_readable, which is 0 then.  Any
 * thread.
 */
void metrics_print(struct desk *d, FILE *out);

#endif /* !FILTER_METRICS_H */
