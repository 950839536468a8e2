/* SPDX-License-Identifier: BSD-2-Clause */
#include <stdint.h>

#include "base/buffer.h"
#include "mail/address.h"
#include "mail/header.h"
#include "mail/unicode.h"

#include "ack_internal.h"

#define ADDRESS_LIMIT 320	/* RFC 5321 4.5.3.1: 64 + 1 + 255 */

static bool
is_blank(char c)
{
	return c == ' ' || c == '\t';
}

/* Which of the fields that each recipient has once ${line} is, as a bit. */
static unsigned
recipient_field(struct span line)
{
	static const char *const names[] = {
		"Original-Recipient", "Final-Recipient", "Action", "Status"
	};
	struct span value;

	for (unsigned i = 0; i < sizeof(names) / sizeof(*names); i++)
		if (ack_line_field(line, names[i], &value))
			return 1u << i;
	return 0;
}

/*
 * An empty line ends a block, and so does a field that this recipient had
 * already: some leave the empty line out.
 */
bool
ack_block(struct span *rest, struct span *block)
{
	struct span before = *rest, line;
	unsigned seen = 0, field;

	*block = (struct span){ NULL, 0 };
	for (; span_line(rest, &line); before = *rest) {
		if (span_trim(line).n == 0) {
			if (block->n != 0)
				return true;
			continue;
		}
		field = recipient_field(line);
		if ((seen & field) != 0) {
			*rest = before;
			return true;
		}
		seen |= field;
		if (block->n == 0)
			*block = line;
		else
			block->n = (size_t)(line.p - block->p) + line.n;
	}
	return block->n != 0;
}

bool
ack_line_field(struct span line, const char *name, struct span *value)
{
	size_t colon = span_find_byte(line, ':');

	if (colon == line.n || (line.n != 0 && is_blank(line.p[0])) ||
	    !span_is(span_trim(span_sub(line, 0, colon)), name))
		return false;
	*value = span_sub(line, colon + 1, line.n);
	return true;
}

struct span
ack_field(struct arena *a, struct span block, const char *name)
{
	struct span line, value = { NULL, 0 };

	while (span_line(&block, &line))
		if (ack_line_field(line, name, &value))
			break;
	if (value.p == NULL)
		return value;
	while (span_line(&block, &line) && line.n != 0 && is_blank(line.p[0]) &&
	    value.n < ACK_TEXT_LIMIT)
		value.n = (size_t)(line.p - value.p) + line.n;
	return header_unfold(a, span_sub(value, 0, ACK_TEXT_LIMIT));
}

struct span
ack_uncomment(struct arena *a, struct span value)
{
	struct buffer b = { .arena = a };
	bool is_quoted = false;
	unsigned depth = 0;

	for (size_t i = 0; i < value.n; i++) {
		char c = value.p[i];

		if (c == '\\' && i + 1 < value.n) {
			if (depth == 0)
				buffer_add(&b, span_sub(value, i, 2));
			i++;
			continue;
		}
		if (c == '"' && depth == 0)
			is_quoted = !is_quoted;
		if (c == '(' && !is_quoted)
			depth++;
		if (depth == 0)
			buffer_byte(&b, c);
		else if (c == ')' && --depth == 0)
			buffer_byte(&b, ' ');
	}
	return span_trim(buffer_span(&b));
}

struct span
ack_word(struct arena *a, struct span value)
{
	struct span bare = ack_uncomment(a, value);
	char *word = arena_string(a, bare);
	size_t n = 0;

	while (n < bare.n && !is_blank(word[n]) && word[n] != ';' && word[n] != ',') {
		if (word[n] >= 'A' && word[n] <= 'Z')
			word[n] += 'a' - 'A';
		n++;
	}
	return (struct span){ word, n };
}

static bool
is_domain_byte(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
	    (c >= '0' && c <= '9') || c == '-' || c == '.' || c == '_' ||
	    (unsigned char)c >= 0x80;
}

static bool
is_local_byte(char c)
{
	static const char others[] = "!#$%&'*+/=?^`{|}~";

	if (is_domain_byte(c))
		return true;
	for (const char *o = others; *o != '\0'; o++)
		if (*o == c)
			return true;
	return false;
}

bool
ack_is_address(struct span address)
{
	size_t at = address.n;

	if (address.n == 0 || address.p[0] == '@' || address.p[0] == '|' ||
	    address.p[0] == '/')
		return false;
	while (at > 0 && address.p[at - 1] != '@')
		at--;
	if (at == address.n)
		return false;
	for (size_t i = at; i < address.n; i++)
		if (!is_domain_byte(address.p[i]))
			return false;
	return true;
}

/* Where the local part before the "@" at ${at} begins; a quoted one, too. */
static size_t
local_start(struct span line, size_t from, size_t at)
{
	size_t start = at;

	if (at > from && line.p[at - 1] == '"') {
		for (start = at - 1; start > from && line.p[start - 1] != '"';)
			start--;
		return start > from ? start - 1 : at;
	}
	while (start > from && is_local_byte(line.p[start - 1]))
		start--;
	if (start > from && line.p[start - 1] == '<')
		return start;
	for (size_t i = at; i > start; i--)	/* beyond ASCII only in brackets */
		if ((unsigned char)line.p[i - 1] >= 0x80)
			start = i;
	while (start < at && (line.p[start] == '\'' || line.p[start] == '='))
		start++;
	return start;
}

size_t
ack_next_address(struct span line, size_t at, struct span *raw)
{
	for (size_t i = at; i < line.n; i++) {
		size_t start, end = i + 1;

		if (line.p[i] != '@')
			continue;
		start = local_start(line, at, i);
		while (end < line.n && is_domain_byte(line.p[end]) &&
		    (unsigned char)line.p[end] < 0x80)
			end++;
		while (end > i + 1 && (line.p[end - 1] == '.' ||
		    line.p[end - 1] == '-' || line.p[end - 1] == '_'))
			end--;
		if (start == i || end == i + 1)
			continue;
		*raw = span_sub(line, start, end - start);
		return end;
	}
	return 0;
}

static bool
is_type(struct span s)
{
	for (size_t i = 0; i < s.n; i++) {
		char c = s.p[i];

		if (!((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
		    (c >= '0' && c <= '9') || c == '-'))
			return false;
	}
	return true;
}

struct span
ack_typed(struct span value)
{
	size_t semicolon = span_find_byte(value, ';');

	if (semicolon == value.n ||
	    !is_type(span_trim(span_sub(value, 0, semicolon))))
		return span_trim(value);
	return span_trim(span_sub(value, semicolon + 1, value.n));
}

/* "\x{1EA1}" of RFC 6533 3 at ${at}: its length, or 0. */
static size_t
escape_read(struct span s, size_t at, uint32_t *code)
{
	size_t i = at + 3;

	*code = 0;
	if (!span_starts_nocase(span_sub(s, at, 3), "\\x{"))
		return 0;
	for (; i < s.n && i < at + 9 && s.p[i] != '}'; i++) {
		char c = s.p[i] | 0x20;

		if (c >= '0' && c <= '9')
			*code = *code << 4 | (uint32_t)(c - '0');
		else if (c >= 'a' && c <= 'f')
			*code = *code << 4 | (uint32_t)(c - 'a' + 10);
		else
			return 0;
	}
	if (i >= s.n || s.p[i] != '}' || *code < 0x20 || *code > 0x10ffff ||
	    (*code >= 0xd800 && *code < 0xe000))
		return 0;
	return i + 1 - at;
}

static struct span
unescape(struct arena *a, struct span s)
{
	struct buffer b = { .arena = a };
	uint32_t code;
	size_t n;

	for (size_t i = 0; i < s.n; i += n != 0 ? n : 1) {
		char out[4];

		if ((n = escape_read(s, i, &code)) != 0)
			buffer_add(&b, (struct span){ out, unicode_put(code, out) });
		else
			buffer_byte(&b, s.p[i]);
	}
	return buffer_span(&b);
}

struct span
ack_address(struct arena *a, struct span value)
{
	struct span bare = ack_typed(value), address;

	if (span_starts_nocase(value, "utf-8"))
		bare = unescape(a, bare);
	address = address_first(a, bare);
	if (address.n == 0)
		address = address_canonical(a, ack_uncomment(a, bare));
	if (address.n > ADDRESS_LIMIT)
		return (struct span){ NULL, 0 };
	return address;
}
