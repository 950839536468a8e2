/* SPDX-License-Identifier: BSD-2-Clause */
#include "base/err.h"
#include "ledger/item.h"

#include "fuzz.h"

/* What the control socket is sent; what is read is printed so that it reads the same. */
int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
	struct arena *a = arena_new();
	struct buffer first = { .arena = a }, second = { .arena = a };
	struct item *list;
	struct err e = { "" };
	size_t count;

	if (items_parse(a, fuzz_span(bytes, n), &list, &count, &e) < 0) {
		FUZZ_MUST(e.text[0] != '\0');
		arena_free(a);
		return 0;
	}
	for (int round = 0; round < 2; round++) {
		struct buffer *b = round == 0 ? &first : &second;

		/* An attempt that says nothing is left out the first time. */
		for (size_t i = 0; i < count; i++)
			item_print(b, &list[i]);
		FUZZ_MUST(items_parse(a, buffer_span(b), &list, &count, &e) == 0);
	}
	second.n = 0;
	for (size_t i = 0; i < count; i++)
		item_print(&second, &list[i]);
	first.n = 0;
	FUZZ_MUST(items_parse(a, buffer_span(&second), &list, &count, &e) == 0);
	for (size_t i = 0; i < count; i++)
		item_print(&first, &list[i]);
	FUZZ_MUST(span_equal(buffer_span(&first), buffer_span(&second)));
	arena_free(a);
	return 0;
}
