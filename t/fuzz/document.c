/* SPDX-License-Identifier: BSD-2-Clause */
#include "extract/fixture.h"

#include "base/arena.h"
#include "extract/format.h"
#include "mail/charset.h"

#include "fuzz.h"

static const struct sink_limits limits = { .text_bytes = 1 << 20,
	.unpacked_bytes = 8 << 20, .ratio = 200, .members = 50, .depth = 3 };

int
LLVMFuzzerInitialize(int *argc, char ***argv)
{
	(void)argc, (void)argv;
	format_warm();
	return 0;
}

/* Each target begins with documents of its kind: what they turn into is free. */
int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
	struct arena *a = arena_new();
	struct findings f = fixture_extract(a, span_of("a.bin"), fuzz_span(bytes, n),
	    &limits);
	size_t text = 0;

	FUZZ_MUST(f.count >= 1 && f.count <= limits.members + 1);
	for (size_t i = 0; i < f.count; i++) {
		FUZZ_MUST(f.list[i].type != NULL && f.list[i].path != NULL);
		FUZZ_MUST(charset_is_utf8(f.list[i].text));
		FUZZ_MUST(charset_is_utf8(f.list[i].name));
		text += f.list[i].text.n;
	}
	FUZZ_MUST(text <= limits.text_bytes);
	arena_free(a);
	return 0;
}
