/* SPDX-License-Identifier: BSD-2-Clause */
#include "base/arena.h"
#include "mail/charset.h"
#include "mail/html.h"
#include "mail/map.h"

#include "fuzz.h"

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
	struct arena *a = arena_new();
	struct map first = { .arena = a }, second = { .arena = a };
	struct span text, utf8 = charset_decode(a, span_of("utf-8"),
	    fuzz_span(bytes, n), &first);
	size_t in, width;

	text = html_text(a, utf8, &second);
	FUZZ_MUST(charset_is_utf8(text));
	FUZZ_MUST(second.out_end == text.n && second.in_end <= utf8.n);
	map_compose(&first, &second);
	for (size_t at = 0; at < text.n; at += 1 + text.n / 16) {
		map_back(&second, at, text.n - at, &in, &width);
		FUZZ_MUST(in + width <= n);
	}
	arena_free(a);
	return 0;
}
