/* SPDX-License-Identifier: BSD-2-Clause */
#include "mail/address.h"
#include "mail/header.h"
#include "mail/unicode.h"

#include "ack_internal.h"

/* Header fields by which programs say that nobody reads what they answer. */
static const struct {
	const char *name;
	const char *sign;	/* in the value; "" = any value */
} signs[] = {
	{ "Auto-Submitted", "auto-" },
	{ "X-Auto-Response-Suppress", "" },
	{ "X-Autoreply", "" },
	{ "X-Autorespond", "" },
	{ "X-Autoresponder", "" },
	{ "X-Auto-Reply-From", "" },
	{ "X-Mail-Autoreply", "" },
	{ "X-Apple-Criteria", "vacation" },
	{ "X-POST-MessageClass", "9; autoresponder" },
	{ "X-MS-Exchange-Inbox-Rules-Loop", "" },
	{ "X-FC-MachineGenerated", "true" },
	{ "Delivered-To", "autoresponder" },
	{ "X-Vacation", "" },
	{ "Precedence", "bulk" },
	{ "Precedence", "junk" },
	{ "Precedence", "list" },
	{ "Precedence", "auto_reply" },
	{ "Return-Path", "<>" },
	{ "List-Id", "" },
	{ "List-Unsubscribe", "" },
	{ "List-Post", "" },
};

/* How such answers are called. */
static const char *const subjects[] = {
	"automatic reply", "auto reply", "autoreply", "auto-reply", "autorespons",
	"auto response", "auto:", "out of office", "out of the office", "out-of-office",
	"away from", "on vacation", "on holiday", "vacation", "i am away",
	"trả lời tự động", "tự động trả lời", "thư trả lời tự động", "vắng mặt",
	"đi công tác", "nghỉ phép", "tra loi tu dong", "tu dong tra loi",
	"automatische antwort", "réponse automatique", "respuesta automática",
	"自動応答", "自动回复", NULL
};

static bool
has_sign(struct arena *a, const struct headers *h, const char *name, const char *sign)
{
	const struct header *field;

	for (size_t i = 0; (field = header_find(h, name, i)) != NULL; i++) {
		struct span value = ack_lower(a, span_sub(field->value, 0, ACK_TEXT_LIMIT));

		if (*sign == '\0' || span_find(value, span_of(sign)) < value.n)
			return true;
	}
	return false;
}

bool
ack_is_automatic(struct arena *a, const struct message *m)
{
	struct span subject = m->subject != NULL ? m->subject->text : span_of("");

	for (size_t i = 0; i < sizeof(signs) / sizeof(*signs); i++)
		if (has_sign(a, &m->headers, signs[i].name, signs[i].sign))
			return true;
	return ack_has(ack_lower(a, unicode_lower(a, span_sub(subject, 0, 400))),
	    subjects);
}

/* An answer that names nothing is still one if a program says that it answers. */
static bool
is_answer(struct arena *a, const struct message *m)
{
	static const char *const daemons[] = { "mailer-daemon", "postmaster", NULL };
	struct span from = ack_lower(a, ack_header(a, &m->headers, "From"));

	if (ack_has(from, daemons))
		return false;
	return has_sign(a, &m->headers, "Auto-Submitted", "auto-replied") ||
	    has_sign(a, &m->headers, "X-Autoreply", "") ||
	    has_sign(a, &m->headers, "X-Autorespond", "") ||
	    has_sign(a, &m->headers, "X-MS-Exchange-Inbox-Rules-Loop", "") ||
	    has_sign(a, &m->headers, "X-Apple-Criteria", "vacation");
}

/* A mail system's address that answers no letter is no person. */
static bool
is_daemon(struct arena *a, const struct message *m)
{
	return ack_has(ack_lower(a, ack_header(a, &m->headers, "From")), ack_daemons);
}

/* The last "<...>" of References is what In-Reply-To would say (RFC 5322 3.6.4). */
static struct span
last_id(struct span value)
{
	size_t start = value.n, end = value.n;

	while (end > 0 && value.p[end - 1] != '>')
		end--;
	for (start = end; start > 0 && value.p[start - 1] != '<';)
		start--;
	return start > 0 ? span_sub(value, start - 1, end - start + 1) :
	    (struct span){ NULL, 0 };
}

void
ack_reply(struct arena *a, const struct message *m, const struct report *r,
    struct claims *claims)
{
	struct span answered = ack_header(a, &m->headers, "In-Reply-To");
	struct span thread = ack_header(a, &m->headers, "References");
	bool is_automatic = ack_is_automatic(a, m) ||
	    (answered.n == 0 && thread.n == 0 && is_daemon(a, m));
	struct claim *c;

	if (answered.n == 0 && thread.n == 0 && r->document_id.n == 0 &&
	    !(is_automatic && is_answer(a, m)))
		return;
	c = claims->list = ARENA_NEW(a, struct claim);
	claims->count = 1;
	*c = (struct claim){ .kind = is_automatic ? ACK_AUTO_REPLY : ACK_REPLY,
	    .sender = address_first(a, ack_header(a, &m->headers, "From")),
	    .action = span_of(is_automatic ? "auto" : "replied"),
	    .is_automatic = is_automatic, .references = thread,
	    .document_id = r->document_id, .claimed_ms = r->date_ms };
	c->recipient = c->sender;
	c->message_id = last_id(answered);
	if (c->message_id.n == 0)
		c->message_id = last_id(thread);
	ack_digest(ack_header(a, &m->headers, "Message-ID"), c->digest);
}
