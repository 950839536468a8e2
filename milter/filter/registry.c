/* SPDX-License-Identifier: BSD-2-Clause */
#include <string.h>

#include "base/arena.h"
#include "base/clock.h"
#include "base/err.h"
#include "base/log.h"
#include "filter/change.h"
#include "filter/desk.h"
#include "filter/pipeline.h"
#include "filter/snapshot.h"
#include "ledger/query.h"
#include "ledger/writer.h"
#include "mail/message.h"
#include "mail/unicode.h"
#include "policy/policy.h"
#include "policy/units.h"
#include "track/keyring.h"
#include "track/receipt.h"

#include "filter/registry.h"
#include "session_internal.h"

#define HITS_KEPT 16

/* What one letter is on its way into the book. */
struct page {
	struct session *session;
	const struct message *message;
	const struct verdict *verdict;
	struct entry entry;
	size_t own_count;		/* of its addressees: recipients of the letter itself */
	struct docid in_force;		/* the ID of the letter, once recorded */
	bool is_recorded;
	bool is_retry;
	bool has_stamp;			/* a stamp of ours that verifies came with it */
	struct docid stamp;
};

static void
keyed_digest(const struct page *p, struct span text, uint8_t out[DIGEST_BYTES])
{
	const struct keyring *k = p->session->message.snapshot->keys;

	digest_hmac(keyring_secret(k, (uint8_t)keyring_active(k)), &text, 1, out);
}

static const struct rule_result *
speaking_rule(const struct verdict *v)
{
	const char *name = v->rule != NULL ? v->rule : v->track_rule;

	for (size_t i = 0; name != NULL && i < v->rule_count; i++)
		if (strcmp(v->rules[i].name, name) == 0)
			return &v->rules[i];
	return NULL;
}

static void
note_hits(struct page *p)
{
	const struct rule_result *rule = speaking_rule(p->verdict);
	struct document *d = &p->entry.document;
	struct document_hit *kept;

	if (rule == NULL || rule->hit_count == 0)
		return;
	d->hit_count = rule->hit_count < HITS_KEPT ? rule->hit_count : HITS_KEPT;
	kept = ARENA_ARRAY(p->session->message.arena, struct document_hit,
	    d->hit_count);
	for (size_t i = 0; i < d->hit_count; i++) {
		const struct hit *h = &rule->hits[i];
		size_t offset, length;

		kept[i].part = span_of(h->part);
		kept[i].view = span_of(h->view);
		hit_place(h, &offset, &length);
		kept[i].offset = offset;
		kept[i].length = length;
		keyed_digest(p, h->text, kept[i].digest);
	}
	d->hits = kept;
}

static void
describe(struct page *p)
{
	struct transaction *t = &p->session->message;
	const struct verdict *v = p->verdict;
	const struct rule_result *rule = speaking_rule(v);
	struct document *d = &p->entry.document;
	uint8_t body[DIGEST_BYTES];

	digest_end(t->body, body);
	t->body = NULL;
	document_retry_key(t->sender, &p->message->headers, t->queue_id, body,
	    d->retry_key);
	docid_mint(t->snapshot->keys, clock_now_ms(), &d->id);
	d->sender = t->sender;
	d->message_id = p->message->message_id;
	d->queue_id = t->queue_id;
	d->action = span_of(action_name(v->action));
	d->rule = span_of(rule != NULL ? rule->name : NULL);
	d->policy = span_of(policy_digest(t->snapshot->policy));
	d->seen_ms = clock_now_ms();
	d->size_bytes = p->message->raw.n;
	d->attempts = 1;
	note_hits(p);
}

/* A refused document's number and subject are not kept. */
static void
describe_accepted(struct page *p)
{
	struct transaction *t = &p->session->message;
	struct document *d = &p->entry.document;
	char id[DOCID_TEXT_SIZE];

	d->number = p->verdict->number;
	d->due_ms = p->verdict->due_ms;
	d->envelope_id = t->envelope_id.n != 0 ? t->envelope_id :
	    arena_copy(t->arena, span_of(docid_print(&d->id, id)));
	d->has_subject = p->message->subject != NULL;
	if (d->has_subject)
		keyed_digest(p, p->message->subject->text, d->subject);
}

static enum evidence_code
code_of(enum action action)
{
	switch (action) {
	case ACTION_REJECT:
		return CODE_REJECTED;
	case ACTION_HOLD:
		return CODE_HELD;
	case ACTION_DISCARD:
		return CODE_DISCARDED;
	default:
		return CODE_ACCEPTED;
	}
}

static bool
is_removed(const struct verdict *v, struct span address)
{
	for (size_t i = 0; i < v->removal_count; i++)
		if (span_equal(v->removals[i], address))
			return true;
	return false;
}

/* Does the letter go out, now or when somebody releases it? */
static bool
goes_out(const struct verdict *v)
{
	return v->action == ACTION_ACCEPT || v->action == ACTION_HOLD;
}

/* As the directory has it today: receipts are asked for by unit later. */
static void
note_units(struct page *p, struct addressee *list, size_t n)
{
	struct transaction *t = &p->session->message;
	const struct units *units = policy_units(t->snapshot->policy);
	const struct unit *unit;

	for (size_t i = 0; units != NULL && i < n; i++) {
		unit = units_find(units, unicode_lower(t->arena, list[i].address));
		if (unit != NULL)
			list[i].unit = unit->code;
	}
}

/* Whom the rules add is an addressee like the others; whom they remove is none. */
static void
gather_addressees(struct page *p)
{
	struct transaction *t = &p->session->message;
	const struct verdict *v = p->verdict;
	struct addressee *all;
	size_t n = 0;

	all = ARENA_ARRAY(t->arena, struct addressee,
	    t->addressee_count + v->copy_count + 1);
	for (size_t i = 0; i < t->addressee_count; i++)
		if (!goes_out(v) || !is_removed(v, t->addressees[i].address))
			all[n++] = t->addressees[i];
	p->own_count = n;
	for (size_t i = 0; goes_out(v) && i < v->copy_count; i++)
		all[n++].address = v->copies[i];
	note_units(p, all, n);
	p->entry.addressees = all;
	p->entry.addressee_count = n;
}

static void
fill_entry(struct page *p)
{
	struct evidence *ev = &p->entry.evidence;

	describe(p);
	gather_addressees(p);
	p->entry.is_registered = p->verdict->is_tracked &&
	    (p->verdict->action == ACTION_ACCEPT ||
	    p->verdict->action == ACTION_HOLD);
	if (p->entry.is_registered)
		describe_accepted(p);
	ev->source = SOURCE_FILTER;
	ev->code = code_of(p->verdict->action);
	ev->trust = TRUST_OURS;
	ev->reporter = span_of(p->session->desk->config.hostname);
	ev->reason = p->entry.document.rule;
	ev->seen_ms = p->entry.document.seen_ms;
	memcpy(ev->digest, p->entry.document.retry_key, DIGEST_BYTES);
}

/* A stamp of ours on a letter that is another one was copied there. */
static void
look_at_stamp(struct page *p)
{
	struct session *s = p->session;
	struct docid registered;
	struct err e;

	p->has_stamp = stamp_find(s->message.snapshot->keys,
	    &p->message->headers, s->desk->config.header, &p->stamp);
	if (!p->has_stamp)
		return;
	if (query_retry(s->desk->store, p->entry.document.retry_key,
	    &registered, &e) == 1 &&
	    memcmp(registered.uuid, p->stamp.uuid, sizeof(registered.uuid)) == 0)
		return;
	p->has_stamp = false;
	p->entry.document.flags |= FLAG_COPIED_STAMP;
}

static int
record(struct page *p)
{
	struct desk *d = p->session->desk;
	struct entry_result result;
	struct err e;

	if (writer_register(d->writer, &p->entry, &result, &e) < 0) {
		counter_add(&d->counters.store_failures, 1);
		log_event(LOG_LEVEL_ERROR, "store-failed", "queue_id",
		    p->session->message.queue_id.p, "reason", e.text, NULL);
		return -1;
	}
	p->in_force = result.id;
	p->is_recorded = true;
	p->is_retry = result.is_retry;
	return 0;
}

static void
plan_stamp(struct page *p, struct answer *answer)
{
	struct transaction *t = &p->session->message;
	struct stamp_facts facts = {
		.headers = &p->message->headers,
		.header_name = p->session->desk->config.header,
		.sender = t->sender,
		.raw_sender = t->raw_sender,
		.envelope_id = t->envelope_id,
		.ret = t->ret,
		.hostname = p->session->desk->config.hostname,
	};

	if (p->entry.is_registered)
		facts.id = &p->in_force;
	else if (p->has_stamp)
		facts.id = &p->stamp;
	stamp_plan(t->arena, &facts, &answer->edits);
}

/* Postfix knows its recipients byte by byte, and deletes before it adds. */
static void
plan_recipients(const struct page *p, struct edits *edits)
{
	struct transaction *t = &p->session->message;
	size_t added = p->entry.addressee_count - p->own_count;

	*edits = (struct edits){ ARENA_ARRAY(t->arena, struct edit,
	    t->addressee_count + added), 0 };
	for (size_t i = 0; i < t->addressee_count; i++)
		if (is_removed(p->verdict, t->addressees[i].address))
			edits->list[edits->count++] = (struct edit){
			    EDIT_DELETE_RECIPIENT, .value =
			    arena_string(t->arena, t->addressees[i].raw) };
	for (size_t i = 0; i < added; i++)
		edits->list[edits->count++] = (struct edit){
		    EDIT_ADD_RECIPIENT, .value = arena_string(t->arena,
		    p->entry.addressees[p->own_count + i].address) };
}

/* What the policy changes goes before the stamp: a prefix of the edits does no harm. */
static void
plan_edits(struct page *p, struct answer *answer)
{
	struct arena *a = p->session->message.arena;
	struct edits parts[3], all = { NULL, 0 };
	size_t n = 0;

	plan_recipients(p, &parts[0]);
	change_plan(a, p->verdict, &p->message->headers, &parts[1]);
	plan_stamp(p, answer);
	parts[2] = answer->edits;
	for (size_t i = 0; i < 3; i++)
		n += parts[i].count;
	all.list = ARENA_ARRAY(a, struct edit, n + 1);
	for (size_t i = 0; i < 3; i++) {
		if (parts[i].count > 0)
			memcpy(all.list + all.count, parts[i].list,
			    parts[i].count * sizeof(*all.list));
		all.count += parts[i].count;
	}
	answer->edits = all;
}

static void
count_missing_notify(const struct page *p)
{
	const struct transaction *t = &p->session->message;
	int64_t missing = 0;

	for (size_t i = 0; i < t->addressee_count; i++)
		missing += !t->addressees[i].has_success_notify;
	counter_add(&p->session->desk->counters.no_notify, missing);
}

static void
log_verdict(const struct page *p, const char *event)
{
	struct transaction *t = &p->session->message;
	char id[DOCID_TEXT_SIZE];

	log_event(LOG_LEVEL_INFO, event,
	    "id", p->is_recorded ? docid_print(&p->in_force, id) : NULL,
	    "queue_id", t->queue_id.n != 0 ? t->queue_id.p : NULL,
	    "from", arena_string(t->arena, t->sender),
	    "recipients", arena_print(t->arena, "%zu", p->entry.addressee_count),
	    "rule", p->verdict->rule != NULL ? p->verdict->rule :
	    p->verdict->track_rule,
	    "retry", p->is_retry ? "yes" : NULL, NULL);
}

static void
refuse(const struct verdict *v, struct answer *answer, enum reply reply)
{
	answer->reply = reply;
	answer->code = v->code;
	answer->enhanced = v->enhanced;
	answer->text = v->text;
}

static void
answer_accept(struct page *p, struct answer *answer)
{
	struct counters *c = &p->session->desk->counters;

	counter_add(&c->accepted, 1);
	if (p->entry.is_registered) {
		if (record(p) < 0) {
			pipeline_defer(answer, "451", "4.3.0",
			    "Vanthu cannot write its ledger, try again later");
			return;
		}
		counter_add(&c->tracked, 1);
		counter_add(&c->retried, p->is_retry);
		count_missing_notify(p);
	}
	if (p->session->message.sender_class != SENDER_MINISTRY)
		return;
	plan_edits(p, answer);
	if (p->entry.is_registered)
		log_verdict(p, "accepted");
}

/* Held or discarded: never without a record. */
static void
answer_withheld(struct page *p, struct answer *answer)
{
	struct counters *c = &p->session->desk->counters;
	bool is_hold = p->verdict->action == ACTION_HOLD;

	if (record(p) < 0) {
		pipeline_defer(answer, "451", "4.3.0",
		    "Vanthu cannot write its ledger, try again later");
		return;
	}
	counter_add(is_hold ? &c->held : &c->discarded, 1);
	refuse(p->verdict, answer, is_hold ? REPLY_HOLD : REPLY_DISCARD);
	if (is_hold && p->session->message.sender_class == SENDER_MINISTRY)
		plan_edits(p, answer);
	else if (is_hold)
		plan_stamp(p, answer);
	log_verdict(p, is_hold ? "held" : "discarded");
}

static void
answer_reject(struct page *p, struct answer *answer)
{
	record(p);
	counter_add(&p->session->desk->counters.rejected, 1);
	refuse(p->verdict, answer, REPLY_REJECT);
	log_verdict(p, "rejected");
}

static void
answer_defer(struct page *p, struct answer *answer)
{
	counter_add(&p->session->desk->counters.deferred, 1);
	refuse(p->verdict, answer, REPLY_TEMPFAIL);
	log_verdict(p, "deferred");
}

void
registry_answer(struct session *s, const struct message *m,
    const struct verdict *v, struct answer *answer)
{
	struct page page = { .session = s, .message = m, .verdict = v };

	fill_entry(&page);
	look_at_stamp(&page);
	switch (v->action) {
	case ACTION_ACCEPT:
		answer_accept(&page, answer);
		break;
	case ACTION_DEFER:
		answer_defer(&page, answer);
		break;
	case ACTION_DISCARD:
	case ACTION_HOLD:
		answer_withheld(&page, answer);
		break;
	case ACTION_REJECT:
		answer_reject(&page, answer);
		break;
	}
}

static void
count_rule(struct rule_counter *c, const struct rule_result *r)
{
	if (r->truth == TRUTH_UNKNOWN)
		counter_add(&c->unknowns, 1);
	else if (r->truth == TRUTH_YES)
		counter_add(r->is_shadow ? &c->shadow_hits : &c->hits, 1);
	if (r->spent_ns != 0)
		counter_add(&c->spent_ns, r->spent_ns);
}

void
registry_count(struct session *s, const struct verdict *v)
{
	struct rule_counter *rules = s->message.snapshot->rules;
	struct counters *c = &s->desk->counters;

	for (size_t i = 0; i < v->rule_count; i++) {
		const struct rule_result *r = &v->rules[i];

		count_rule(&rules[i], r);
		if (r->truth == TRUTH_UNKNOWN)
			counter_add(&c->unknown, 1);
		else if (r->truth == TRUTH_YES && !r->acted)
			counter_add(&c->noted, 1);
	}
}
