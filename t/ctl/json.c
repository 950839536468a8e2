/* SPDX-License-Identifier: BSD-2-Clause */
#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#include "ctl/json.h"

/* What ${write} writes. */
static bool
writes(void (*write)(struct json *), const char *wanted)
{
	char *text = NULL;
	size_t n = 0;
	struct json j = { .out = open_memstream(&text, &n) };
	bool is;

	write(&j);
	fclose(j.out);
	is = strcmp(text, wanted) == 0;
	if (!is)
		fprintf(stderr, "%s", text);
	free(text);
	return is;
}

static void
nested(struct json *j)
{
	json_begin(j, '{');
	json_key(j, "a");
	json_begin(j, '[');
	json_number(j, -1);
	json_begin(j, '{');
	json_end(j, '}');
	json_begin(j, '[');
	json_end(j, ']');
	json_end(j, ']');
	json_key(j, "b");
	json_bool(j, true);
	json_key(j, "c");
	json_time(j, 0);
	json_end(j, '}');
	json_begin(j, '{');
	json_end(j, '}');
}

Test(json, commas_stand_between_values_and_each_value_has_its_line)
{
	cr_assert(writes(nested,
	    "{\"a\":[-1,{},[]],\"b\":true,\"c\":null}\n{}\n"));
}

static void
escapes(struct json *j)
{
	json_text(j, span_of("\"\\\b\f\n\r\t\x01\x7f/Đ"));
	json_text(j, (struct span){ "a\0b", 3 });
}

Test(json, quotes_controls_and_nul_are_escaped)
{
	cr_assert(writes(escapes, "\"\\\"\\\\\\b\\f\\n\\r\\t\\u0001\\u007f/Đ\"\n"
	    "\"a\\u0000b\"\n"));
}

static void
bad_bytes(struct json *j)
{
	json_text(j, span_of("a\xff\xc3z\xed\xa0\x80"));
}

Test(json, bytes_that_are_not_utf_8_become_replacement_characters)
{
	cr_assert(writes(bad_bytes, "\"a\uFFFD\uFFFDz\uFFFD\uFFFD\uFFFD\"\n"));
}

static void
nothing(struct json *j)
{
	json_text_or_null(j, span_of(""));
	json_hex(j, "\x01\xfe", 2);
}

Test(json, none_is_null_and_digests_are_hexadecimal)
{
	cr_assert(writes(nothing, "null\n\"01fe\"\n"));
}
