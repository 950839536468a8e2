/* SPDX-License-Identifier: BSD-2-Clause */
#include <string.h>

#include "base/fault.h"
#include "base/source.h"

#include "parser_internal.h"

#define REPLY_LINE 496	/* of 512 with CRLF and "550 5.222.222 " (RFC 5321 4.5.3.1.5) */
#define REPLY_MAX 980	/* with codes and CRLF below 1,000 (RFC 5321 4.5.3.1.5) */

static bool
is_control(char c)
{
	return (unsigned char)c < ' ' || c == 0x7f;
}

/* Where the byte ${i} of a string's value stands, if nothing was escaped before it. */
static void
text_fault(struct parser *p, const struct token *t, size_t i, const char *why)
{
	bool is_plain = t->length == t->text.n + 2;

	faults_add(p->faults, p->src, t->offset + (is_plain ? i + 1 : 0),
	    is_plain ? 1 : t->length, "%s", why);
}

/* SMTP replies are ASCII unless the client asked for SMTPUTF8 (RFC 6531 3.5). */
static void
check_text(struct parser *p, const struct token *t, bool must_be_ascii)
{
	size_t i;

	if (t->text.n > REPLY_MAX)
		parser_fault(p, t, "the text is longer than 980 bytes");
	for (i = 0; i < t->text.n; i++) {
		if (is_control(t->text.p[i])) {
			text_fault(p, t, i, "the text cannot hold a line break "
			    "or another control character");
			return;
		}
		if (must_be_ascii && (unsigned char)t->text.p[i] >= 0x80) {
			text_fault(p, t, i, "an SMTP reply is ASCII: write it "
			    "without diacritics");
			return;
		}
	}
}

static bool
is_digits(struct span s)
{
	size_t i;

	for (i = 0; i < s.n; i++)
		if (s.p[i] < '0' || s.p[i] > '9')
			return false;
	return s.n != 0;
}

static bool
is_code(struct span s, char class)
{
	return s.n == 3 && s.p[0] == class && s.p[1] <= '5' && is_digits(s);
}

/* class.subject.detail (RFC 3463 2): 5.7.1 */
static bool
is_enhanced(struct span s, char class)
{
	size_t first = span_find_byte(s, '.');
	struct span rest = span_sub(s, first + 1, s.n);
	size_t second = span_find_byte(rest, '.');

	return first == 1 && s.p[0] == class && second >= 1 && second <= 3 &&
	    is_digits(span_sub(rest, 0, second)) && rest.n - second <= 4 &&
	    is_digits(span_sub(rest, second + 1, rest.n));
}

/* What can be sent, but not as it was meant. */
static void
check_reply(struct parser *p, const struct token *t)
{
	size_t space = span_find_byte(t->text, ' ');

	if (span_trim(t->text).n == 0)
		faults_warn(p->faults, p->src, t->offset, t->length,
		    "the reply says nothing");
	else if (t->text.n > REPLY_LINE && t->text.n <= REPLY_MAX)
		faults_warn(p->faults, p->src, t->offset, t->length, "with its codes "
		    "the reply is longer than 512 bytes: a client may cut it");
	else if (is_enhanced(span_sub(t->text, 0, space), '4') ||
	    is_enhanced(span_sub(t->text, 0, space), '5'))
		faults_warn(p->faults, p->src, t->offset, t->length, "the codes stand "
		    "before the quotes: the client would see them twice");
}

static const char *
text(struct parser *p, const char *otherwise, bool must_be_ascii)
{
	const struct token *t;

	if (p->now->kind != TOKEN_STRING)
		return otherwise;
	t = parser_take(p);
	check_text(p, t, must_be_ascii);
	if (must_be_ascii)
		check_reply(p, t);
	return arena_string(p->policy->arena, t->text);
}

static bool
is_number(const struct token *t)
{
	return t->kind == TOKEN_WORD && t->text.p[0] >= '0' && t->text.p[0] <= '9';
}

static void
codes(struct parser *p, struct outcome *o, char class)
{
	const struct token *t;

	if (is_number(p->now) && span_find_byte(p->now->text, '.') == p->now->text.n) {
		t = parser_take(p);
		if (!is_code(t->text, class))
			parser_fault(p, t, "'%.*s' is no %cyz code of SMTP",
			    SPAN_PRINT(t->text), class);
		o->code = arena_string(p->policy->arena, t->text);
	}
	if (is_number(p->now)) {
		t = parser_take(p);
		if (!is_enhanced(t->text, class))
			parser_fault(p, t, "'%.*s' is no enhanced code %c.y.z",
			    SPAN_PRINT(t->text), class);
		o->enhanced = arena_string(p->policy->arena, t->text);
	}
}

static void
outcome(struct parser *p, struct outcome *o, enum action action)
{
	*o = (struct outcome){ .is_set = true, .action = action };
	if (action == ACTION_REJECT) {
		o->code = "550";
		o->enhanced = "5.7.1";
		codes(p, o, '5');
		o->text = text(p, "Refused by policy", true);
	} else if (action == ACTION_DEFER) {
		o->code = "451";
		o->enhanced = "4.7.1";
		codes(p, o, '4');
		o->text = text(p, "Deferred by policy", true);
	} else if (action == ACTION_HOLD)
		o->text = text(p, "Held by policy", false);
}

int
parser_outcome(struct parser *p, const struct token *word, struct outcome *o)
{
	int i;

	for (i = ACTION_ACCEPT; i <= ACTION_REJECT; i++)
		if (token_is(word, action_name((enum action)i))) {
			outcome(p, o, (enum action)i);
			return 1;
		}
	return 0;
}

static int
strong(struct parser *p, struct rule *r)
{
	struct outcome before = r->outcome;

	if (!parser_outcome(p, p->statement, &r->outcome))
		return 0;
	if (before.is_set)
		parser_fault(p, p->statement, "rule '%s' says '%s' already; one "
		    "rule has one such action", r->name, action_name(before.action));
	return 1;
}

static void
piece(struct parser *p, struct template_piece ***at, const struct token *t,
    size_t start, size_t n, bool is_capture)
{
	struct template_piece *new = ARENA_NEW(p->policy->arena, struct template_piece);

	new->literal = arena_copy(p->policy->arena, span_sub(t->text, start, n));
	if (is_capture)
		new->capture = arena_string(p->policy->arena, new->literal);
	new->offset = t->offset + 1 + start;
	new->length = n;
	**at = new;
	*at = &new->next;
}

static void
template(struct parser *p, struct rule *r, const struct token *t)
{
	struct template_piece *first = NULL, **at = &first;
	struct span rest;
	size_t i = 0, n;

	while (i < t->text.n) {
		rest = span_sub(t->text, i, t->text.n);
		n = span_find_byte(rest, '{');
		if (n != 0)
			piece(p, &at, t, i, n, false);
		i += n;
		if (i == t->text.n)
			break;
		n = span_find_byte(span_sub(rest, n, rest.n), '}');
		if (i + n == t->text.n || n < 2) {
			text_fault(p, t, i, "'{' without a name and '}'");
			return;
		}
		piece(p, &at, t, i + 1, n - 1, true);
		i += n + 1;
	}
	r->template = first;
}

/* "ack within 1 working day" */
static void
acknowledge(struct parser *p, struct rule *r)
{
	if (!token_is(p->now, "ack"))
		return;
	parser_take(p);
	if (!token_is(p->now, "within")) {
		parser_unexpected(p, "'within'");
		return;
	}
	parser_take(p);
	parser_period(p, &r->deadline);
}

static void
track(struct parser *p, struct rule *r)
{
	const struct token *t;

	if (r->is_tracked)
		parser_fault(p, p->statement, "'track' is said twice");
	r->is_tracked = true;
	if (p->now->kind == TOKEN_STRING) {
		t = parser_take(p);
		check_text(p, t, false);
		template(p, r, t);
	}
	acknowledge(p, r);
}

static void
note(struct parser *p, struct rule *r)
{
	r->note = text(p, "", false);
}

int
parser_action(struct parser *p, struct rule *r)
{
	if (token_is(p->statement, "note"))
		note(p, r);
	else if (token_is(p->statement, "track"))
		track(p, r);
	else if (!parser_change(p, r) && !strong(p, r))
		return 0;
	r->has_action = true;
	return 1;
}
