/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef FILTER_REGISTRY_H
#define FILTER_REGISTRY_H

struct answer;
struct message;
struct session;
struct verdict;

/**
 * registry_answer(s, m, v, answer):
 * Write ${v} on the letter ${m} into the book, durably, then say in ${answer}
 * what the MTA is told and which edits the letter gets.  If the book cannot
 * be written the letter waits (451 4.3.0); a reject stands all the same.
 */
void registry_answer(struct session *s, const struct message *m,
    const struct verdict *v, struct answer *answer);

/** registry_count(s, v): Count what the rules of ${v} said. */
void registry_count(struct session *s, const struct verdict *v);

#endif /* !FILTER_REGISTRY_H */
