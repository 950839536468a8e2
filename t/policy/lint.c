/* SPDX-License-Identifier: BSD-2-Clause */
#include <criterion/criterion.h>

#include <stdio.h>
#include <stdlib.h>

#include "base/fault.h"
#include "base/source.h"
#include "policy/policy.h"

#define MINISTRY "ministry { domain moet.edu.vn }\n"

/* The faults of ${text} are these, one a line. */
static void
expect(const char *text, const char *faults)
{
	struct sources *set = sources_text("p", span_of(text));
	struct faults f = { 0 };
	struct policy *p = policy_compile_untried(set, &f);
	char *got = NULL;
	size_t n;
	FILE *out = open_memstream(&got, &n);

	faults_print(&f, out, false);
	fclose(out);
	cr_assert_eq(p == NULL, f.errors != 0);
	cr_expect_str_eq(got, faults, "got:\n%s", got);
	policy_free(p);
	sources_free(set);
	faults_end(&f);
	free(got);
}

Test(lint, a_range_that_holds_nothing_is_an_error)
{
	expect(MINISTRY "rule r { if recipient.count > 5 and recipient.count < 3 note }\n",
	    "p:2:37: no number is like that: rule 'r' can never match by this\n");
	expect(MINISTRY "rule r {\n if time > 17:30\n if time < 07:30\n note\n}\n",
	    "p:4:5: no number is like that: rule 'r' can never match by this\n");
	expect(MINISTRY "rule r { if urgency > hoa-toc-hen-gio note }\n",
	    "p:2:13: no number is like that: rule 'r' can never match by this\n");
	expect(MINISTRY "rule r { if spoofed or size = 1K and (signed and size < 1K) note }\n",
	    "p:2:50: no number is like that: rule 'r' can never match by this\n");
}

Test(lint, a_range_that_holds_one_number_is_none)
{
	expect(MINISTRY "rule r { if size >= 1K and size <= 1K note }\n"
	    "rule s { if time > 17:30 or time < 07:30 note }\n"
	    "rule t { if attachment.size > 1M and attachment.size < 1K note }\n"
	    "rule u { if urgency = hoa-toc-hen-gio and recipient.count = 0 note }\n", "");
}

Test(lint, one_thing_is_not_two)
{
	expect(MINISTRY "rule r { if sender = a@b.vn and sender = c@b.vn note }\n",
	    "p:2:33: it cannot be two things at once: rule 'r' can never match by this\n");
	expect(MINISTRY "rule r { if sender = A@b.vn and sender = a@B.vn note }\n"
	    "rule s { if recipient = a@b.vn and recipient = c@b.vn note }\n"
	    "rule t { if authentication dkim = pass and authentication spf = fail note }\n",
	    "");
}

Test(lint, what_is_wanted_is_not_excused)
{
	expect(MINISTRY "rule r { if text ~ /a/ and not (signed or text ~ /b/) and\n"
	    "  not text ~ /a/ note }\n",
	    "p:3:7: the same is wanted and not wanted: rule 'r' can never match by this\n");
	expect(MINISTRY "rule r {\n if signed\n unless signed\n note\n}\n",
	    "p:4:9: this excuses all that 'if' wants: rule 'r' can never match by this\n");
	expect(MINISTRY "rule r {\n if text ~ /a/\n except text ~ /a/i\n"
	    " unless subject ~ /a/\n note\n}\n"
	    "rule s {\n if signed or text ~ /a/\n except signed or text ~ /a/\n note\n}\n"
	    "rule t {\n if subject, sender ~ /a/\n except subject, sender ~ /a/\n note\n}\n",
	    "");
	expect(MINISTRY "rule r {\n if text ~ /a/\n except text ~ /a/\n note\n}\n",
	    "p:4:9: this excuses all that 'if' wants: rule 'r' can never match by this\n");
}

Test(lint, a_rule_that_a_stronger_one_makes_needless_is_told)
{
	static const char same[] = " if text ~ /a/\n unless signed\n";
	char text[400];

	snprintf(text, sizeof(text), MINISTRY "rule weak {\n%s hold\n}\n"
	    "rule strong {\n%s reject\n}\n", same, same);
	expect(text, "p:2:6: warning: rule 'weak' has no say: rule 'strong' has the "
	    "same conditions and rejects\n");
	snprintf(text, sizeof(text), MINISTRY "rule weak {\n%s hold\n track\n}\n"
	    "rule strong {\n%s reject\n}\nrule tried {\n%s reject\n shadow\n}\n",
	    same, same, same);
	expect(text, "");
	snprintf(text, sizeof(text), MINISTRY "phase on from 2007-11-15\n"
	    "rule weak {\n%s hold\n}\nrule strong {\n%s reject\n during on\n}\n",
	    same, same);
	expect(text, "");
	expect(MINISTRY "rule a { if text ~ /a/ hold }\nrule b { if text ~ /a/i reject }\n"
	    "rule c { if text:bare ~ /a/ reject }\nrule d { if header X ~ /a/ hold }\n"
	    "rule e { if header Y ~ /a/ hold }\n", "");
}

Test(lint, the_bare_view_has_no_diacritics)
{
	expect(MINISTRY "rule r { if subject:bare, text:bare ~ /mật|tối/ note }\n",
	    "p:2:39: warning: the view 'bare' has no diacritics: this pattern can never "
	    "match there\n");
	expect(MINISTRY "rule r { if text:bare ~ /MAT|kiss|mật/ note }\n"
	    "rule s { if text:bare, text ~ /mật/ note }\n"
	    "rule t { if text:bare ~ /[mậ]t/ note }\nrule u { if text:bare ~ /–€/ note }\n",
	    "");
}

Test(lint, what_is_said_twice_is_told_where_it_is_said_again)
{
	expect(MINISTRY "list l { \"mật khẩu\", \"x\",\n \"Mật  khẩu\" }\n"
	    "rule r { if text ~ @l note }\n",
	    "p:3:3: warning: list 'l': 'mật khẩu' stands there twice\n");
	expect(MINISTRY "ministry {\n domain MOET.edu.vn\n login a b a\n}\n"
	    "rule r { if spoofed note }\n",
	    "p:3:9: warning: domain: 'moet.edu.vn' stands there twice\n"
	    "p:4:12: warning: login: 'a' stands there twice\n");
	expect(MINISTRY "rule r {\n if subject, text, Subject ~ /a/\n note\n}\n",
	    "p:3:20: unknown field 'Subject' (did you mean 'subject'?)\n");
	expect(MINISTRY "rule r {\n if subject, header X, header x ~ /a/\n"
	    " copy to a@b.vn\n copy to A@b.vn\n add header X \"1\"\n add header X \"2\"\n}\n",
	    "p:3:5: warning: 'header' is named twice\n"
	    "p:5:2: warning: rule 'r' says this of 'A@b.vn' already\n");
}

Test(lint, a_rule_in_shadow_waits_for_no_phase)
{
	expect(MINISTRY "phase on from 2007-11-15\n"
	    "rule r {\n if spoofed\n shadow\n during on\n note\n}\n",
	    "p:6:9: warning: rule 'r' is in shadow: no phase makes it act\n");
}
