/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef ACK_INTERNAL_H
#define ACK_INTERNAL_H

#include <stdbool.h>

#include "base/arena.h"
#include "base/span.h"
#include "track/ack.h"

#define ACK_TEXT_LIMIT 2000	/* longer fields of a report are cut */
#define ACK_CLAIM_LIMIT 1000
#define ACK_WORDS_LIMIT (256 * 1024)	/* of a notice's words; a report says it sooner */

/* What a report says once for all recipients. */
struct report {
	struct span reporter;
	struct span envelope_id;
	struct span queue_id;
	struct span message_id;		/* of the returned part */
	struct span document_id;
	struct span returned_to;	/* To of the returned part, unfolded */
	bool is_gateway;
	int64_t arrival_ms;
	int64_t date_ms;
	uint8_t digest[DIGEST_BYTES];
};

/*
 * A notice taken apart: what it says to people, its fields for programs if they
 * stand among the words, and the letter that it returns.
 */
struct notice {
	struct span words;
	struct span fields;	/* may be empty */
	struct span returned;	/* may be empty */
	struct span subject;
	struct span from;	/* as it stands, decoded */
	struct span to;		/* canonical */
	struct span failed;	/* X-Failed-Recipients, unfolded */
};

/** ack_block(rest, block): Take the next group of lines about one recipient (or the message) off ${rest}; false at the end. */
bool ack_block(struct span *rest, struct span *block);

/** ack_field(a, block, name): The first field ${name} of ${block}, unfolded, trimmed, cut; empty if there is none. */
struct span ack_field(struct arena *a, struct span block, const char *name);

/** ack_line_field(line, name, value): Is ${line} the field ${name}? Then ${value} is what is behind the colon. */
bool ack_line_field(struct span line, const char *name, struct span *value);

/** ack_uncomment(a, value): ${value} without RFC 5322 comments outside quotes, trimmed. */
struct span ack_uncomment(struct arena *a, struct span value);

/** ack_word(a, value): Its first word, without comments, in lower case. */
struct span ack_word(struct arena *a, struct span value);

/** ack_typed(value): What is behind "type;" (RFC 3464 2.1.2), or all of it. */
struct span ack_typed(struct span value);

/** ack_address(a, value): The canonical address in a typed field; empty if there is none. */
struct span ack_address(struct arena *a, struct span value);

/** ack_is_address(address): Can mail be sent there? A pipe, a file or a bare domain it is not. */
bool ack_is_address(struct span address);

/** ack_next_address(line, at, raw): The next address-like stretch of ${line} at or behind ${at}; its end, or 0. */
size_t ack_next_address(struct span line, size_t at, struct span *raw);

/** ack_header(a, h, name): The first field ${name}, unfolded and cut; empty if there is none. */
struct span ack_header(struct arena *a, const struct headers *h, const char *name);

/** ack_notice(a, m, n): Take ${m} apart. */
void ack_notice(struct arena *a, const struct message *m, struct notice *n);

/** ack_inner(a, n, inner): The notice that ${n} returns, taken apart itself; false if it returns none. */
bool ack_inner(struct arena *a, const struct notice *n, struct notice *inner);

/** ack_returned(a, n, header_name, r): What the returned letter tells: Message-ID, stamp, To. */
void ack_returned(struct arena *a, const struct notice *n, const char *header_name,
    struct report *r);

/** ack_part(m, types): The outermost part of one of ${types} (ends with NULL), or NULL. */
const struct part *ack_part(const struct message *m, const char *const *types);

/** ack_depth(p): How many parts ${p} lies within. */
size_t ack_depth(const struct part *p);

/** ack_digest(text, out): SHA-256 of ${text}. */
void ack_digest(struct span text, uint8_t out[DIGEST_BYTES]);

/** ack_report(a, m, n, r, claims): RFC 3464 and RFC 6533: claims per block of the report. */
void ack_report(struct arena *a, const struct message *m, const struct notice *n,
    struct report *r, struct claims *claims);

/** ack_fields(a, n, r, claims): The same from fields among the words. */
void ack_fields(struct arena *a, const struct notice *n, struct report *r,
    struct claims *claims);

/** ack_bounce(a, n, r, claims): A bounce that says it in words alone. */
void ack_bounce(struct arena *a, const struct notice *n, const struct report *r,
    struct claims *claims);

/** ack_disposition(a, m, n, r, claims): RFC 8098: the reader's program says what became of a letter. */
void ack_disposition(struct arena *a, const struct message *m, const struct notice *n,
    struct report *r, struct claims *claims);

/** ack_reply(a, m, r, claims): A person or a program answers. */
void ack_reply(struct arena *a, const struct message *m, const struct report *r,
    struct claims *claims);

/** ack_is_automatic(a, m): Did a program write ${m}, by RFC 3834 or the signs in use? */
bool ack_is_automatic(struct arena *a, const struct message *m);

/** ack_edxml(a, m, r, claims): Status packages of QCVN 102 in ${m}. */
void ack_edxml(struct arena *a, const struct message *m, const struct report *r,
    struct claims *claims);

/** ack_status_in(text): The status code in ${text} that says most (RFC 3463); empty if there is none. */
struct span ack_status_in(struct span text);

/** ack_status_is_vague(status): Is it empty, or one like 5.0.0, 5.1.0, 4.4.7? */
bool ack_status_is_vague(struct span status);

/** ack_status_choose(field, text): ${field}, or the code in ${text} where that says more. */
struct span ack_status_choose(struct span field, struct span text);

/** ack_status_guess(a, text, is_delayed): A code made of SMTP replies and common phrases; never empty. */
struct span ack_status_guess(struct arena *a, struct span text, bool is_delayed);

/*
 * The tables of ack_family.c, all in lower case.  Words are looked for in text
 * that was lowered before, and flattened.
 */

/* A mail system whose bounces are known by nothing more general. */
struct ack_family {
	const char *name;
	const char *field;	/* of the header to look into; NULL = the words */
	const char *sign;	/* in its value */
};

/* A phrase of servers in every language met, and the status that it means. */
struct ack_reason {
	const char *phrase;
	const char *status;
};

extern const struct ack_family ack_families[];
extern const struct ack_reason ack_reasons[];
extern const char *const ack_daemons[];		/* who sends bounces */
extern const char *const ack_subjects[];	/* how they are called */
extern const char *const ack_phrases[];		/* what they say */
extern const char *const ack_delays[];		/* what only warnings say */
extern const char *const ack_cues[];		/* what stands before a recipient */
extern const char *const ack_markers[];		/* behind which the letter is returned */

/** ack_has(text, table): Does lowered ${text} hold a word of ${table} (ends with NULL)? */
bool ack_has(struct span text, const char *const *table);

/** ack_lower(a, text): ASCII letters lowered. */
struct span ack_lower(struct arena *a, struct span text);

/** ack_flatten(a, text): ASCII letters lowered, every run of blanks and line ends one blank. */
struct span ack_flatten(struct arena *a, struct span text);

#endif /* !ACK_INTERNAL_H */
