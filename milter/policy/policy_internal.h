/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef POLICY_INTERNAL_H
#define POLICY_INTERNAL_H

#include <stdbool.h>

#include "base/arena.h"
#include "base/digest.h"
#include "policy/calendar.h"
#include "policy/list.h"
#include "policy/number.h"
#include "policy/policy.h"
#include "policy/rule.h"
#include "policy/urgency.h"

/* Compiled patterns, which live on the heap until the policy ends. */
struct owned_regex {
	struct regex *regex;
	struct owned_regex *next;
};

struct named_list {
	const char *name;
	struct list list;
	const struct source *source;	/* while compiling only */
	size_t offset, length;
	bool is_used;
	struct named_list *next;
};

struct ministry_entry {
	struct span text;		/* domain or login pattern */
	struct network network;
	struct ministry_entry *next;
};

/* A source to be parsed: the policy's own files, then what they include. */
struct queued_source {
	const struct source *source;
	struct queued_source *next;
};

/* A test block: a letter, and what shall become of it. */
struct trial {
	const char *name, *file;
	size_t line;
	const struct source *source;	/* while compiling only, as are the tokens */
	const struct token *name_token;
	const struct token *by_token;
	struct span sender, client, login;
	const struct span *recipients;
	size_t recipient_count;
	int64_t now_ms;			/* 0: not said */
	struct span raw;		/* the letter, as over the wire */
	bool is_note;			/* "note" is expected, */
	enum action action;		/* else this */
	struct span by;			/* of this rule; empty: of any */
	struct trial *next;
};

struct policy {
	struct arena *arena;
	struct owned_regex *regexes;
	struct named_list *lists;
	struct predicate *predicates;
	struct rule *rules;		/* while parsing: in order of the files */
	struct rule **sorted;		/* by name */
	size_t rule_count;
	bool has_ministry;
	struct phase *phases;
	struct queued_source *queue;	/* while compiling only */
	struct trial *trials;		/* in order of the files */
	bool wants_number;		/* a rule asks for the official number: */
	struct number_patterns number;
	const struct units *units;	/* NULL: no directory */
	const struct calendar *calendar;	/* NULL: weekends alone */
	bool has_deadlines;
	struct period deadlines[URGENCY_COUNT];	/* count 0: none of its own */
	struct ministry_entry *domains, *networks, *logins;
	char digest[DIGEST_HEX_SIZE];
};

/** policy_list(p, name): The list called ${name}, or NULL. */
struct named_list *policy_list(const struct policy *p, struct span name);

/** policy_rule(p, name): The rule called ${name}, or NULL. */
struct rule *policy_rule(const struct policy *p, struct span name);

/** policy_phase(p, name): The phase called ${name}, or NULL. */
struct phase *policy_phase(const struct policy *p, struct span name);

/** policy_resolve(p, f): Look up what ${p}'s sources name: lists, phases, units, rules; tell what is not there. */
void policy_resolve(struct policy *p, struct faults *f);

/** policy_enqueue(p, src): ${src} is parsed, once, behind those that wait. */
void policy_enqueue(struct policy *p, const struct source *src);

#endif /* !POLICY_INTERNAL_H */
