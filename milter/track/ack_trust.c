/* SPDX-License-Identifier: BSD-2-Clause */
#include "ack_internal.h"

/* A report speaks for an MTA: its proof is our tag, or our own queue. */
static enum evidence_trust
trust_report(const struct claim *c, const struct ack_facts *f)
{
	if (f->key != CLAIM_TAG)
		return f->mta_trust > TRUST_CLAIMED ? TRUST_TAGGED : TRUST_CLAIMED;
	if (c->is_gateway)	/* RFC 3464 2.2.3: translated, we know not from what */
		return TRUST_TAGGED;
	if (f->mta_trust > TRUST_TAGGED)
		return f->mta_trust;
	return f->is_authenticated ? TRUST_AUTHENTICATED : TRUST_TAGGED;
}

/* A recipient speaks for himself alone: every one of them holds the tag. */
static enum evidence_trust
trust_recipient(const struct claim *c, const struct ack_facts *f)
{
	bool is_found = f->key == CLAIM_TAG || f->key == CLAIM_MESSAGE_ID ||
	    (f->key == CLAIM_NUMBER && c->kind == ACK_EDXML);

	if (!is_found || !f->is_from_addressee ||
	    (f->needs_authentication && !f->is_authenticated))
		return TRUST_CLAIMED;
	return f->is_authenticated && !c->is_gateway ? TRUST_AUTHENTICATED :
	    TRUST_TAGGED;
}

enum evidence_trust
ack_trust(const struct claim *c, const struct ack_facts *f)
{
	if (!f->is_addressee)
		return TRUST_CLAIMED;
	if (c->kind == ACK_DSN)
		return trust_report(c, f);
	if (c->kind == ACK_EDXML && span_is(c->action, "13"))
		return f->is_from_sender ? TRUST_OURS : TRUST_CLAIMED;
	return trust_recipient(c, f);
}
