/* SPDX-License-Identifier: BSD-2-Clause */
#include "base/arena.h"
#include "mail/charset.h"
#include "mail/map.h"
#include "mail/unicode.h"

#include "fuzz.h"

static const char *const labels[] = {
	"utf-8", "windows-1258", "tcvn5712-1", "viscii", "iso-2022-jp", "utf-16", "utf-7",
	"us-ascii", "ucs4", "gb18030", "x-unknown",
};

/* The first byte chooses the label. */
int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
	struct arena *a;
	struct map m;
	struct span text, readable;
	size_t in, width;

	if (n == 0)
		return 0;
	a = arena_new();
	m = (struct map){ .arena = a };
	text = charset_decode(a, span_of(labels[bytes[0] %
	    (sizeof(labels) / sizeof(labels[0]))]), fuzz_span(bytes + 1, n - 1), &m);
	FUZZ_MUST(charset_is_utf8(text));
	FUZZ_MUST(m.out_end == text.n);
	if (text.n != 0) {
		map_back(&m, 0, text.n, &in, &width);
		FUZZ_MUST(in + width <= n - 1);
	}
	readable = unicode_readable(a, text, NULL);
	FUZZ_MUST(charset_is_utf8(readable));
	FUZZ_MUST(span_find_byte(readable, '\r') == readable.n);
	FUZZ_MUST(charset_is_utf8(unicode_lower(a, readable)));
	arena_free(a);
	return 0;
}
