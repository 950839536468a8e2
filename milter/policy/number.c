/* SPDX-License-Identifier: BSD-2-Clause */
#include "base/buffer.h"
#include "base/err.h"
#include "base/regex.h"
#include "mail/message.h"
#include "mail/view.h"

#include "policy/number.h"

/* NĐ 30/2020 Phụ lục I mục II.3; groups of the symbol are joined by "-". */
#define NUMBER "(?<number>\\d{1,5}[a-zđ]?\\h?/\\h?(?:(?:19|20)\\d\\d\\h?/\\h?)?"
#define SYMBOL "[A-ZĐ][A-ZĐa-zđ0-9]{0,11}(?:-[A-ZĐ][A-ZĐa-zđ0-9&]*)"

/* In a subject any number will do that has a "-": "120/KM" is none. */
static const char subject_pattern[] =
    "(?<![\\w/.])" NUMBER SYMBOL "+)(?!\\w)";

/* A letter's own number has a colon; one that it cites has none. */
static const char text_pattern[] =
    "(?<!\\p{L})S[ốỐ]\\h*:\\h*" NUMBER SYMBOL "*)(?!\\w)";

int
number_compile(struct number_patterns *n, struct err *e)
{
	size_t offset;

	n->subject = regex_compile(span_of(subject_pattern), 0, &offset, e);
	n->text = regex_compile(span_of(text_pattern), 0, &offset, e);
	return n->subject != NULL && n->text != NULL ? 0 : -1;
}

void
number_free(struct number_patterns *n)
{
	regex_free(n->subject);
	regex_free(n->text);
}

static struct span
without_blanks(struct arena *a, struct span s)
{
	struct buffer b = { .arena = a };
	size_t i;

	for (i = 0; i < s.n; i++)
		if (s.p[i] != ' ' && s.p[i] != '\t')
			buffer_byte(&b, s.p[i]);
	return arena_copy(a, buffer_span(&b));
}

static int
find_in(const struct regex *re, struct regex_scratch *s, struct arena *a,
    struct span text, struct span *number, struct err *e)
{
	struct regex_hit hit;
	int rc = regex_next(re, s, text, 0, &hit, e);

	if (rc == 1)
		*number = without_blanks(a, regex_capture(s,
		    regex_group(re, "number"), text));
	return rc;
}

int
number_find(const struct number_patterns *n, struct regex_scratch *s,
    struct arena *a, const struct message *m, struct span *number, struct err *e)
{
	int rc = 0;
	size_t i;

	if (m->subject != NULL)
		rc = find_in(n->subject, s, a, m->subject->text, number, e);
	for (i = 0; rc == 0 && i < m->text_count; i++)
		rc = find_in(n->text, s, a, m->texts[i]->text, number, e);
	return rc;
}
