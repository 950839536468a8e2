/* SPDX-License-Identifier: BSD-2-Clause */
#include "base/fault.h"
#include "base/source.h"
#include "mail/charset.h"
#include "policy/policy.h"

#include "fuzz.h"

/* A policy file is the administrator's own, yet nothing in it may crash us. */
int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
	struct span text = fuzz_span(bytes, n);
	struct sources *set;
	struct faults f = { 0 };
	struct policy *p;

	if (!charset_is_utf8(text) || span_find_byte(text, '\0') < n)
		return 0;
	set = sources_text("fuzz.policy", text);
	p = policy_compile(set, &f);
	FUZZ_MUST(p != NULL || f.errors > 0);
	policy_free(p);
	faults_end(&f);
	sources_free(set);
	return 0;
}
