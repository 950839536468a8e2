/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef EXTRACT_ATTACHMENT_H
#define EXTRACT_ATTACHMENT_H

#include <stdbool.h>

#include "base/arena.h"

struct client;
struct message;

/*
 * A message's attachments are looked into between parsing and judging: each gets
 * its true type, its text and its reason; what is inside of one follows as
 * parts of its own ("2/1"), marked is_inside.
 */

/** attachments_are_there(m): Is there anything in ${m} to look into? */
bool attachments_are_there(const struct message *m);

/**
 * attachments_extract(c, a, m):
 * Look into all of ${m}'s attachments through ${c}; ${a} is ${m}'s arena.  Waits while
 * other messages have their turn; gives up (PART_TIME) when ${c}'s time for a
 * message is over, and of those beyond ${c}'s count for one (PART_SIZE).  Never fails.
 */
void attachments_extract(struct client *c, struct arena *a, struct message *m);

#endif /* !EXTRACT_ATTACHMENT_H */
