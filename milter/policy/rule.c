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
	[FIELD_ATTACHMENT_TEXT] = "attachment.text",
	[FIELD_ATTACHMENT_TRUETYPE] = "attachment.truetype",
	[FIELD_ATTACHMENT_SIZE] = "attachment.size",
	[FIELD_ATTACHMENT_COUNT] = "attachment.count",
	[FIELD_RECIPIENT_COUNT] = "recipient.count",
	[FIELD_SIZE] = "size",
	[FIELD_SIGNED] = "signed",
	[FIELD_ENCRYPTED] = "encrypted",
	[FIELD_UNINSPECTABLE] = "uninspectable",
	[FIELD_AUTHENTICATION] = "authentication",
	[FIELD_SENDER_UNIT] = "sender.unit",
	[FIELD_SENDER_KIND] = "sender.kind",
	[FIELD_RECIPIENT_UNIT] = "recipient.unit",
	[FIELD_RECIPIENT_KIND] = "recipient.kind",
	[FIELD_URGENCY] = "urgency",
	[FIELD_NUMBER] = "number",
	[FIELD_TIME] = "time",
	[FIELD_DATE] = "date",
	[FIELD_WORKING_DAY] = "working day",
	[FIELD_COUNT] = NULL,
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
	    kind == FIELD_TEXT || kind == FIELD_ATTACHMENT_NAME ||
	    kind == FIELD_ATTACHMENT_TEXT;
}

bool
field_is_truth(enum field_kind kind)
{
	return kind == FIELD_SPOOFED || kind == FIELD_SIGNED ||
	    kind == FIELD_ENCRYPTED || kind == FIELD_UNINSPECTABLE ||
	    kind == FIELD_WORKING_DAY;
}

bool
field_is_number(enum field_kind kind)
{
	return kind == FIELD_ATTACHMENT_SIZE || kind == FIELD_ATTACHMENT_COUNT ||
	    kind == FIELD_RECIPIENT_COUNT || kind == FIELD_SIZE ||
	    kind == FIELD_URGENCY || kind == FIELD_TIME || kind == FIELD_DATE;
}

bool
field_is_recipient(enum field_kind kind)
{
	return kind == FIELD_RECIPIENT || kind == FIELD_RECIPIENT_UNIT ||
	    kind == FIELD_RECIPIENT_KIND;
}

bool
field_is_bound(enum field_kind kind)
{
	return kind == FIELD_ATTACHMENT_NAME || kind == FIELD_ATTACHMENT_TYPE ||
	    kind == FIELD_ATTACHMENT_TEXT || kind == FIELD_ATTACHMENT_TRUETYPE ||
	    kind == FIELD_ATTACHMENT_SIZE || kind == FIELD_UNINSPECTABLE;
}

bool
change_is_header(enum change_kind kind)
{
	return kind == CHANGE_ADD_HEADER || kind == CHANGE_REPLACE_HEADER ||
	    kind == CHANGE_REMOVE_HEADER || kind == CHANGE_TAG_SUBJECT;
}

bool
field_is_address(enum field_kind kind)
{
	return kind == FIELD_SENDER || kind == FIELD_RECIPIENT;
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
