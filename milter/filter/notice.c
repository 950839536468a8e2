/* SPDX-License-Identifier: BSD-2-Clause */
#include <string.h>

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

/* The document that a report is about: claims of one report share it. */
struct subject {
	struct docid id;
	struct receipt *rows;
	size_t count;
	bool is_known;
};

static void
load_subject(struct session *s, const struct docid *id, struct subject *about)
{
	struct receipt_rules rules = { .now_ms = clock_now_ms() };
	struct err e;

	if (memcmp(id, &about->id, sizeof(*id)) == 0)
		return;
	about->id = *id;
	about->count = 0;
	about->is_known = query_document(s->desk->store, id->uuid,
	    s->message.arena, &rules, &about->rows, &about->count, &e) == 1;
}

static const struct addressee *
find_addressee(const struct subject *about, struct span address)
{
	for (size_t i = 0; i < about->count; i++)
		if (span_equal_nocase(about->rows[i].addressee.address, address))
			return &about->rows[i].addressee;
	return NULL;
}

/*
 * A claim counts for an addressee: as the sender wrote it, or as the last MTA
 * did.  About anybody else it moves nobody's state.
 */
static bool
read_finding(struct session *s, const struct claim *c, struct subject *about,
    struct finding *f)
{
	enum evidence_trust trust = TRUST_TAGGED;
	const struct addressee *who;

	if (ack_resolve(s->message.snapshot->keys, c, &f->id) != 1)
		return false;
	load_subject(s, &f->id, about);
	who = find_addressee(about, c->recipient);
	if (who == NULL)
		who = find_addressee(about, c->final_recipient);
	if (who == NULL && about->is_known)
		trust = TRUST_CLAIMED;
	f->recipient = who != NULL ? who->address : c->recipient;
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
	struct subject about = { .is_known = false };
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
		n += read_finding(s, &claims.list[i], &about, &list[n]);
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
