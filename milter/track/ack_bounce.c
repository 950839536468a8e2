/* SPDX-License-Identifier: BSD-2-Clause */
#include <string.h>

#include "mail/address.h"
#include "mail/header.h"

#include "ack_internal.h"

struct span
ack_lower(struct arena *a, struct span text)
{
	char *p = arena_alloc(a, text.n + 1);

	for (size_t i = 0; i < text.n; i++)
		p[i] = text.p[i] >= 'A' && text.p[i] <= 'Z' ?
		    (char)(text.p[i] | 0x20) : text.p[i];
	return (struct span){ p, text.n };
}

/* A phrase may be broken over two lines. */
struct span
ack_flatten(struct arena *a, struct span text)
{
	struct span lower = ack_lower(a, text);
	char *p = arena_alloc(a, lower.n + 1);
	size_t n = 0;

	for (size_t i = 0; i < lower.n; i++) {
		bool is_blank = strchr(" \t\r\n", lower.p[i]) != NULL &&
		    lower.p[i] != '\0';

		if (!is_blank)
			p[n++] = lower.p[i];
		else if (n != 0 && p[n - 1] != ' ')
			p[n++] = ' ';
	}
	return (struct span){ p, n };
}

bool
ack_has(struct span text, const char *const *table)
{
	for (; *table != NULL; table++)
		if (span_find(text, span_of(*table)) < text.n)
			return true;
	return false;
}

/* The lowered texts that a bounce is known by. */
struct looks {
	struct span words, subject, from;
};

static bool
is_family(const struct looks *l)
{
	for (const struct ack_family *f = ack_families; f->name != NULL; f++) {
		struct span where = f->field == NULL ? l->words : l->subject;

		if (span_find(where, span_of(f->sign)) < where.n)
			return true;
	}
	return false;
}

/* "Re: Undelivered Mail" is what people write about one. */
static bool
is_answer(struct span subject)
{
	static const char *const prefixes[] = { "re:", "fwd:", "fw:", "tr:", NULL };

	for (size_t i = 0; prefixes[i] != NULL; i++)
		if (span_starts_nocase(span_trim(subject), prefixes[i]))
			return true;
	return false;
}

static bool
is_bounce(const struct notice *n, const struct looks *l)
{
	bool is_daemon, is_called, is_said;

	if (n->failed.n != 0 || is_family(l))
		return true;
	if (is_answer(l->subject))
		return false;
	is_daemon = ack_has(l->from, ack_daemons);
	is_called = ack_has(l->subject, ack_subjects);
	is_said = ack_has(l->words, ack_phrases);
	return is_daemon + is_called + is_said >= 2;
}

enum place { PLACE_PROSE, PLACE_CUED, PLACE_ALONE };

/* A recipient among the words, and where they begin to speak of it. */
struct mention {
	struct span address;
	size_t at;
	enum place place;
};

struct mentions {
	struct mention list[ACK_CLAIM_LIMIT];
	size_t count;
	enum place best;
};

/* What may stand before an address that has the line to itself. */
static bool
is_decoration(struct span before)
{
	for (size_t i = 0; i < before.n; i++)
		if (strchr(" \t*>-<\"'|", before.p[i]) == NULL)
			return false;
	return true;
}

static bool
is_cued(struct arena *a, struct span before)
{
	struct span lower = ack_lower(a, span_sub(before,
	    before.n > 40 ? before.n - 40 : 0, 40));

	while (lower.n != 0 && (strchr(" \t<(", lower.p[lower.n - 1]) != NULL ||
	    (lower.n > 1 && lower.p[lower.n - 2] == ' ' &&
	    strchr("'\"", lower.p[lower.n - 1]) != NULL)))
		lower.n--;
	for (const char *const *cue = ack_cues; *cue != NULL; cue++) {
		size_t n = strlen(*cue);

		if (lower.n >= n && memcmp(lower.p + lower.n - n, *cue, n) == 0)
			return true;
	}
	return false;
}

/* "User mailbox exceeds allowed size: a@b.vn": last in its line, behind a colon. */
static bool
is_last(struct arena *a, struct span before, struct span after)
{
	static const char *const others[] = { "from", "sender", "contact", "by", "cc",
	    "reply-to", "return-path", "assistance", "message-id", "in-reply-to",
	    "references", NULL };
	struct span lower = span_trim(ack_lower(a, before));

	while (lower.n != 0 && (lower.p[lower.n - 1] == '<' ||
	    lower.p[lower.n - 1] == ' '))
		lower.n--;
	if (lower.n == 0 || lower.p[lower.n - 1] != ':')
		return false;
	for (size_t i = 0; i < after.n; i++)
		if (strchr(" >.)'\"", after.p[i]) == NULL)
			return false;
	lower.n--;
	for (const char *const *o = others; *o != NULL; o++)
		if (lower.n >= strlen(*o) && span_equal(span_sub(lower,
		    lower.n - strlen(*o), lower.n), span_of(*o)))
			return false;
	return true;
}

/* "... please write to the address" and then the address: a sentence goes on. */
static bool
is_continued(struct span before, struct span after, struct span line_before)
{
	struct span said = span_trim(line_before);
	char last = said.n != 0 ? said.p[said.n - 1] : '\0';

	return span_trim(before).n == 0 && span_trim(after).n == 0 && said.n != 0 &&
	    said.p[0] >= 'a' && said.p[0] <= 'z' && last >= 'a' && last <= 'z' &&
	    span_find_byte(said, '@') == said.n &&
	    span_find_byte(said, ':') == said.n;
}

static enum place
place_of(struct arena *a, struct span before, struct span after)
{
	if (span_find(before, span_of("://")) < before.n)
		return PLACE_PROSE;
	if (is_decoration(before))
		return PLACE_ALONE;
	return is_cued(a, before) || is_last(a, before, after) ? PLACE_CUED :
	    PLACE_PROSE;
}

/* "name@x.vn <name@x.vn>": only the second is an address. */
static bool
is_display_name(struct span after)
{
	return span_starts_nocase(after, " <") &&
	    span_find_byte(span_sub(after, 0, span_find_byte(after, '>')), '@') <
	    span_find_byte(after, '>');
}

static bool
is_known(const struct mentions *all, struct span address)
{
	for (size_t i = 0; i < all->count; i++)
		if (span_equal_nocase(all->list[i].address, address))
			return true;
	return false;
}

/* The first mention of its kind counts; a better kind forgets the weaker ones. */
static void
mention_add(struct mentions *all, struct span address, size_t at, enum place place)
{
	if (place > all->best) {
		all->best = place;
		all->count = 0;
	}
	if (place < all->best || place == PLACE_PROSE ||
	    all->count == ACK_CLAIM_LIMIT || is_known(all, address))
		return;
	all->list[all->count++] = (struct mention){ address, at, place };
}

static void
read_line(struct arena *a, struct span line, struct span line_before, size_t offset,
    struct span sender, struct mentions *all)
{
	struct span raw, address, before, after;
	size_t at = 0, end, start, named = 0;
	enum place place;

	line = span_sub(line, 0, 2 * ACK_TEXT_LIMIT);
	while ((end = ack_next_address(line, at, &raw)) != 0) {
		start = (size_t)(raw.p - line.p);
		at = end;
		if (is_display_name(span_sub(line, end, line.n))) {
			named = end;
			continue;
		}
		address = address_canonical(a, raw);
		before = span_sub(line, named, start - named);
		after = span_sub(line, end, line.n);
		place = place_of(a, before, after);
		if (place == PLACE_ALONE && is_continued(before, after, line_before))
			place = PLACE_PROSE;
		if (!span_equal_nocase(address, sender))
			mention_add(all, address, offset, place);
	}
}

static void
find_mentions(struct arena *a, struct span words, struct span sender,
    struct mentions *all)
{
	struct span rest = words, line, before = { NULL, 0 };

	while (span_line(&rest, &line)) {
		read_line(a, line, before, (size_t)(line.p - words.p), sender, all);
		if (span_trim(line).n != 0)
			before = line;
	}
}

/* X-Failed-Recipients names them all; the words say why. */
static void
use_header(struct arena *a, const struct notice *n, struct mentions *all)
{
	struct span raw, address;
	size_t at = 0, where;

	while ((at = ack_next_address(n->failed, at, &raw)) != 0 &&
	    all->count < ACK_CLAIM_LIMIT) {
		address = address_canonical(a, raw);
		where = span_find(n->words, raw);
		if (!is_known(all, address))
			all->list[all->count++] = (struct mention){ address,
			    where < n->words.n ? where : 0, PLACE_ALONE };
	}
}

/* Do the words speak of anybody that the header names? */
static bool
is_header_said(const struct notice *n)
{
	struct span raw;
	size_t at = 0;

	while ((at = ack_next_address(n->failed, at, &raw)) != 0)
		if (span_find(n->words, raw) < n->words.n)
			return true;
	return false;
}

/* Nobody is named: the returned letter's addressee is left. */
static void
use_returned(struct arena *a, const struct report *r, struct mentions *all)
{
	struct span address = address_first(a, r->returned_to);

	if (ack_is_address(address))
		mention_add(all, address, 0, PLACE_CUED);
}

/* The header, where it can be believed; the words; a person who wrote to himself. */
static void
find_all(struct arena *a, const struct notice *n, const struct report *r,
    struct mentions *all)
{
	if (!is_header_said(n))
		find_mentions(a, n->words, n->to, all);
	if (all->best != PLACE_ALONE && n->failed.n != 0) {
		*all = (struct mentions){ .count = 0 };
		use_header(a, n, all);
	}
	if (all->count == 0)
		find_mentions(a, n->words, (struct span){ NULL, 0 }, all);
	if (all->count == 0)
		use_returned(a, r, all);
}

/* What is said of mention ${i}: up to the next one's. */
static struct span
words_of(const struct notice *n, const struct mentions *all, size_t i)
{
	size_t end = n->words.n;

	for (size_t k = i + 1; k < all->count; k++)
		if (all->list[k].at > all->list[i].at) {
			end = all->list[k].at;
			break;
		}
	return span_sub(n->words, all->list[i].at, end - all->list[i].at);
}

static struct span
status_of(struct arena *a, const struct notice *n, const struct mentions *all,
    size_t i, bool is_delayed)
{
	struct span own = words_of(n, all, i), status = ack_status_in(own);

	if (status.n == 0 && all->count == 1)
		status = ack_status_in(n->words);
	if (status.n == 0 && all->count == 1)
		return ack_status_guess(a, n->words, is_delayed);
	return status.n != 0 ? status : ack_status_guess(a, own, is_delayed);
}

/* The first line that a server said: it holds a reply code. */
static struct span
diagnostic_of(struct span own)
{
	struct span rest = own, line, first = { NULL, 0 };

	while (span_line(&rest, &line)) {
		line = span_sub(span_trim(line), 0, 200);
		if (ack_status_in(line).n != 0)
			return line;
		if (first.n == 0)
			first = line;
	}
	return first;
}

static void
claim_fill(struct arena *a, const struct notice *n, const struct report *r,
    const struct mentions *all, size_t i, bool is_delayed, struct claim *c)
{
	*c = (struct claim){ .kind = ACK_DSN, .recipient = all->list[i].address,
	    .final_recipient = all->list[i].address,
	    .action = span_of(is_delayed ? "delayed" : "failed"),
	    .reporter = address_domain(address_first(a, n->from)),
	    .message_id = r->message_id, .document_id = r->document_id,
	    .envelope_id = r->envelope_id, .queue_id = r->queue_id,
	    .claimed_ms = r->date_ms };
	c->status = status_of(a, n, all, i, is_delayed);
	if (c->status.p[0] == '2')	/* accepted by the next host, it says no more */
		c->action = span_of("relayed");
	c->diagnostic = diagnostic_of(words_of(n, all, i));
	ack_digest(n->words, c->digest);
}

void
ack_bounce(struct arena *a, const struct notice *n, const struct report *r,
    struct claims *claims)
{
	struct looks l = { ack_flatten(a, n->words), ack_lower(a, n->subject),
	    ack_lower(a, n->from) };
	struct mentions *all;
	bool is_delayed;

	if (!is_bounce(n, &l))
		return;
	all = ARENA_NEW(a, struct mentions);
	find_all(a, n, r, all);
	is_delayed = ack_has(l.words, ack_delays) || ack_has(l.subject, ack_delays);
	claims->list = ARENA_ARRAY(a, struct claim, all->count + 1);
	for (size_t i = 0; i < all->count; i++)
		claim_fill(a, n, r, all, i, is_delayed,
		    &claims->list[claims->count++]);
}
