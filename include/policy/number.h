/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef POLICY_NUMBER_H
#define POLICY_NUMBER_H

#include "base/arena.h"
#include "base/span.h"

struct err;
struct message;
struct regex;
struct regex_scratch;

/* What finds a letter's own official number (số/ký hiệu). */
struct number_patterns {
	struct regex *subject, *text;
};

/** number_compile(n, e): Make both patterns; 0, or -1 with the reason. */
int number_compile(struct number_patterns *n, struct err *e);

/** number_free(n): Free both; { NULL, NULL } is nothing. */
void number_free(struct number_patterns *n);

/**
 * number_find(n, s, a, m, number, e):
 * The number of ${m}, without blanks: the first in its subject, else the first
 * behind "Số:" in a text.  Return 1 with ${number} in ${a}; 0 if there is none;
 * -1 if it could not be decided.
 */
int number_find(const struct number_patterns *n, struct regex_scratch *s,
    struct arena *a, const struct message *m, struct span *number, struct err *e);

#endif /* !POLICY_NUMBER_H */
