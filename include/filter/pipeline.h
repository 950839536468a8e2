/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef FILTER_PIPELINE_H
#define FILTER_PIPELINE_H

struct answer;
struct session;

/**
 * pipeline_end(s, answer):
 * End of message: finish, extract, judge, plan the stamp, record, answer.  A notice is
 * always let through.  When this returns with anything but a tempfail or a
 * reject for a tracked document, its evidence is on disk.
 */
void pipeline_end(struct session *s, struct answer *answer);

/** pipeline_defer(answer, code, enhanced, text): The mail waits: ${code} (4xx), ${enhanced} and ${text}. */
void pipeline_defer(struct answer *answer, const char *code, const char *enhanced,
    const char *text);

#endif /* !FILTER_PIPELINE_H */
