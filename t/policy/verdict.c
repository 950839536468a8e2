/* SPDX-License-Identifier: BSD-2-Clause */
#include <criterion/criterion.h>

#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/err.h"
#include "mail/message.h"

#include "letter.h"

static enum sender_class
class_of(const char *sender, const char *client, const char *login,
    bool is_authenticated)
{
	struct policy *p = letter_policy_unprobed("rule r { if spoofed note }\n");
	struct letter l = { .sender = span_of(sender), .client = span_of(client),
	    .login = span_of(login), .is_authenticated = is_authenticated };
	enum sender_class c = policy_classify(p, &l);

	policy_free(p);
	return c;
}

Test(verdict, a_ministry_sender_has_a_login_or_a_domain_and_a_proof)
{
	cr_assert_eq(class_of("x@elsewhere.vn", "", "vp", false), SENDER_MINISTRY);
	cr_assert_eq(class_of("x@moet.edu.vn", "192.0.2.7", "", false), SENDER_MINISTRY);
	cr_assert_eq(class_of("x@a.moet.edu.vn", "::ffff:192.0.2.7", "", false), SENDER_MINISTRY);
	cr_assert_eq(class_of("x@moet.edu.vn", "", "", true), SENDER_MINISTRY);
	cr_assert_eq(class_of("x@moet.edu.vn", "198.51.100.1", "", false), SENDER_SPOOFED);
	cr_assert_eq(class_of("x@moet.edu.vn.evil.vn", "192.0.2.7", "", false), SENDER_FOREIGN);
	cr_assert_eq(class_of("x@notmoet.edu.vn", "192.0.2.7", "", true), SENDER_FOREIGN);
	cr_assert_eq(class_of("", "192.0.2.7", "vp", true), SENDER_FOREIGN);
}

Test(verdict, dkim_is_a_proof_if_a_trusted_server_says_so)
{
	struct policy *p = letter_policy_unprobed("rule r { if spoofed note }\n");
	struct arena *a = arena_new();
	struct letter l = letter_from(a, span_of("Authentication-Results: "
	    "mx.moet.edu.vn; dkim=pass header.d=moet.edu.vn\nSubject: x\n\nx\n"));

	l.is_authenticated = false;
	cr_assert_eq(policy_classify(p, &l), SENDER_SPOOFED);
	l.authserv_ids = span_of("mx.moet.edu.vn");
	cr_assert_eq(policy_classify(p, &l), SENDER_MINISTRY);
	arena_free(a);
	policy_free(p);
}

static const char *const strengths[] = {
	"accept", "defer", "discard", "hold", "reject",
};

Test(verdict, the_strongest_action_wins_whatever_the_order)
{
	struct arena *a = arena_new();
	const struct verdict *v;
	struct policy *p;
	char text[300];
	int i, j;

	for (i = 0; i < 5; i++)
		for (j = 0; j < 5; j++) {
			snprintf(text, sizeof(text),
			    "rule one { if subject = x %s }\n"
			    "rule two { if subject = x %s }\n",
			    strengths[i], strengths[j]);
			p = letter_policy_unprobed(text);
			v = letter_verdict(p, a, "x", "");
			cr_assert_str_eq(action_name(v->action),
			    strengths[i > j ? i : j], "%s", text);
			cr_assert_str_eq(v->rule, i >= j ? "one" : "two");
			policy_free(p);
		}
	arena_free(a);
}

Test(verdict, of_two_equally_strong_the_first_by_name_speaks)
{
	struct policy *p = letter_policy_unprobed(
	    "rule zebra { if subject = x reject \"zebra\" }\n"
	    "rule ant   { if subject = x reject 554 5.7.0 \"ant\" }\n");
	struct arena *a = arena_new();
	const struct verdict *v = letter_verdict(p, a, "X", "");

	cr_assert_str_eq(v->rule, "ant");
	cr_assert_str_eq(v->code, "554");
	cr_assert_str_eq(v->enhanced, "5.7.0");
	policy_free(p);		/* the verdict outlives it */
	cr_assert_str_eq(v->text, "ant");
	cr_assert_eq(v->rule_count, 2);
	arena_free(a);
}

Test(verdict, a_shadow_rule_tells_and_does_nothing)
{
	struct policy *p = letter_policy_unprobed(
	    "rule r {\n if subject = x\n shadow\n reject\n track\n copy to a@b.c\n}\n"
	    "rule s {\n if text ~ /(a+)+$/\n shadow\n reject\n}\n");
	struct arena *a = arena_new();
	struct letter l = letter_with(a, "x", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaab");
	const struct verdict *v = letter_judge(p, a, &l, 1000);

	cr_assert_eq(v->action, ACTION_ACCEPT);
	cr_assert_null(v->rule);
	cr_assert_not(v->is_tracked);
	cr_assert_eq(v->copy_count, 0);
	cr_assert_eq(letter_rule(v, "r")->truth, TRUTH_YES);
	cr_assert(letter_rule(v, "r")->is_shadow);
	cr_assert_eq(letter_rule(v, "s")->truth, TRUTH_UNKNOWN);
	policy_free(p);
	arena_free(a);
}

Test(verdict, a_pattern_not_decided_defers_and_a_reject_beats_it)
{
	struct policy *p = letter_policy_unprobed(
	    "rule a-slow { if text ~ /(a+)+$/ hold }\n"
	    "rule b-sure { if subject = y reject }\n");
	struct arena *a = arena_new();
	const char *body = "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaab";
	struct letter l = letter_with(a, "x", body);
	const struct verdict *v = letter_judge(p, a, &l, 1000);

	cr_assert_eq(v->action, ACTION_DEFER);
	cr_assert_str_eq(v->code, "451");
	cr_assert_str_eq(v->enhanced, "4.7.1");
	cr_assert_str_eq(v->rule, "a-slow");
	cr_assert_not_null(letter_rule(v, "a-slow")->reason);
	l = letter_with(a, "y", body);
	v = letter_judge(p, a, &l, 1000);
	cr_assert_eq(v->action, ACTION_REJECT);
	policy_free(p);
	arena_free(a);
}

Test(verdict, text_that_is_incomplete_matters_to_text_rules_alone)
{
	struct policy *p = letter_policy_unprobed(
	    "rule body { if text ~ /needle/ hold }\n"
	    "rule head { if subject ~ /needle/ hold }\n"
	    "rule seen { if text ~ /hay/ note }\n"
	    "rule both { if text ~ /needle/ and subject = other reject }\n");
	struct arena *a = arena_new();
	struct letter l = letter_with(a, "x", "hay");
	struct message m = *l.message;
	const struct verdict *v;

	m.reason = PART_SIZE;
	l.message = &m;
	v = letter_judge(p, a, &l, LETTER_STEPS);
	cr_assert_eq(letter_rule(v, "body")->truth, TRUTH_UNKNOWN);
	cr_assert_not_null(strstr(letter_rule(v, "body")->reason, "size"));
	cr_assert_eq(letter_rule(v, "head")->truth, TRUTH_NO);
	cr_assert_eq(letter_rule(v, "seen")->truth, TRUTH_YES);
	cr_assert_eq(letter_rule(v, "both")->truth, TRUTH_NO);
	cr_assert_eq(v->action, ACTION_DEFER);
	policy_free(p);
	arena_free(a);
}

Test(verdict, a_tracked_letter_gets_its_number_from_the_first_hit)
{
	struct policy *p = letter_policy_unprobed(
	    "rule t {\n if subject, text ~ /Số:\\s*(?<number>\\d+)\\/(?<symbol>[A-ZĐ0-9-]+)/\n"
	    " track \"{number}/{symbol}\"\n copy to <luutru@MOET.edu.vn>\n}\n"
	    "rule u { if subject = x track copy to luutru@moet.edu.vn }\n");
	struct arena *a = arena_new();
	const struct verdict *v = letter_verdict(p, a, "x",
	    "Số: 12/BGDĐT-VP\nSố: 13/BGDĐT-VP");

	cr_assert(v->is_tracked);
	cr_assert_str_eq(v->track_rule, "t");
	cr_assert(span_equal(v->number, span_of("12/BGDĐT-VP")));
	cr_assert_eq(v->copy_count, 1);
	cr_assert(span_equal(v->copies[0], span_of("luutru@moet.edu.vn")));
	v = letter_verdict(p, a, "x", "none");
	cr_assert_str_eq(v->track_rule, "u");
	cr_assert_eq(v->number.n, 0);
	policy_free(p);
	arena_free(a);
}

Test(verdict, a_number_too_long_or_over_a_line_end_is_left_out)
{
	struct policy *p = letter_policy_unprobed(
	    "rule t { if text ~ /N:(?<n>[a-z\\n]+)\\./ track \"{n}\" }\n");
	struct arena *a = arena_new();
	char body[100];
	const struct verdict *v;

	v = letter_verdict(p, a, "x", "N:a\nb.");
	cr_assert(v->is_tracked);
	cr_assert_eq(v->number.n, 0);
	memset(body, 'a', sizeof(body));
	memcpy(body, "N:", 2);
	memcpy(body + 66, ".", 2);
	v = letter_verdict(p, a, "x", body);
	cr_assert_eq(v->number.n, 64);
	memcpy(body + 66, "a.", 3);
	v = letter_verdict(p, a, "x", body);
	cr_assert_eq(v->number.n, 0);
	policy_free(p);
	arena_free(a);
}

static const struct verdict *
judge_at(const struct policy *p, struct arena *a, const char *body, const char *when)
{
	struct letter l = letter_with(a, "x", body);
	struct err e = { "" };

	cr_assert_eq(clock_parse(when, 0, &l.now_ms, &e), 0, "%s", e.text);
	return letter_judge(p, a, &l, LETTER_STEPS);
}

Test(verdict, before_its_phase_a_rule_is_in_shadow)
{
	struct policy *p = letter_policy_unprobed("phase official from 2007-11-15\n"
	    "rule r {\n if subject = x\n during official\n reject\n}\n");
	struct arena *a = arena_new();
	const struct verdict *v = judge_at(p, a, "", "2007-11-14T23:59:59+07:00");

	cr_assert_eq(v->action, ACTION_ACCEPT);
	cr_assert(letter_rule(v, "r")->is_shadow);
	cr_assert_eq(letter_rule(v, "r")->truth, TRUTH_YES);
	v = judge_at(p, a, "", "2007-11-15T00:00:00+07:00");
	cr_assert_eq(v->action, ACTION_REJECT);
	cr_assert_not(letter_rule(v, "r")->is_shadow);
	policy_free(p);
	arena_free(a);
}

Test(verdict, in_doubt_a_rule_does_what_it_says_for_that_case)
{
	struct policy *p = letter_policy_unprobed(
	    "rule a {\n if text ~ /(a+)+$/\n on unknown hold \"look\"\n reject\n}\n"
	    "rule b {\n if text ~ /(a+)+$/\n on unknown accept\n note\n}\n");
	struct arena *a = arena_new();
	struct letter l = letter_with(a, "x", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaab");
	const struct verdict *v = letter_judge(p, a, &l, 1000);

	cr_assert_eq(v->action, ACTION_HOLD);
	cr_assert_str_eq(v->text, "look");
	cr_assert_str_eq(v->rule, "a");
	cr_assert_eq(letter_rule(v, "b")->action, ACTION_ACCEPT);
	policy_free(p);
	arena_free(a);
}

static int64_t
due_of(const struct policy *p, const char *body, const char *when)
{
	struct arena *a = arena_new();
	int64_t due_ms = judge_at(p, a, body, when)->due_ms;

	arena_free(a);
	return due_ms;
}

static int64_t
instant(const char *when)
{
	struct err e = { "" };
	int64_t ms = 0;

	cr_assert_eq(clock_parse(when, 0, &ms, &e), 0, "%s", e.text);
	return ms;
}

Test(verdict, an_answer_is_due_by_the_rule_or_earlier_by_the_letters_urgency)
{
	struct policy *p = letter_policy_unprobed("deadline hoa-toc within 2 hours\n"
	    "deadline khan within 5 working days\n"
	    "rule r {\n if subject = x\n track ack within 1 working day\n}\n");
	struct policy *q = letter_policy_unprobed("deadline hoa-toc within 2 hours\n"
	    "rule r {\n if subject = x\n track\n}\n");
	const char *friday = "2026-11-27T16:00:00+07:00";

	cr_assert_eq(due_of(p, "thường", friday), instant("2026-11-30T23:59:59+07:00"));
	cr_assert_eq(due_of(p, "KHẨN", friday), instant("2026-11-30T23:59:59+07:00"));
	cr_assert_eq(due_of(p, "HOẢ TỐC", friday), instant("2026-11-27T18:00:00+07:00"));
	cr_assert_eq(due_of(q, "HOẢ TỐC", friday), 0);
	policy_free(p);
	policy_free(q);
}

#define TO_TWO								\
	static const struct span to[] = { { "a@x.vn", 6 }, { "b@x.vn", 6 } }; \
	struct arena *a = arena_new();					\
	struct letter l = letter_with(a, "x", "");			\
	const struct verdict *v;					\
	struct policy *p;						\
	l.recipients = to;						\
	l.recipient_count = 2

Test(verdict, recipients_are_added_and_removed_once)
{
	TO_TWO;

	p = letter_policy_unprobed("rule r {\n if subject = x\n copy to c@x.vn\n add recipient <B@X.vn>\n}\n"
	    "rule s {\n if subject = x\n remove recipient <a@x.vn>\n"
	    " remove recipient <nobody@x.vn>\n copy to c@X.vn\n}\n");
	v = letter_judge(p, a, &l, LETTER_STEPS);
	cr_assert_eq(v->action, ACTION_ACCEPT);
	cr_assert_eq(v->copy_count, 1);
	cr_assert(span_equal(v->copies[0], span_of("c@x.vn")));
	cr_assert_eq(v->removal_count, 1);
	cr_assert(span_equal(v->removals[0], span_of("a@x.vn")));
	policy_free(p);
	arena_free(a);
}

Test(verdict, a_redirect_takes_everybody_away_but_its_own_address)
{
	TO_TWO;

	p = letter_policy_unprobed("rule r {\n if subject = x\n redirect to <b@x.vn>\n}\n");
	v = letter_judge(p, a, &l, LETTER_STEPS);
	cr_assert_eq(v->copy_count, 0);
	cr_assert_eq(v->removal_count, 1);
	cr_assert(span_equal(v->removals[0], span_of("a@x.vn")));
	policy_free(p);
	p = letter_policy_unprobed("rule r {\n if subject = x\n redirect to <c@x.vn>\n}\n");
	v = letter_judge(p, a, &l, LETTER_STEPS);
	cr_assert_eq(v->copy_count, 1);
	cr_assert_eq(v->removal_count, 2);
	policy_free(p);
	arena_free(a);
}

Test(verdict, a_letter_that_loses_its_last_recipient_is_held)
{
	TO_TWO;

	p = letter_policy_unprobed("rule r {\n if subject = x\n remove recipient a@x.vn\n"
	    " remove recipient b@x.vn\n}\n");
	v = letter_judge(p, a, &l, LETTER_STEPS);
	cr_assert_eq(v->action, ACTION_HOLD);
	cr_assert_str_eq(v->rule, "r");
	cr_assert_eq(v->removal_count, 0);
	policy_free(p);
	arena_free(a);
}

Test(verdict, header_changes_come_in_order_of_rule_name_and_once)
{
	struct policy *p = letter_policy_unprobed(
	    "rule b {\n if subject = x\n tag subject \"[B]\"\n add header X-A \"1\"\n}\n"
	    "rule a {\n if subject = x\n add header x-a \"1\"\n remove header X-C\n}\n");
	struct arena *a = arena_new();
	const struct verdict *v = letter_verdict(p, a, "x", "");

	policy_free(p);		/* the verdict outlives it */
	cr_assert_eq(v->change_count, 3);
	cr_assert_eq(v->changes[0].kind, CHANGE_ADD_HEADER);
	cr_assert_str_eq(v->changes[1].name, "X-C");
	cr_assert(span_equal(v->changes[2].value, span_of("[B]")));
	arena_free(a);
}

/*
 * The algebra of verdicts, on random sets of rules: the order of the text does
 * not matter, a rule said twice under another name changes nothing but the name, and what a rule
 * adds never makes the action weaker.
 */
#define POOL 24

static const char *const pool_actions[] = {
	"accept", "defer", "discard", "hold \"h\"", "reject", "note",
	"track", "copy to <c@x.vn>", "tag subject \"[T]\"", "remove header X-A",
	"remove recipient <phongcntt.hanoi@moet.edu.vn>", "redirect to <r@x.vn>",
};

static const char *const pool_conditions[] = {
	"subject = x", "subject = y", "text ~ /(a+)+$/", "not subject = y",
};

static char *
pool_rule(struct arena *a, int i, const char *name)
{
	return arena_print(a, "rule %s%d {\n if %s\n %s\n%s}\n", name, i,
	    pool_conditions[i * 7 % 4], pool_actions[i % 12],
	    i % 5 == 0 ? " on unknown hold \"u\"\n" : "");
}

/* The rules of ${mask}, forwards or backwards, and once more behind if ${twice}. */
static const struct verdict *
judge_pool(struct arena *a, unsigned mask, bool backwards, bool twice)
{
	const char *text = "rule never { if subject = never note }\n";
	struct letter l = letter_with(a, "x", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaab");
	const struct verdict *v;
	struct policy *p;
	int i, at;

	for (i = 0; i < POOL; i++) {
		at = backwards ? POOL - 1 - i : i;
		if ((mask >> at & 1) == 0)
			continue;
		text = arena_print(a, "%s%s%s", text, pool_rule(a, at, "a"),
		    twice ? pool_rule(a, at, "z") : "");
	}
	p = letter_policy_unprobed(text);
	v = letter_judge(p, a, &l, 1000);
	policy_free(p);
	return v;
}

static void
expect_same(const struct verdict *one, const struct verdict *two)
{
	cr_expect_eq(one->action, two->action);
	cr_expect_eq(one->rule == NULL, two->rule == NULL);
	if (one->rule != NULL && two->rule != NULL)
		cr_expect_str_eq(one->rule, two->rule);
	cr_expect_eq(one->is_tracked, two->is_tracked);
	cr_expect_eq(one->copy_count, two->copy_count);
	cr_expect_eq(one->removal_count, two->removal_count);
	cr_expect_eq(one->change_count, two->change_count);
}

Test(verdict, the_algebra_holds_for_random_sets_of_rules)
{
	unsigned seed = 20261124, mask, more;
	struct arena *a;
	int i;

	for (i = 0; i < 150; i++) {
		a = arena_new();
		seed = seed * 1103515245 + 12345;
		mask = seed >> 8 & ((1u << POOL) - 1) & (seed >> 3);
		more = mask | 1u << (seed >> 16) % POOL;
		expect_same(judge_pool(a, mask, false, false),
		    judge_pool(a, mask, true, false));
		expect_same(judge_pool(a, mask, false, false),
		    judge_pool(a, mask, false, true));
		cr_expect_geq(judge_pool(a, more, false, false)->action,
		    judge_pool(a, mask, false, false)->action, "%x %x", mask, more);
		arena_free(a);
	}
}

Test(verdict, a_rule_that_somebody_put_in_shadow_does_nothing_until_then)
{
	static const struct shadowing shadowing[] = {
		{ "none", INT64_MAX }, { "mark", LETTER_NOW_MS + 1 },
	};
	struct policy *p = letter_policy("rule mark { if text ~ /MẬT/ reject }\n");
	struct arena *a = arena_new();
	struct letter l = letter_with(a, "x", "MẬT");
	const struct verdict *v;

	l.shadowing = shadowing;
	l.shadowing_count = 2;
	v = letter_judge(p, a, &l, LETTER_STEPS);
	cr_expect_eq(v->action, ACTION_ACCEPT);
	cr_expect(letter_rule(v, "mark")->is_shadow);
	cr_expect_eq(letter_rule(v, "mark")->truth, TRUTH_YES);
	cr_expect_gt(letter_rule(v, "mark")->spent_ns, 0);
	l.now_ms++;
	v = letter_judge(p, a, &l, LETTER_STEPS);
	cr_expect_eq(v->action, ACTION_REJECT);
	cr_expect(!letter_rule(v, "mark")->is_shadow);
	policy_free(p);
	arena_free(a);
}
