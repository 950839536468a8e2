/* SPDX-License-Identifier: BSD-2-Clause */
#include <jansson.h>
#include <string.h>

#include "base/err.h"

#include "ctl/value.h"

#define DEEPEST 8

static int convert(struct arena *a, const json_t *from, unsigned depth,
    struct value *to);

static int
convert_list(struct arena *a, const json_t *from, unsigned depth, struct value *to)
{
	size_t n = json_array_size(from);
	struct value *items = ARENA_ARRAY(a, struct value, n + 1);

	for (size_t i = 0; i < n; i++)
		if (convert(a, json_array_get(from, i), depth + 1, &items[i]) < 0)
			return -1;
	*to = (struct value){ .kind = VALUE_LIST, .items = items, .count = n };
	return 0;
}

static int
convert_object(struct arena *a, const json_t *from, unsigned depth, struct value *to)
{
	size_t n = json_object_size(from), i = 0;
	struct value *items = ARENA_ARRAY(a, struct value, n + 1);
	const char *name;
	json_t *value;

	/* jansson's iterator writes nothing, it only is not declared so. */
	json_object_foreach((json_t *)from, name, value) {
		if (convert(a, value, depth + 1, &items[i]) < 0)
			return -1;
		items[i++].name = arena_string(a, span_of(name));
	}
	*to = (struct value){ .kind = VALUE_OBJECT, .items = items, .count = n };
	return 0;
}

static int
convert(struct arena *a, const json_t *from, unsigned depth, struct value *to)
{
	if (depth > DEEPEST)
		return -1;
	*to = (struct value){ .kind = VALUE_NULL };
	switch (json_typeof(from)) {
	case JSON_OBJECT:
		return convert_object(a, from, depth, to);
	case JSON_ARRAY:
		return convert_list(a, from, depth, to);
	case JSON_STRING:
		to->kind = VALUE_TEXT;
		to->text = arena_copy(a, (struct span){ json_string_value(from),
		    json_string_length(from) });
		break;
	case JSON_INTEGER:
		to->kind = VALUE_NUMBER;
		to->number = json_integer_value(from);
		break;
	case JSON_REAL:
		to->kind = VALUE_FRACTION;
		break;
	case JSON_TRUE:
	case JSON_FALSE:
		to->kind = VALUE_BOOL;
		to->number = json_is_true(from);
		break;
	case JSON_NULL:
		break;
	}
	return 0;
}

int
value_read(struct arena *a, struct span text, const struct value **v,
    size_t *column, struct err *e)
{
	struct value *root = ARENA_NEW(a, struct value);
	json_error_t error;
	json_t *json = json_loadb(text.n != 0 ? text.p : "", text.n,
	    JSON_REJECT_DUPLICATES | JSON_DECODE_ANY, &error);
	int rc;

	*column = 1;
	if (json == NULL) {
		*column = error.column > 0 ? (size_t)error.column : 1;
		return err_set(e, "%s", error.text);
	}
	rc = convert(a, json, 1, root);
	json_decref(json);
	*v = root;
	return rc < 0 ? err_set(e, "nested more than %d deep", DEEPEST) : 0;
}

const struct value *
value_get(const struct value *object, const char *name)
{
	if (object->kind != VALUE_OBJECT)
		return NULL;
	for (size_t i = 0; i < object->count; i++)
		if (strcmp(object->items[i].name, name) == 0)
			return &object->items[i];
	return NULL;
}
