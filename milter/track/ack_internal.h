/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef ACK_INTERNAL_H
#define ACK_INTERNAL_H

#include <stdbool.h>

#include "base/arena.h"
#include "base/span.h"

#define ACK_TEXT_LIMIT 2000	/* longer fields of a report are cut */

/** ack_block(rest, block): Take the next group of lines up to a blank one off ${rest}; false at the end. */
bool ack_block(struct span *rest, struct span *block);

/** ack_field(a, block, name): The first field ${name} of ${block}, unfolded, trimmed, cut; empty if there is none. */
struct span ack_field(struct arena *a, struct span block, const char *name);

/** ack_uncomment(a, value): ${value} without RFC 5322 comments outside quotes, trimmed. */
struct span ack_uncomment(struct arena *a, struct span value);

/** ack_word(a, value): Its first word, without comments, in lower case. */
struct span ack_word(struct arena *a, struct span value);

/** ack_typed(value): What is behind "type;" (RFC 3464 2.1.2), or all of it. */
struct span ack_typed(struct span value);

/** ack_address(a, value): The canonical address in a typed field; empty if there is none. */
struct span ack_address(struct arena *a, struct span value);

#endif /* !ACK_INTERNAL_H */
