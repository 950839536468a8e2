/* SPDX-License-Identifier: BSD-2-Clause */
#include "base/arena.h"
#include "ledger/record.h"

#include "fuzz.h"

/* What a damaged ledger may hold; and what is read is written the same way again. */
int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
	struct arena *a = arena_new();
	struct span s = fuzz_span(bytes, n), again;
	struct document d;
	struct recipient_record r;
	struct evidence ev;

	if (record_parse_document(a, s, &d) == 0) {
		again = record_print_document(a, &d);
		FUZZ_MUST(record_parse_document(a, again, &d) == 0);
		FUZZ_MUST(span_equal(record_print_document(a, &d), again));
	}
	if (record_parse_recipient(a, s, &r) == 0) {
		/* An attempt that says nothing is left out the first time. */
		again = record_print_recipient(a, &r);
		FUZZ_MUST(record_parse_recipient(a, again, &r) == 0);
		again = record_print_recipient(a, &r);
		FUZZ_MUST(record_parse_recipient(a, again, &r) == 0);
		FUZZ_MUST(span_equal(record_print_recipient(a, &r), again));
	}
	if (record_parse_evidence(a, s, &ev) == 0) {
		again = record_print_evidence(a, &ev);
		FUZZ_MUST(record_parse_evidence(a, again, &ev) == 0);
		FUZZ_MUST(span_equal(record_print_evidence(a, &ev), again));
	}
	arena_free(a);
	return 0;
}
