/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef CTL_VALUE_H
#define CTL_VALUE_H

#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/span.h"

struct err;

/* JSON (RFC 8259) as it is read: the one door to jansson. */
enum value_kind {
	VALUE_NULL, VALUE_BOOL, VALUE_NUMBER, VALUE_TEXT, VALUE_LIST, VALUE_OBJECT,
	VALUE_FRACTION		/* a number that is not whole; its value is lost */
};

struct value {
	enum value_kind kind;
	const char *name;	/* of a member of an object; else NULL */
	int64_t number;		/* of numbers; 0 or 1 of bools */
	struct span text;	/* valid UTF-8, without NUL */
	const struct value *items;	/* of lists and objects, in their order */
	size_t count;
};

/**
 * value_read(a, text, v, column, e):
 * The one value that ${text} is, in ${a}.  0; -1 with the reason and the
 * ${column} (from 1, in characters): no JSON, a member twice, nested more than
 * 8 deep.
 */
int value_read(struct arena *a, struct span text, const struct value **v,
    size_t *column, struct err *e);

/** value_get(object, name): Its member ${name}, or NULL; also if it is no object. */
const struct value *value_get(const struct value *object, const char *name);

#endif /* !CTL_VALUE_H */
