/* SPDX-License-Identifier: BSD-2-Clause */
#include <string.h>

#include "base/buffer.h"

#include "verb_internal.h"

/* What evidence says, in the words of somebody who never saw a mail log. */
static const struct {
	enum evidence_source source;
	enum evidence_code code;
	const char *what;
} words[] = {
	{ SOURCE_FILTER, CODE_ACCEPTED, "accepted and stamped" },
	{ SOURCE_FILTER, CODE_TAGGED, "its subject was marked" },
	{ SOURCE_FILTER, CODE_HELD, "put on hold" },
	{ SOURCE_FILTER, CODE_REJECTED, "refused: it did not leave" },
	{ SOURCE_FILTER, CODE_DISCARDED, "discarded: it did not leave" },

	{ SOURCE_LOG, CODE_QUEUED, "in the outgoing queue" },
	{ SOURCE_LOG, CODE_VANISHED, "gone from the queue without a delivery" },
	{ SOURCE_LOG, CODE_HOLD, "on hold in the queue" },
	{ SOURCE_LOG, CODE_RELEASED, "released from hold" },
	{ SOURCE_LOG, CODE_SENT_NEXT_HOP, "handed to the next mail server" },
	{ SOURCE_LOG, CODE_SENT_LOCAL, "in the recipient's mailbox" },
	{ SOURCE_LOG, CODE_DEFERRED, "delayed, will be tried again" },
	{ SOURCE_LOG, CODE_BOUNCED, "could not be delivered" },
	{ SOURCE_LOG, CODE_REQUEUED, "put through the queue once more" },

	{ SOURCE_DSN, CODE_DELAYED, "delayed, will be tried again" },
	{ SOURCE_DSN, CODE_RELAYED, "handed on to a server that reports nothing" },
	{ SOURCE_DSN, CODE_EXPANDED, "sent on to the members of a list" },
	{ SOURCE_DSN, CODE_DELIVERED, "in the recipient's mailbox" },
	{ SOURCE_DSN, CODE_DELIVERED_TO_LIST, "delivered to a list" },
	{ SOURCE_DSN, CODE_FAILED, "could not be delivered" },
	{ SOURCE_DSN, CODE_TRANSFERRED, "on its way through another server" },
	{ SOURCE_DSN, CODE_OPAQUE, "nothing more can be said" },

	{ SOURCE_MDN, CODE_DISPLAYED, "opened by the recipient" },
	{ SOURCE_MDN, CODE_DISPLAYED_AUTOMATIC, "opened by a program: does not count" },
	{ SOURCE_MDN, CODE_PROCESSED, "handled by a program: does not count" },
	{ SOURCE_MDN, CODE_DISPATCHED, "sent on unread: does not count" },
	{ SOURCE_MDN, CODE_DELETED, "deleted, perhaps unread: does not count" },
	{ SOURCE_MDN, CODE_DENIED, "the recipient sends no receipts" },

	{ SOURCE_REPLY, CODE_HUMAN, "the recipient replied" },
	{ SOURCE_REPLY, CODE_AUTO, "an automatic answer: does not count" },

	{ SOURCE_OPERATOR, CODE_DELIVERED, "arrived" },
	{ SOURCE_OPERATOR, CODE_DISPLAYED, "opened by the recipient" },
	{ SOURCE_OPERATOR, CODE_REPLIED, "the recipient replied" },
	{ SOURCE_OPERATOR, CODE_REGISTERED, "entered in the recipient's register" },
	{ SOURCE_OPERATOR, CODE_ASSIGNED, "given to somebody to handle" },
	{ SOURCE_OPERATOR, CODE_PROCESSING, "being handled" },
	{ SOURCE_OPERATOR, CODE_COMPLETED, "handled to the end" },
	{ SOURCE_OPERATOR, CODE_REFUSED, "refused by the recipient" },
	{ SOURCE_OPERATOR, CODE_RECALL, "asked for back" },
	{ SOURCE_OPERATOR, CODE_RECALL_AGREED, "the recipient gives it back" },
	{ SOURCE_OPERATOR, CODE_RECALL_DECLINED, "the recipient keeps it" },

	{ SOURCE_EDXML, CODE_EDXML_01, "arrived at the recipient's system" },
	{ SOURCE_EDXML, CODE_EDXML_02, "refused by the recipient" },
	{ SOURCE_EDXML, CODE_EDXML_03, "entered in the recipient's register" },
	{ SOURCE_EDXML, CODE_EDXML_04, "given to somebody to handle" },
	{ SOURCE_EDXML, CODE_EDXML_05, "being handled" },
	{ SOURCE_EDXML, CODE_EDXML_06, "handled to the end" },
	{ SOURCE_EDXML, CODE_EDXML_13, "asked for back" },
	{ SOURCE_EDXML, CODE_EDXML_15, "the recipient gives it back" },
	{ SOURCE_EDXML, CODE_EDXML_16, "the recipient keeps it" },
};

struct span
row_what(struct arena *a, const struct evidence *ev)
{
	const char *code = evidence_code_name(ev->code);

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (words[i].source == ev->source && words[i].code == ev->code)
			return span_of(words[i].what);
	return span_of(arena_print(a, "noted: %s", code != NULL ? code : "?"));
}

static const char *
voice(enum evidence_source source)
{
	switch (source) {
	case SOURCE_FILTER:
		return "Vanthu";
	case SOURCE_LOG:
		return "Postfix's log";
	case SOURCE_DSN:
		return "notice of";
	case SOURCE_MDN:
		return "read receipt";
	case SOURCE_REPLY:
		return "letter of";
	case SOURCE_OPERATOR:
		return "entered by";
	case SOURCE_EDXML:
		return "status of";
	}
	return "?";
}

struct span
row_who(struct arena *a, const struct evidence *ev)
{
	struct buffer b = { .arena = a };

	buffer_text(&b, voice(ev->source));
	if (ev->reporter.n != 0) {
		buffer_byte(&b, ' ');
		buffer_add(&b, ev->reporter);
	}
	return buffer_span(&b);
}

const char *
row_trust(enum evidence_trust trust)
{
	switch (trust) {
	case TRUST_CLAIMED:
		return "only claimed";
	case TRUST_TAGGED:
		return "knows the ID";
	case TRUST_AUTHENTICATED:
		return "likely";
	case TRUST_OURS:
		return "certain, ours";
	case TRUST_SIGNED:
		return "certain, signed";
	}
	return "?";
}
