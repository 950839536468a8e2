/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef MAIL_HEADER_INTERNAL_H
#define MAIL_HEADER_INTERNAL_H

#include "base/arena.h"
#include "base/span.h"

/** header_percent(a, s, mark): ${s} with ${mark} and two hex digits as the byte they name. */
struct span header_percent(struct arena *a, struct span s, char mark);

#endif /* !MAIL_HEADER_INTERNAL_H */
