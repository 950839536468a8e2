/* SPDX-License-Identifier: BSD-2-Clause */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"

#include "base/err.h"

int
err_set(struct err *e, const char *format, ...)
{
	va_list ap;

	va_start(ap, format);
	vsnprintf(e->text, sizeof(e->text), format, ap);
	va_end(ap);
	return -1;
}

int
err_errno(struct err *e, const char *format, ...)
{
	int why = errno;
	va_list ap;
	size_t n;

	va_start(ap, format);
	vsnprintf(e->text, sizeof(e->text), format, ap);
	va_end(ap);
	n = strlen(e->text);
	/* strerrordesc_np: strerror may share its buffer between threads. */
	snprintf(e->text + n, sizeof(e->text) - n, ": %s",
	    strerrordesc_np(why) != NULL ? strerrordesc_np(why) : "unknown error");
	errno = why;
	return -1;
}

int
err_prefix(struct err *e, const char *format, ...)
{
	struct err old = *e;
	va_list ap;
	size_t n;

	va_start(ap, format);
	vsnprintf(e->text, sizeof(e->text), format, ap);
	va_end(ap);
	n = strlen(e->text);
	snprintf(e->text + n, sizeof(e->text) - n, ": %s", old.text);
	return -1;
}

_Noreturn void
must_failed(const char *condition, const char *file, int line)
{
	char where[256];

	snprintf(where, sizeof(where), "%s:%d", file, line);
	log_event(LOG_LEVEL_ERROR, "bug", "must", condition, "at", where,
	    (char *)NULL);
	abort();
}
