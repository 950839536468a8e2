/* SPDX-License-Identifier: BSD-2-Clause */
#include <string.h>

#include <idn2.h>

#include "base/buffer.h"

#include "mail/address.h"

static struct span
domain_lower(struct arena *a, struct span domain)
{
	char *out = arena_string(a, domain);
	size_t i;

	for (i = 0; i < domain.n; i++)
		if (out[i] >= 'A' && out[i] <= 'Z')
			out[i] |= 0x20;
	return (struct span){ out, domain.n };
}

static bool
span_is_ascii(struct span s)
{
	size_t i;

	for (i = 0; i < s.n; i++)
		if ((unsigned char)s.p[i] >= 0x80)
			return false;
	return true;
}

static struct span
domain_canonical(struct arena *a, struct span domain)
{
	struct span lower = domain_lower(a, domain), result = lower;
	char *label = NULL;

	if (span_is_ascii(domain) || memchr(domain.p, '\0', domain.n) != NULL)
		return lower;
	if (idn2_to_ascii_8z(lower.p, &label, IDN2_NFC_INPUT | IDN2_NONTRANSITIONAL) ==
	    IDN2_OK)
		result = arena_copy(a, span_of(label));
	idn2_free(label);
	return result;
}

static size_t
last_at(struct span s)
{
	size_t n = s.n;

	while (n > 0 && s.p[n - 1] != '@')
		n--;
	return n;		/* behind it; 0 if there is none */
}

/* Without "@a,@b:" in front (RFC 5321 4.1.2). */
static struct span
route_strip(struct span s)
{
	size_t n;

	if (s.n != 0 && s.p[0] == '@' && (n = span_find_byte(s, ':')) < s.n)
		return span_trim(span_sub(s, n + 1, s.n));
	return s;
}

struct span
address_canonical(struct arena *a, struct span raw)
{
	struct buffer b = { .arena = a };
	struct span s = span_trim(raw);
	size_t at;

	if (s.n != 0 && s.p[0] == '<')
		s = span_sub(s, 1, s.n - 1 - (s.p[s.n - 1] == '>'));
	s = route_strip(span_trim(s));
	if ((at = last_at(s)) == 0)
		return s;
	buffer_add(&b, span_sub(s, 0, at));
	buffer_add(&b, domain_canonical(a, span_sub(s, at, s.n)));
	return buffer_span(&b);
}

struct span
address_domain(struct span canonical)
{
	size_t at = last_at(canonical);

	return at != 0 ? span_sub(canonical, at, canonical.n) : (struct span){ NULL, 0 };
}

bool
address_in_domain(struct span canonical, struct span domain)
{
	struct span own = address_domain(canonical), tail;

	if (domain.n == 0 || own.n < domain.n)
		return false;
	tail = span_sub(own, own.n - domain.n, domain.n);
	return span_equal(tail, domain) &&
	    (own.n == domain.n || own.p[own.n - domain.n - 1] == '.');
}

/* Behind the comment at ${at}. */
static size_t
comment_end(struct span s, size_t at)
{
	size_t depth = 0;

	for (; at < s.n; at++) {
		if (s.p[at] == '\\')
			at++;
		else if (s.p[at] == '(')
			depth++;
		else if (s.p[at] == ')' && --depth == 0)
			return at + 1;
	}
	return s.n;
}

/* Behind the quoted string at ${at}. */
static size_t
quoted_end(struct span s, size_t at)
{
	for (at++; at < s.n; at++) {
		if (s.p[at] == '\\')
			at++;
		else if (s.p[at] == '"')
			return at + 1;
	}
	return s.n;
}

/* The ">" of the "<" at ${at}, or the end. */
static size_t
angle_end(struct span s, size_t at)
{
	while (at < s.n && s.p[at] != '>')
		at = s.p[at] == '"' ? quoted_end(s, at) : at + 1;
	return at;
}

/* The last word with an "@" in what was gathered; blanks in quotes are no gaps. */
static struct span
word_with_at(struct span s)
{
	struct span found = { NULL, 0 };
	size_t at = 0, start;

	while (at < s.n) {
		for (start = at; at < s.n && s.p[at] != ' ' && s.p[at] != '\t' &&
		    s.p[at] != '\r' && s.p[at] != '\n';)
			at = s.p[at] == '"' ? quoted_end(s, at) : at + 1;
		if (last_at(span_sub(s, start, at - start)) != 0)
			found = span_sub(s, start, at - start);
		at += at == start || at < s.n;
	}
	return found;
}

/* A mailbox ended: its address if it has one, and begin anew. */
static struct span
gathered_take(struct buffer *b)
{
	struct span s = word_with_at(buffer_span(b));

	b->n = 0;
	return s;
}

bool
address_next(struct arena *a, struct span *rest, struct span *address)
{
	struct span value = *rest, found = { NULL, 0 };
	struct buffer b = { .arena = a };
	size_t at = 0, end;

	while (at < value.n && found.n == 0) {
		switch (value.p[at]) {
		case '(':
			at = comment_end(value, at);
			continue;
		case '"':
			end = quoted_end(value, at);
			buffer_add(&b, span_sub(value, at, end - at));
			at = end;
			continue;
		case '<':
			end = angle_end(value, at);
			found = span_trim(span_sub(value, at + 1, end - at - 1));
			at = end;
			break;
		case ',':
		case ';':
			found = gathered_take(&b);
			break;
		case ':':
			b.n = 0;
			break;
		default:
			buffer_byte(&b, value.p[at]);
		}
		at++;
	}
	if (found.n == 0)
		found = gathered_take(&b);
	*rest = span_sub(value, at, value.n);
	*address = address_canonical(a, found);
	return address->n != 0;
}

struct span
address_first(struct arena *a, struct span value)
{
	struct span first;

	address_next(a, &value, &first);
	return first;
}
