/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef MAIL_TRANSFER_H
#define MAIL_TRANSFER_H

#include <stdbool.h>

#include "base/arena.h"
#include "base/span.h"

enum transfer_encoding { TRANSFER_IDENTITY, TRANSFER_BASE64, TRANSFER_QUOTED_PRINTABLE, TRANSFER_UUENCODE };

/** transfer_parse(name): The encoding that Content-Transfer-Encoding names; identity if unknown. */
enum transfer_encoding transfer_parse(struct span name);

/**
 * transfer_decode(a, encoding, raw):
 * The decoded bytes (RFC 2045 6.7, 6.8), lenient as mail programs are: damage
 * is skipped, never an error.  Identity returns ${raw} itself.
 */
struct span transfer_decode(struct arena *a, enum transfer_encoding encoding, struct span raw);

/**
 * transfer_uuencoded(text, name, file):
 * Find the next file that stands uuencoded among the lines of ${text}, from before
 * MIME: "begin 644 NAME", lines, "end".  If there is one, take all up to its end off
 * ${text}, set ${name} as written and ${file} to what TRANSFER_UUENCODE decodes, and
 * return true.  One whose end is missing ends where its lines do.
 */
bool transfer_uuencoded(struct span *text, struct span *name, struct span *file);

#endif /* !MAIL_TRANSFER_H */
