/* SPDX-License-Identifier: BSD-2-Clause */
#include <criterion/criterion.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/fault.h"
#include "base/source.h"
#include "policy/policy.h"

#define MINISTRY "ministry { domain moet.edu.vn }\n"

/* The faults of ${text}, one a line; the caller frees it. */
static char *
faults_of(const char *text)
{
	struct sources *set = sources_text("p", span_of(text));
	struct faults f = { 0 };
	struct policy *p = policy_compile(set, &f);
	char *out = NULL;
	size_t n;
	FILE *file = open_memstream(&out, &n);

	faults_print(&f, file, false);
	fclose(file);
	cr_assert_eq(p == NULL, f.errors != 0);
	policy_free(p);
	sources_free(set);
	faults_end(&f);
	return out;
}

static void
expect(const char *text, const char *faults)
{
	char *got = faults_of(text);

	cr_assert_str_eq(got, faults, "got:\n%s", got);
	free(got);
}

static void
expect_part(const char *text, const char *part)
{
	char *got = faults_of(text);

	cr_assert_not_null(strstr(got, part), "wanted %s in:\n%s", part, got);
	free(got);
}

Test(parser, five_different_faults_are_all_told_in_one_run)
{
	expect(MINISTRY
	    "rule one {\n"
	    "    if   atachment.name ~ /x/\n"
	    "    note\n"
	    "}\n"
	    "rule two {\n"
	    "    if   text ~ /a(b/\n"
	    "    rejct 550 5.7.1 \"no\"\n"
	    "}\n"
	    "rule three {\n"
	    "    if   text ~ @mising\n"
	    "    hold \"x\"\n"
	    "}\n"
	    "rule four {\n"
	    "    note\n"
	    "}\n"
	    "list missing { \"a\" }\n"
	    "rule five { if sender in @missing note }\n",
	    "p:3:10: unknown field 'atachment.name' (did you mean 'attachment.name'?)\n"
	    "p:7:21: pattern: missing closing parenthesis\n"
	    "p:8:5: unknown word 'rejct' (did you mean 'reject'?)\n"
	    "p:11:17: unknown list '@mising' (did you mean '@missing'?)\n"
	    "p:14:6: rule 'four' has no 'if'\n");
}

Test(parser, every_field_says_what_it_compares_with)
{
	expect(MINISTRY "rule r {\n"
	    " if size > 1M and attachment.size >= 500K and recipient.count < 5\n"
	    "    and attachment.count = 0 and time >= 07:30 and date <= 2026-11-15\n"
	    "    and urgency >= \"Thượng khẩn\" and not (working day or signed)\n"
	    "    and authentication dkim = pass and number ~ /BGDĐT/ and encrypted\n"
	    "    and uninspectable(encrypted, no-text) or uninspectable transient\n"
	    " if attachment { name ~ /\\.zip$/ and size > 1M and not text ~ /x/\n"
	    "     or truetype = application/pdf and uninspectable permanent }\n"
	    " note\n}\n", "");
	expect(MINISTRY "rule a { if size > 1T note }\nrule b { if size ~ /x/ note }\n"
	    "rule c { if time > 25:00 note }\nrule d { if urgency = gap note }\n"
	    "rule e { if date > 2026-02-30 note }\nrule f { if recipient.count > 1M note }\n"
	    "rule g { if size, text > 5 note }\nrule h { if size, time > 5 note }\n"
	    "rule i { if signed, text ~ /x/ note }\n"
	    "rule j { if uninspectable(encrypt) note }\nrule k { if working days note }\n"
	    "rule l { if attachment { subject ~ /x/ } note }\n",
	    "p:2:20: '1T' is no size (say 500K or 1M)\n"
	    "p:3:6: rule 'b' has no action\n"
	    "p:3:18: expected '=', '<', '<=', '>' or '>=', not '~'\n"
	    "p:4:20: '25:00' is no time of day (say 17:30)\n"
	    "p:5:23: 'gap' is no class of urgency (say khan or hoa-toc)\n"
	    "p:6:20: '2026-02-30' is no day (say 2026-11-15)\n"
	    "p:7:31: '1M' is no number (say 5)\n"
	    "p:8:13: 'size' and 'text' do not compare with the same things\n"
	    "p:9:13: 'size' and 'time' do not compare with the same things\n"
	    "p:10:13: 'signed' stands alone\n"
	    "p:11:27: unknown reason 'encrypt' (did you mean 'encrypted'?)\n"
	    "p:12:6: rule 'k' has no action\n"
	    "p:12:13: unknown field 'working'\n"
	    "p:12:21: unknown word 'days' (did you mean 'says'?)\n"
	    "p:13:26: 'subject' is nothing of one attachment: name, type, truetype, "
	    "size, text and uninspectable are\n");
}

Test(parser, a_fault_in_an_attachment_block_stays_there)
{
	expect(MINISTRY "rule r {\n if attachment { name ~ /x/ and }\n hold\n}\n"
	    "rule s {\n if attachment {\n     nam ~ /x/ }\n nte\n}\n",
	    "p:3:33: expected a field, not '}'\n"
	    "p:8:6: unknown field 'nam'\n"
	    "p:9:2: unknown word 'nte' (did you mean 'note'?)\n");
}

Test(parser, units_are_asked_for_only_with_a_directory)
{
	expect(MINISTRY "rule r { if recipient.unit = H26 note }\n",
	    "p:2:13: no directory of units is named (say: units file \"units.tsv\")\n");
	expect(MINISTRY "rule r { if sender.kind = \"cao đăng\" note }\n",
	    "p:2:13: no directory of units is named (say: units file \"units.tsv\")\n"
	    "p:2:27: unknown kind of unit 'cao đăng' (did you mean 'cao đẳng'?)\n");
}

Test(parser, an_edit_that_cannot_be_done_is_a_fault)
{
	expect(MINISTRY "rule r {\n if subject ~ /x/\n add header X-A \"1\"\n"
	    " replace header \"Importance\" \"high\"\n remove header X-B\n"
	    " tag subject \"[KHẨN]\"\n add recipient <a@b.c>\n copy to <d@e.f>\n"
	    " remove recipient g@h.i\n redirect to <j@k.l>\n}\n", "");
	expect(MINISTRY "rule r {\n if subject ~ /x/\n remove header Received\n"
	    " replace header content-type \"text/plain\"\n add header \"a b\" \"x\"\n"
	    " add header X-A \"\"\n tag \"x\"\n add reciepient <a@b.c>\n"
	    " redirect <a@b.c>\n remove recipient nobody\n add header X \"a\\nb\"\n}\n",
	    "p:4:16: 'Received' cannot be changed: the MTA, a signature or the reader of "
	    "the body needs it as it is\n"
	    "p:5:17: 'content-type' cannot be changed: the MTA, a signature or the reader "
	    "of the body needs it as it is\n"
	    "p:6:13: this is no header's name\n"
	    "p:7:17: the text has 1 to 900 bytes\n"
	    "p:8:6: expected 'subject', not '\"x\"'\n"
	    "p:9:6: expected 'header' or 'recipient', not 'reciepient'\n"
	    "p:10:11: expected 'to', not '<a@b.c>'\n"
	    "p:11:19: 'nobody' is no address\n"
	    "p:12:15: the text cannot hold a line break or another control character\n");
	expect(MINISTRY "rule r {\n if spoofed and subject ~ /x/\n tag subject \"[?]\"\n}\n",
	    "p:4:2: a spoofed letter is none of ours and is never edited\n");
}

Test(parser, actions_are_checked)
{
	expect_part(MINISTRY "rule r { if spoofed reject 450 \"x\" }", "no 5yz code");
	expect_part(MINISTRY "rule r { if spoofed reject 550 4.7.1 \"x\" }", "no enhanced code 5.y.z");
	expect_part(MINISTRY "rule r { if spoofed defer 550 }", "no 4yz code");
	expect_part(MINISTRY "rule r { if spoofed reject \"mật\" }", "p:2:30: an SMTP reply is ASCII");
	expect_part(MINISTRY "rule r { if spoofed reject \"a\\nb\" }", "line break");
	expect_part(MINISTRY "rule r {\n if spoofed\n reject\n hold\n}", "p:5:2: rule 'r' says 'reject' already");
	expect_part(MINISTRY "rule r { if spoofed track \"{number}\" }", "'number' among them");
	expect_part(MINISTRY "rule r { if spoofed track \"{number\" }", "'{' without a name");
	expect_part(MINISTRY "rule r { if spoofed copy to nobody }", "no address");
	expect_part(MINISTRY "rule r { if spoofed }", "rule 'r' has no action");
}

Test(parser, a_reply_may_be_980_bytes_and_no_longer)
{
	char text[1100];

	snprintf(text, sizeof(text), MINISTRY "rule r { if spoofed reject \"%0496d\" }", 0);
	expect(text, "");
	snprintf(text, sizeof(text), MINISTRY "rule r { if spoofed reject \"%0980d\" }", 0);
	expect(text, "p:2:28: warning: with its codes the reply is longer than 512 "
	    "bytes: a client may cut it\n");
	snprintf(text, sizeof(text), MINISTRY "rule r { if spoofed reject \"%0981d\" }", 0);
	expect_part(text, "longer than 980 bytes");
}

Test(parser, names_are_used_once)
{
	expect(MINISTRY "rule r { if spoofed note }\nrule r { if spoofed note }\n",
	    "p:3:6: rule 'r' exists already\n");
	expect_part(MINISTRY "list l { \"a\" }\nlist l { \"b\" }\n"
	    "rule r { if text ~ @l note }\n", "p:3:6: list 'l' exists already");
	expect_part(MINISTRY "rule r! { if spoofed note }", "letters, digits");
}

Test(parser, a_policy_that_judges_nothing_is_refused)
{
	expect("", "p:1:1: empty policy: no rule\n"
	    "p:1:1: no ministry block: no letter would ever be judged\n");
	expect(MINISTRY, "p:1:1: empty policy: no rule\n");
	expect("rule r { if spoofed note }\n",
	    "p:1:1: no ministry block: no letter would ever be judged\n");
	expect_part("ministry { domian a.b }\nrule r { if spoofed note }",
	    "unknown word in a ministry block 'domian' (did you mean 'domain'?)");
	expect_part("ministry { network 300.1.1.1 }\nrule r { if spoofed note }",
	    "no network");
}

Test(parser, a_list_that_nobody_uses_is_a_warning)
{
	expect(MINISTRY "list l { \"a\" }\nrule r { if spoofed note }\n",
	    "p:2:6: warning: list 'l' is not used by any rule\n");
}

Test(parser, a_missing_list_file_is_told_at_its_name)
{
	expect_part(MINISTRY "list l file \"lists/nowhere.txt\"\n"
	    "rule r { if text ~ @l note }\n", "p:2:13: ");
}

Test(parser, a_condition_goes_on_in_a_deeper_line)
{
	expect(MINISTRY
	    "rule r {\n"
	    "    if   subject,\n"
	    "         text:text ~ /a/\n"
	    "         and not (sender = a@b.c or\n"
	    "             any recipient = <d@e.f>)\n"
	    "    if   header \"X-A\", header X-B, header:X-C ~ /a/i\n"
	    "    if   all recipient ~ /@x\\.y$/ and client in 192.0.2.0/24\n"
	    "    shadow\n"
	    "    note\n"
	    "}\n", "");
}

Test(parser, a_forgotten_brace_does_not_swallow_the_next_rule)
{
	expect(MINISTRY
	    "rule a {\n    if spoofed\n    note\n"
	    "rule b {\n    if spoofed\n    nte\n}\n",
	    "p:2:6: '}' of rule 'a' is missing\n"
	    "p:7:5: unknown word 'nte' (did you mean 'note'?)\n");
}

Test(parser, endless_nesting_is_a_fault_and_no_crash)
{
	char *text = malloc(200000), *at;
	int i;

	at = stpcpy(text, MINISTRY "rule r { if ");
	for (i = 0; i < 20000; i++)
		at = stpcpy(at, i % 2 ? "not " : "( ");
	stpcpy(at, "spoofed note }");
	expect_part(text, "too long");
	free(text);
}

#define RULE "rule r { if spoofed note }\n"

Test(parser, phases_have_a_name_once_and_a_day)
{
	expect(MINISTRY "phase pilot from 2007-11-01\n"
	    "phase official from 2007-11-15T08:00:00+07:00\n"
	    "rule r {\n if spoofed\n during official\n note\n}\n", "");
	expect(MINISTRY RULE "phase a from 2007-11-31\nphase a from 2007-11-01\n"
	    "phase b 2007-11-01\nphase c from 2100-01-01\n",
	    "p:3:14: '2007-11-31' is no day (say 2026-11-15, or "
	    "2026-11-15T08:00:00+07:00)\n"
	    "p:4:7: phase 'a' exists already\n"
	    "p:5:9: expected 'from', not '2007-11-01'\n"
	    "p:6:14: warning: phase 'c' never starts in our time\n");
	expect(MINISTRY "phase official from 2007-11-15\n"
	    "rule r {\n if spoofed\n during oficial\n note\n}\n",
	    "p:5:9: unknown phase 'oficial' (did you mean 'official'?)\n");
}

Test(parser, what_a_rule_does_in_doubt_is_checked)
{
	expect(MINISTRY "rule r {\n if spoofed\n on unknown hold \"look\"\n note\n}\n", "");
	expect(MINISTRY "rule r {\n if spoofed\n on unknwon hold\n note\n}\n",
	    "p:4:5: expected 'unknown', not 'unknwon'\n");
	expect(MINISTRY "rule r {\n if spoofed\n on unknown note\n note\n}\n",
	    "p:4:13: after 'on unknown' stands reject, hold, discard, defer or accept\n");
	expect(MINISTRY "rule r {\n if spoofed\n on unknown reject 450\n note\n}\n",
	    "p:4:20: '450' is no 5yz code of SMTP\n");
	expect(MINISTRY "rule r {\n if spoofed\n on unknown accept\n track\n}\n",
	    "p:2:6: rule 'r' tracks: in doubt the letter cannot be accepted "
	    "without its receipt\n");
}

Test(parser, a_time_to_answer_is_a_number_and_its_unit)
{
	expect(MINISTRY "deadline hoa-toc within 2 hours\n"
	    "deadline \"Thượng khẩn\" within 1 day\n"
	    "rule r {\n if spoofed\n track ack within 3 working days\n}\n", "");
	expect(MINISTRY "rule r {\n if spoofed\n track ack within 0 days\n}\n",
	    "p:4:19: expected a number from 1 to 1000, not '0'\n");
	expect(MINISTRY "rule r {\n if spoofed\n track ack in 3 days\n}\n",
	    "p:4:12: expected 'within', not 'in'\n");
	expect(MINISTRY RULE "deadline hoa-tok within 2 hours\n"
	    "deadline khan within 2 working hours\n"
	    "deadline khan within 2 hours\ndeadline khan within 2 hours\n",
	    "p:3:10: unknown class of urgency 'hoa-tok' (did you mean 'hoa-toc'?)\n"
	    "p:4:32: expected 'days', not 'hours'\n"
	    "p:5:10: the deadline of 'khan' is said already\n"
	    "p:6:10: the deadline of 'khan' is said already\n");
}

Test(parser, files_that_are_named_must_be_there)
{
	expect_part(MINISTRY RULE "units file \"nowhere.tsv\"\n", "p:3:12: ");
	expect_part(MINISTRY RULE "calendar file \"nowhere\"\n", "p:3:15: ");
	expect_part(MINISTRY RULE "include \"nowhere.policy\"\n", "p:3:9: ");
	expect_part(MINISTRY RULE "include \"../other.policy\"\n", "'..' is not allowed");
	expect_part(MINISTRY RULE "include other\n", "p:3:9: expected a file name in quotes");
}
