/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef POLICY_INTERNAL_H
#define POLICY_INTERNAL_H

#include <stdbool.h>

#include "base/arena.h"
#include "base/digest.h"
#include "policy/calendar.h"
#include "policy/effort.h"
#include "policy/list.h"
#include "policy/literal.h"
#include "policy/number.h"
#include "policy/policy.h"
#include "policy/rule.h"
#include "policy/urgency.h"

#define PHASE_NEVER_MS INT64_C(4102419600000)	/* 2100-01-01 in Hanoi */

/* Compiled patterns, which live on the heap until the policy ends. */
struct owned_regex {
	struct regex *regex;
	struct owned_regex *next;
};

/* What the gate is made of, one of each pattern. */
struct owned_literals {
	struct literals literals;
	struct owned_literals *next;
};

struct named_list {
	const char *name;
	struct list list;
	const struct source *source, *entry_source;	/* while compiling only */
	size_t offset, length;
	bool is_used;
	bool is_faulty;		/* which has been told: what follows from it is not */
	struct named_list *next;
};

struct ministry_entry {
	struct span text;		/* domain or login pattern */
	struct network network;
	const struct source *source;	/* while compiling only */
	size_t offset, length;
	struct ministry_entry *next;
};

/* A pattern whose effort has been probed: the next policy need not do it again. */
struct probed {
	uint8_t key[DIGEST_BYTES];	/* of its flags and its text */
	struct effort effort;		/* where: NULL, and */
	size_t where, length;		/* its place in the text */
	bool is_used;			/* this entry of the table */
};

/* A source to be parsed: the policy's own files, then what they include. */
struct queued_source {
	const struct source *source;
	struct queued_source *next;
};

/* A rule at a glance: ten thousand of them are looked at for every letter. */
struct brief {
	size_t pattern;		/* without a hit of it the rule is "no"; or BRIEF_NONE */
	bool reads_attachments;	/* it is looked for in their texts, too */
	size_t name, file;	/* where they begin in the policy's text of names */
	size_t line;
	int64_t acts_from_ms;	/* before, the rule is in shadow */
};
#define BRIEF_NONE ((size_t)-1)

/* A test block: a letter, and what shall become of it. */
struct trial {
	const char *name, *file;
	size_t line;
	const struct source *source;	/* while compiling only, as are the tokens */
	struct statement *statements;
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
	struct owned_literals *literals;	/* the last pattern's first */
	size_t pattern_count;
	struct gate *gate;
	bool has_bare;			/* a pattern that looks at the `bare` view unasked */
	struct probed *probed;		/* by hash */
	size_t probed_size;		/* a power of two */
	size_t probes;			/* patterns that were not known before */
	struct brief *briefs;		/* of the sorted rules */
	struct span brief_names;	/* NUL-terminated strings */
	struct named_list *lists;
	struct predicate *predicates;
	struct rule *rules;		/* while parsing: in order of the files */
	struct rule **sorted;		/* by name */
	struct rule *last_rule;
	size_t rule_count;
	struct rule **names;		/* while parsing: rules by a hash of their name */
	size_t name_size;		/* a power of two */
	bool has_ministry;
	struct phase *phases;
	struct queued_source *queue;	/* while compiling only */
	struct trial *trials;		/* in order of the files */
	bool wants_number;		/* a rule asks for the official number: */
	struct number_patterns number;
	const struct units *units;	/* NULL: no directory */
	const struct calendar *calendar;	/* NULL: weekends alone */
	const struct source *units_source, *calendar_source;	/* while compiling only */
	bool has_deadlines;
	struct period deadlines[URGENCY_COUNT];	/* count 0: none of its own */
	struct ministry_entry *domains, *networks, *logins;
	char digest[DIGEST_HEX_SIZE];
};

/** policy_brief(p): Fill p->briefs, once the rules are sorted. */
void policy_brief(struct policy *p);

/**
 * policy_probe(p, before, f):
 * Tell what patterns of ${p} a hostile text can make slow; those that ${before}
 * (or NULL) has too are not probed again.
 */
void policy_probe(struct policy *p, const struct policy *before, struct faults *f);

/** policy_print(a, p, first): All of ${p}, whose sources are still there, ${first} the first of them, in one order. */
struct span policy_print(struct arena *a, const struct policy *p,
    const struct source *first);

/** policy_list(p, name): The list called ${name}, or NULL. */
struct named_list *policy_list(const struct policy *p, struct span name);

/** policy_add_rule(p, r): Put ${r} behind the others. */
void policy_add_rule(struct policy *p, struct rule *r);

/** policy_rule(p, name): The first rule called ${name}, or NULL. */
struct rule *policy_rule(const struct policy *p, struct span name);

/** policy_phase(p, name): The phase called ${name}, or NULL. */
struct phase *policy_phase(const struct policy *p, struct span name);

/** policy_resolve(p, now_ms, f): Look up, at ${now_ms} (0: no matter when), what ${p}'s sources name: lists, phases, units, rules; tell what is not there. */
void policy_resolve(struct policy *p, int64_t now_ms, struct faults *f);

/** policy_enqueue(p, src): ${src} is parsed, once, behind those that wait. */
void policy_enqueue(struct policy *p, const struct source *src);

#endif /* !POLICY_INTERNAL_H */
