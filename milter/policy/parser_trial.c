/* SPDX-License-Identifier: BSD-2-Clause */
#include <string.h>

#include "base/buffer.h"
#include "base/fault.h"
#include "base/source.h"
#include "mail/address.h"

#include "parser_internal.h"

/* A test block being read: its letter is put together when it ends. */
struct reading {
	struct parser *parser;
	struct trial *trial;
	struct span subject, body;
	struct buffer fields;		/* that "header" adds */
	struct buffer attachments;	/* parts of a multipart, each with its boundary */
	const struct token *from, *to, *expect;
	bool has_type;			/* "header" said what the body is */
};

#define BOUNDARY "=vanthu-test="

/* Text on one line of a header. */
static void
put_line(struct buffer *b, struct span text)
{
	size_t i;

	for (i = 0; i < text.n; i++)
		buffer_byte(b, text.p[i] == '\n' || text.p[i] == '\r' ? ' ' :
		    text.p[i]);
	buffer_text(b, "\r\n");
}

static int
string(struct reading *r, const char *wanted, struct span *text)
{
	struct parser *p = r->parser;

	if (p->now->kind != TOKEN_STRING)
		return parser_unexpected(p, wanted);
	*text = parser_take(p)->text;
	return 0;
}

static int
word(struct reading *r, const char *wanted, struct span *text)
{
	struct parser *p = r->parser;

	if (p->now->kind != TOKEN_STRING && p->now->kind != TOKEN_WORD)
		return parser_unexpected(p, wanted);
	*text = parser_take(p)->text;
	return 0;
}

static bool
is_address(const struct token *t)
{
	return t->kind == TOKEN_ADDRESS || (t->kind == TOKEN_WORD &&
	    span_find_byte(t->text, '@') != t->text.n);
}

static struct span
address(struct reading *r, bool may_be_null)
{
	struct parser *p = r->parser;
	const struct token *t = parser_take(p);
	struct span s = arena_copy(p->policy->arena,
	    address_canonical(p->policy->arena, t->text));

	if (address_domain(s).n == 0 && !(s.n == 0 && may_be_null))
		parser_fault(p, t, "'%.*s' is no address", SPAN_PRINT(t->text));
	return s;
}

static void
from(struct reading *r)
{
	struct parser *p = r->parser;

	r->from = p->statement;
	if (is_address(p->now))
		r->trial->sender = address(r, true);
	else
		parser_unexpected(p, "the sender's address");
}

static void
to(struct reading *r)
{
	struct arena *a = r->parser->policy->arena;
	struct trial *t = r->trial;
	struct span *list;

	r->to = r->parser->statement;
	if (!is_address(r->parser->now)) {
		parser_unexpected(r->parser, "a recipient's address");
		return;
	}
	while (is_address(r->parser->now)) {
		list = ARENA_ARRAY(a, struct span, t->recipient_count + 1);
		if (t->recipient_count != 0)
			memcpy(list, t->recipients,
			    t->recipient_count * sizeof(*list));
		list[t->recipient_count++] = address(r, false);
		t->recipients = list;
	}
}

static void
client(struct reading *r)
{
	const struct token *t = r->parser->now;
	struct network n;
	struct span text;

	if (word(r, "an IP address", &text) < 0)
		return;
	if (network_parse(text, &n) < 0 ||
	    span_find_byte(text, '/') != text.n)
		parser_fault(r->parser, t, "'%.*s' is no IP address",
		    SPAN_PRINT(text));
	r->trial->client = arena_copy(r->parser->policy->arena, text);
}

static void
login(struct reading *r)
{
	struct span text;

	if (word(r, "a login", &text) == 0)
		r->trial->login = arena_copy(r->parser->policy->arena, text);
}

static void
date(struct reading *r)
{
	parser_instant(r->parser, &r->trial->now_ms);
}

static void
header(struct reading *r)
{
	struct span name = { NULL, 0 }, value = { NULL, 0 };

	if (word(r, "the header's name", &name) < 0 ||
	    string(r, "the header's value in quotes", &value) < 0)
		return;
	r->has_type |= span_is(name, "Content-Type");
	buffer_add(&r->fields, name);
	buffer_text(&r->fields, ": ");
	put_line(&r->fields, value);
}

/* RFC 2231 4: any name passes. */
static void
put_name(struct buffer *b, struct span name)
{
	size_t i;

	buffer_text(b, "Content-Disposition: attachment; filename*=utf-8''");
	for (i = 0; i < name.n; i++)
		buffer_print(b, "%%%02X", (unsigned char)name.p[i]);
	buffer_text(b, "\r\n\r\n");
}

/* attach "NAME" [TYPE] "TEXT" */
static void
attach(struct reading *r)
{
	struct span name = { NULL, 0 }, text = { NULL, 0 };
	struct span type = span_of("text/plain");
	struct buffer *b = &r->attachments;

	if (string(r, "the attachment's name in quotes", &name) < 0)
		return;
	if (r->parser->now->kind == TOKEN_WORD)
		type = parser_take(r->parser)->text;
	if (string(r, "the attachment's text in quotes", &text) < 0)
		return;
	buffer_print(b, "\r\n--" BOUNDARY "\r\nContent-Type: ");
	buffer_add(b, type);
	buffer_text(b, "; charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\n");
	put_name(b, name);
	buffer_add(b, text);
}

static void
subject(struct reading *r)
{
	string(r, "the subject in quotes", &r->subject);
}

static void
body(struct reading *r)
{
	string(r, "the text in quotes", &r->body);
}

/* expect ACTION [by RULE] */
static void
expect(struct reading *r)
{
	struct parser *p = r->parser;
	struct trial *t = r->trial;
	const struct token *action = p->now;
	int i;

	r->expect = p->statement;
	t->is_note = token_is(action, "note");
	for (i = ACTION_ACCEPT; i <= ACTION_REJECT; i++)
		if (token_is(action, action_name((enum action)i)))
			break;
	if (i > ACTION_REJECT && !t->is_note) {
		parser_unexpected(p, "reject, hold, discard, defer, accept or note");
		return;
	}
	parser_take(p);
	t->action = t->is_note ? ACTION_ACCEPT : (enum action)i;
	if (!token_is(p->now, "by"))
		return;
	parser_take(p);
	if (p->now->kind != TOKEN_WORD) {
		parser_unexpected(p, "a rule's name");
		return;
	}
	t->by_token = parser_take(p);
	t->by = arena_copy(p->policy->arena, t->by_token->text);
}

static const struct {
	const char *word;
	void (*read)(struct reading *);
} lines[] = {
	{ "client", client }, { "login", login }, { "date", date },
	{ "header", header }, { "attach", attach }, { "from", from },
	{ "to", to }, { "subject", subject }, { "body", body },
	{ "expect", expect },
};

#define LINES (sizeof(lines) / sizeof(lines[0]))

static void
unknown_line(struct parser *p)
{
	const char *names[LINES + 1];
	size_t i;

	for (i = 0; i < LINES; i++)
		names[i] = lines[i].word;
	names[LINES] = NULL;
	parser_unknown(p, p->statement, "line of a test", names);
	parser_skip(p);
}

static void
line(struct reading *r)
{
	struct parser *p = r->parser;
	size_t i;

	p->statement = parser_take(p);
	for (i = 0; i < LINES; i++)
		if (token_is(p->statement, lines[i].word)) {
			lines[i].read(r);
			return;
		}
	unknown_line(p);
}

/* The letter, as it would come over the wire. */
static struct span
letter(struct reading *r)
{
	struct buffer b = { .arena = r->parser->policy->arena };
	bool is_mixed = r->attachments.n != 0;

	buffer_add(&b, buffer_span(&r->fields));
	buffer_text(&b, "From: <");
	buffer_add(&b, r->trial->sender);
	buffer_text(&b, ">\r\nSubject: ");
	put_line(&b, r->subject);
	buffer_text(&b, "MIME-Version: 1.0\r\n");
	if (is_mixed)
		buffer_text(&b, "Content-Type: multipart/mixed; boundary=\""
		    BOUNDARY "\"\r\n\r\n--" BOUNDARY "\r\n");
	if (is_mixed || !r->has_type)
		buffer_text(&b, "Content-Type: text/plain; charset=utf-8\r\n"
		    "Content-Transfer-Encoding: 8bit\r\n");
	buffer_text(&b, "\r\n");
	buffer_add(&b, r->body);
	buffer_add(&b, buffer_span(&r->attachments));
	buffer_text(&b, is_mixed ? "\r\n--" BOUNDARY "--\r\n" : "\r\n");
	return arena_copy(r->parser->policy->arena, buffer_span(&b));
}

static void
check(struct reading *r, const struct token *name)
{
	struct parser *p = r->parser;

	if (r->from == NULL)
		parser_fault(p, name, "the test has no 'from'");
	if (r->to == NULL)
		parser_fault(p, name, "the test has no 'to'");
	if (r->expect == NULL)
		parser_fault(p, name, "the test has no 'expect'");
	if (r->has_type && r->attachments.n != 0)
		parser_fault(p, name, "a test that attaches something has its "
		    "own Content-Type");
}

static struct trial *
trial_new(struct parser *p, const struct token *name)
{
	struct trial *t = ARENA_NEW(p->policy->arena, struct trial), **at;

	t->name = arena_string(p->policy->arena, name->text);
	t->file = arena_string(p->policy->arena, span_of(p->src->name));
	t->line = parser_line_of(p, name->offset);
	t->source = p->src;
	t->name_token = name;
	for (at = &p->policy->trials; *at != NULL; at = &(*at)->next)
		;
	*at = t;
	return t;
}

void
parser_trial(struct parser *p)
{
	struct reading r = { .parser = p };
	const struct token *name, *from, *word = p->statement;

	r.fields.arena = r.attachments.arena = p->policy->arena;
	if (p->now->kind != TOKEN_STRING) {
		parser_unexpected(p, "the test's name in quotes");
		return;
	}
	name = parser_take(p);
	if (!token_is(p->now, "{")) {
		parser_unexpected(p, "'{'");
		return;
	}
	parser_take(p);
	r.trial = trial_new(p, name);
	while (p->now->kind != TOKEN_END && !token_is(p->now, "}") &&
	    !(p->now->is_first && p->now->indent <= word->indent &&
	    parser_is_block(p->now))) {
		from = p->now;
		line(&r);
		parser_note(p, &r.trial->statements, from);
	}
	if (token_is(p->now, "}"))
		parser_take(p);
	else
		parser_fault(p, name, "'}' of the test is missing");
	check(&r, name);
	r.trial->raw = letter(&r);
}
