/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef FILTER_LOGFILE_H
#define FILTER_LOGFILE_H

#include <stdbool.h>
#include <stddef.h>

/*
 * Postfix's log belongs to root: the parent opens it and passes descriptors to
 * the filter, which may not.
 */

#define LOGFILES_MAX 16

/* Open files, the oldest first; the last is the log itself. */
struct logfiles {
	int fds[LOGFILES_MAX];
	size_t count;			/* 0: there is no log now */
	bool is_postlogd;		/* nobody but Postfix's own postlogd writes to it */
};

/**
 * logfile_open(path, with_rotated, l):
 * Open the log ${path} to read and, if asked, the files it was rotated to
 * (${path} and "." or "-" and more, not compressed), the newest of them.
 */
void logfile_open(const char *path, bool with_rotated, struct logfiles *l);

/** logfile_close(l): Close what is open and forget it. */
void logfile_close(struct logfiles *l);

/**
 * logfile_has_only_postlogd(fd):
 * Does /proc show Postfix's postlogd writing to the file ${fd}, and nobody else?
 */
bool logfile_has_only_postlogd(int fd);

/** logfile_send(socket, order, l): Send a byte and the descriptors with it. 0 or -1. */
int logfile_send(int socket, char order, const struct logfiles *l);

/**
 * logfile_receive(socket, order, l):
 * Wait for a byte, and take the descriptors that come with it (none with most
 * orders).  1, 0 when the other end is closed, -1.
 */
int logfile_receive(int socket, char *order, struct logfiles *l);

#endif /* !FILTER_LOGFILE_H */
