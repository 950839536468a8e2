/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef SPAN_INTERNAL_H
#define SPAN_INTERNAL_H

#include <stddef.h>

#include "base/span.h"

/**
 * span_character(s):
 * How many bytes the UTF-8 character at the start of ${s} has (RFC 3629: no
 * surrogate, no overlong form, nothing past U+10FFFF); 0 if there is none.
 */
size_t span_character(struct span s);

#endif /* !SPAN_INTERNAL_H */
