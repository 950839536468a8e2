/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef BASE_ERR_H
#define BASE_ERR_H

/* Why something failed, in words for people; filled by whoever noticed. */
struct err {
	char text[512];
};

/**
 * err_set(e, format, ...):
 * Write the reason into ${e}, cut to its size.  Return -1, so that a caller
 * may write "return err_set(...)".
 */
int err_set(struct err *e, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/**
 * err_errno(e, format, ...):
 * As err_set, with ": " and the text of errno behind it.  Return -1.
 */
int err_errno(struct err *e, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/**
 * err_prefix(e, format, ...):
 * Put context and ": " before the reason that ${e} holds.  Return -1.
 */
int err_prefix(struct err *e, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/**
 * must(condition):
 * Our own bugs end the process, in production too: one line to the log, then
 * abort(3).  The parent restarts the filter and Postfix retries.
 */
#define must(condition)							\
	((condition) ? (void)0 : must_failed(#condition, __FILE__, __LINE__))

/**
 * must_failed(condition, file, line):
 * Log the broken ${condition} and abort.  Called by must() alone.
 */
_Noreturn void must_failed(const char *condition, const char *file, int line);

#endif /* !BASE_ERR_H */
