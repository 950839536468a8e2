/* SPDX-License-Identifier: BSD-2-Clause */
#include <string.h>

#include "mail/header.h"

#include "ack_internal.h"

#define REPORTER_LIMIT 255	/* RFC 1035 2.3.4 */

static const char *const report_types[] = {
	"message/delivery-status", "message/global-delivery-status", NULL
};

static void
take(struct arena *a, struct span block, const char *name, struct span *value)
{
	if (value->n == 0)
		*value = ack_field(a, block, name);
}

/* Fields of the message: from the blocks up to the first recipient's own. */
static void
read_message_block(struct arena *a, struct span block, struct report *r)
{
	struct span reporter = { NULL, 0 };

	take(a, block, "Original-Envelope-Id", &r->envelope_id);
	take(a, block, "X-Postfix-Queue-ID", &r->queue_id);
	if (r->reporter.n == 0) {
		take(a, block, "Reporting-MTA", &reporter);
		r->reporter = span_sub(ack_uncomment(a, ack_typed(reporter)), 0,
		    REPORTER_LIMIT);
	}
	if (r->arrival_ms == 0)
		r->arrival_ms = ack_date_ms(ack_field(a, block, "Arrival-Date"));
}

static int64_t
claimed_ms(struct arena *a, struct span block, const struct report *r)
{
	int64_t ms = ack_date_ms(ack_field(a, block, "Last-Attempt-Date"));

	if (ms != 0)
		return ms;
	return r->arrival_ms != 0 ? r->arrival_ms : r->date_ms;
}

static bool
has_recipient(struct arena *a, struct span block)
{
	return ack_field(a, block, "Final-Recipient").n != 0 ||
	    ack_field(a, block, "Original-Recipient").n != 0;
}

static bool
has_action(struct arena *a, struct span block)
{
	return ack_field(a, block, "Action").n != 0;
}

/* What the words say of a recipient: from its line on; all of them if of none. */
static struct span
words_about(struct span words, const struct claim *c)
{
	size_t at = words.n;

	if (c->final_recipient.n != 0)
		at = span_find(words, c->final_recipient);
	if (at == words.n && c->recipient.n != 0)
		at = span_find(words, c->recipient);
	return at == words.n ? words : span_sub(words, at, words.n);
}

/* Only "X-Unix; 255" or nothing at all: the words must say more. */
static struct span
read_status(struct arena *a, struct span block, const struct claim *c,
    const struct notice *n)
{
	struct span field = ack_word(a, ack_field(a, block, "Status"));
	struct span code = ack_status_in(field), status;

	status = ack_status_choose(code, c->diagnostic);
	if (ack_status_is_vague(status) && (ack_status_in(c->diagnostic).n == 0 ||
	    span_is(status, "4.4.7")))
		status = ack_status_choose(status, words_about(n->words, c));
	if (status.n != 0)
		return status;
	return ack_status_guess(a, c->diagnostic.n != 0 ? c->diagnostic : n->words,
	    span_is(c->action, "delayed"));
}

/* "Action: expired" and the like of MTAs that go their own way. */
static struct span
read_action(struct arena *a, struct span block)
{
	struct span action = ack_word(a, ack_field(a, block, "Action"));

	if (span_is(action, "expired") || span_is(action, "failure") ||
	    span_is(action, "error"))
		return span_of("failed");
	return action;
}

/*
 * Which address: as the sender wrote it, else as the last MTA did; a pipe or a
 * file is no address, then the letter's own header knows.
 */
static void
read_recipients(struct arena *a, struct span block, const struct notice *n,
    const struct report *r, struct claim *c)
{
	c->final_recipient = ack_address(a, ack_field(a, block, "Final-Recipient"));
	c->recipient = ack_address(a, ack_field(a, block, "Original-Recipient"));
	if (!ack_is_address(c->recipient))
		c->recipient = c->final_recipient;
	if (!ack_is_address(c->recipient) && n->failed.n != 0)
		c->recipient = ack_address(a, n->failed);
	if (!ack_is_address(c->recipient) && c->final_recipient.n != 0 &&
	    r->returned_to.n != 0)
		c->recipient = ack_address(a, r->returned_to);
}

static void
read_recipient_block(struct arena *a, struct span block, const struct notice *n,
    const struct report *r, struct claim *c)
{
	*c = (struct claim){ .kind = ACK_DSN, .reporter = r->reporter,
	    .message_id = r->message_id, .envelope_id = r->envelope_id,
	    .document_id = r->document_id, .queue_id = r->queue_id };
	read_recipients(a, block, n, r, c);
	c->action = read_action(a, block);
	c->diagnostic = ack_field(a, block, "Diagnostic-Code");
	c->status = read_status(a, block, c, n);
	c->claimed_ms = claimed_ms(a, block, r);
	memcpy(c->digest, r->digest, DIGEST_BYTES);
}

/* How many claims there can be at most. */
static size_t
count_blocks(struct span text)
{
	struct span block;
	size_t n = 0;

	while (n < ACK_CLAIM_LIMIT && ack_block(&text, &block))
		n++;
	return n;
}

static struct span
join(struct span first, struct span last)
{
	if (first.p == NULL)
		return last;
	return (struct span){ first.p, (size_t)(last.p - first.p) + last.n };
}

/* Some put an empty line between "Action" and the recipient. */
static void
read_blocks(struct arena *a, struct span text, const struct notice *n,
    struct report *r, struct claims *claims)
{
	struct span block, action = { NULL, 0 };
	size_t limit = count_blocks(text);

	if (limit == 0)
		return;
	claims->list = ARENA_ARRAY(a, struct claim, limit);
	while (claims->count < limit && ack_block(&text, &block)) {
		if (claims->count == 0)
			read_message_block(a, block, r);
		if (!has_recipient(a, block)) {
			action = has_action(a, block) ? block :
			    (struct span){ NULL, 0 };
			continue;
		}
		if (!has_action(a, block))
			block = join(action, block);
		action = (struct span){ NULL, 0 };
		read_recipient_block(a, block, n, r, &claims->list[claims->count++]);
	}
}

/* Some MTAs give their words to people the type of the report, too. */
void
ack_report(struct arena *a, const struct message *m, const struct notice *n,
    struct report *r, struct claims *claims)
{
	const struct part *first = ack_part(m, report_types);
	const struct part *end = m->parts.list + m->parts.count;

	for (const struct part *p = first; p != NULL && p < end; p++) {
		struct span text;

		if (claims->count != 0)
			return;
		if (p->type == NULL || !span_is(span_of(p->type), first->type) ||
		    ack_depth(p) != ack_depth(first))
			continue;
		text = part_decode(a, p);
		ack_digest(text, r->digest);
		read_blocks(a, text, n, r, claims);
	}
}

void
ack_fields(struct arena *a, const struct notice *n, struct report *r,
    struct claims *claims)
{
	if (n->fields.n == 0)
		return;
	ack_digest(n->fields, r->digest);
	read_blocks(a, n->fields, n, r, claims);
}
