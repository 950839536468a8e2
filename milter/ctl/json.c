/* SPDX-License-Identifier: BSD-2-Clause */
#include <inttypes.h>
#include <string.h>

#include "base/clock.h"
#include "base/digest.h"
#include "base/err.h"
#include "ctl/text.h"
#include "mail/unicode.h"

#include "ctl/json.h"

static void
separate(struct json *j)
{
	if (j->has_value)
		putc(',', j->out);
	j->has_value = true;
}

static void
finish(struct json *j)
{
	if (j->depth > 0)
		return;
	putc('\n', j->out);
	j->has_value = false;
}

void
json_begin(struct json *j, char bracket)
{
	separate(j);
	putc(bracket, j->out);
	j->depth++;
	j->has_value = false;
}

void
json_end(struct json *j, char bracket)
{
	must(j->depth > 0);
	putc(bracket, j->out);
	j->depth--;
	j->has_value = true;
	finish(j);
}

static void
put_code(FILE *out, uint32_t code)
{
	static const char named[] = "\"\"\\\\\bb\ff\nn\rr\tt";
	const char *p = NULL;
	char bytes[4];

	if (code < 0x80 && code != 0) {
		for (p = named; *p != '\0' && (uint32_t)*p != code; p += 2)
			;
	}
	if (p != NULL && *p != '\0')
		fprintf(out, "\\%c", p[1]);
	else if (code < 0x20 || (code >= 0x7f && code < 0xa0))
		fprintf(out, "\\u%04" PRIx32, code);
	else
		fwrite(bytes, 1, unicode_put(code, bytes), out);
}

static void
put_text(FILE *out, struct span s)
{
	uint32_t code;
	size_t at, n;

	putc('"', out);
	for (at = 0; (n = text_next(s, at, &code)) != 0; at += n)
		put_code(out, code);
	putc('"', out);
}

void
json_key(struct json *j, const char *name)
{
	separate(j);
	put_text(j->out, span_of(name));
	putc(':', j->out);
	j->has_value = false;
}

void
json_text(struct json *j, struct span s)
{
	separate(j);
	put_text(j->out, s);
	finish(j);
}

void
json_text_or_null(struct json *j, struct span s)
{
	if (s.n != 0)
		json_text(j, s);
	else
		json_null(j);
}

void
json_number(struct json *j, int64_t n)
{
	separate(j);
	fprintf(j->out, "%" PRId64, n);
	finish(j);
}

void
json_bool(struct json *j, bool b)
{
	separate(j);
	fputs(b ? "true" : "false", j->out);
	finish(j);
}

void
json_null(struct json *j)
{
	separate(j);
	fputs("null", j->out);
	finish(j);
}

void
json_time(struct json *j, int64_t ms)
{
	char text[CLOCK_TEXT_SIZE];

	if (ms == 0)
		json_null(j);
	else
		json_text(j, span_of(clock_print(ms, text)));
}

void
json_hex(struct json *j, const void *p, size_t n)
{
	char text[DIGEST_HEX_SIZE];

	must(n <= DIGEST_BYTES);
	json_text(j, span_of(digest_hex(p, n, text)));
}
