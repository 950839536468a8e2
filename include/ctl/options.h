/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef CTL_OPTIONS_H
#define CTL_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"

struct err;

enum option_kind {
	OPTION_FLAG,	/* takes no value */
	OPTION_VALUE,	/* --name VALUE or --name=VALUE, once */
	OPTION_LIST,	/* the same, any number of times */
	OPTION_LATER,	/* comes with a later version */
};

/* An option that a verb knows; a list of them ends with a NULL name. */
struct option_rule {
	const char *name;
	enum option_kind kind;
};

struct option_given {
	const char *name;
	const char *value;	/* "" of a flag */
};

/* What was given; it lives in the arena, values where argv is. */
struct options {
	struct option_given *given;
	size_t given_count;
	const char **operands;
	size_t operand_count;
};

/**
 * options_parse(a, known, argc, argv, o, e):
 * Read ${argv} (without the program and the verb); options and operands in any
 * order, "--" ends options, "-" is an operand.  "--no-color" is known to all.
 * Return 0; -1 with what is wrong with the usage.
 */
int options_parse(struct arena *a, const struct option_rule *known, int argc,
    char **argv, struct options *o, struct err *e);

/** options_get(o, name): The value of the option ${name}, or NULL. */
const char *options_get(const struct options *o, const char *name);

/** options_next(o, name, at): The next value of a list from ${*at} (begin with 0), or NULL. */
const char *options_next(const struct options *o, const char *name, size_t *at);

/**
 * options_choice(what, word, choices, e):
 * The place of ${word} in ${choices} (ended by NULL), 0 if ${word} is NULL; -1
 * with an error that says "did you mean".
 */
int options_choice(const char *what, const char *word, const char *const *choices,
    struct err *e);

/**
 * options_count(name, word, least, n, e):
 * ${word} as a number from ${least} on into ${n}, which stays 0 if ${word} is NULL.  0, or -1.
 */
int options_count(const char *name, const char *word, uint64_t least, uint64_t *n,
    struct err *e);

#endif /* !CTL_OPTIONS_H */
