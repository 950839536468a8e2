/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef METRICS_INTERNAL_H
#define METRICS_INTERNAL_H

#include <stdint.h>
#include <stdio.h>

#include "base/histogram.h"

struct desk;

/* One family of metrics begins; ${name} without "vanthu_". */
void metrics_head(FILE *out, const char *name, const char *type, const char *help);

/* A family of one number. */
void metrics_put(FILE *out, const char *name, const char *type, const char *help,
    double value);

/* One number of a family; ${value} is a name of ours that needs no backslash. */
void metrics_label(FILE *out, const char *name, const char *label, const char *value,
    double n);

/* A family of buckets; what was counted is divided by ${unit}. */
void metrics_histogram(FILE *out, const char *name, const char *help,
    const struct histogram *h, const int64_t bounds[HISTOGRAM_BOUNDS], double unit);

/* What each rule did since its policy came into force. */
void metrics_rules(struct desk *d, FILE *out);

/* What the writer did and what the ledger holds. */
void metrics_ledger(struct desk *d, FILE *out);

#endif /* !METRICS_INTERNAL_H */
