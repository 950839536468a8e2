/* SPDX-License-Identifier: BSD-2-Clause */
#include "base/arena.h"
#include "mail/charset.h"
#include "mail/view.h"

#include "fuzz.h"

/* The first byte chooses the charset and whether it is HTML. */
int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
	static const char *const charsets[] = { "", "utf-8", "windows-1258", "viscii" };
	struct arena *a = arena_new();
	struct span part = n != 0 ? fuzz_span(bytes + 1, n - 1) : span_of("");
	const struct view *text, *v;
	size_t offset, width;

	text = view_of_part(a, "1", part, span_of(charsets[n != 0 ? bytes[0] & 3 : 0]),
	    n != 0 && (bytes[0] & 4) != 0);
	for (int name = VIEW_TEXT; name < VIEW_COUNT; name++)
		for (v = view_get(text, (enum view_name)name); v != NULL; v = v->next) {
			FUZZ_MUST(charset_is_utf8(v->text));
			for (size_t at = 0; at < v->text.n; at += 1 + v->text.n / 16) {
				view_locate(v, at, v->text.n - at, &offset, &width);
				FUZZ_MUST(offset + width <= part.n);
			}
		}
	arena_free(a);
	return 0;
}
