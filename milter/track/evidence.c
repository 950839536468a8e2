/* SPDX-License-Identifier: BSD-2-Clause */
#include <stddef.h>

#include "track/docid.h"

#include "track/evidence.h"

static const char *const sources[] = {
	[SOURCE_FILTER] = "filter",
	[SOURCE_LOG] = "log",
	[SOURCE_DSN] = "dsn",
	[SOURCE_MDN] = "mdn",
	[SOURCE_REPLY] = "reply",
	[SOURCE_OPERATOR] = "operator",
	[SOURCE_EDXML] = "edxml",
};

static const char *const codes[CODE_END] = {
	[CODE_ACCEPTED] = "accepted",
	[CODE_TAGGED] = "tagged",
	[CODE_HELD] = "held",
	[CODE_REJECTED] = "rejected",
	[CODE_DISCARDED] = "discarded",
	[CODE_DELAYED] = "delayed",
	[CODE_RELAYED] = "relayed",
	[CODE_EXPANDED] = "expanded",
	[CODE_DELIVERED] = "delivered",
	[CODE_FAILED] = "failed",
	[CODE_TRANSFERRED] = "transferred",
	[CODE_OPAQUE] = "opaque",
	[CODE_DELIVERED_TO_LIST] = "delivered-to-list",
	[CODE_QUEUED] = "queued",
	[CODE_VANISHED] = "vanished",
	[CODE_HOLD] = "hold",
	[CODE_RELEASED] = "released",
	[CODE_SENT_NEXT_HOP] = "sent-next-hop",
	[CODE_SENT_LOCAL] = "sent-local",
	[CODE_DEFERRED] = "deferred",
	[CODE_BOUNCED] = "bounced",
	[CODE_REQUEUED] = "requeued",
	[CODE_DISPLAYED] = "displayed",
	[CODE_DISPLAYED_AUTOMATIC] = "displayed-automatic",
	[CODE_PROCESSED] = "processed",
	[CODE_DISPATCHED] = "dispatched",
	[CODE_DELETED] = "deleted",
	[CODE_DENIED] = "denied",
	[CODE_ERROR] = "error",
	[CODE_UNKNOWN] = "unknown",
	[CODE_HUMAN] = "human",
	[CODE_AUTO] = "auto",
	[CODE_REPLIED] = "replied",
	[CODE_REGISTERED] = "registered",
	[CODE_ASSIGNED] = "assigned",
	[CODE_PROCESSING] = "processing",
	[CODE_COMPLETED] = "completed",
	[CODE_REFUSED] = "refused",
	[CODE_RECALL] = "recall",
	[CODE_RECALL_AGREED] = "recall-agreed",
	[CODE_RECALL_DECLINED] = "recall-declined",
	[CODE_EDXML_01] = "01",
	[CODE_EDXML_02] = "02",
	[CODE_EDXML_03] = "03",
	[CODE_EDXML_04] = "04",
	[CODE_EDXML_05] = "05",
	[CODE_EDXML_06] = "06",
	[CODE_EDXML_13] = "13",
	[CODE_EDXML_15] = "15",
	[CODE_EDXML_16] = "16",
};

static const char *
name_at(const char *const *names, size_t count, size_t i)
{
	return i < count ? names[i] : NULL;
}

const char *
evidence_source_name(enum evidence_source s)
{
	return name_at(sources, sizeof(sources) / sizeof(*sources), (size_t)s);
}

const char *
evidence_code_name(enum evidence_code c)
{
	return name_at(codes, sizeof(codes) / sizeof(*codes), (size_t)c);
}

int
evidence_code_parse(struct span text)
{
	for (int c = 0; c < CODE_END; c++)
		if (codes[c] != NULL && span_is(text, codes[c]))
			return c;
	return -1;
}

void
evidence_id(const struct docid *id, struct span recipient,
    const struct evidence *ev, uint8_t out[DIGEST_BYTES])
{
	/* Trust, seen time and reason are left out: the same notice may come twice. */
	uint8_t source = (uint8_t)ev->source, code = (uint8_t)ev->code;
	uint8_t claimed[8];
	struct span fields[] = {
		{ (const char *)id->uuid, sizeof(id->uuid) },
		recipient,
		{ (const char *)&source, 1 },
		{ (const char *)&code, 1 },
		ev->reporter,
		{ (const char *)claimed, sizeof(claimed) },
		{ (const char *)ev->digest, sizeof(ev->digest) },
	};

	for (int i = 0; i < 8; i++)
		claimed[i] = (uint8_t)((uint64_t)ev->claimed_ms >> (56 - 8 * i));
	digest_fields(fields, sizeof(fields) / sizeof(*fields), out);
}
