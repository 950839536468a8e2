/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef POLICY_GLOB_H
#define POLICY_GLOB_H

#include <stdbool.h>

#include "base/span.h"

/** glob_matches(pattern, s): Is ${s} the ${pattern}, ASCII letters without case, in which "*" stands for anything? */
bool glob_matches(struct span pattern, struct span s);

/** glob_is(s): Does ${s} hold a "*"? */
bool glob_is(struct span s);

#endif /* !POLICY_GLOB_H */
