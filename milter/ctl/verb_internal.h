/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef VERB_INTERNAL_H
#define VERB_INTERNAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/config.h"
#include "base/span.h"
#include "ctl/json.h"
#include "ledger/query.h"
#include "mail/message.h"

struct err;
struct options;
struct option_rule;
struct policy;
struct store;

enum status { STATUS_FINE, STATUS_NONE, STATUS_USAGE, STATUS_UNREACHABLE };

/* What the command line said before the verb, and the terminal. */
struct context {
	const char *config_path;
	bool is_config_named;	/* by -c: then it must be there */
	bool has_color;
	size_t width;		/* columns; 0 = not a terminal */
};

/* A word of the command line: what it does and what it says of itself. */
struct verb {
	const char *name;
	const char *summary;
	const char *help;
	int (*run)(const struct context *ctx, struct arena *a, int argc, char **argv);
};

extern const struct verb verb_receipts, verb_show, verb_policy, verb_inspect,
    verb_status, verb_reload, verb_keys, verb_ack, verb_watch, verb_units,
    verb_export, verb_import, verb_prune, verb_backup, verb_verify,
    verb_metrics, verb_report, verb_held,
    verb_doctor;

/** fail_usage(verb, format, ...): Say what is wrong and where the help is; STATUS_USAGE. */
int fail_usage(const char *verb, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/** fail(status, format, ...): One line to stderr; return ${status}. */
int fail(int status, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/**
 * verb_options(verb, a, known, argc, argv, o):
 * options_parse; STATUS_USAGE once the error is printed, else 0.
 */
int verb_options(const char *verb, struct arena *a, const struct option_rule *known,
    int argc, char **argv, struct options *o);

/**
 * context_config(ctx, is_needed, c):
 * Load the configuration.  Return 0, or the exit status once everything wrong
 * is printed.  Not needed and not named by -c, a bad one counts as none.  End
 * ${c} with config_end if 0 was returned.
 */
int context_config(const struct context *ctx, bool is_needed, struct config *c);

/** context_store(c, store): The ledger, to read; 0 or the exit status. */
int context_store(const struct config *c, struct store **store);

/** context_rules(c): How states are computed now. */
struct receipt_rules context_rules(const struct config *c);

/** context_directory(c): The policy for the names of its units, tests not run; NULL once that is told. */
struct policy *context_directory(const struct config *c);

/** context_message(a, path, c, m): Read the letter ${path} ("-": stdin); 0 or the exit status. */
int context_message(struct arena *a, const char *path, const struct config *c,
    struct message **m);

/** context_parse(a, c, p, n): The letter in the ${n} bytes ${p}, which live in ${a}; mime_init comes first. */
struct message *context_parse(struct arena *a, const struct config *c, char *p, size_t n);

/** context_policy(path, p): Compile it, printing its faults (mime_init is done); 0 or the exit status. */
int context_policy(const char *path, struct policy **p);

/* The fork server of this process; started while it is small and has one thread. */
struct extractor {
	int fd;
	pid_t pid;
};

/** context_extractor(c, x): Start it, as ${c} says; 0 or the exit status. */
int context_extractor(const struct config *c, struct extractor *x);

/** context_extract(x, a, c, m): Look into the attachments of ${m} as milterd does. */
void context_extract(const struct extractor *x, struct arena *a, const struct config *c,
    struct message *m);

/** context_extractor_end(x): End it. */
void context_extractor_end(struct extractor *x);

/**
 * lookup_document(s, prefix, rules, id, e):
 * The one document whose ID begins with ${prefix}.  1 found, 0 none, 2 several
 * (${e} names some), -1.
 */
int lookup_document(struct store *s, struct span prefix,
    const struct receipt_rules *rules, struct docid *id, struct err *e);

/** row_json(j, r): A receipt as one object. */
void row_json(struct json *j, const struct receipt *r);

/** row_flags(a, r): Names of its flags, with blanks between. */
struct span row_flags(struct arena *a, const struct receipt *r);

/** row_time(a, ms): As JSON has it; empty if 0. */
struct span row_time(struct arena *a, int64_t ms);

/** row_clock(a, ms): For tables: to the minute; empty if 0. */
struct span row_clock(struct arena *a, int64_t ms);

/** row_id(a, id): The ID as the header has it. */
struct span row_id(struct arena *a, const struct docid *id);

/** row_evidence(j, ev): One evidence as an object. */
void row_evidence(struct json *j, const struct evidence *ev);

/** row_what(a, ev): What it says, for a clerk: "in the recipient's mailbox". */
struct span row_what(struct arena *a, const struct evidence *ev);

/** row_who(a, ev): Who says so: "notice of mx.x.vn". */
struct span row_who(struct arena *a, const struct evidence *ev);

/** row_trust(trust): How sure that is: "only claimed". */
const char *row_trust(enum evidence_trust trust);

/**
 * daemon_ask(path, line, a, is_ok, answer, e):
 * Send ${line} to the control socket ${path}.  0 with what follows "ok" or
 * "error"; -1: nobody answers there.
 */
int daemon_ask(const char *path, const char *line, struct arena *a, bool *is_ok,
    struct span *answer, struct err *e);

/** daemon_send(path, line, bytes, a, is_ok, answer, e): The same, with ${bytes} behind the line. */
int daemon_send(const char *path, const char *line, struct span bytes, struct arena *a,
    bool *is_ok, struct span *answer, struct err *e);

/** daemon_request(ctx, a, line, answer): Ask the configured daemon; 0 or the exit status once its refusal is printed. */
int daemon_request(const struct context *ctx, struct arena *a, const char *line,
    struct span *answer);

/** policy_shadow_run: "policy shadow"; "policy unshadow" if ${is_end}. */
int policy_shadow_run(const struct context *ctx, struct arena *a, int argc, char **argv,
    bool is_end);

/** explain_run: "policy explain". */
int explain_run(const struct context *ctx, struct arena *a, int argc, char **argv);

/** replay_run: "policy replay". */
int replay_run(const struct context *ctx, struct arena *a, int argc, char **argv);

/** policy_test_run: "policy test". */
int policy_test_run(const struct context *ctx, struct arena *a, int argc, char **argv);

#endif /* !VERB_INTERNAL_H */
