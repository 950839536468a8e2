/* SPDX-License-Identifier: BSD-2-Clause */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <syslog.h>
#include <unistd.h>

#include "base/span.h"

#include "base/log.h"
#include "span_internal.h"

/* What is longer is cut: syslog daemons take 8 KB at most. */
#define LINE_SIZE 4096

struct line {
	char p[LINE_SIZE];
	size_t n;
};

static bool use_syslog;

void
log_open(const char *name, bool to_stderr)
{
	use_syslog = !to_stderr;
	if (use_syslog)
		openlog(name, LOG_PID, LOG_MAIL);
}

/* All of it or nothing, with room left for the closing quote and LF. */
static bool
put(struct line *l, const char *p, size_t n)
{
	if (n > sizeof(l->p) - 4 - l->n)
		return false;
	memcpy(l->p + l->n, p, n);
	l->n += n;
	return true;
}

/*
 * What could break a line or turn it round on a screen: C0, DEL, C1, U+2028,
 * U+2029, and the marks that change the direction of writing.
 */
static bool
is_hostile(const unsigned char *p, size_t n)
{
	if (n == 1)
		return p[0] < 0x20 || p[0] == 0x7f;
	if (n == 2)
		return (p[0] == 0xc2 && p[1] < 0xa0) ||
		    (p[0] == 0xd8 && p[1] == 0x9c);
	if (n != 3 || p[0] != 0xe2)
		return false;
	return (p[1] == 0x80 && (p[2] == 0x8e || p[2] == 0x8f ||
	    (p[2] >= 0xa8 && p[2] <= 0xae))) ||
	    (p[1] == 0x81 && p[2] >= 0xa6 && p[2] <= 0xa9);
}

static bool
is_plain(struct span s)
{
	size_t n;

	if (s.n == 0)
		return false;
	for (; s.n != 0; s = span_sub(s, n, s.n)) {
		if ((n = span_character(s)) == 0 ||
		    is_hostile((const unsigned char *)s.p, n))
			return false;
		if (*s.p == ' ' || *s.p == '"' || *s.p == '\'' || *s.p == '\\')
			return false;
	}
	return true;
}

static bool
put_escaped(struct line *l, const char *p, size_t n)
{
	char text[5];
	size_t i;

	for (i = 0; i < n; i++) {
		if (p[i] == '\n')
			strcpy(text, "\\n");
		else if (p[i] == '\r')
			strcpy(text, "\\r");
		else if (p[i] == '\t')
			strcpy(text, "\\t");
		else
			snprintf(text, sizeof(text), "\\x%02x",
			    (unsigned char)p[i]);
		if (!put(l, text, strlen(text)))
			return false;
	}
	return true;
}

/* The character at the start of ${s}, of ${n} bytes; 0: a byte that is none. */
static bool
put_character(struct line *l, struct span s, size_t n)
{
	char pair[2] = { '\\', *s.p };

	if (n == 0 || is_hostile((const unsigned char *)s.p, n))
		return put_escaped(l, s.p, n != 0 ? n : 1);
	if (*s.p == '"' || *s.p == '\\')
		return put(l, pair, 2);
	return put(l, s.p, n);
}

static void
put_quoted(struct line *l, struct span s)
{
	size_t n;

	put(l, "\"", 1);
	for (; s.n != 0; s = span_sub(s, n != 0 ? n : 1, s.n)) {
		n = span_character(s);
		if (!put_character(l, s, n))
			break;
	}
	l->p[l->n++] = '"';
}

static void
put_pair(struct line *l, const char *key, const char *value)
{
	struct span s = span_of(value);

	/* Room for the key, a value's first bytes and its quotes, or nothing. */
	if (sizeof(l->p) - l->n < strlen(key) + 32)
		return;
	if (l->n != 0)
		put(l, " ", 1);
	put(l, key, strlen(key));
	put(l, "=", 1);
	if (is_plain(s) && s.n < sizeof(l->p) - 4 - l->n)
		put(l, s.p, s.n);
	else
		put_quoted(l, s);
}

static void
send_line(enum log_level level, struct line *l)
{
	static const int priorities[] = {
		[LOG_LEVEL_ERROR] = LOG_ERR,
		[LOG_LEVEL_WARNING] = LOG_WARNING,
		[LOG_LEVEL_INFO] = LOG_INFO,
	};
	ssize_t done;

	if (use_syslog) {
		syslog(LOG_MAIL | priorities[level], "%.*s", (int)l->n, l->p);
		return;
	}
	/* One write, so that lines of two threads do not mix. */
	l->p[l->n++] = '\n';
	done = write(STDERR_FILENO, l->p, l->n);
	(void)done;
}

void
log_event(enum log_level level, const char *event, ...)
{
	struct line l = { .n = 0 };
	const char *key, *value;
	va_list ap;

	put_pair(&l, "event", event);
	va_start(ap, event);
	while ((key = va_arg(ap, const char *)) != NULL) {
		value = va_arg(ap, const char *);
		if (value != NULL)
			put_pair(&l, key, value);
	}
	va_end(ap);
	send_line(level, &l);
}
