/* SPDX-License-Identifier: BSD-2-Clause */
#include "base/arena.h"
#include "mail/address.h"
#include "mail/authentication.h"
#include "mail/charset.h"
#include "mail/header.h"

#include "fuzz.h"

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
	struct arena *a = arena_new();
	struct headers h;
	size_t body;

	headers_parse(a, fuzz_span(bytes, n), &h, &body);
	FUZZ_MUST(body <= n);
	for (size_t i = 0; i < h.count; i++) {
		struct span value = h.list[i].value;

		FUZZ_MUST(charset_is_utf8(header_decode(a, value)));
		FUZZ_MUST(charset_is_utf8(header_parameter(a, value, "filename")));
		header_parameter(a, value, "boundary");
		address_canonical(a, value);
	}
	authentication_dkim_passed(&h, span_of("mx.moet.test"), span_of("moet.edu.vn"));
	arena_free(a);
	return 0;
}
