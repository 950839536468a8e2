/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef BASE_CONFIG_H
#define BASE_CONFIG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

struct err;
struct faults;

enum config_log_writer { LOG_WRITER_AUTO, LOG_WRITER_POSTLOGD, LOG_WRITER_SYSLOG };
enum config_success_notices { SUCCESS_NOTICES_DISCARD, SUCCESS_NOTICES_PASS };
enum config_on_error { ON_ERROR_TEMPFAIL, ON_ERROR_ACCEPT, ON_ERROR_REJECT };

/*
 * vanthu.conf, in Postfix's own habit: "name = value", "#" comments, a line
 * that starts with blanks continues.  Strings are never NULL; "" is empty.
 * Sizes take K M G, durations s m h d w (and "months"), modes are octal.
 */
struct config {
	char *socket;		/* unix:PATH or inet:PORT@HOST */
	mode_t socket_mode;	/* 0660 */
	char *socket_group;	/* postfix */
	char *control;		/* PATH of the control socket */
	char *metrics_listen;	/* unix:PATH or inet:PORT@HOST, loopback; empty = off */
	char *ledger;		/* folder */
	char *spool;		/* folder */
	char *policy;		/* file or folder */
	char *keys;		/* folder */
	char *maillog;		/* PATH of Postfix's log; empty = not followed */
	enum config_log_writer maillog_writer;	/* auto */
	char *user;		/* vanthu */
	char *group;		/* vanthu */
	char *header;		/* Vanthu-Document-ID */
	char *hostname;		/* gethostname(2) */
	char *authserv_id;	/* blank-separated; empty = trust none */
	unsigned min_trust;	/* 1 */
	int64_t grace_ms;	/* 10 m */
	int64_t retention_ms;	/* 30 months */
	char *calendar;		/* later */
	enum config_on_error on_error;
	enum config_success_notices success_notices;	/* that only we asked for: discard */
	size_t message_size_limit;	/* 64M */
	size_t memory_limit;		/* 1M: a larger message goes to the spool */
	size_t header_size_limit;	/* 1M: bytes of all headers */
	size_t header_count_limit;	/* 2,000 */
	size_t part_limit;		/* 1,000 */
	size_t depth_limit;		/* 50 */
	size_t text_limit;		/* 16M: bytes of text looked at */
	size_t recipient_limit;		/* 50,000 */
	size_t regex_steps;		/* 100,000 */
	int64_t judge_time_ms;		/* 5 s: deadline for one judgement */
	size_t session_limit;		/* 4,096 */
	size_t spool_limit;		/* 1G: bytes in the spool in total */
	size_t judge_limit;		/* 0 = 4 per core: ends of message at once */
	size_t extract_limit;		/* 0 = one fewer than cores: helpers at once */
	int64_t extract_time_ms;	/* 10 s: for one attachment */
	int64_t extract_message_time_ms;	/* 60 s: for all of a message, with waiting */
	size_t extract_memory;		/* 256M: for one attachment */
	size_t extract_cache;		/* 32M: of what was found in attachments */
	size_t extract_size_limit;	/* 64M: bytes unpacked from one attachment */
	size_t extract_ratio_limit;	/* 200: of them for each byte of it, beyond 8M */
	char *extract_ocr;		/* "": languages that pages are recognised in */
	size_t extract_attachment_limit;	/* 100: attachments of a message looked into */
	size_t extract_member_limit;	/* 1,000: files inside of attachments */
	size_t extract_depth_limit;	/* 8: files inside of files */
	size_t ledger_size_limit;	/* 64G: the map grows up to this */
	int64_t drain_time_ms;		/* 30 s */
};

/**
 * config_default(c): Fill ${c} with the defaults; end with config_end.
 */
void config_default(struct config *c);

/**
 * config_load(path, c, f, e):
 * Fill ${c} with the defaults and what ${path} says.  Every fault goes into
 * ${f} with its place; an unknown name gets "did you mean".  Return 0 if there
 * is no error, else -1; ${e} is set if the file could not be read at all.
 * config_end ${c} in either case.
 */
int config_load(const char *path, struct config *c, struct faults *f, struct err *e);

/** config_end(c): Free what ${c} holds. */
void config_end(struct config *c);

#endif /* !BASE_CONFIG_H */
