/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef FUZZ_FUZZ_H
#define FUZZ_FUZZ_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/span.h"

/* What libFuzzer calls: once at the start, and with every input. */
int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n);

static inline struct span
fuzz_span(const uint8_t *bytes, size_t n)
{
	return (struct span){ (const char *)bytes, n };
}

/* A promise of a header is broken: libFuzzer keeps the input. */
#define FUZZ_MUST(what) do {						\
	if (!(what)) {							\
		fprintf(stderr, "%s:%d: broken: %s\n", __FILE__, __LINE__, #what); \
		abort();						\
	}								\
} while (0)

#endif /* !FUZZ_FUZZ_H */
