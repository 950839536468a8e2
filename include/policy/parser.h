/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef POLICY_PARSER_H
#define POLICY_PARSER_H

struct faults;
struct policy;
struct source;
struct sources;

/**
 * parser_run(p, set, src, f):
 * Add what ${src} says to ${p}, loading its list files through ${set}.  After a
 * fault it goes on with the next statement, so that ${f} gets all of them.
 * Names of lists are resolved later, when every source has been read.
 */
void parser_run(struct policy *p, struct sources *set, const struct source *src,
    struct faults *f);

#endif /* !POLICY_PARSER_H */
