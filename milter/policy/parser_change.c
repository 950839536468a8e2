/* SPDX-License-Identifier: BSD-2-Clause */
#include <string.h>

#include "base/fault.h"
#include "base/source.h"
#include "mail/address.h"
#include "mail/unicode.h"

#include "parser_internal.h"

#define VALUE_MAX 900	/* with the name, and as it stands, below 998 (RFC 5322 2.1.1) */

/* Fields that the MTA, a signature or the reading of the body depend on. */
static const char *const fixed[] = {
	"Received", "Return-Path", "Delivered-To", "Message-ID", "MIME-Version",
	"DKIM-Signature", "ARC-Seal", "ARC-Message-Signature",
	"Authentication-Results", "Vanthu-Document-ID", NULL,
};

static const struct {
	const char *verb, *noun;
	enum change_kind kind;
} forms[] = {
	{ "add", "header", CHANGE_ADD_HEADER },
	{ "replace", "header", CHANGE_REPLACE_HEADER },
	{ "remove", "header", CHANGE_REMOVE_HEADER },
	{ "tag", "subject", CHANGE_TAG_SUBJECT },
	{ "add", "recipient", CHANGE_ADD_RECIPIENT },
	{ "copy", "to", CHANGE_ADD_RECIPIENT },
	{ "remove", "recipient", CHANGE_REMOVE_RECIPIENT },
	{ "redirect", "to", CHANGE_REDIRECT },
};

#define FORMS (sizeof(forms) / sizeof(forms[0]))

static void
check_name(struct parser *p, const struct token *t)
{
	size_t i;

	for (i = 0; i < t->text.n; i++)
		if (t->text.p[i] <= ' ' || t->text.p[i] >= 0x7f || t->text.p[i] == ':')
			break;
	if (i < t->text.n || t->text.n == 0 || t->text.n > 70) {
		parser_fault(p, t, "this is no header's name");
		return;
	}
	for (i = 0; fixed[i] != NULL; i++)
		if (span_is(t->text, fixed[i]))
			break;
	if (fixed[i] != NULL || span_starts_nocase(t->text, "Content-"))
		parser_fault(p, t, "'%.*s' cannot be changed: the MTA, a signature or "
		    "the reader of the body needs it as it is", SPAN_PRINT(t->text));
}

static int
name(struct parser *p, struct change *c)
{
	const struct token *t = p->now;

	if (t->kind != TOKEN_STRING && t->kind != TOKEN_WORD)
		return parser_unexpected(p, "the header's name");
	parser_take(p);
	check_name(p, t);
	c->name = arena_string(p->policy->arena, t->text);
	return 0;
}

static int
value(struct parser *p, struct change *c)
{
	const struct token *t = p->now;
	size_t i;

	if (t->kind != TOKEN_STRING)
		return parser_unexpected(p, "a text in quotes");
	parser_take(p);
	if (t->text.n > VALUE_MAX || span_trim(t->text).n == 0)
		parser_fault(p, t, "the text has 1 to 900 bytes");
	for (i = 0; i < t->text.n; i++)
		if ((unsigned char)t->text.p[i] < ' ' || t->text.p[i] == 0x7f) {
			parser_fault(p, t, "the text cannot hold a line break or "
			    "another control character");
			break;
		}
	c->value = arena_copy(p->policy->arena, span_trim(t->text));
	return 0;
}

static int
address(struct parser *p, struct change *c)
{
	struct arena *a = p->policy->arena;
	const struct token *t = p->now;

	if (t->kind != TOKEN_ADDRESS && t->kind != TOKEN_WORD)
		return parser_unexpected(p, "an address");
	parser_take(p);
	c->value = arena_copy(a, address_canonical(a, t->text));
	if (address_domain(c->value).n == 0 || c->value.p[0] == '@')
		parser_fault(p, t, "'%.*s' is no address", SPAN_PRINT(t->text));
	return 0;
}

static int
arguments(struct parser *p, struct change *c)
{
	switch (c->kind) {
	case CHANGE_ADD_HEADER:
	case CHANGE_REPLACE_HEADER:
		return name(p, c) < 0 ? -1 : value(p, c);
	case CHANGE_REMOVE_HEADER:
		return name(p, c);
	case CHANGE_TAG_SUBJECT:
		c->name = "Subject";
		return value(p, c);
	default:
		return address(p, c);
	}
}

static void
append(struct parser *p, struct rule *r, const struct change *c)
{
	struct change **at = &r->changes;

	while (*at != NULL)
		at = &(*at)->next;
	*at = ARENA_NEW(p->policy->arena, struct change);
	**at = *c;
}

static bool
is_verb(const struct token *t)
{
	size_t i;

	for (i = 0; i < FORMS; i++)
		if (token_is(t, forms[i].verb))
			return true;
	return false;
}

int
parser_change(struct parser *p, struct rule *r)
{
	struct change c = { .token = p->statement };
	size_t i;

	if (!is_verb(p->statement))
		return 0;
	for (i = 0; i < FORMS; i++)
		if (token_is(p->statement, forms[i].verb) &&
		    token_is(p->now, forms[i].noun))
			break;
	if (i == FORMS) {
		parser_unexpected(p, token_is(p->statement, "tag") ? "'subject'" :
		    token_is(p->statement, "copy") ||
		    token_is(p->statement, "redirect") ? "'to'" :
		    token_is(p->statement, "replace") ? "'header'" :
		    "'header' or 'recipient'");
		return 1;
	}
	parser_take(p);
	c.kind = forms[i].kind;
	if (arguments(p, &c) == 0)
		append(p, r, &c);
	return 1;
}
