/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef POLICY_RULE_H
#define POLICY_RULE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/span.h"
#include "mail/view.h"
#include "policy/calendar.h"
#include "policy/network.h"
#include "policy/verdict.h"

struct list;
struct literals;
struct regex;
struct source;
struct token;

/* A rule as its file says it: the parser makes it, the verdict reads it. */

enum field_kind {
	FIELD_SENDER,
	FIELD_RECIPIENT,
	FIELD_HEADER,
	FIELD_SUBJECT,
	FIELD_TEXT,
	FIELD_ATTACHMENT_NAME,
	FIELD_ATTACHMENT_TYPE,
	FIELD_LOGIN,
	FIELD_CLIENT,
	FIELD_SPOOFED,
	FIELD_ATTACHMENT_TEXT,
	FIELD_ATTACHMENT_TRUETYPE,
	FIELD_ATTACHMENT_SIZE,
	FIELD_ATTACHMENT_COUNT,
	FIELD_RECIPIENT_COUNT,
	FIELD_SIZE,
	FIELD_SIGNED,
	FIELD_ENCRYPTED,
	FIELD_UNINSPECTABLE,
	FIELD_AUTHENTICATION,
	FIELD_SENDER_UNIT,
	FIELD_SENDER_KIND,
	FIELD_RECIPIENT_UNIT,
	FIELD_RECIPIENT_KIND,
	FIELD_URGENCY,
	FIELD_NUMBER,
	FIELD_TIME,
	FIELD_DATE,
	FIELD_WORKING_DAY,	/* "working day" */
	FIELD_COUNT,		/* of an unknown name, which a fault has reported */
};

struct field {
	enum field_kind kind;
	const char *header;	/* of FIELD_HEADER; the method of FIELD_AUTHENTICATION */
	bool is_all;		/* "all recipient" */
	bool has_view;		/* "text:bare": only that one, else those of the pattern */
	enum view_name view;
};

enum comparison {
	COMPARE_TRUTH,		/* spoofed */
	COMPARE_NUMBER,		/* = < <= > >= 1M */
	COMPARE_EQUAL,		/* = value */
	COMPARE_NETWORK,	/* client in 192.0.2.0/24 */
	COMPARE_IN_LIST,	/* in @list */
	COMPARE_HAS_LIST,	/* ~ @list */
	COMPARE_REGEX,		/* ~ /re/ */
};

enum relation { RELATION_EQUAL, RELATION_LESS, RELATION_AT_MOST, RELATION_MORE, RELATION_AT_LEAST };

struct predicate {
	const struct field *fields;
	size_t field_count;
	enum comparison comparison;
	enum relation relation;		/* of COMPARE_NUMBER, to: */
	int64_t number;			/* bytes, minutes, days, a class, or how many */
	unsigned reasons;		/* of FIELD_UNINSPECTABLE: bits 1 << enum part_reason */
	struct span value;		/* as written */
	struct span lower;		/* as list_lower makes it */
	struct span address;		/* canonical, lower case */
	struct network network;
	const struct list *list;	/* set once all lists are known */
	const struct token *token;	/* its first, while compiling only; as are: */
	const struct token *value_token;	/* the value or the pattern */
	const struct token *list_token;	/* NULL: it names no list */
	const struct source *list_source;
	const struct regex *regex;
	const struct regex *caseless;	/* of a pattern: the same one where it says "i" */
	unsigned flags;			/* of a pattern: enum regex_flag */
	const struct literals *literals;	/* of a pattern: what it must find */
	bool is_bare;			/* it runs on the `bare` view unasked */
	size_t pattern;			/* its number in the policy's gate */
	struct predicate *next;		/* every one of the policy */
};

enum expression_kind {
	EXPRESSION_PREDICATE,
	EXPRESSION_NOT,
	EXPRESSION_AND,
	EXPRESSION_OR,
	EXPRESSION_ATTACHMENT,	/* left, of one and the same attachment */
};

struct expression {
	enum expression_kind kind;
	struct expression *left, *right;	/* NOT, ATTACHMENT: left */
	struct predicate *predicate;
	struct expression *next;		/* line of the same kind in the rule */
};

/* A piece of track's template: literal text, or the capture called ${capture}. */
struct template_piece {
	struct span literal;
	const char *capture;
	size_t offset;		/* in the source */
	size_t length;
	struct template_piece *next;
};

/* What a rule does to the letter as a whole. */
struct outcome {
	bool is_set;
	enum action action;
	const char *code, *enhanced, *text;
};

/* One edit that a rule asks for. */
struct change {
	enum change_kind kind;
	const char *name;	/* of the header */
	struct span value;	/* text or canonical address */
	const struct token *token;	/* while compiling only */
	struct change *next;
};

/* From this instant on its rules act; before they are in shadow. */
struct phase {
	const char *name;
	int64_t from_ms;
	struct phase *next;
};

/* A statement's tokens. */
struct statement {
	const struct token *from, *end;
	struct statement *next;
};

struct rule {
	const char *name;
	const struct source *source;	/* while compiling only */
	const char *file;
	size_t line;
	size_t name_offset, name_length;
	const char *says, *basis;
	struct statement *statements;	/* while compiling only */
	uint64_t written;	/* the same number for the same words */
	struct expression *ifs, *excepts, *unlesses;	/* in order of lines */
	bool is_shadow;
	bool has_if, has_action;	/* said, even if faulty */
	const struct phase *phase;	/* NULL: always */
	const struct token *during;	/* its name, while compiling only */
	struct outcome outcome;
	struct outcome on_unknown;
	const char *note;
	bool is_tracked;
	const struct template_piece *template;	/* NULL: tracked without number */
	struct period deadline;		/* to acknowledge; count 0: none */
	struct change *changes;
	struct rule *next;
};

/** field_parse(name): The field called ${name}; FIELD_COUNT if there is none. */
enum field_kind field_parse(struct span name);

/** field_names: Every field's name, ended by NULL. */
extern const char *const field_names[];

/** field_is_viewed(kind): Is it text with views, in which hits have a place? */
bool field_is_viewed(enum field_kind kind);

/** field_is_truth(kind): Does it stand without a comparison? */
bool field_is_truth(enum field_kind kind);

/** field_is_number(kind): Do its values compare as numbers? */
bool field_is_number(enum field_kind kind);

/** field_is_recipient(kind): Does it speak of recipients, so that "any" and "all" may stand before it? */
bool field_is_recipient(enum field_kind kind);

/** field_is_bound(kind): May it stand in "attachment { ... }"? */
bool field_is_bound(enum field_kind kind);

/** change_is_header(kind): Is it an edit of the header, not of the recipients? */
bool change_is_header(enum change_kind kind);

/** field_is_address(kind): Do its values compare as addresses? */
bool field_is_address(enum field_kind kind);

/** expression_has_captures(e, t): Has one pattern of ${e} every group that ${t} names? */
bool expression_has_captures(const struct expression *e, const struct template_piece *t);

/** regex_has_captures(re, t): Has ${re} every group that ${t} names? */
bool regex_has_captures(const struct regex *re, const struct template_piece *t);

#endif /* !POLICY_RULE_H */
