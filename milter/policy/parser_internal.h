/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef PARSER_INTERNAL_H
#define PARSER_INTERNAL_H

#include "policy/lexer.h"
#include "policy/parser.h"
#include "policy_internal.h"

struct parser {
	struct policy *policy;
	struct sources *set;
	const struct source *src;
	struct faults *faults;
	const struct token *now;	/* the next one to take */
	const struct token *statement;	/* the word it began with */
	size_t depth;			/* of the expression being read */
	size_t line, line_offset;	/* of the last rule: lines are counted once */
	bool is_except;
	bool is_attachment;		/* in "attachment { ... }" */
};

/** parser_fault(p, t, format, ...): A fault at ${t}. */
#define parser_fault(p, t, ...)						\
	faults_add((p)->faults, (p)->src, (t)->offset, (t)->length, __VA_ARGS__)

/** parser_take(p): The next token; it stays at the end. */
const struct token *parser_take(struct parser *p);

/** parser_is_block(t): Is ${t} a word that begins a block, such as "rule"? */
bool parser_is_block(const struct token *t);

/** parser_skip(p): Go to the next statement, or the "}" that ends this block. */
void parser_skip(struct parser *p);

/** parser_ends(p): Is the statement over: another one, "}", or the end? */
bool parser_ends(const struct parser *p);

/** parser_unexpected(p, wanted): A fault at the next token, then parser_skip; returns -1. */
int parser_unexpected(struct parser *p, const char *wanted);

/** parser_unknown(p, t, what, known): Unknown ${what}, with a suggestion. */
void parser_unknown(struct parser *p, const struct token *t, const char *what,
    const char *const *known);

/** parser_braces(p): Take a whole "{ ... }", whatever is in it. */
void parser_braces(struct parser *p);

/** parser_instant(p, ms): Read a day, which begins in Hanoi, or a time.  0, or -1 as parser_unexpected. */
int parser_instant(struct parser *p, int64_t *ms);

/** parser_period(p, d): Read "3 working days" into ${d}.  0, or -1 as parser_unexpected. */
int parser_period(struct parser *p, struct period *d);

/** parser_outcome(p, o): Read the reject, hold ... that p->statement or "on unknown" names. 1; or 0 if ${word} is none. */
int parser_outcome(struct parser *p, const struct token *word, struct outcome *o);

/** parser_expression(p, e): Read a condition.  0, or -1 after a fault and parser_skip. */
int parser_expression(struct parser *p, struct expression **e);

/** parser_predicate(p, pr): Read "fields operator value".  0, or -1 as above. */
int parser_predicate(struct parser *p, struct predicate **pr);

/** parser_named_list(p, t, pr): ${pr} looks into the list that ${t} names. */
void parser_named_list(struct parser *p, const struct token *t, struct predicate *pr);

/** parser_matches(p, pr): Read what stands behind "~".  0, or -1 as above. */
int parser_matches(struct parser *p, struct predicate *pr);

/** parser_comparison(p, pr): Read what the fields of ${pr} are compared with.  0, or -1 as above. */
int parser_comparison(struct parser *p, struct predicate *pr);

/** parser_change(p, r): Read the edit that p->statement names into ${r}. 1; or 0 if it is none. */
int parser_change(struct parser *p, struct rule *r);

/** parser_note(p, at, from): A statement whose tokens begin at ${from} ends before p->now: put it behind those at ${at}. */
void parser_note(struct parser *p, struct statement **at, const struct token *from);

/** parser_line_of(p, offset): The line, from 1, of the byte ${offset}, no earlier than the last one asked for. */
size_t parser_line_of(struct parser *p, size_t offset);

/** parser_trial(p): Read "test NAME { ... }", whose first word has been taken. */
void parser_trial(struct parser *p);

/** parser_except(p, e): As parser_expression, where "@list" may stand alone (no fields yet). */
int parser_except(struct parser *p, struct expression **e);

/** parser_action(p, r): Read the action that p->statement names into ${r}. 1; or 0 if it is none. */
int parser_action(struct parser *p, struct rule *r);

/** parser_block(p): Read the phase, include, units, calendar or deadline that p->statement begins. 1; or 0 if it is none. */
int parser_block(struct parser *p);

/** parser_rule(p): Read "rule NAME { ... }", whose first word has been taken. */
void parser_rule(struct parser *p);

#endif /* !PARSER_INTERNAL_H */
