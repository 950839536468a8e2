/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef CTL_CSV_H
#define CTL_CSV_H

#include <stdbool.h>
#include <stdio.h>

#include "base/span.h"

/* Comma-separated values (RFC 4180, lines ended by LF): begin with { .out = file }. */
struct csv {
	FILE *out;
	bool has_field;		/* one on this line before */
};

/** csv_field(c, s): The next field, quoted where it has to be; what is not UTF-8 becomes U+FFFD. */
void csv_field(struct csv *c, struct span s);

/** csv_end(c): End the line. */
void csv_end(struct csv *c);

#endif /* !CTL_CSV_H */
