/* SPDX-License-Identifier: BSD-2-Clause */
#include <stdlib.h>

#include "base/arena.h"
#include "base/clock.h"
#include "base/err.h"
#include "base/log.h"
#include "filter/desk.h"
#include "filter/snapshot.h"
#include "ledger/query.h"
#include "ledger/writer.h"
#include "mail/message.h"
#include "track/ack.h"

#include "filter/notice.h"
#include "session_internal.h"

/*
 * Which addressee of the document a claim is about: as the sender wrote it, or
 * as the last MTA did.  None: nobody's state may be moved by it.
 */
static struct span
find_addressee(struct session *s, const struct docid *id, const struct claim *c,
    bool *is_known)
{
	struct receipt_rules rules = { .now_ms = clock_now_ms() };
	struct receipt *rows;
	size_t count = 0;
	struct err e;

	*is_known = true;
	if (query_document(s->desk->store, id->uuid, s->message.arena, &rules,
	    &rows, &count, &e) != 1)
		return c->recipient;
	for (size_t i = 0; i < count; i++)
		if (span_equal_nocase(rows[i].addressee.address, c->recipient))
			return rows[i].addressee.address;
	for (size_t i = 0; i < count; i++)
		if (span_equal_nocase(rows[i].addressee.address,
		    c->final_recipient))
			return rows[i].addressee.address;
	*is_known = false;
	return c->recipient;
}

static bool
read_finding(struct session *s, const struct claim *c, struct finding *f)
{
	enum evidence_trust trust = TRUST_TAGGED;
	bool is_known;

	if (ack_resolve(s->message.snapshot->keys, c, &f->id) != 1)
		return false;
	f->recipient = find_addressee(s, &f->id, c, &is_known);
	if (!is_known)
		trust = TRUST_CLAIMED;
	return ack_evidence(s->message.arena, c, clock_now_ms(), trust,
	    &f->evidence) != 0;
}

static void
log_findings(struct session *s, const struct finding *list, size_t n,
    const char *failure)
{
	char id[DOCID_TEXT_SIZE];

	for (size_t i = 0; i < n; i++)
		log_event(failure != NULL ? LOG_LEVEL_ERROR : LOG_LEVEL_INFO,
		    failure != NULL ? "evidence-lost" : "evidence",
		    "id", docid_print(&list[i].id, id),
		    "recipient", arena_string(s->message.arena, list[i].recipient),
		    "source", evidence_source_name(list[i].evidence.source),
		    "code", evidence_code_name(list[i].evidence.code),
		    "queue_id", s->message.queue_id.p,
		    "reason", failure, NULL);
}

void
notice_record(struct session *s, const struct message *m)
{
	struct counters *counters = &s->desk->counters;
	struct claims claims = { 0 };
	struct finding *list;
	struct err e;
	size_t n = 0;

	ack_read(s->message.arena, m, s->desk->config.header, &claims);
	if (claims.count == 0)
		return;
	counter_add(&counters->notices, 1);
	counter_add(&counters->claims, (int64_t)claims.count);
	list = ARENA_ARRAY(s->message.arena, struct finding, claims.count);
	for (size_t i = 0; i < claims.count; i++)
		n += read_finding(s, &claims.list[i], &list[n]);
	if (n == 0)
		return;
	if (writer_find(s->desk->writer, list, n, &e) < 0) {
		counter_add(&counters->store_failures, 1);
		log_findings(s, list, n, e.text);
		return;
	}
	counter_add(&counters->evidence, (int64_t)n);
	log_findings(s, list, n, NULL);
}
