/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef BASE_LOG_H
#define BASE_LOG_H

#include <stdbool.h>

enum log_level { LOG_LEVEL_ERROR, LOG_LEVEL_WARNING, LOG_LEVEL_INFO };

/**
 * log_open(name, to_stderr):
 * Send lines to stderr, or to syslog's mail facility as ${name}.  Call once,
 * before any thread; without it lines go to stderr.  ${name} is kept.
 */
void log_open(const char *name, bool to_stderr);

/**
 * log_event(level, event, key, value, ..., NULL):
 * One event, one line: "event=E key=value ...".  A value with blanks, quotes,
 * controls or bytes that are not UTF-8 is quoted and escaped; a NULL value
 * leaves its key out.  Never pass the text of a document.  Any thread.
 */
void log_event(enum log_level level, const char *event, ...)
    __attribute__((sentinel));

#endif /* !BASE_LOG_H */
