/* SPDX-License-Identifier: BSD-2-Clause */
#include "base/regex.h"

#include "policy/rule.h"

const char *const field_names[] = {
	[FIELD_SENDER] = "sender",
	[FIELD_RECIPIENT] = "recipient",
	[FIELD_HEADER] = "header",
	[FIELD_SUBJECT] = "subject",
	[FIELD_TEXT] = "text",
	[FIELD_ATTACHMENT_NAME] = "attachment.name",
	[FIELD_ATTACHMENT_TYPE] = "attachment.type",
	[FIELD_LOGIN] = "login",
	[FIELD_CLIENT] = "client",
	[FIELD_SPOOFED] = "spoofed",
	[FIELD_COUNT] = NULL,
};

/* Fields, statements and arguments that the whole language has (policy.5). */
static const char *const later[] = {
	"test",
	"add", "replace", "remove", "tag", "redirect", "attachment",
	"attachment.text", "attachment.size", "attachment.count",
	"attachment.truetype", "uninspectable", "size", "signed", "encrypted",
	"authentication", "unit", "urgency", "number", "time", "date", "day",
	"recipient.count", NULL,
};

enum field_kind
field_parse(struct span name)
{
	size_t i;

	for (i = 0; field_names[i] != NULL; i++)
		if (span_equal(name, span_of(field_names[i])))
			return (enum field_kind)i;
	return FIELD_COUNT;
}

bool
field_is_viewed(enum field_kind kind)
{
	return kind == FIELD_HEADER || kind == FIELD_SUBJECT ||
	    kind == FIELD_TEXT || kind == FIELD_ATTACHMENT_NAME;
}

bool
field_is_address(enum field_kind kind)
{
	return kind == FIELD_SENDER || kind == FIELD_RECIPIENT;
}

bool
word_is_later(struct span word)
{
	size_t i;

	for (i = 0; later[i] != NULL; i++)
		if (span_equal(word, span_of(later[i])))
			return true;
	return false;
}

bool
regex_has_captures(const struct regex *re, const struct template_piece *t)
{
	for (; t != NULL; t = t->next)
		if (t->capture != NULL && regex_group(re, t->capture) < 0)
			return false;
	return true;
}

bool
expression_has_captures(const struct expression *e, const struct template_piece *t)
{
	if (e == NULL)
		return false;
	if (e->kind == EXPRESSION_PREDICATE)
		return e->predicate->regex != NULL &&
		    regex_has_captures(e->predicate->regex, t);
	return expression_has_captures(e->left, t) ||
	    expression_has_captures(e->right, t);
}
