/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef FILTER_LOGREADER_H
#define FILTER_LOGREADER_H

#include <stdbool.h>
#include <stdint.h>

#include "base/span.h"
#include "filter/logfile.h"
#include "ledger/follow.h"

/*
 * The lines of a log that grows, is rotated by renaming or by copying and
 * truncating, and was perhaps rotated several times since it was last read.
 * The place in it is known by the bytes before it, not by a file's name or
 * number.  One thread at a time.
 */
struct logreader;

/**
 * logreader_new(start, since_ms):
 * To be read on from ${start}.  NULL: from the beginning of the log, and of the
 * rotated files before it that were written to at ${since_ms} or later, as many of
 * them as are given (INT64_MAX: none).
 */
struct logreader *logreader_new(const struct log_position *start, int64_t since_ms);

/** logreader_free(r): NULL is nothing. */
void logreader_free(struct logreader *r);

/**
 * logreader_give(r, l, now_ms):
 * Take the open files ${l} and look for the place in them, the newest first.
 * Return true if it was found (or nothing was read ever); else some lines are
 * lost: the log itself is read from its beginning, and positions note the gap.
 */
bool logreader_give(struct logreader *r, struct logfiles *l, int64_t now_ms);

/**
 * logreader_next(r, line):
 * The next whole line, without its end, valid until the next call: true.  False if there is
 * none now.  Lines of more than 64 KiB are left out.
 */
bool logreader_next(struct logreader *r, struct span *line);

/** logreader_position(r, p): Behind the last line that was given; false at the very beginning of a file. */
bool logreader_position(const struct logreader *r, struct log_position *p);

/** logreader_is_lost(r): Does it need files: none yet, or what was read is not there any more? */
bool logreader_is_lost(const struct logreader *r);

/** logreader_is_reading(r, fd): Is ${fd} the file that it reads last? */
bool logreader_is_reading(const struct logreader *r, int fd);

#endif /* !FILTER_LOGREADER_H */
