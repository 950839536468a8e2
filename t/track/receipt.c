/* SPDX-License-Identifier: BSD-2-Clause */
#include <criterion/criterion.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "track/receipt.h"

#define START INT64_C(1795503000000)
#define MINUTE INT64_C(60000)
#define SET_LIMIT 12

static const struct receipt_rules later = {
	START + 1000 * MINUTE, 10 * MINUTE, TRUST_TAGGED
};

static enum evidence_source
source_of(const char *name)
{
	for (int i = SOURCE_FILTER; i <= SOURCE_EDXML; i++)
		if (strcmp(evidence_source_name((enum evidence_source)i), name) == 0)
			return (enum evidence_source)i;
	cr_assert_fail("no source %s", name);
	return SOURCE_FILTER;
}

/* "filter/accepted/3@0 dsn/delivered/1@2": times in minutes after START. */
static size_t
evidence_read(const char *text, struct evidence *list)
{
	char source[16], code[24];
	int trust, at, used, number;
	size_t n = 0;

	while (sscanf(text, " %15[a-z]/%23[a-z0-9-]/%d@%d%n", source, code, &trust,
	    &at, &used) == 4) {
		number = evidence_code_parse(span_of(code));
		cr_assert_geq(number, 0, "%s", code);
		list[n++] = (struct evidence){ .source = source_of(source),
		    .code = (enum evidence_code)number,
		    .trust = (enum evidence_trust)trust,
		    .claimed_ms = START + at * MINUTE,
		    .seen_ms = START + at * MINUTE };
		text += used;
	}
	cr_assert_eq(*text, '\0', "%s", text);
	return n;
}

static struct receipt_state
state_at(const char *text, int64_t minutes)
{
	struct receipt_rules rules = later;
	struct evidence list[SET_LIMIT];
	struct receipt_state s;

	rules.now_ms = START + minutes * MINUTE;
	receipt_compute(list, evidence_read(text, list), &rules, &s);
	return s;
}

#define IMPLIED FLAG_TRANSPORT_IMPLIED
#define UNPROVEN FLAG_UNAUTHENTICATED

static const struct {
	const char *evidence;
	int64_t minutes;
	enum receipt_headline headline;
	unsigned flags;
} vectors[] = {
	{ "filter/accepted/3@0", 5, HEADLINE_ACCEPTED, FLAG_PENDING },
	{ "filter/accepted/3@0", 100, HEADLINE_UNSENT, 0 },
	{ "filter/accepted/3@0 log/queued/3@1", 1000, HEADLINE_ACCEPTED, 0 },
	{ "filter/accepted/3@0 log/queued/3@1 log/vanished/3@2", 1000, HEADLINE_UNSENT,
	    FLAG_VANISHED },
	{ "filter/accepted/3@0 log/sent-next-hop/3@2 dsn/delivered/1@3 mdn/displayed/1@50",
	    1000, HEADLINE_DISPLAYED, UNPROVEN },
	{ "filter/accepted/3@0 mdn/displayed/1@20 dsn/failed/1@30", 1000,
	    HEADLINE_DISPLAYED, FLAG_CONFLICT_FAILED | IMPLIED | UNPROVEN },
	{ "filter/accepted/3@0 dsn/failed/1@30 dsn/delivered/1@40", 1000,
	    HEADLINE_DELIVERED, FLAG_CONFLICT_FAILED | UNPROVEN },
	{ "filter/accepted/3@0 log/sent-next-hop/3@2 dsn/failed/1@30", 1000,
	    HEADLINE_FAILED, UNPROVEN },
	{ "filter/accepted/3@0 dsn/delivered/1@3 mdn/displayed-automatic/2@4", 1000,
	    HEADLINE_DELIVERED, FLAG_ONLY_AUTO | UNPROVEN },
	{ "filter/accepted/3@0 dsn/relayed/3@3 mdn/deleted/1@4", 1000,
	    HEADLINE_RELAYED, FLAG_ONLY_DELETED | UNPROVEN },
	{ "filter/accepted/3@0 dsn/relayed/3@3 reply/human/0@4", 1000,
	    HEADLINE_RELAYED, 0 },
	{ "filter/accepted/3@0 edxml/01/4@2 edxml/02/4@3", 1000, HEADLINE_REFUSED, 0 },
	{ "filter/accepted/3@0 edxml/02/4@3 edxml/03/4@4", 1000, HEADLINE_REGISTERED,
	    FLAG_CONFLICT_REFUSED | IMPLIED },
	{ "filter/accepted/3@0 dsn/delivered/1@2 edxml/13/3@5 edxml/16/4@6 edxml/15/4@7",
	    1000, HEADLINE_RECALLED, FLAG_RECALL_TWO_ANSWERS | UNPROVEN },
	{ "filter/accepted/3@0 dsn/delivered/1@2 edxml/15/4@7", 1000,
	    HEADLINE_DELIVERED, FLAG_RECALL_UNASKED | UNPROVEN },
	{ "filter/held/3@0 filter/accepted/3@0", 1000, HEADLINE_HELD, 0 },
	{ "filter/held/3@0 filter/accepted/3@0 log/released/3@9 log/queued/3@10", 1000,
	    HEADLINE_ACCEPTED, 0 },
	{ "dsn/delivered/1@2", 1000, HEADLINE_DELIVERED, FLAG_NO_ORIGIN | UNPROVEN },
	/* those above are the specification's, those below ours */
	{ "filter/accepted/3@0 dsn/relayed/2@2 dsn/failed/1@30", 1000,
	    HEADLINE_FAILED, UNPROVEN },
	{ "filter/accepted/3@0 dsn/relayed/3@3", 1000, HEADLINE_RELAYED, 0 },
	{ "", 1000, HEADLINE_UNSENT, 0 },
	{ "filter/held/3@0", 1000, HEADLINE_HELD, 0 },
	{ "filter/rejected/3@0", 5, HEADLINE_REJECTED, 0 },
	{ "filter/discarded/3@0", 5, HEADLINE_REJECTED, FLAG_DISCARDED },
	{ "filter/tagged/3@0 filter/accepted/3@0", 5, HEADLINE_ACCEPTED, FLAG_PENDING },
	{ "filter/accepted/3@0 dsn/delayed/3@4", 5, HEADLINE_DELAYED, 0 },
	{ "filter/accepted/3@0 dsn/expanded/3@4", 5, HEADLINE_EXPANDED, 0 },
	{ "filter/accepted/3@0 dsn/delivered/0@4", 5, HEADLINE_ACCEPTED, FLAG_PENDING },
	{ "filter/accepted/3@0 dsn/delivered/1@4 dsn/delivered/3@5", 1000,
	    HEADLINE_DELIVERED, 0 },
	{ "dsn/delivered/0@4", 1000, HEADLINE_UNSENT, FLAG_CLAIMED_ONLY },
	{ "filter/accepted/3@0 log/sent-local/3@2", 1000, HEADLINE_DELIVERED, 0 },
	{ "filter/accepted/3@0 log/deferred/3@2 log/bounced/3@9", 1000,
	    HEADLINE_FAILED, 0 },
	{ "filter/accepted/3@0 reply/auto/2@4", 1000, HEADLINE_ACCEPTED, FLAG_ONLY_AUTO },
	{ "filter/accepted/3@0 mdn/dispatched/2@4", 1000, HEADLINE_ACCEPTED,
	    FLAG_ONLY_DISPATCHED },
	{ "filter/accepted/3@0 mdn/denied/2@4 mdn/error/2@5 mdn/failed/2@6", 1000,
	    HEADLINE_ACCEPTED, 0 },
	{ "filter/accepted/3@0 dsn/delivered/3@2 edxml/13/3@5", 1000,
	    HEADLINE_DELIVERED, FLAG_RECALL_PENDING },
	{ "filter/accepted/3@0 dsn/delivered/3@2 edxml/13/2@5", 1000,
	    HEADLINE_DELIVERED, 0 },
	{ "filter/accepted/3@0 dsn/delivered/3@2 operator/recall/3@5 edxml/15/4@6 "
	    "edxml/16/4@7", 1000, HEADLINE_DELIVERED, FLAG_RECALL_TWO_ANSWERS },
	{ "filter/accepted/3@0 dsn/delivered/3@2 operator/recall/3@5 edxml/15/1@6",
	    1000, HEADLINE_DELIVERED, FLAG_RECALL_PENDING },
	{ "filter/accepted/3@0 dsn/delivered/3@2 operator/registered/3@5", 1000,
	    HEADLINE_REGISTERED, 0 },
	{ "filter/accepted/3@0 dsn/delivered/3@2 operator/completed/2@5", 1000,
	    HEADLINE_DELIVERED, 0 },
	{ "filter/accepted/3@0 dsn/delivered-to-list/3@2", 1000, HEADLINE_DELIVERED,
	    FLAG_LIST },
};

Test(receipt, the_worked_vectors_come_out)
{
	for (size_t i = 0; i < sizeof(vectors) / sizeof(*vectors); i++) {
		struct receipt_state s =
		    state_at(vectors[i].evidence, vectors[i].minutes);

		cr_assert_eq(s.headline, vectors[i].headline, "%s: %s",
		    vectors[i].evidence, receipt_headline_name(s.headline));
		cr_assert_eq(s.flags, vectors[i].flags, "%s: %u",
		    vectors[i].evidence, s.flags);
	}
}

Test(receipt, a_stale_acknowledgement_never_moves_a_receipt_back)
{
	struct receipt_state s =
	    state_at("filter/accepted/3@0 dsn/delivered/3@9 dsn/delayed/3@20", 1000);

	cr_assert_eq(s.headline, HEADLINE_DELIVERED);
	cr_assert_eq(s.delivered_ms, START + 9 * MINUTE);
}

Test(receipt, the_earliest_time_of_each_fact_is_kept)
{
	struct receipt_state s = state_at("dsn/delivered/1@9 filter/accepted/3@4 "
	    "dsn/delivered/1@7 filter/accepted/3@2 dsn/failed/1@8 dsn/failed/1@6", 1000);

	cr_assert_eq(s.accepted_ms, START + 2 * MINUTE);
	cr_assert_eq(s.delivered_ms, START + 7 * MINUTE);
	cr_assert_eq(s.failed_ms, START + 6 * MINUTE);
	cr_assert_eq(s.acknowledged_ms, 0);
	cr_assert_eq(state_at("filter/accepted/3@0 dsn/relayed/3@3", 9).delivered_ms, 0);
}

static struct receipt_state
claimed_at(int64_t claimed_ms)
{
	struct evidence list[2] = {
		{ SOURCE_FILTER, CODE_ACCEPTED, TRUST_OURS, .seen_ms = START },
		{ SOURCE_DSN, CODE_DELIVERED, TRUST_OURS, .claimed_ms = claimed_ms,
		    .seen_ms = START + 60 * MINUTE },
	};
	struct receipt_state s;

	receipt_compute(list, 2, &later, &s);
	return s;
}

Test(receipt, a_clock_that_is_off_is_flagged_and_not_believed)
{
	const int64_t seen = START + 60 * MINUTE;
	struct receipt_state s = claimed_at(seen + 5 * MINUTE);

	cr_assert(s.flags == 0 && s.delivered_ms == seen + 5 * MINUTE);
	s = claimed_at(seen + 5 * MINUTE + 1);
	cr_assert(s.flags == FLAG_CLOCK_SKEW && s.delivered_ms == seen);
	s = claimed_at(START - 5 * MINUTE);
	cr_assert(s.flags == 0 && s.delivered_ms == START - 5 * MINUTE);
	s = claimed_at(START - 5 * MINUTE - 1);
	cr_assert(s.flags == FLAG_CLOCK_SKEW && s.delivered_ms == seen);
	s = claimed_at(0);
	cr_assert(s.flags == 0 && s.delivered_ms == seen);
}

Test(receipt, a_higher_bar_lets_less_through)
{
	struct receipt_rules rules = later;
	struct evidence list[SET_LIMIT];
	size_t n = evidence_read("filter/accepted/3@0 dsn/failed/1@3", list);
	struct receipt_state s;

	rules.min_trust = TRUST_AUTHENTICATED;
	receipt_compute(list, n, &rules, &s);
	cr_assert_eq(s.headline, HEADLINE_UNSENT);
	rules.min_trust = TRUST_CLAIMED;
	n = evidence_read("filter/accepted/3@0 dsn/failed/0@3", list);
	receipt_compute(list, n, &rules, &s);
	cr_assert_eq(s.headline, HEADLINE_UNSENT);
	cr_assert_eq(s.failed_ms, 0);
}

Test(receipt, a_notice_cannot_speak_for_the_filter)
{
	struct evidence list[SET_LIMIT];
	size_t n = evidence_read("dsn/rejected/3@0 dsn/accepted/3@1 filter/failed/3@2",
	    list);
	struct receipt_state s;

	receipt_compute(list, n, &later, &s);
	cr_assert_eq(s.headline, HEADLINE_UNSENT);
	cr_assert_eq(s.accepted_ms, 0);
	cr_assert_eq(s.failed_ms, 0);
}

static unsigned seed = 20261124;

static unsigned
dice(unsigned sides)
{
	seed = seed * 1103515245u + 12345u;
	return (seed >> 16) % sides;
}

/* Any source with any code: also those that it has no business to say. */
static struct evidence
random_evidence(void)
{
	enum evidence_code code = (enum evidence_code)dice(CODE_END);
	enum evidence_source source = (enum evidence_source)(1 + dice(SOURCE_EDXML));

	while (evidence_code_name(code) == NULL)
		code = (enum evidence_code)dice(CODE_END);
	return (struct evidence){
		.source = dice(3) == 0 ? source : code < CODE_DELAYED ? SOURCE_FILTER :
		    code < CODE_QUEUED ? SOURCE_DSN : code < CODE_DISPLAYED ?
		    SOURCE_LOG : code < CODE_HUMAN ? SOURCE_MDN :
		    code < CODE_REPLIED ? SOURCE_REPLY :
		    code < CODE_EDXML_01 ? SOURCE_OPERATOR : SOURCE_EDXML,
		.code = code,
		.trust = code < CODE_DELAYED ? TRUST_OURS : (enum evidence_trust)dice(5),
		.claimed_ms = dice(4) == 0 ? 0 : START + dice(30) * MINUTE,
		.seen_ms = START + dice(30) * MINUTE,
	};
}

static size_t
random_set(struct evidence *list)
{
	size_t n = dice(7);

	for (size_t i = 0; i < n; i++)
		list[i] = random_evidence();
	return n;
}

static bool
is_same(const struct receipt_state *a, const struct receipt_state *b)
{
	return a->headline == b->headline && a->flags == b->flags &&
	    a->accepted_ms == b->accepted_ms &&
	    a->delivered_ms == b->delivered_ms &&
	    a->acknowledged_ms == b->acknowledged_ms &&
	    a->answered_ms == b->answered_ms && a->failed_ms == b->failed_ms;
}

static void
shuffle(struct evidence *list, size_t n)
{
	for (size_t i = n; i > 1; i--) {
		size_t j = dice((unsigned)i);
		struct evidence swap = list[j];

		list[j] = list[i - 1];
		list[i - 1] = swap;
	}
}

Test(receipt, order_and_duplicates_never_change_the_state)
{
	struct receipt_rules rules = later;
	struct evidence list[SET_LIMIT];
	struct receipt_state first, again;

	for (int round = 0; round < 20000; round++) {
		size_t n = random_set(list), more = n;

		rules.now_ms = START + dice(60) * MINUTE;
		receipt_compute(list, n, &rules, &first);
		for (int times = 0; times < 12; times++) {
			if (n != 0 && more < SET_LIMIT) {
				list[more] = list[dice((unsigned)more)];
				more++;
			}
			shuffle(list, more);
			receipt_compute(list, more, &rules, &again);
			cr_assert(is_same(&first, &again), "round %d", round);
		}
	}
}

Test(receipt, trust_0_never_moves_anything)
{
	struct receipt_rules rules = later;
	struct evidence list[SET_LIMIT];
	struct receipt_state before, after;

	for (int round = 0; round < 20000; round++) {
		size_t n = random_set(list);

		rules.min_trust = (enum evidence_trust)dice(3);
		receipt_compute(list, n, &rules, &before);
		list[n] = random_evidence();
		list[n].trust = TRUST_CLAIMED;
		receipt_compute(list, n + 1, &rules, &after);
		before.flags &= ~(unsigned)FLAG_CLAIMED_ONLY;
		after.flags &= ~(unsigned)FLAG_CLAIMED_ONLY;
		cr_assert(is_same(&before, &after), "round %d", round);
	}
}

/* How far each axis has come, as the state shows it. */
static int
transport_of(const struct receipt_state *s)
{
	return s->delivered_ms != 0 ? HEADLINE_DELIVERED :
	    s->headline <= HEADLINE_DELIVERED ? (int)s->headline : -1;
}

static bool
is_answer(enum receipt_headline h)
{
	return h >= HEADLINE_DISPLAYED && h <= HEADLINE_COMPLETED;
}

Test(receipt, more_evidence_never_takes_an_axis_back)
{
	struct evidence list[SET_LIMIT];
	struct receipt_state before, after;

	for (int round = 0; round < 20000; round++) {
		size_t n = random_set(list);

		receipt_compute(list, n, &later, &before);
		list[n] = random_evidence();
		receipt_compute(list, n + 1, &later, &after);
		cr_assert(before.failed_ms == 0 || after.failed_ms != 0);
		cr_assert(before.delivered_ms == 0 || after.delivered_ms != 0);
		cr_assert(before.acknowledged_ms == 0 || after.acknowledged_ms != 0);
		cr_assert(before.answered_ms == 0 || after.answered_ms != 0);
		cr_assert(before.accepted_ms == 0 || (after.accepted_ms != 0 &&
		    after.accepted_ms <= before.accepted_ms));
		if (before.headline == HEADLINE_REJECTED)
			cr_assert_eq(after.headline, HEADLINE_REJECTED);
		if (is_answer(before.headline) && is_answer(after.headline))
			cr_assert_geq(after.headline, before.headline);
		if (transport_of(&before) > HEADLINE_ACCEPTED &&
		    transport_of(&after) >= 0)
			cr_assert_geq(transport_of(&after), transport_of(&before));
	}
}

Test(receipt, an_automatic_answer_never_counts_as_read)
{
	static const char *const automatic[] = { "reply/auto/4@9", "mdn/processed/4@9",
	    "mdn/displayed-automatic/4@9", "mdn/deleted/4@9", "mdn/dispatched/4@9",
	    "mdn/denied/4@9", "mdn/error/4@9" };
	struct evidence list[SET_LIMIT];
	struct receipt_state before, after;

	for (int round = 0; round < 20000; round++) {
		size_t n = random_set(list);

		receipt_compute(list, n, &later, &before);
		n += evidence_read(automatic[dice(7)], list + n);
		receipt_compute(list, n, &later, &after);
		cr_assert_eq(before.acknowledged_ms, after.acknowledged_ms);
		cr_assert_eq(before.answered_ms, after.answered_ms);
		if (before.headline != HEADLINE_UNSENT)
			cr_assert_eq(before.headline, after.headline);
	}
}

Test(receipt, what_was_read_outranks_a_late_failure)
{
	static const char *const read[] = { "mdn/displayed/1@5", "reply/human/1@5",
	    "operator/registered/3@5", "edxml/03/2@5", "edxml/06/4@5" };
	static const char *const failures[] = { "dsn/failed/3@50", "log/bounced/3@60",
	    "dsn/failed/1@70", "log/deferred/3@80", "dsn/delayed/4@90" };
	struct evidence list[SET_LIMIT];
	struct receipt_state s;

	for (size_t i = 0; i < 25; i++) {
		size_t n = evidence_read("filter/accepted/3@0", list);

		n += evidence_read(read[i / 5], list + n);
		n += evidence_read(failures[i % 5], list + n);
		receipt_compute(list, n, &later, &s);
		cr_assert(is_answer(s.headline), "%s %s", read[i / 5], failures[i % 5]);
		cr_assert_eq((s.flags & FLAG_CONFLICT_FAILED) != 0, i % 5 < 3);
		cr_assert_eq(s.acknowledged_ms, START + 5 * MINUTE);
	}
}

Test(receipt, names_read_back)
{
	for (int h = 0; h < HEADLINE_COUNT; h++)
		cr_assert_eq(receipt_headline_parse(span_of(
		    receipt_headline_name((enum receipt_headline)h))), h);
	cr_assert_str_eq(receipt_headline_name(HEADLINE_UNSENT), "unsent?");
	cr_assert_eq(receipt_headline_parse(span_of("lost")), -1);
	cr_assert_null(receipt_headline_name(HEADLINE_COUNT));
	cr_assert_str_eq(receipt_flag_name(FLAG_NO_NOTIFY), "no-notify");
	cr_assert_str_eq(receipt_flag_name(FLAG_COPIED_STAMP), "copied-stamp");
	cr_assert_null(receipt_flag_name(3));
	for (unsigned bit = 1; bit < FLAG_END; bit <<= 1)
		cr_assert_not_null(receipt_flag_name(bit));
}
