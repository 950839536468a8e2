/* SPDX-License-Identifier: BSD-2-Clause */
#include "base/span.h"

#include "ack_internal.h"

static bool
is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static size_t
digits(struct span s, size_t at)
{
	size_t n = 0;

	while (at + n < s.n && is_digit(s.p[at + n]))
		n++;
	return n;
}

/* Length of "5.1.1" at ${at}, or 0: no part of a longer number, version or IP address. */
static size_t
code_length(struct span s, size_t at)
{
	size_t second, third, end;

	if (at + 4 >= s.n || (s.p[at] != '2' && s.p[at] != '4' && s.p[at] != '5') ||
	    s.p[at + 1] != '.')
		return 0;
	if (at > 0 && (is_digit(s.p[at - 1]) || s.p[at - 1] == '.'))
		return 0;
	second = digits(s, at + 2);
	if (second == 0 || second > 3 || at + 2 + second >= s.n ||
	    s.p[at + 2 + second] != '.')
		return 0;
	third = digits(s, at + 3 + second);
	end = at + 3 + second + third;
	if (third == 0 || third > 3 ||
	    (end + 1 < s.n && s.p[end] == '.' && is_digit(s.p[end + 1])))
		return 0;
	return end - at;
}

/* How much a code says: "5.0.0" nothing, "5.1.0" and "expired" little. */
static int
weight(struct span code)
{
	if (code.n == 0)
		return 0;
	if (span_equal(span_sub(code, 1, code.n), span_of(".0.0")))
		return 1;
	if (code.p[2] == '0' || code.p[code.n - 1] == '0' || span_is(code, "4.4.7"))
		return 2;
	return 3;
}

/* A server's own words are "550 5.1.1 ..." and "(#5.1.1)". */
static bool
is_reply(struct span s, size_t at)
{
	while (at > 0 && (s.p[at - 1] == '<' || s.p[at - 1] == '\'' ||
	    s.p[at - 1] == '(' || s.p[at - 1] == ':'))
		at--;
	if (at > 0 && s.p[at - 1] == '#')
		return true;
	return at >= 4 && (s.p[at - 1] == ' ' || s.p[at - 1] == '-' ||
	    s.p[at - 1] == '\'') && is_digit(s.p[at - 2]) && is_digit(s.p[at - 3]) &&
	    (s.p[at - 4] == '4' || s.p[at - 4] == '5' || s.p[at - 4] == '2');
}

struct span
ack_status_in(struct span text)
{
	struct span best = { NULL, 0 }, code;
	int most = 0, now;
	size_t n;

	for (size_t at = 0; at < text.n; at += n != 0 ? n : 1) {
		if ((n = code_length(text, at)) == 0)
			continue;
		code = span_sub(text, at, n);
		now = 2 * weight(code) + is_reply(text, at);
		if (now > most) {
			most = now;
			best = code;
		}
	}
	return best;
}

bool
ack_status_is_vague(struct span status)
{
	return weight(status) < 3;
}

/*
 * Many MTAs sum up what the next server said, and lose it: 5.0.0 for 5.7.1,
 * "expired" for the reason of every attempt, "no such user" for any refusal.
 */
struct span
ack_status_choose(struct span field, struct span text)
{
	struct span found = ack_status_in(text);

	if (weight(found) < 2)
		return field.n != 0 ? field : found;
	if (weight(field) < 3)
		return found;
	if (span_is(field, "5.1.1") && weight(found) == 3 &&
	    !span_starts_nocase(found, "5.5.") && found.p[0] == '5')
		return found;
	return field;
}

/* The class of the first SMTP reply: "550 ...", "550-...", "said: 421". */
static char
reply_class(struct span s)
{
	for (size_t at = 0; at + 3 <= s.n; at++) {
		bool begins = at == 0 || (!is_digit(s.p[at - 1]) &&
		    s.p[at - 1] != '.' && s.p[at - 1] != '-' &&
		    !(s.p[at - 1] >= 'A' && s.p[at - 1] <= 'z'));
		bool ends = at + 3 == s.n || s.p[at + 3] == ' ' ||
		    s.p[at + 3] == '-' || s.p[at + 3] == '\n' || s.p[at + 3] == ',';

		if (begins && ends && (s.p[at] == '4' || s.p[at] == '5') &&
		    s.p[at + 1] >= '0' && s.p[at + 1] <= '5' && is_digit(s.p[at + 2]))
			return s.p[at];
	}
	return '\0';
}

struct span
ack_status_guess(struct arena *a, struct span text, bool is_delayed)
{
	struct span lower = ack_flatten(a, text);
	char class = is_delayed ? '4' : reply_class(text);
	char *status;

	for (const struct ack_reason *r = ack_reasons; r->phrase != NULL; r++) {
		if (span_find(lower, span_of(r->phrase)) == lower.n)
			continue;
		status = arena_string(a, span_of(r->status));
		if (class != '\0')
			status[0] = class;
		return span_of(status);
	}
	return span_of(class == '4' ? "4.0.0" : "5.0.0");
}
