/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef MAIL_CHARSET_H
#define MAIL_CHARSET_H

#include <stdbool.h>

#include "base/arena.h"
#include "base/span.h"

struct map;

/** charset_is_utf8(s): Is ${s} valid UTF-8 (RFC 3629)? */
bool charset_is_utf8(struct span s);

/**
 * charset_decode(a, charset, bytes, m):
 * ${bytes} as UTF-8: taken as they are if they validate (whatever the label says),
 * else read as ${charset} through iconv(3), unless most of them are UTF-8 all the
 * same.  Without a charset that helps, each line as UTF-8 if most of it is, else as
 * windows-1252.  What cannot be read becomes U+FFFD.  UTF-16 and UTF-32 labels and
 * marks and ISO-2022 are honoured.  ${m}, if not NULL, gets the way back.
 */
struct span charset_decode(struct arena *a, struct span charset, struct span bytes, struct map *m);

/**
 * charset_warm():
 * Load what iconv(3) keeps in files for the charsets of mail and office, and keep it:
 * for a process that will not be able to open files.  Once; charsets beyond
 * these are then unknown.
 */
void charset_warm(void);

#endif /* !MAIL_CHARSET_H */
