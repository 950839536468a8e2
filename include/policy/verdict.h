/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef POLICY_VERDICT_H
#define POLICY_VERDICT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/span.h"
#include "mail/message.h"

struct arena;
struct policy;
struct regex_scratch;

/* In order of strength: the strongest wins. */
enum action { ACTION_ACCEPT, ACTION_DEFER, ACTION_DISCARD, ACTION_HOLD, ACTION_REJECT };

/* What an MTA can be asked to change. */
enum change_kind {
	CHANGE_ADD_HEADER,
	CHANGE_REPLACE_HEADER,
	CHANGE_REMOVE_HEADER,
	CHANGE_TAG_SUBJECT,
	CHANGE_ADD_RECIPIENT,
	CHANGE_REMOVE_RECIPIENT,
	CHANGE_REDIRECT,
};

/* One of the header; the others are in the lists of addresses. */
struct verdict_change {
	enum change_kind kind;
	const char *name;	/* of the field */
	struct span value;	/* decoded; empty for CHANGE_REMOVE_HEADER */
};

enum truth { TRUTH_NO, TRUTH_YES, TRUTH_UNKNOWN };

enum sender_class { SENDER_FOREIGN, SENDER_SPOOFED, SENDER_MINISTRY };

/* A rule that somebody has put in shadow, whatever the policy says. */
struct shadowing {
	const char *rule;
	int64_t until_ms;	/* UTC milliseconds: from then on it acts again */
};

/* What is judged: a message and its envelope.  Addresses are canonical. */
struct letter {
	struct span sender;		/* empty = null sender */
	const struct span *recipients;
	size_t recipient_count;
	struct span client;		/* IP address as text; empty = unknown */
	struct span login;		/* SASL login; empty = none */
	bool is_authenticated;		/* tests and explain without client and login */
	struct span authserv_ids;	/* that are trusted, blank-separated */
	const struct message *message;
	int64_t now_ms;			/* when it is judged: UTC milliseconds, never 0 */
	const struct shadowing *shadowing;	/* rules that do nothing for a while */
	size_t shadowing_count;
};

struct hit {
	const char *part;	/* path or "header:NAME" */
	const char *view;	/* "text" */
	const struct view *seen;	/* in which it begins at ${start} */
	size_t start;
	struct span text;	/* the matched text: never log, never store in the clear */
};

struct rule_result {
	const char *name;
	const char *file;
	size_t line;
	enum truth truth;
	bool is_shadow;
	bool acted;		/* it has a part in the verdict, with: */
	enum action action;
	const struct hit *hits;	/* after exceptions; at most 100 */
	size_t hit_count;
	const char *reason;	/* of TRUTH_UNKNOWN, else NULL */
	int64_t spent_ns;	/* in its patterns */
};

struct verdict {
	enum sender_class sender_class;
	enum action action;
	const char *rule;		/* that speaks; NULL if none */
	const char *code;		/* "550"; NULL for accept, hold, discard */
	const char *enhanced;		/* "5.7.1" */
	const char *text;		/* for people; hold's reason */
	bool is_tracked;
	const char *track_rule;		/* NULL if not tracked */
	struct span number;		/* official number from the tracking rule, at most 200 bytes */
	int64_t due_ms;			/* to be acknowledged by, UTC milliseconds; 0: no matter when */
	const struct span *copies;	/* addresses to add: none of the letter's own */
	size_t copy_count;
	const struct span *removals;	/* recipients of the letter to take away; never all of them,
					   unless there are copies */
	size_t removal_count;
	const char *removal_rule;	/* the first that took one away */
	const struct verdict_change *changes;	/* in order of rule name */
	size_t change_count;
	const struct rule_result *rules;	/* every rule of the policy, by name */
	size_t rule_count;
};

/** hit_place(h, offset, length): Where ${h} stands, in bytes of the decoded part. */
void hit_place(const struct hit *h, size_t *offset, size_t *length);

/** action_name(a), truth_name(t), sender_class_name(c): as policies and JSON write them. */
const char *action_name(enum action a);
const char *truth_name(enum truth t);
const char *sender_class_name(enum sender_class c);

/**
 * policy_classify(p, l):
 * Ministry, spoofed or foreign: login matches, or the envelope domain matches
 * and (the client is in a network, or DKIM passed aligned with that domain).
 */
enum sender_class policy_classify(const struct policy *p, const struct letter *l);

/**
 * policy_judge(p, l, a, s):
 * Look at every rule of ${p} for ${l}; ${s} bounds the matching (its steps and
 * deadline).  The result lives in ${a}.  For a foreign sender every rule is
 * looked at and none acts; for a spoofed one only those act that say "spoofed".
 * Any thread.
 */
const struct verdict *policy_judge(const struct policy *p, const struct letter *l,
    struct arena *a, struct regex_scratch *s);

#endif /* !POLICY_VERDICT_H */
