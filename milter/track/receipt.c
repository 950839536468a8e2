/* SPDX-License-Identifier: BSD-2-Clause */
#include <stdbool.h>

#include "receipt_internal.h"
#include "track/receipt.h"

#define SKEW_MS (5 * 60 * 1000)

/* The highest rank seen, the earliest time it was claimed for, the best who says so. */
struct axis {
	int rank;
	int64_t ms;
	enum evidence_trust trust;
};

struct axes {
	struct axis of[AXIS_COUNT];
	int64_t accepted_ms;
	int64_t acknowledged_ms;
	int64_t answered_ms;
	unsigned flags;
	bool is_counted;	/* is there any evidence that may move something? */
	bool is_heard;		/* any that is not the filter's own? */
	bool has_origin;
};

static const char *const headline_names[HEADLINE_COUNT] = {
	[HEADLINE_UNSENT] = "unsent?",
	[HEADLINE_ACCEPTED] = "accepted",
	[HEADLINE_DELAYED] = "delayed",
	[HEADLINE_RELAYED] = "relayed",
	[HEADLINE_EXPANDED] = "expanded",
	[HEADLINE_DELIVERED] = "delivered",
	[HEADLINE_FAILED] = "failed",
	[HEADLINE_HELD] = "held",
	[HEADLINE_REJECTED] = "rejected",
	[HEADLINE_DISPLAYED] = "displayed",
	[HEADLINE_REPLIED] = "replied",
	[HEADLINE_REGISTERED] = "registered",
	[HEADLINE_ASSIGNED] = "assigned",
	[HEADLINE_PROCESSING] = "processing",
	[HEADLINE_COMPLETED] = "completed",
	[HEADLINE_REFUSED] = "refused",
	[HEADLINE_RECALLED] = "recalled",
};

static const struct {
	unsigned flag;
	const char *name;
} flag_names[] = {
	{ FLAG_PENDING, "pending" },
	{ FLAG_DISCARDED, "discarded" },
	{ FLAG_NO_ORIGIN, "no-origin" },
	{ FLAG_CLAIMED_ONLY, "claimed-only" },
	{ FLAG_CONFLICT_FAILED, "conflict-failed" },
	{ FLAG_CLOCK_SKEW, "clock-skew" },
	{ FLAG_UNAUTHENTICATED, "unauthenticated" },
	{ FLAG_NO_NOTIFY, "no-notify" },
	{ FLAG_RETRIED, "retried" },
	{ FLAG_COPIED_STAMP, "copied-stamp" },
	{ FLAG_VANISHED, "vanished" },
	{ FLAG_CONFLICT_REFUSED, "conflict-refused" },
	{ FLAG_TRANSPORT_IMPLIED, "transport-implied" },
	{ FLAG_ONLY_AUTO, "only-auto" },
	{ FLAG_ONLY_DELETED, "only-deleted" },
	{ FLAG_ONLY_DISPATCHED, "only-dispatched" },
	{ FLAG_LIST, "list" },
	{ FLAG_RECALL_PENDING, "recall-pending" },
	{ FLAG_RECALL_UNASKED, "recall-unasked" },
	{ FLAG_RECALL_TWO_ANSWERS, "recall-two-answers" },
	{ FLAG_OVERDUE, "overdue" },
};

/* Trust 0 never moves a receipt, however low the bar is set. */
static bool
is_trusted(const struct evidence *ev, const struct receipt_rules *rules)
{
	return ev->trust > TRUST_CLAIMED && ev->trust >= rules->min_trust;
}

static bool
is_ahead(const struct evidence *ev)
{
	return ev->claimed_ms > ev->seen_ms && ev->claimed_ms - ev->seen_ms > SKEW_MS;
}

/* When ${ev} happened, as far as it can be believed. */
static int64_t
evidence_ms(const struct evidence *ev, struct axes *x)
{
	if (ev->claimed_ms == 0)
		return ev->seen_ms;
	if (is_ahead(ev) ||
	    (x->accepted_ms != 0 && ev->claimed_ms < x->accepted_ms - SKEW_MS)) {
		x->flags |= FLAG_CLOCK_SKEW;
		return ev->seen_ms;
	}
	return ev->claimed_ms;
}

static void
axis_raise(struct axis *x, int rank, int64_t ms, enum evidence_trust trust)
{
	if (rank < x->rank || rank == 0)
		return;
	if (rank > x->rank) {
		*x = (struct axis){ rank, ms, trust };
		return;
	}
	if (ms < x->ms)
		x->ms = ms;
	if (trust > x->trust)
		x->trust = trust;
}

static void
keep_first(int64_t *first, int64_t ms)
{
	if (*first == 0 || ms < *first)
		*first = ms;
}

static void
axes_add(struct axes *x, const struct evidence *ev)
{
	int64_t ms = evidence_ms(ev, x);
	int rank;
	enum axis_name axis = axis_of(ev, &rank);

	x->is_counted = true;
	if (ev->source == SOURCE_FILTER)
		x->has_origin = true;
	else if (axis != AXIS_NONE)
		x->is_heard = true;
	axis_raise(&x->of[axis], rank, ms, ev->trust);
	if (axis == AXIS_ACKNOWLEDGEMENT && rank >= A_DISPLAYED)
		keep_first(&x->acknowledged_ms, ms);
	if ((axis == AXIS_ACKNOWLEDGEMENT && rank >= A_REPLIED) ||
	    axis == AXIS_REFUSAL)
		keep_first(&x->answered_ms, ms);
	if (ev->source == SOURCE_FILTER && ev->code == CODE_DISCARDED)
		x->flags |= FLAG_DISCARDED;
	if (ev->source == SOURCE_DSN && ev->code == CODE_DELIVERED_TO_LIST)
		x->flags |= FLAG_LIST;
}

/* Found first: what other evidence claims is measured against it. */
static int64_t
accepted_ms(const struct evidence *list, size_t n, const struct receipt_rules *rules)
{
	int64_t first = 0, ms;

	for (size_t i = 0; i < n; i++) {
		const struct evidence *ev = &list[i];

		if (!is_trusted(ev, rules) || ev->source != SOURCE_FILTER ||
		    ev->code != CODE_ACCEPTED)
			continue;
		ms = ev->claimed_ms == 0 || is_ahead(ev) ? ev->seen_ms :
		    ev->claimed_ms;
		if (first == 0 || ms < first)
			first = ms;
	}
	return first;
}

static const enum receipt_headline transport_headlines[] = {
	[T_NONE] = HEADLINE_UNSENT,
	[T_ACCEPTED] = HEADLINE_ACCEPTED,
	[T_DELAYED] = HEADLINE_DELAYED,
	[T_RELAYED] = HEADLINE_RELAYED,
	[T_EXPANDED] = HEADLINE_EXPANDED,
	[T_DELIVERED] = HEADLINE_DELIVERED,
};

static const enum receipt_headline acknowledgement_headlines[] = {
	[A_DISPLAYED] = HEADLINE_DISPLAYED,
	[A_REPLIED] = HEADLINE_REPLIED,
	[A_REGISTERED] = HEADLINE_REGISTERED,
	[A_ASSIGNED] = HEADLINE_ASSIGNED,
	[A_PROCESSING] = HEADLINE_PROCESSING,
	[A_COMPLETED] = HEADLINE_COMPLETED,
};

/* Whoever declined first and agreed later has agreed; not the other way. */
static bool
is_recalled(const struct axes *x)
{
	const struct axis *agreed = &x->of[AXIS_AGREED];
	const struct axis *declined = &x->of[AXIS_DECLINED];

	if (x->of[AXIS_RECALL].rank == 0 || agreed->rank == 0)
		return false;
	return declined->rank == 0 || agreed->ms >= declined->ms;
}

/* The first line that applies; ${f} gets "pending" where only that line says it. */
static enum receipt_headline
headline(const struct axes *x, bool is_young, unsigned *f)
{
	int acknowledgement = x->of[AXIS_ACKNOWLEDGEMENT].rank;
	int transport = x->of[AXIS_TRANSPORT].rank;

	if (x->of[AXIS_POLICY].rank == P_REJECTED)
		return HEADLINE_REJECTED;
	if (x->of[AXIS_POLICY].rank == P_HELD)
		return HEADLINE_HELD;
	if (is_recalled(x))
		return HEADLINE_RECALLED;
	if (x->of[AXIS_REFUSAL].rank != 0 && acknowledgement < A_REGISTERED)
		return HEADLINE_REFUSED;
	if (acknowledgement >= A_DISPLAYED)
		return acknowledgement_headlines[acknowledgement];
	if (transport == T_DELIVERED)
		return HEADLINE_DELIVERED;
	if (x->of[AXIS_FAILURE].rank != 0)
		return HEADLINE_FAILED;
	if (transport >= T_DELAYED)
		return transport_headlines[transport];
	if (x->of[AXIS_COMMIT].rank == C_VANISHED)
		return HEADLINE_UNSENT;
	if (x->is_heard)
		return HEADLINE_ACCEPTED;
	if (transport == T_ACCEPTED && is_young) {
		*f |= FLAG_PENDING;
		return HEADLINE_ACCEPTED;
	}
	return HEADLINE_UNSENT;
}

static unsigned
acknowledgement_flags(const struct axes *x)
{
	int a = x->of[AXIS_ACKNOWLEDGEMENT].rank;
	unsigned f = 0;

	if (a == A_AUTO)
		f |= FLAG_ONLY_AUTO;
	if (a == A_DELETED)
		f |= FLAG_ONLY_DELETED;
	if (a == A_DISPATCHED)
		f |= FLAG_ONLY_DISPATCHED;
	if (a >= A_DISPLAYED && x->of[AXIS_TRANSPORT].rank != T_DELIVERED)
		f |= FLAG_TRANSPORT_IMPLIED;
	if (a >= A_REGISTERED && x->of[AXIS_REFUSAL].rank != 0)
		f |= FLAG_CONFLICT_REFUSED;
	if (x->of[AXIS_FAILURE].rank != 0 &&
	    (a != A_NONE || x->of[AXIS_TRANSPORT].rank == T_DELIVERED))
		f |= FLAG_CONFLICT_FAILED;
	return f;
}

static unsigned
recall_flags(const struct axes *x)
{
	bool is_asked = x->of[AXIS_RECALL].rank != 0;
	bool is_agreed = x->of[AXIS_AGREED].rank != 0;
	bool is_declined = x->of[AXIS_DECLINED].rank != 0;
	unsigned f = 0;

	if (is_asked && !is_agreed && !is_declined)
		f |= FLAG_RECALL_PENDING;
	if (!is_asked && (is_agreed || is_declined))
		f |= FLAG_RECALL_UNASKED;
	if (is_agreed && is_declined)
		f |= FLAG_RECALL_TWO_ANSWERS;
	return f;
}

/* Does an axis stand where it stands on the word of somebody unproven alone? */
static bool
is_unauthenticated(const struct axes *x)
{
	static const enum axis_name axes[] = {
		AXIS_TRANSPORT, AXIS_FAILURE, AXIS_ACKNOWLEDGEMENT, AXIS_REFUSAL
	};

	for (size_t i = 0; i < sizeof(axes) / sizeof(*axes); i++)
		if (x->of[axes[i]].rank != 0 &&
		    x->of[axes[i]].trust == TRUST_TAGGED)
			return true;
	return false;
}

static unsigned
flags(const struct axes *x, size_t n)
{
	unsigned f = x->flags | acknowledgement_flags(x) | recall_flags(x);

	if (x->of[AXIS_COMMIT].rank == C_VANISHED)
		f |= FLAG_VANISHED;
	if (n != 0 && !x->is_counted)
		f |= FLAG_CLAIMED_ONLY;
	if (x->is_counted && !x->has_origin)
		f |= FLAG_NO_ORIGIN;
	if (is_unauthenticated(x))
		f |= FLAG_UNAUTHENTICATED;
	return f;
}

void
receipt_compute(const struct evidence *list, size_t n,
    const struct receipt_rules *rules, struct receipt_state *state)
{
	struct axes x = { .accepted_ms = accepted_ms(list, n, rules) };
	bool is_young = rules->now_ms - x.accepted_ms < rules->grace_ms;

	for (size_t i = 0; i < n; i++)
		if (is_trusted(&list[i], rules))
			axes_add(&x, &list[i]);
	*state = (struct receipt_state){ .flags = flags(&x, n),
	    .accepted_ms = x.accepted_ms, .acknowledged_ms = x.acknowledged_ms,
	    .answered_ms = x.answered_ms, .failed_ms = x.of[AXIS_FAILURE].ms };
	state->headline = headline(&x, is_young, &state->flags);
	if (x.of[AXIS_TRANSPORT].rank == T_DELIVERED)
		state->delivered_ms = x.of[AXIS_TRANSPORT].ms;
}

const char *
receipt_headline_name(enum receipt_headline h)
{
	return (unsigned)h < HEADLINE_COUNT ? headline_names[h] : NULL;
}

int
receipt_headline_parse(struct span text)
{
	for (int h = 0; h < HEADLINE_COUNT; h++)
		if (span_is(text, headline_names[h]))
			return h;
	return -1;
}

const char *
receipt_flag_name(unsigned flag)
{
	for (size_t i = 0; i < sizeof(flag_names) / sizeof(*flag_names); i++)
		if (flag_names[i].flag == flag)
			return flag_names[i].name;
	return NULL;
}
