/* SPDX-License-Identifier: BSD-2-Clause */
#include <string.h>

#include "mail/authentication.h"

/* Where the reading of a field stands. */
struct cursor {
	struct span s;
	size_t at;
};

static char
cursor_byte(const struct cursor *c)
{
	return c->at < c->s.n ? c->s.p[c->at] : '\0';
}

static void
comment_skip(struct cursor *c)
{
	size_t depth = 0;

	for (; c->at < c->s.n; c->at++) {
		if (c->s.p[c->at] == '\\')
			c->at++;
		else if (c->s.p[c->at] == '(')
			depth++;
		else if (c->s.p[c->at] == ')' && --depth == 0) {
			c->at++;
			return;
		}
	}
	c->at = c->s.n;
}

static void
blanks_skip(struct cursor *c)
{
	for (;;) {
		if (cursor_byte(c) == '(')
			comment_skip(c);
		else if (c->at < c->s.n && strchr(" \t\r\n", c->s.p[c->at]) != NULL &&
		    c->s.p[c->at] != '\0')
			c->at++;
		else
			return;
	}
}

/* A quoted string without its quotes, or what stands before blank ; = or (. */
static struct span
word_take(struct cursor *c)
{
	size_t start;
	struct span word;

	blanks_skip(c);
	start = c->at;
	if (cursor_byte(c) == '"') {
		for (c->at++; c->at < c->s.n && c->s.p[c->at] != '"'; c->at++)
			c->at += c->s.p[c->at] == '\\';
		if (c->at > c->s.n)
			c->at = c->s.n;
		word = span_sub(c->s, start + 1, c->at - start - 1);
		c->at += c->at < c->s.n;
		return word;
	}
	while (c->at < c->s.n && (c->s.p[c->at] == '\0' ||
	    strchr(" \t\r\n;=(\"", c->s.p[c->at]) == NULL))
		c->at++;
	return span_sub(c->s, start, c->at - start);
}

/* Take "=" and the word behind it. */
static bool
value_take(struct cursor *c, struct span *value)
{
	blanks_skip(c);
	if (cursor_byte(c) != '=')
		return false;
	c->at++;
	*value = word_take(c);
	return true;
}

static bool
domain_is_below(struct span lower, struct span upper)
{
	size_t n = lower.n - upper.n;

	return lower.n > upper.n && upper.n != 0 && lower.p[n - 1] == '.' &&
	    span_equal_nocase(span_sub(lower, n, upper.n), upper);
}

/* A bare "vn" or "com" is nobody's organisation. */
static bool
domain_is_aligned(struct span signer, struct span domain)
{
	size_t i;

	for (i = signer.n; i > 0; i--)
		if (signer.p[i - 1] == '@') {
			signer = span_sub(signer, i, signer.n);
			break;
		}
	if (span_find_byte(signer, '.') == signer.n)
		return false;
	return span_equal_nocase(signer, domain) || domain_is_below(signer, domain) ||
	    (domain_is_below(domain, signer));
}

/* The methods of RFC 8601 2.7 that we ask for, and where each names its domain. */
struct method {
	const char *name;
	const char *properties[2];
};

static const struct method dkim[] = {
	{ "dkim", { "header.d", "header.i" } }, { NULL, { NULL, NULL } }
};

static const struct method all_methods[] = {
	{ "dkim", { "header.d", "header.i" } },
	{ "dmarc", { "header.from", "header.from" } },
	{ "spf", { "smtp.mailfrom", "smtp.mail" } },
	{ NULL, { NULL, NULL } }
};

static const struct method *
method_find(const struct method *methods, struct span name)
{
	for (; methods->name != NULL; methods++)
		if (span_is(name, methods->name))
			return methods;
	return NULL;
}

/* One "method=result property=value ..." up to the next ";". */
static bool
result_passes(struct cursor *c, const struct method *methods, struct span domain)
{
	struct span method = word_take(c), result = { NULL, 0 }, name, value;
	const struct method *m;
	bool is_aligned = false, is_pass;

	m = method_find(methods, span_sub(method, 0, span_find_byte(method, '/')));
	is_pass = value_take(c, &result) && m != NULL && span_is(result, "pass");
	for (blanks_skip(c); c->at < c->s.n && cursor_byte(c) != ';'; blanks_skip(c)) {
		name = word_take(c);
		if (!value_take(c, &value)) {
			c->at += name.n == 0 && cursor_byte(c) != ';' && c->at < c->s.n;
			continue;
		}
		if (m != NULL && (span_is(name, m->properties[0]) ||
		    span_is(name, m->properties[1])) &&
		    domain_is_aligned(value, domain))
			is_aligned = true;
	}
	return is_pass && is_aligned;
}

static struct cursor
field_begin(const struct header *field, struct span *id)
{
	struct cursor c = { .s = field->value };

	*id = word_take(&c);
	while (c.at < c.s.n && cursor_byte(&c) != ';')	/* a version may follow */
		c.at++;
	return c;
}

static bool
field_passes(struct cursor c, const struct method *methods, struct span domain)
{
	while (cursor_byte(&c) == ';') {
		c.at++;
		if (result_passes(&c, methods, domain))
			return true;
	}
	return false;
}

/* The topmost field of ${id}: those below it came with the message. */
static bool
id_passes(const struct headers *h, struct span id, const struct method *methods,
    struct span domain)
{
	struct cursor c;
	struct span own;
	size_t i;

	for (i = 0; i < h->count; i++) {
		if (!span_is(h->list[i].name, "Authentication-Results"))
			continue;
		c = field_begin(&h->list[i], &own);
		if (span_equal_nocase(own, id))
			return field_passes(c, methods, domain);
	}
	return false;
}

static bool
any_passes(const struct headers *h, struct span authserv_ids,
    const struct method *methods, struct span domain)
{
	struct span rest = span_trim(authserv_ids);
	size_t n;

	while (rest.n != 0 && domain.n != 0) {
		for (n = 0; n < rest.n && rest.p[n] != ' ' && rest.p[n] != '\t'; n++)
			continue;
		if (id_passes(h, span_sub(rest, 0, n), methods, domain))
			return true;
		rest = span_trim(span_sub(rest, n, rest.n));
	}
	return false;
}

bool
authentication_dkim_passed(const struct headers *h, struct span authserv_ids,
    struct span domain)
{
	return any_passes(h, authserv_ids, dkim, domain);
}

bool
authentication_passed(const struct headers *h, struct span authserv_ids,
    struct span domain)
{
	return any_passes(h, authserv_ids, all_methods, domain);
}

/* The result of ${method} in one field; the cursor stands on its first ";". */
static struct span
field_result(struct cursor c, const char *method)
{
	struct span name, result = { NULL, 0 };

	while (cursor_byte(&c) == ';') {
		c.at++;
		name = word_take(&c);
		name = span_sub(name, 0, span_find_byte(name, '/'));
		if (value_take(&c, &result) && span_is(name, method))
			return result;
		for (blanks_skip(&c); c.at < c.s.n && cursor_byte(&c) != ';'; blanks_skip(&c))
			c.at += word_take(&c).n == 0 && cursor_byte(&c) != ';' &&
			    c.at < c.s.n;
	}
	return (struct span){ NULL, 0 };
}

static struct span
id_result(const struct headers *h, struct span id, const char *method)
{
	struct cursor c;
	struct span own;
	size_t i;

	for (i = 0; i < h->count; i++) {
		if (!span_is(h->list[i].name, "Authentication-Results"))
			continue;
		c = field_begin(&h->list[i], &own);
		if (span_equal_nocase(own, id))
			return field_result(c, method);
	}
	return (struct span){ NULL, 0 };
}

struct span
authentication_result(const struct headers *h, struct span authserv_ids,
    const char *method)
{
	struct span rest = span_trim(authserv_ids), result = { NULL, 0 };
	size_t n;

	while (rest.n != 0 && result.n == 0) {
		for (n = 0; n < rest.n && rest.p[n] != ' ' && rest.p[n] != '\t'; n++)
			continue;
		result = id_result(h, span_sub(rest, 0, n), method);
		rest = span_trim(span_sub(rest, n, rest.n));
	}
	return result;
}
