/* SPDX-License-Identifier: BSD-2-Clause */
#include <string.h>

#include "base/clock.h"
#include "base/err.h"

#include "track/logline.h"

#define STAMP_BYTES 15		/* "Nov 24 06:53:29" */
#define TIME_LONGEST 40		/* RFC 3339 with microseconds */
#define QUEUE_ID_SHORTEST 5
#define QUEUE_ID_LONGEST 32

static bool
is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/* Take ${text} off the front of ${s}, if it is there. */
static bool
take(struct span *s, const char *text)
{
	size_t n = strlen(text);

	if (s->n < n || memcmp(s->p, text, n) != 0)
		return false;
	*s = span_sub(*s, n, s->n);
	return true;
}

/* Take what is before the first ${byte}, and the byte. */
static bool
take_until(struct span *s, char byte, struct span *word)
{
	size_t at = span_find_byte(*s, byte);

	if (at == s->n)
		return false;
	*word = span_sub(*s, 0, at);
	*s = span_sub(*s, at + 1, s->n);
	return true;
}

/* Drop ${text} from the end of ${s}, if it is there. */
static bool
drop(struct span *s, const char *text)
{
	size_t n = strlen(text);

	if (s->n < n || memcmp(s->p + s->n - n, text, n) != 0)
		return false;
	s->n -= n;
	return true;
}

static bool
drop_digits(struct span *s)
{
	size_t n = s->n;

	while (s->n > 0 && is_digit(s->p[s->n - 1]))
		s->n--;
	return s->n < n;
}

static bool
is_queue_id(struct span s)
{
	if (s.n < QUEUE_ID_SHORTEST || s.n > QUEUE_ID_LONGEST)
		return false;
	for (size_t i = 0; i < s.n; i++) {
		char c = s.p[i];

		if (!is_digit(c) && !(c >= 'A' && c <= 'Z') &&
		    !(c >= 'a' && c <= 'z'))
			return false;
	}
	return true;
}

static bool
take_time(struct span *s, int64_t now_ms, int64_t *ms)
{
	char text[TIME_LONGEST + 1];
	struct span word;
	struct err e;

	if (s->n > 0 && is_digit(s->p[0])) {
		if (!take_until(s, ' ', &word) || word.n > TIME_LONGEST)
			return false;
		memcpy(text, word.p, word.n);
		text[word.n] = '\0';
		/* A bare date or an age is no time of a log. */
		return span_find_byte(word, 'T') < word.n &&
		    clock_parse(text, now_ms, ms, &e) == 0;
	}
	if (s->n <= STAMP_BYTES || s->p[STAMP_BYTES] != ' ')
		return false;
	memcpy(text, s->p, STAMP_BYTES);
	text[STAMP_BYTES] = '\0';
	*s = span_sub(*s, STAMP_BYTES + 1, s->n);
	return clock_stamp(text, now_ms, ms) == 0;
}

/* "postfix/submission/smtpd[123]:" */
static bool
take_tag(struct span *s, struct logline *out)
{
	struct span word;

	if (!take_until(s, ' ', &word) || !drop(&word, "]:") ||
	    !drop_digits(&word) || !drop(&word, "["))
		return false;
	if (!take_until(&word, '/', &out->instance) || out->instance.n == 0)
		return false;
	out->daemon = word;
	while (take_until(&word, '/', &(struct span){ NULL, 0 }))
		out->daemon = word;
	return out->daemon.n != 0;
}

/*
 * An address in <>, as Postfix writes it: a local part in quotes may hold ">"
 * itself.
 */
static bool
take_address(struct span *s, struct span *address)
{
	bool is_quoted = false;
	size_t i;

	if (!take(s, "<"))
		return false;
	for (i = 0; i < s->n; i++) {
		if (is_quoted && s->p[i] == '\\')
			i++;
		else if (s->p[i] == '"')
			is_quoted = !is_quoted;
		else if (!is_quoted && s->p[i] == '>')
			break;
	}
	if (i >= s->n)
		return false;
	*address = span_sub(*s, 0, i);
	*s = span_sub(*s, i + 1, s->n);
	return true;
}

static bool
read_status_word(struct span word, struct logline *out)
{
	static const struct {
		const char *word;
		enum logline_kind kind;
	} words[] = {
		{ "sent", LOGLINE_SENT }, { "deferred", LOGLINE_DEFERRED },
		{ "SOFTBOUNCE", LOGLINE_DEFERRED }, { "bounced", LOGLINE_BOUNCED },
		{ "undeliverable", LOGLINE_BOUNCED },
	};

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		if (!span_equal(word, span_of(words[i].word)))
			continue;
		out->kind = words[i].kind;
		return true;
	}
	return false;
}

/* A socket of this host, or this host itself: "mx[private/dovecot-lmtp]". */
static bool
is_here(struct span relay)
{
	size_t at = span_find_byte(relay, '[');
	struct span inside = span_sub(relay, at, relay.n);

	return span_find_byte(inside, '/') < inside.n ||
	    span_starts_nocase(inside, "[127.") ||
	    span_starts_nocase(inside, "[::1]") ||
	    span_starts_nocase(inside, "[IPv6:::1]");
}

static bool
is_mailbox(const struct logline *l)
{
	return span_is(l->daemon, "virtual") || span_is(l->daemon, "local") ||
	    (span_is(l->daemon, "lmtp") && is_here(l->relay));
}

/* "to=<a>, orig_to=<b>, relay=h[1.2.3.4]:25, delay=1, ..., dsn=2.0.0, status=sent (" */
static bool
read_delivery(struct span s, struct logline *out)
{
	struct span name, value;

	if (!take(&s, "to=") || !take_address(&s, &out->recipient) ||
	    !take(&s, ", "))
		return false;
	if (take(&s, "orig_to=") && (!take_address(&s, &out->original) ||
	    !take(&s, ", ")))
		return false;
	while (!take(&s, "status=")) {
		if (!take_until(&s, '=', &name) || !take_until(&s, ',', &value) ||
		    !take(&s, " ") || span_find_byte(value, '(') < value.n)
			return false;
		if (span_is(name, "relay"))
			out->relay = value;
		if (span_is(name, "dsn"))
			out->status = value;
	}
	if (out->status.n == 0 || !take_until(&s, ' ', &value) || !take(&s, "("))
		return false;
	if (!read_status_word(value, out))
		return false;
	out->is_local = out->kind == LOGLINE_SENT && is_mailbox(out);
	return true;
}

/* The end of the line is Postfix's own, the sender before it is not. */
static bool
read_manager(struct span s, struct logline *out)
{
	struct span rest = s;

	if (span_is(s, "removed"))
		out->kind = LOGLINE_REMOVED;
	else if (span_is(s, "status=deferred (bounce failed)") ||
	    span_is(s, "status=deferred (trace failed)"))
		out->kind = LOGLINE_STUCK;
	else if (!take(&rest, "from=<"))
		return false;
	else if (drop(&rest, ">, status=expired, returned to sender") ||
	    drop(&rest, ">, status=force-expired, returned to sender"))
		out->kind = LOGLINE_EXPIRED;
	else if (drop(&rest, " (queue active)") && drop_digits(&rest) &&
	    drop(&rest, ", nrcpt=") && drop_digits(&rest) &&
	    drop(&rest, ">, size="))
		out->kind = LOGLINE_QUEUED;
	else
		return false;
	return true;
}

static bool
read_entrance(struct span s, struct logline *out)
{
	if (take(&s, "message-id=")) {
		out->kind = LOGLINE_MESSAGE_ID;
		out->message_id = span_trim(s);
	} else if (take(&s, "milter-hold: ") || take(&s, "hold: ")) {
		out->kind = LOGLINE_HELD;
	} else if (take(&s, "milter-reject: END-OF-MESSAGE ") ||
	    take(&s, "milter-discard: END-OF-MESSAGE ")) {
		out->kind = LOGLINE_REFUSED;
	} else {
		return false;
	}
	return true;
}

static bool
read_pickup(struct span s, struct logline *out)
{
	size_t start = s.n;

	while (start > 0 && s.p[start - 1] != '=')
		start--;
	out->origin_id = span_sub(s, start, s.n);
	s.n = start;
	if (!is_queue_id(out->origin_id) || !take(&s, "uid=") ||
	    !drop(&s, "> orig_id="))
		return false;
	out->kind = LOGLINE_ORIGIN;
	return true;
}

static bool
read_administrator(struct span s, struct logline *out)
{
	static const struct {
		const char *text;
		enum logline_kind kind;
	} texts[] = {
		{ "released from hold", LOGLINE_RELEASED },
		{ "placed on hold", LOGLINE_HELD },
		{ "requeued", LOGLINE_REQUEUED }, { "removed", LOGLINE_DELETED },
	};

	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		if (!span_equal(s, span_of(texts[i].text)))
			continue;
		out->kind = texts[i].kind;
		return true;
	}
	return false;
}

/* Each program may say only what it knows: others' words are not believed. */
static const struct {
	const char *daemon;
	bool (*read)(struct span s, struct logline *out);
} readers[] = {
	{ "cleanup", read_entrance }, { "smtpd", read_entrance },
	{ "qmgr", read_manager }, { "oqmgr", read_manager },
	{ "smtp", read_delivery }, { "lmtp", read_delivery },
	{ "virtual", read_delivery }, { "local", read_delivery },
	{ "pipe", read_delivery }, { "error", read_delivery },
	{ "retry", read_delivery }, { "pickup", read_pickup },
	{ "postsuper", read_administrator },
};

bool
logline_parse(struct span line, int64_t now_ms, struct logline *out)
{
	*out = (struct logline){ .kind = 0 };
	if (!take_time(&line, now_ms, &out->time_ms) ||
	    !take_until(&line, ' ', &out->host) || !take_tag(&line, out))
		return false;
	if (!take_until(&line, ':', &out->queue_id) ||
	    !is_queue_id(out->queue_id) || !take(&line, " "))
		return false;
	for (size_t i = 0; i < sizeof(readers) / sizeof(readers[0]); i++)
		if (span_equal(out->daemon, span_of(readers[i].daemon)))
			return readers[i].read(line, out);
	return false;
}

bool
logline_is_final(enum logline_kind k)
{
	return k == LOGLINE_SENT || k == LOGLINE_BOUNCED || k == LOGLINE_EXPIRED;
}
