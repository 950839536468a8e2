/* SPDX-License-Identifier: BSD-2-Clause */
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/arena.h"
#include "base/clock.h"
#include "base/err.h"
#include "base/log.h"
#include "filter/desk.h"
#include "filter/snapshot.h"
#include "ledger/follow.h"
#include "ledger/query.h"
#include "ledger/resolve.h"
#include "ledger/writer.h"
#include "mail/address.h"
#include "mail/authentication.h"
#include "mail/message.h"
#include "track/ack.h"

#include "filter/notice.h"
#include "session_internal.h"

#define STRANGER_LIMIT 100	/* recipients of a document that it was not sent to */
#define UNKNOWN_LIMIT 10000	/* recipients of a document of another gateway */
#define CLAIMED_LIMIT 100	/* untrusted evidence of one recipient */

/* The document that a notice is about: claims of one notice mostly share it. */
struct subject {
	const struct claim *claim;	/* by whose keys it was found */
	struct resolution found;
	int status;			/* 1 found, 0 unknown, -1 no telling */
	struct receipt *rows;		/* by address */
	size_t count;
	size_t strangers;		/* that it was not sent to: in the rows, and found since */
	bool is_foreign;		/* it was sent by nobody here */
};

/* What becomes of a notice's claims. */
struct record {
	struct finding *list;
	size_t count;
	bool is_ours_alone;		/* positive, verified, asked for by us: all so far */
};

static int
compare_text(struct span a, struct span b)
{
	size_t n = a.n < b.n ? a.n : b.n;
	int rc = n != 0 ? strncasecmp(a.p, b.p, n) : 0;

	if (rc != 0)
		return rc;
	return a.n < b.n ? -1 : a.n > b.n;
}

static int
by_address(const void *left, const void *right)
{
	return compare_text(((const struct receipt *)left)->addressee.address,
	    ((const struct receipt *)right)->addressee.address);
}

static bool
has_origin(const struct receipt *row)
{
	for (size_t i = 0; i < row->evidence_count; i++)
		if (row->evidence[i].source == SOURCE_FILTER)
			return true;
	return false;
}

static int
load_rows(struct session *s, struct subject *about, struct err *e)
{
	struct receipt_rules rules = { .now_ms = clock_now_ms() };
	int found = query_document(s->desk->store, about->found.id.uuid,
	    s->message.arena, &rules, &about->rows, &about->count, e);

	if (found < 1)
		return found;
	qsort(about->rows, about->count, sizeof(*about->rows), by_address);
	for (size_t i = 0; i < about->count; i++)
		about->strangers += !has_origin(&about->rows[i]);
	about->is_foreign = about->strangers == about->count;
	return 1;
}

static bool
has_same_keys(const struct claim *a, const struct claim *b)
{
	return a->kind == b->kind && span_equal(a->envelope_id, b->envelope_id) &&
	    span_equal(a->document_id, b->document_id) &&
	    span_equal(a->message_id, b->message_id) &&
	    span_equal(a->queue_id, b->queue_id) && span_equal(a->number, b->number);
}

/* 1 the document is known by its tag or its rows; 0; -1 the ledger cannot say. */
static int
find_subject(struct session *s, const struct claim *c, struct subject *about)
{
	struct err e;

	if (about->claim != NULL && has_same_keys(about->claim, c))
		return about->status;
	*about = (struct subject){ .claim = c, .is_foreign = true };
	about->status = resolve_claim(s->desk->store, s->message.snapshot->keys, c,
	    &about->found, &e);
	if (about->status == 1 && load_rows(s, about, &e) < 0 &&
	    about->found.key != CLAIM_TAG)
		about->status = -1;
	if (about->status < 0)
		log_event(LOG_LEVEL_ERROR, "claim-unresolved", "queue_id",
		    s->message.queue_id.p, "reason", e.text, NULL);
	return about->status;
}

static const struct receipt *
find_row(const struct subject *about, struct span address)
{
	struct receipt key = { .addressee = { .address = address } };
	const struct receipt *row = about->count != 0 && address.n != 0 ?
	    bsearch(&key, about->rows, about->count, sizeof(key), by_address) : NULL;

	return row != NULL && has_origin(row) ? row : NULL;
}

/* As the sender wrote it, or as the last MTA did, or whoever answers. */
static const struct receipt *
find_addressee(const struct subject *about, const struct claim *c)
{
	const struct receipt *row = find_row(about, c->recipient);

	if (row == NULL)
		row = find_row(about, c->final_recipient);
	return row != NULL ? row : find_row(about, c->sender);
}

/* How far our own queue's log bears a report out. */
static enum evidence_trust
mta_trust(struct session *s, const struct claim *c, const struct subject *about,
    const struct receipt *who)
{
	enum evidence_trust trust = TRUST_CLAIMED;
	int64_t at = c->claimed_ms != 0 ? c->claimed_ms : clock_now_ms();
	struct docid id;
	struct err e;

	if (c->queue_id.n == 0 || who == NULL || query_followed(s->desk->store,
	    c->queue_id, who->addressee.address, at, &id, &trust, &e) != 1 ||
	    memcmp(id.uuid, about->found.id.uuid, sizeof(id.uuid)) != 0)
		return TRUST_CLAIMED;
	return trust;
}

static enum evidence_trust
judge_trust(struct session *s, const struct claim *c, const struct subject *about,
    const struct message *m, const struct receipt *who)
{
	const struct transaction *t = &s->message;
	struct span ids = span_of(s->desk->config.authserv_id);
	struct ack_facts f = { .key = about->found.key,
	    .is_addressee = who != NULL, .needs_authentication = ids.n != 0 };

	if (who == NULL)	/* unknown here: the tag alone vouches for a report */
		f.is_addressee = about->is_foreign && c->kind == ACK_DSN;
	if (who != NULL) {
		f.is_from_addressee = span_equal_nocase(c->sender,
		    who->addressee.address);
		f.is_authenticated = authentication_passed(&m->headers, ids,
		    address_domain(who->addressee.address));
		f.is_from_sender = t->sender_class == SENDER_MINISTRY &&
		    span_equal_nocase(t->sender, who->document->sender);
		f.mta_trust = mta_trust(s, c, about, who);
	}
	return ack_trust(c, &f);
}

/* Whoever was not written to adds little, and not without end. */
static bool
has_room(const struct subject *about, const struct receipt *who,
    enum evidence_trust trust)
{
	size_t claimed = 0;

	if (who == NULL)
		return about->strangers < (about->is_foreign ? UNKNOWN_LIMIT :
		    STRANGER_LIMIT);
	if (trust > TRUST_CLAIMED)
		return true;
	for (size_t i = 0; i < who->evidence_count; i++)
		claimed += who->evidence[i].trust == TRUST_CLAIMED;
	return claimed < CLAIMED_LIMIT;
}

/* The sender's own answer in the thread says nothing of a recipient. */
static bool
is_own_word(const struct claim *c, const struct subject *about)
{
	return (c->kind == ACK_REPLY || c->kind == ACK_AUTO_REPLY) &&
	    about->count != 0 && span_equal_nocase(c->sender,
	    about->rows[0].document->sender);
}

static bool
is_success(const struct claim *c)
{
	return c->kind == ACK_DSN && (span_is(c->action, "delivered") ||
	    span_is(c->action, "relayed") || span_is(c->action, "expanded"));
}

static void
read_claim(struct session *s, const struct message *m, const struct claim *c,
    struct subject *about, struct record *r)
{
	struct finding *f = &r->list[r->count];
	const struct receipt *who;
	enum evidence_trust trust;

	if (find_subject(s, c, about) != 1 || is_own_word(c, about)) {
		r->is_ours_alone = false;
		return;
	}
	who = find_addressee(about, c);
	trust = judge_trust(s, c, about, m, who);
	f->id = about->found.id;
	f->recipient = who != NULL ? who->addressee.address : c->recipient;
	r->is_ours_alone = r->is_ours_alone && is_success(c) && who != NULL &&
	    about->found.key == CLAIM_TAG && who->addressee.is_our_notify;
	if (f->recipient.n == 0 || !has_room(about, who, trust) ||
	    ack_evidence(s->message.arena, c, clock_now_ms(), trust,
	    &f->evidence) == 0) {
		r->is_ours_alone = false;
		return;
	}
	about->strangers += who == NULL;
	r->count++;
}

static void
log_findings(struct session *s, const struct record *r, const char *event,
    const char *reason)
{
	char id[DOCID_TEXT_SIZE];

	for (size_t i = 0; i < r->count; i++)
		log_event(reason != NULL ? LOG_LEVEL_ERROR : LOG_LEVEL_INFO, event,
		    "id", docid_print(&r->list[i].id, id),
		    "recipient", arena_string(s->message.arena, r->list[i].recipient),
		    "source", evidence_source_name(r->list[i].evidence.source),
		    "code", evidence_code_name(r->list[i].evidence.code),
		    "queue_id", s->message.queue_id.p,
		    "reason", reason, NULL);
}

/* True if it is in the ledger. */
static bool
store(struct session *s, const struct record *r)
{
	struct counters *counters = &s->desk->counters;
	struct err e;
	int rc = writer_keep(s->desk->writer, r->list, r->count, &e);

	if (rc == 0) {
		counter_add(&counters->evidence, (int64_t)r->count);
		log_findings(s, r, "evidence", NULL);
		return true;
	}
	counter_add(&counters->store_failures, 1);
	log_findings(s, r, rc > 0 ? "evidence-waits" : "evidence-lost", e.text);
	return false;
}

/* Nobody answers with a null sender: programs do (RFC 3834 3.3). */
static void
mark_automatic(const struct session *s, struct claims *claims)
{
	for (size_t i = 0; s->message.is_notice && i < claims->count; i++)
		if (claims->list[i].kind == ACK_REPLY)
			claims->list[i].kind = ACK_AUTO_REPLY;
}

bool
notice_record(struct session *s, const struct message *m)
{
	struct counters *counters = &s->desk->counters;
	struct claims claims = { 0 };
	struct subject about = { .claim = NULL };
	struct record r = { .is_ours_alone = true };

	ack_read(s->message.arena, m, s->desk->config.header, &claims);
	if (claims.count == 0)
		return false;
	mark_automatic(s, &claims);
	r.list = ARENA_ARRAY(s->message.arena, struct finding, claims.count);
	for (size_t i = 0; i < claims.count; i++)
		read_claim(s, m, &claims.list[i], &about, &r);
	if (r.count != 0 || claims.list[0].kind == ACK_DSN) {
		counter_add(&counters->notices, 1);
		counter_add(&counters->claims, (int64_t)claims.count);
	}
	if (r.count == 0 || !store(s, &r))
		return false;
	return r.is_ours_alone && s->message.is_notice &&
	    s->message.sender.n == 0 && s->desk->config.success_notices ==
	    SUCCESS_NOTICES_DISCARD;
}

static struct span
field(struct session *s, const char *name)
{
	const struct header *h = header_find(&s->message.headers, name, 0);

	return h != NULL ? header_unfold(s->message.arena, h->value) :
	    (struct span){ NULL, 0 };
}

/* Do In-Reply-To, References or a stamp name a document of ours? */
static bool
is_in_thread(struct session *s)
{
	struct claim c = { .kind = ACK_REPLY,
	    .message_id = span_trim(field(s, "In-Reply-To")),
	    .references = field(s, "References"),
	    .document_id = field(s, s->desk->config.header) };
	struct resolution r;
	struct err e;

	if (c.message_id.n == 0 && c.references.n == 0 && c.document_id.n == 0)
		return false;
	return resolve_claim(s->desk->store, s->message.snapshot->keys, &c, &r,
	    &e) != 0;
}

/* edXML may be in what comes with a file from somebody whom we wrote to. */
static bool
may_hold_status(struct session *s)
{
	struct span type = span_trim(field(s, "Content-Type"));
	struct err e;

	if (!span_starts_nocase(type, "multipart/mixed") &&
	    !span_starts_nocase(type, "application/") &&
	    !span_starts_nocase(type, "text/xml"))
		return false;
	return resolve_knows(s->desk->store, address_first(s->message.arena,
	    field(s, "From")), &e) != 0;
}

bool
notice_is_expected(struct session *s)
{
	struct span from = field(s, "From");

	if (s->message.is_notice || field(s, "X-Failed-Recipients").n != 0 ||
	    span_starts_nocase(span_trim(field(s, "Content-Type")),
	    "multipart/report"))
		return true;
	if (span_starts_nocase(address_first(s->message.arena, from),
	    "mailer-daemon@") || span_starts_nocase(address_first(
	    s->message.arena, from), "postmaster@"))
		return true;
	return is_in_thread(s) || may_hold_status(s);
}
