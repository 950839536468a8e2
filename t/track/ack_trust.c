/* SPDX-License-Identifier: BSD-2-Clause */
#include <criterion/criterion.h>

#include "track/ack.h"

static enum evidence_trust
trust(enum ack_kind kind, const char *action, struct ack_facts f)
{
	struct claim c = { .kind = kind, .action = span_of(action) };

	return ack_trust(&c, &f);
}

#define FACTS(...) ((struct ack_facts){ __VA_ARGS__ })

Test(ack_trust, a_report_needs_our_tag_and_an_addressee)
{
	cr_assert_eq(trust(ACK_DSN, "failed", FACTS(CLAIM_TAG, .is_addressee = true)),
	    TRUST_TAGGED);
	cr_assert_eq(trust(ACK_DSN, "failed", FACTS(CLAIM_TAG)), TRUST_CLAIMED);
	cr_assert_eq(trust(ACK_DSN, "failed", FACTS(CLAIM_MESSAGE_ID,
	    .is_addressee = true, .is_authenticated = true)), TRUST_CLAIMED);
	cr_assert_eq(trust(ACK_DSN, "failed", FACTS(CLAIM_ENVELOPE_ID,
	    .is_addressee = true)), TRUST_CLAIMED);
	cr_assert_eq(trust(ACK_DSN, "failed", FACTS(CLAIM_QUEUE_ID,
	    .is_addressee = true)), TRUST_CLAIMED);
}

Test(ack_trust, our_own_queue_and_a_signed_domain_raise_a_report)
{
	cr_assert_eq(trust(ACK_DSN, "failed", FACTS(CLAIM_TAG, .is_addressee = true,
	    .mta_trust = TRUST_OURS)), TRUST_OURS);
	cr_assert_eq(trust(ACK_DSN, "failed", FACTS(CLAIM_TAG, .is_addressee = true,
	    .is_authenticated = true)), TRUST_AUTHENTICATED);
	cr_assert_eq(trust(ACK_DSN, "failed", FACTS(CLAIM_QUEUE_ID,
	    .is_addressee = true, .mta_trust = TRUST_OURS)), TRUST_TAGGED);
}

Test(ack_trust, a_gateway_that_translates_is_not_raised)
{
	struct claim c = { .kind = ACK_DSN, .action = span_of("failed"),
	    .is_gateway = true };
	struct ack_facts f = { CLAIM_TAG, .is_addressee = true,
	    .is_authenticated = true };

	cr_assert_eq(ack_trust(&c, &f), TRUST_TAGGED);
}

static const enum ack_kind personal[] = { ACK_MDN, ACK_REPLY, ACK_AUTO_REPLY, ACK_EDXML };

Test(ack_trust, a_recipient_speaks_for_himself_alone)
{
	for (size_t i = 0; i < 4; i++) {
		struct ack_facts f = { CLAIM_TAG, .is_addressee = true };

		cr_assert_eq(trust(personal[i], "01", f), TRUST_CLAIMED);
		f.is_from_addressee = true;
		cr_assert_eq(trust(personal[i], "01", f), TRUST_TAGGED);
		f.is_authenticated = true;
		cr_assert_eq(trust(personal[i], "01", f), TRUST_AUTHENTICATED);
		f.is_from_addressee = false;
		cr_assert_eq(trust(personal[i], "01", f), TRUST_CLAIMED);
	}
}

Test(ack_trust, where_authentication_is_known_it_must_pass)
{
	for (size_t i = 0; i < 4; i++) {
		struct ack_facts f = { CLAIM_MESSAGE_ID, .is_addressee = true,
		    .is_from_addressee = true, .needs_authentication = true };

		cr_assert_eq(trust(personal[i], "03", f), TRUST_CLAIMED);
		f.is_authenticated = true;
		cr_assert_eq(trust(personal[i], "03", f), TRUST_AUTHENTICATED);
	}
}

Test(ack_trust, a_number_finds_a_letter_for_a_registry_alone)
{
	struct ack_facts f = { CLAIM_NUMBER, .is_addressee = true,
	    .is_from_addressee = true };

	cr_assert_eq(trust(ACK_EDXML, "03", f), TRUST_TAGGED);
	cr_assert_eq(trust(ACK_REPLY, "replied", f), TRUST_CLAIMED);
	f.key = CLAIM_QUEUE_ID;
	cr_assert_eq(trust(ACK_MDN, "displayed", f), TRUST_CLAIMED);
}

Test(ack_trust, only_the_sender_asks_for_a_letter_back)
{
	struct ack_facts f = { CLAIM_NUMBER, .is_addressee = true,
	    .is_from_addressee = true, .is_authenticated = true };

	cr_assert_eq(trust(ACK_EDXML, "13", f), TRUST_CLAIMED);
	f.is_from_sender = true;
	cr_assert_eq(trust(ACK_EDXML, "13", f), TRUST_OURS);
}
