/* SPDX-License-Identifier: BSD-2-Clause */
#include <criterion/criterion.h>

#include <string.h>

#include "mail/message.h"
#include "policy/match.h"

#include "letter.h"

Test(match, kleene_has_three_values)
{
	cr_assert_eq(truth_and(TRUTH_UNKNOWN, TRUTH_NO), TRUTH_NO);
	cr_assert_eq(truth_and(TRUTH_UNKNOWN, TRUTH_YES), TRUTH_UNKNOWN);
	cr_assert_eq(truth_or(TRUTH_UNKNOWN, TRUTH_YES), TRUTH_YES);
	cr_assert_eq(truth_or(TRUTH_UNKNOWN, TRUTH_NO), TRUTH_UNKNOWN);
	cr_assert_eq(truth_not(TRUTH_UNKNOWN), TRUTH_UNKNOWN);
	cr_assert_eq(truth_not(TRUTH_NO), TRUTH_YES);
}

static enum truth
truth_in(const char *rule, const char *subject, const char *body)
{
	struct policy *p = letter_policy(rule);
	struct arena *a = arena_new();
	enum truth t = letter_rule(letter_verdict(p, a, subject, body), "r")->truth;

	arena_free(a);
	policy_free(p);
	return t;
}

#define MARK_RULE "list ok { \"mật khẩu\" \"không thuộc diện mật\" }\n"	\
    "rule r {\n if subject, text ~ /mật/i\n except @ok\n note\n}\n"

Test(match, an_exception_excuses_only_the_hit_that_it_overlaps)
{
	cr_assert_eq(truth_in(MARK_RULE, "x", "đổi mật khẩu"), TRUTH_NO);
	cr_assert_eq(truth_in(MARK_RULE, "x", "đổi mật khẩu\nTỐI MẬT"), TRUTH_YES);
	cr_assert_eq(truth_in(MARK_RULE, "đổi mật khẩu", "MẬT"), TRUTH_YES);
	cr_assert_eq(truth_in(MARK_RULE, "MẬT", "đổi mật khẩu"), TRUTH_YES);
	cr_assert_eq(truth_in(MARK_RULE, "mật khẩu", "mật khẩu, văn bản "
	    "không thuộc diện mật"), TRUTH_NO);
}

Test(match, an_excuse_in_one_part_is_none_in_another)
{
	struct policy *p = letter_policy(MARK_RULE);
	struct arena *a = arena_new();
	struct letter l = letter_from(a, span_of("Subject: x\nMIME-Version: 1.0\n"
	    "Content-Type: multipart/mixed; boundary=b\n\n"
	    "--b\nContent-Type: text/plain; charset=utf-8\n\nmật khẩu\n"
	    "--b\nContent-Type: text/plain; charset=utf-8\n\nMẬT\n--b--\n"));
	const struct rule_result *r = letter_rule(letter_judge(p, a, &l,
	    LETTER_STEPS), "r");

	cr_assert_eq(r->truth, TRUTH_YES);
	cr_assert_eq(r->hit_count, 1);
	cr_assert_str_eq(r->hits[0].part, "2");
	cr_assert_str_eq(r->hits[0].view, "text");
	cr_assert_eq(r->hits[0].offset, 0);
	cr_assert_eq(r->hits[0].length, 5);
	arena_free(a);
	policy_free(p);
}

Test(match, an_exception_with_fields_of_its_own_overlaps_too)
{
	static const char rule[] = "rule r {\n if text ~ /x\\d/\n"
	    " except text ~ /ax\\d/\n except header Subject ~ /ok/\n note\n}\n";

	cr_assert_eq(truth_in(rule, "s", "ax1"), TRUTH_NO);
	cr_assert_eq(truth_in(rule, "s", "ax1 x2"), TRUTH_YES);
	cr_assert_eq(truth_in(rule, "ok", "x2"), TRUTH_YES);
}

Test(match, an_exception_reaches_under_not)
{
	cr_assert_eq(truth_in("rule r {\n if not text ~ /x/\n"
	    " except text ~ /ax/\n note\n}\n", "s", "ax"), TRUTH_YES);
	cr_assert_eq(truth_in("rule r {\n if not text ~ /x/\n"
	    " except text ~ /ax/\n note\n}\n", "s", "ax x"), TRUTH_NO);
}

Test(match, an_exception_without_a_place_excuses_everything)
{
	cr_assert_eq(truth_in("rule r {\n if text ~ /x/\n"
	    " except sender = VP@moet.edu.vn\n note\n}\n", "s", "x"), TRUTH_NO);
	cr_assert_eq(truth_in("rule r {\n if text ~ /x/\n"
	    " except sender = tc@moet.edu.vn\n note\n}\n", "s", "x"), TRUTH_YES);
	cr_assert_eq(truth_in("rule r {\n if not subject = y\n"
	    " except sender = vp@moet.edu.vn\n note\n}\n", "s", "x"), TRUTH_NO);
}

Test(match, subject_and_its_header_are_one_text_for_exceptions)
{
	cr_assert_eq(truth_in("rule r {\n if subject ~ /x/\n"
	    " except header Subject ~ /xy/\n note\n}\n", "xy", ""), TRUTH_NO);
}

Test(match, unless_is_a_condition_on_the_whole_message)
{
	static const char rule[] = "rule r {\n if text ~ /x/\n"
	    " unless subject ~ /draft/\n note\n}\n";

	cr_assert_eq(truth_in(rule, "final", "x x"), TRUTH_YES);
	cr_assert_eq(truth_in(rule, "draft", "x x"), TRUTH_NO);
}

Test(match, not_binds_tightest_and_several_ifs_are_all_needed)
{
	cr_assert_eq(truth_in("rule r { if not subject = a and text ~ /x/ note }\n",
	    "a", "y"), TRUTH_NO);
	cr_assert_eq(truth_in("rule r { if subject = a or text ~ /x/ and text ~ /y/ note }\n",
	    "a", "z"), TRUTH_YES);
	cr_assert_eq(truth_in("rule r { if (subject = a or text ~ /x/) and text ~ /y/ note }\n",
	    "a", "z"), TRUTH_NO);
	cr_assert_eq(truth_in("rule r {\n if subject = a\n if text ~ /x/\n note\n}\n",
	    "a", "y"), TRUTH_NO);
}

Test(match, the_hits_of_a_condition_that_is_not_true_are_forgotten)
{
	struct policy *p = letter_policy("rule r { if text ~ /x/ and subject = no "
	    "or text ~ /y/ note }\n");
	struct arena *a = arena_new();
	const struct rule_result *r = letter_rule(letter_verdict(p, a, "s", "x y"), "r");

	cr_assert_eq(r->truth, TRUTH_YES);
	cr_assert_eq(r->hit_count, 1);
	cr_assert_eq(r->hits[0].offset, 2);
	arena_free(a);
	policy_free(p);
}

Test(match, hits_are_kept_up_to_a_hundred)
{
	struct policy *p = letter_policy("rule r { if text ~ /x/ note }\n");
	struct arena *a = arena_new();
	char *body = arena_alloc(a, 20001);
	const struct rule_result *r;

	memset(body, 'x', 20000);
	r = letter_rule(letter_verdict(p, a, "s", body), "r");
	cr_assert_eq(r->truth, TRUTH_YES);
	cr_assert_eq(r->hit_count, MATCH_KEPT);
	arena_free(a);
	policy_free(p);
}

Test(match, a_mark_behind_ten_thousand_excused_hits_is_unknown_and_never_no)
{
	struct policy *p = letter_policy("rule r {\n if text ~ /x/\n"
	    " except text ~ /xa/\n note\n}\n");
	struct arena *a = arena_new();
	char *body = arena_alloc(a, 40001);
	size_t i;

	for (i = 0; i < 20000; i++)
		memcpy(body + 2 * i, "xa", 2);
	cr_assert_eq(letter_rule(letter_verdict(p, a, "s", body), "r")->truth,
	    TRUTH_UNKNOWN);
	arena_free(a);
	policy_free(p);
}

static enum truth
envelope(const char *condition)
{
	static const struct span to[] = { { "a@x.vn", 6 }, { "b@Y.vn", 6 } };
	struct arena *a = arena_new();
	struct policy *p = letter_policy(arena_print(a,
	    "list people { \"b@y.vn\" }\nlist nets { \"198.51.100.0/24\" }\n"
	    "rule r { if %s note }\n"
	    "rule used { if sender in @people and client in @nets note }\n",
	    condition));
	struct letter l = letter_from(a, span_of("Subject: s\nMIME-Version: 1.0\n"
	    "Content-Type: application/pdf; name=\"Bao cao.pdf\"\n\nx\n"));
	enum truth t;

	l.recipients = to;
	l.recipient_count = 2;
	l.client = span_of("198.51.100.7");
	l.login = span_of("vanthu");
	t = letter_rule(letter_judge(p, a, &l, LETTER_STEPS), "r")->truth;
	policy_free(p);
	arena_free(a);
	return t;
}

Test(match, the_envelope_and_attachments_can_be_asked)
{
	cr_assert_eq(envelope("recipient in @people"), TRUTH_YES);
	cr_assert_eq(envelope("all recipient in @people"), TRUTH_NO);
	cr_assert_eq(envelope("all recipient ~ /\\.vn$/"), TRUTH_YES);
	cr_assert_eq(envelope("recipient = <A@X.vn>"), TRUTH_YES);
	cr_assert_eq(envelope("client in @nets"), TRUTH_YES);
	cr_assert_eq(envelope("client in 192.0.2.0/24"), TRUTH_NO);
	cr_assert_eq(envelope("login = VanThu"), TRUTH_YES);
	cr_assert_eq(envelope("attachment.type = APPLICATION/PDF"), TRUTH_YES);
	cr_assert_eq(envelope("attachment.name ~ /^Bao cao/"), TRUTH_YES);
	cr_assert_eq(envelope("sender = \"vp@moet.edu.vn\""), TRUTH_YES);
	cr_assert_eq(envelope("spoofed"), TRUTH_NO);
}

#define TWO_FILES							\
	"Subject: [KHẨN] V/v 05/BGDĐT-VP\nMIME-Version: 1.0\n"		\
	"Authentication-Results: mx; spf=fail smtp.mailfrom=x; dkim=pass header.d=a.vn\n" \
	"Content-Type: multipart/mixed; boundary=b\n\n"			\
	"--b\nContent-Type: text/plain; charset=utf-8\n\nHello\n"	\
	"--b\nContent-Type: text/plain; charset=utf-8; name=\"small.txt\"\n\nMẬT\n" \
	"--b\nContent-Type: application/octet-stream; name=\"big.bin\"\n" \
	"Content-Transfer-Encoding: base64\n\nAAAAAAAAAAAAAAAAAAAAAAAAAAAA\nAAAA\n--b--\n"

static enum truth
letter_truth(const char *raw, enum part_reason reason, const char *condition)
{
	struct arena *a = arena_new();
	struct policy *p = letter_policy(arena_print(a, "rule r { if %s note }\n",
	    condition));
	struct letter l = letter_from(a, span_of(raw));
	enum truth t;

	l.authserv_ids = span_of("mx");
	l.message->parts.list[l.message->parts.count - 1].reason = reason;
	t = letter_rule(letter_judge(p, a, &l, LETTER_STEPS), "r")->truth;
	policy_free(p);
	arena_free(a);
	return t;
}

static void
expect_truth(const char *condition, enum truth truth)
{
	cr_expect_eq(letter_truth(TWO_FILES, PART_READ, condition), truth, "%s",
	    condition);
}

Test(match, counts_sizes_and_times_compare_as_numbers)
{
	expect_truth("attachment.count = 2", TRUTH_YES);
	expect_truth("attachment.count > 2", TRUTH_NO);
	expect_truth("recipient.count <= 1", TRUTH_YES);
	expect_truth("size < 1K", TRUTH_YES);
	expect_truth("size >= 1K", TRUTH_NO);
	expect_truth("attachment.size = 24", TRUTH_YES);
	expect_truth("attachment.size > 24", TRUTH_NO);
	expect_truth("time = 10:00", TRUTH_YES);
	expect_truth("time < 07:30 or time >= 17:00", TRUTH_NO);
	expect_truth("date >= 2026-11-24 and date < 2026-11-25", TRUTH_YES);
	expect_truth("working day", TRUTH_YES);
	expect_truth("not working day", TRUTH_NO);
}

Test(match, urgency_and_number_are_read_off_the_letter)
{
	expect_truth("urgency = khan", TRUTH_YES);
	expect_truth("urgency > khan", TRUTH_NO);
	expect_truth("urgency >= thuong", TRUTH_YES);
	expect_truth("number = 05/BGDĐT-VP", TRUTH_YES);
	expect_truth("number ~ /-VP$/", TRUTH_YES);
	expect_truth("number ~ /^06/", TRUTH_NO);
}

Test(match, results_of_authentication_are_those_of_a_trusted_server)
{
	expect_truth("authentication dkim = pass", TRUTH_YES);
	expect_truth("authentication SPF = fail", TRUTH_YES);
	expect_truth("authentication dmarc = pass", TRUTH_NO);
	expect_truth("authentication dmarc = \"\"", TRUTH_YES);
}

Test(match, an_attachment_block_is_true_of_one_and_the_same_attachment)
{
	expect_truth("attachment.text ~ /^MẬT$/m", TRUTH_YES);
	expect_truth("attachment { name ~ /small/ and text ~ /MẬT/ }", TRUTH_YES);
	expect_truth("attachment { name ~ /big/ and text ~ /MẬT/ }", TRUTH_NO);
	expect_truth("attachment.name ~ /small/ and attachment.size > 20", TRUTH_YES);
	expect_truth("attachment { name ~ /small/ and size > 20 }", TRUTH_NO);
	expect_truth("attachment { type = application/octet-stream and size = 24 }", TRUTH_YES);
	expect_truth("attachment { not name ~ /big/ and not text ~ /MẬT/ }", TRUTH_NO);
	expect_truth("not attachment { size > 24 }", TRUTH_YES);
}

static void
expect_doubt(const char *condition, enum truth truth)
{
	cr_expect_eq(letter_truth(TWO_FILES, PART_ENCRYPTED, condition), truth,
	    "%s", condition);
}

Test(match, an_unread_attachment_matters_to_who_asks_for_its_text)
{
	expect_doubt("attachment.text ~ /TUYỆT/", TRUTH_UNKNOWN);
	expect_doubt("attachment.text ~ /MẬT/", TRUTH_YES);
	expect_doubt("subject, text ~ /TUYỆT/", TRUTH_NO);
	expect_doubt("attachment.name ~ /TUYỆT/", TRUTH_NO);
	expect_doubt("attachment { name ~ /small/ and text ~ /TUYỆT/ }", TRUTH_NO);
	expect_doubt("attachment { name ~ /big/ and text ~ /TUYỆT/ }", TRUTH_UNKNOWN);
	expect_doubt("attachment { name ~ /big/ and not text ~ /TUYỆT/ }", TRUTH_UNKNOWN);
}

Test(match, what_could_not_be_read_has_its_reason)
{
	expect_doubt("uninspectable", TRUTH_YES);
	expect_doubt("uninspectable permanent", TRUTH_YES);
	expect_doubt("uninspectable transient", TRUTH_NO);
	expect_doubt("uninspectable(no-text, encrypted)", TRUTH_YES);
	expect_doubt("uninspectable(no-text)", TRUTH_NO);
	expect_doubt("encrypted", TRUTH_YES);
	expect_doubt("attachment { name ~ /big/ and uninspectable(encrypted) }", TRUTH_YES);
	expect_doubt("attachment { name ~ /small/ and uninspectable }", TRUTH_NO);
	expect_truth("uninspectable", TRUTH_NO);
	expect_truth("encrypted", TRUTH_NO);
	cr_expect_eq(letter_truth(TWO_FILES, PART_TIME, "uninspectable transient"), TRUTH_YES);
}

Test(match, signed_and_encrypted_letters_are_known_by_their_types)
{
	static const char pgp[] = "Content-Type: multipart/signed; boundary=b\n\n"
	    "--b\n\nx\n--b\nContent-Type: application/pgp-signature\n\ny\n--b--\n";
	static const char smime[] = "Content-Type: application/pkcs7-mime; "
	    "smime-type=enveloped-data\nMIME-Version: 1.0\n\nx\n";
	static const char armor[] = "Subject: x\n\n-----BEGIN PGP MESSAGE-----\nabc\n";

	cr_assert_eq(letter_truth(pgp, PART_READ, "signed"), TRUTH_YES);
	cr_assert_eq(letter_truth(pgp, PART_READ, "encrypted"), TRUTH_NO);
	cr_assert_eq(letter_truth(smime, PART_READ, "encrypted"), TRUTH_YES);
	cr_assert_eq(letter_truth(smime, PART_READ, "signed"), TRUTH_UNKNOWN);	/* inside */
	cr_assert_eq(letter_truth(armor, PART_READ, "encrypted"), TRUTH_YES);
	expect_truth("signed", TRUTH_NO);
}
