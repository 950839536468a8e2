/* SPDX-License-Identifier: BSD-2-Clause */
#include <stdbool.h>

#include "track/receipt.h"

#define SKEW_MS (5 * 60 * 1000)

/* Ranks of the axes; a rank once reached is never left. */
enum policy_rank { P_PASSED, P_TAGGED, P_HELD, P_REJECTED = 4 };
enum transport_rank {
	T_NONE, T_ACCEPTED, T_DELAYED, T_RELAYED, T_EXPANDED, T_DELIVERED
};

/* The highest rank seen, the earliest time it was claimed for, the best who says so. */
struct axis {
	int rank;
	int64_t ms;
	enum evidence_trust trust;
};

struct axes {
	struct axis policy, transport, failure;
	int64_t accepted_ms;
	unsigned flags;
	bool is_counted;	/* is there any evidence that moves something? */
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

static int
policy_rank(enum evidence_code code)
{
	switch (code) {
	case CODE_TAGGED:
		return P_TAGGED;
	case CODE_HELD:
		return P_HELD;
	case CODE_REJECTED:
	case CODE_DISCARDED:
		return P_REJECTED;
	default:
		return P_PASSED;
	}
}

static int
transport_rank(enum evidence_code code)
{
	switch (code) {
	case CODE_ACCEPTED:
		return T_ACCEPTED;
	case CODE_DELAYED:
		return T_DELAYED;
	case CODE_RELAYED:
		return T_RELAYED;
	case CODE_EXPANDED:
		return T_EXPANDED;
	case CODE_DELIVERED:
		return T_DELIVERED;
	default:
		return T_NONE;
	}
}

/* A code counts only from its own source: a notice cannot say "rejected by policy". */
static void
axes_add(struct axes *x, const struct evidence *ev)
{
	int64_t ms = evidence_ms(ev, x);

	x->is_counted = true;
	if (ev->source == SOURCE_FILTER) {
		x->has_origin = true;
		axis_raise(&x->policy, policy_rank(ev->code), ms, ev->trust);
		if (ev->code == CODE_ACCEPTED)
			axis_raise(&x->transport, T_ACCEPTED, ms, ev->trust);
		if (ev->code == CODE_DISCARDED)
			x->flags |= FLAG_DISCARDED;
	} else if (ev->source == SOURCE_DSN) {
		if (transport_rank(ev->code) > T_ACCEPTED)
			axis_raise(&x->transport, transport_rank(ev->code), ms,
			    ev->trust);
		axis_raise(&x->failure, ev->code == CODE_FAILED, ms, ev->trust);
	}
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

static enum receipt_headline
transport_headline(int rank)
{
	switch (rank) {
	case T_DELAYED:
		return HEADLINE_DELAYED;
	case T_RELAYED:
		return HEADLINE_RELAYED;
	case T_EXPANDED:
		return HEADLINE_EXPANDED;
	case T_DELIVERED:
		return HEADLINE_DELIVERED;
	default:
		return HEADLINE_UNSENT;
	}
}

/* The first line that applies. */
static enum receipt_headline
headline(const struct axes *x, bool is_young)
{
	if (x->policy.rank == P_REJECTED)
		return HEADLINE_REJECTED;
	if (x->policy.rank == P_HELD)
		return HEADLINE_HELD;
	if (x->failure.rank != 0 && x->transport.rank != T_DELIVERED)
		return HEADLINE_FAILED;
	if (x->transport.rank == T_ACCEPTED && is_young)
		return HEADLINE_ACCEPTED;
	return transport_headline(x->transport.rank);
}

static unsigned
flags(const struct axes *x, size_t n, enum receipt_headline h)
{
	unsigned f = x->flags;

	if (h == HEADLINE_ACCEPTED)
		f |= FLAG_PENDING;
	if (n != 0 && !x->is_counted)
		f |= FLAG_CLAIMED_ONLY;
	if (x->is_counted && !x->has_origin)
		f |= FLAG_NO_ORIGIN;
	if (x->failure.rank != 0 && x->transport.rank == T_DELIVERED)
		f |= FLAG_CONFLICT_FAILED;
	if (x->transport.rank > T_ACCEPTED && x->transport.trust == TRUST_TAGGED)
		f |= FLAG_UNAUTHENTICATED;
	if (x->failure.rank != 0 && x->failure.trust == TRUST_TAGGED)
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
	*state = (struct receipt_state){ .headline = headline(&x, is_young) };
	state->flags = flags(&x, n, state->headline);
	state->accepted_ms = x.accepted_ms;
	if (x.transport.rank == T_DELIVERED)
		state->delivered_ms = x.transport.ms;
	state->failed_ms = x.failure.ms;
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
