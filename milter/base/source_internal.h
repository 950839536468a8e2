/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef SOURCE_INTERNAL_H
#define SOURCE_INTERNAL_H

#include <stdbool.h>

#include "base/source.h"

struct err;

/**
 * source_load(path, name, may_be_empty, e):
 * One file as sources_open would take it, under ${name}; free with source_drop.
 * NULL with the reason, which begins with ${name}.
 */
struct source *source_load(const char *path, const char *name,
    bool may_be_empty, struct err *e);

/** source_drop(src): NULL is nothing. */
void source_drop(struct source *src);

#endif /* !SOURCE_INTERNAL_H */
