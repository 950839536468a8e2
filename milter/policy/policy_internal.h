/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef POLICY_INTERNAL_H
#define POLICY_INTERNAL_H

#include <stdbool.h>

#include "base/arena.h"
#include "base/digest.h"
#include "policy/list.h"
#include "policy/policy.h"
#include "policy/rule.h"

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

struct policy {
	struct arena *arena;
	struct owned_regex *regexes;
	struct named_list *lists;
	struct predicate *predicates;
	struct rule *rules;		/* while parsing: in order of the files */
	struct rule **sorted;		/* by name */
	size_t rule_count;
	bool has_ministry;
	struct ministry_entry *domains, *networks, *logins;
	char digest[DIGEST_HEX_SIZE];
};

/** policy_list(p, name): The list called ${name}, or NULL. */
struct named_list *policy_list(const struct policy *p, struct span name);

/** policy_rule(p, name): The rule called ${name}, or NULL. */
struct rule *policy_rule(const struct policy *p, struct span name);

#endif /* !POLICY_INTERNAL_H */
