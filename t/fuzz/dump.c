/* SPDX-License-Identifier: BSD-2-Clause */
#include "base/err.h"
#include "ctl/value.h"

#include "dump_internal.h"
#include "fuzz.h"

/* A line of a file that milterctl import is given: an item, or a reason why not. */
int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
	struct arena *a = arena_new();
	struct buffer b = { .arena = a };
	const struct value *v;
	const char *name;
	struct item item, *list;
	struct err e = { "" };
	size_t column = 0, count;

	if (value_read(a, fuzz_span(bytes, n), &v, &column, &e) < 0) {
		FUZZ_MUST(column > 0 && e.text[0] != '\0');
	} else if (dump_item(a, v, &item, &name, &e) < 0) {
		FUZZ_MUST(e.text[0] != '\0');
	} else {
		item_print(&b, &item);
		FUZZ_MUST(items_parse(a, buffer_span(&b), &list, &count, &e) == 0);
		FUZZ_MUST(count == 1 && list[0].kind == item.kind);
	}
	arena_free(a);
	return 0;
}
