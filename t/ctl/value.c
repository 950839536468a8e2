/* SPDX-License-Identifier: BSD-2-Clause */
#include <criterion/criterion.h>
#include <string.h>

#include "base/err.h"

#include "ctl/value.h"

static int
read_text(struct arena *a, const char *text, const struct value **v, size_t *column,
    struct err *e)
{
	return value_read(a, span_of(text), v, column, e);
}

Test(value, every_kind_is_read_in_its_order)
{
	struct arena *a = arena_new();
	const struct value *v;
	struct err e = { "" };
	size_t column;

	cr_assert_eq(read_text(a, "{\"z\":[1,-2,null],\"a\":\"\\u1ea4n\\n\","
	    "\"t\":true,\"r\":1.5}", &v, &column, &e), 0, "%s", e.text);
	cr_assert_eq(v->kind, VALUE_OBJECT);
	cr_assert_eq(v->count, 4);
	cr_expect_str_eq(v->items[0].name, "z");
	cr_expect_eq(v->items[0].count, 3);
	cr_expect_eq(v->items[0].items[1].number, -2);
	cr_expect_eq(v->items[0].items[2].kind, VALUE_NULL);
	cr_expect(span_equal(value_get(v, "a")->text, span_of("Ấn\n")));
	cr_expect_eq(value_get(v, "t")->kind, VALUE_BOOL);
	cr_expect_eq(value_get(v, "t")->number, 1);
	cr_expect_eq(value_get(v, "r")->kind, VALUE_FRACTION);
	cr_expect_null(value_get(v, "b"));
	cr_expect_null(value_get(&v->items[1], "b"));
	arena_free(a);
}

Test(value, a_fault_has_its_column)
{
	static const struct { const char *text; size_t column; } bad[] = {
		{ "", 1 }, { "{\"a\":}", 6 }, { "{\"a\":1,\"a\":2}", 10 },
		{ "{\"\xff\":1}", 2 }, { "[1] 2", 5 }, { "\"\\u0000\"", 8 },
	};
	struct arena *a = arena_new();
	const struct value *v;

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		struct err e = { "" };
		size_t column;

		cr_expect_eq(read_text(a, bad[i].text, &v, &column, &e), -1,
		    "%s", bad[i].text);
		cr_expect_eq(column, bad[i].column, "%s: %zu (%s)", bad[i].text,
		    column, e.text);
		cr_expect_neq(e.text[0], '\0');
	}
	arena_free(a);
}

Test(value, depth_is_bounded)
{
	struct arena *a = arena_new();
	char text[4001];
	const struct value *v;
	struct err e;
	size_t column;

	cr_expect_eq(read_text(a, "[[[[[[[1]]]]]]]", &v, &column, &e), 0);
	cr_expect_eq(read_text(a, "[[[[[[[[[1]]]]]]]]]", &v, &column, &e), -1);
	memset(text, '[', 2000);
	memset(text + 2000, ']', 2000);
	text[4000] = '\0';
	cr_expect_eq(read_text(a, text, &v, &column, &e), -1);
	arena_free(a);
}
