/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef EXTRACT_FORMAT_H
#define EXTRACT_FORMAT_H

#include "base/span.h"

struct sink;

/*
 * How one type of document is read.  The tables are constant; what a library
 * keeps between documents is set up by warm() before the sandbox is shut, for
 * behind it no file can be opened.  For one thread: the fork server and its
 * children have no second one.
 */
struct format {
	const char *type;	/* "application/pdf" */
	/*
	 * Write the text of the hostile ${bytes} and what is inside to ${out}.
	 * Return 0; or -1 if they could not be read: PART_DAMAGED, unless
	 * sink_reason said why or ${out} said stop.
	 */
	int (*extract)(struct span bytes, struct sink *out);
	void (*warm)(void);	/* may be NULL; may be called again */
};

/**
 * format_warm():
 * Warm every format and the recogniser.  Once, before the sandbox is shut.
 */
void format_warm(void);

/**
 * format_find(bytes, name, type):
 * Who reads ${bytes}; NULL if nobody does.  ${type} gets the true type (a
 * string until the next call), told by the content: ${name} only tells apart what the
 * bytes do not.  Pictures, sounds, films and fonts are image/, audio/, video/, font/.
 */
const struct format *format_find(struct span bytes, struct span name, const char **type);

#endif /* !EXTRACT_FORMAT_H */
