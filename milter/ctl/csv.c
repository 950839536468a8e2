/* SPDX-License-Identifier: BSD-2-Clause */
#include "ctl/text.h"
#include "mail/unicode.h"

#include "ctl/csv.h"

static bool
needs_quotes(struct span s)
{
	size_t i;

	for (i = 0; i < s.n; i++) {
		if (s.p[i] == ',' || s.p[i] == '"' || s.p[i] == '\n' ||
		    s.p[i] == '\r')
			return true;
	}
	return s.n != 0 && (s.p[0] == ' ' || s.p[s.n - 1] == ' ');
}

static void
put_code(FILE *out, uint32_t code)
{
	char bytes[4];

	if (code == '"')
		putc('"', out);
	fwrite(bytes, 1, unicode_put(code, bytes), out);
}

void
csv_field(struct csv *c, struct span s)
{
	bool quotes = needs_quotes(s);
	uint32_t code;
	size_t at, n;

	if (c->has_field)
		putc(',', c->out);
	c->has_field = true;
	if (quotes)
		putc('"', c->out);
	for (at = 0; (n = text_next(s, at, &code)) != 0; at += n)
		put_code(c->out, code);
	if (quotes)
		putc('"', c->out);
}

void
csv_end(struct csv *c)
{
	putc('\n', c->out);
	c->has_field = false;
}
