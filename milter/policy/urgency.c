/* SPDX-License-Identifier: BSD-2-Clause */
#include <stdbool.h>
#include <string.h>

#include "mail/message.h"
#include "mail/view.h"

#include "policy/list.h"
#include "policy/urgency.h"

#define LINE_MAX_BYTES 200	/* a longer line is no mark */

const char *const urgency_names[] = {
	[URGENCY_THUONG] = "thuong",
	[URGENCY_KHAN] = "khan",
	[URGENCY_THUONG_KHAN] = "thuong-khan",
	[URGENCY_HOA_TOC] = "hoa-toc",
	[URGENCY_HOA_TOC_HEN_GIO] = "hoa-toc-hen-gio",
	[URGENCY_COUNT] = NULL,
};

/* The tone of "hỏa" stands on either vowel; longer marks before their beginnings. */
static const struct {
	const char *mark, *word;
	enum urgency urgency;
} marks[] = {
	{ "HỎA TỐC HẸN GIỜ", "hỏa tốc hẹn giờ", URGENCY_HOA_TOC_HEN_GIO },
	{ "HOẢ TỐC HẸN GIỜ", "hoả tốc hẹn giờ", URGENCY_HOA_TOC_HEN_GIO },
	{ "HỎA TỐC", "hỏa tốc", URGENCY_HOA_TOC },
	{ "HOẢ TỐC", "hoả tốc", URGENCY_HOA_TOC },
	{ "THƯỢNG KHẨN", "thượng khẩn", URGENCY_THUONG_KHAN },
	{ "KHẨN", "khẩn", URGENCY_KHAN },
	{ NULL, "thường", URGENCY_THUONG },
};

enum urgency
urgency_parse(struct arena *a, struct span text)
{
	struct span lower = list_lower(a, text);
	size_t i;

	for (i = 0; urgency_names[i] != NULL; i++)
		if (span_equal(lower, span_of(urgency_names[i])))
			return (enum urgency)i;
	for (i = 0; i < sizeof(marks) / sizeof(marks[0]); i++)
		if (span_equal(lower, span_of(marks[i].word)))
			return marks[i].urgency;
	return URGENCY_COUNT;
}

static bool
is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r';
}

static bool
is_frame(char c)
{
	return is_blank(c) || (c != '\0' && strchr("[](){}<>*-_=|:.,;!\"'", c) != NULL);
}

/* Behind ${mark} at the start of ${s}, whose blanks may be wider; or 0. */
static size_t
after_mark(struct span s, const char *mark)
{
	size_t i = 0;

	for (; *mark != '\0'; mark++) {
		if (i == s.n)
			return 0;
		if (*mark != ' ' && s.p[i++] != *mark)
			return 0;
		if (*mark == ' ' && !is_blank(s.p[i]))
			return 0;
		while (*mark == ' ' && i < s.n && is_blank(s.p[i]))
			i++;
	}
	return i;
}

static struct span
skip_frame(struct span s)
{
	size_t i = 0;

	while (i < s.n && is_frame(s.p[i]))
		i++;
	return span_sub(s, i, s.n);
}

/* "HẸN GIỜ" names its hour; behind the other marks nothing may follow on the line. */
static enum urgency
mark_of(struct span s, bool is_subject)
{
	struct span rest;
	size_t i, n;

	for (i = 0; marks[i].mark != NULL; i++) {
		if ((n = after_mark(s, marks[i].mark)) == 0)
			continue;
		rest = span_sub(s, n, s.n);
		if (rest.n == 0 || skip_frame(rest).n == 0 ||
		    marks[i].urgency == URGENCY_HOA_TOC_HEN_GIO ||
		    (is_subject && is_frame(rest.p[0]) && !is_blank(rest.p[0])))
			return marks[i].urgency;
	}
	return URGENCY_THUONG;
}

static enum urgency
stronger(enum urgency a, enum urgency b)
{
	return a > b ? a : b;
}

static enum urgency
of_text(struct span text)
{
	enum urgency urgency = URGENCY_THUONG;
	struct span line;

	while (span_line(&text, &line))
		if (line.n <= LINE_MAX_BYTES)
			urgency = stronger(urgency, mark_of(skip_frame(line), false));
	return urgency;
}

static enum urgency
of_subject(struct span subject)
{
	enum urgency urgency = mark_of(skip_frame(subject), true);
	size_t i;

	for (i = 0; i < subject.n; i++)
		if (subject.p[i] == '[' || subject.p[i] == '(')
			urgency = stronger(urgency, mark_of(skip_frame(
			    span_sub(subject, i, subject.n)), true));
	return urgency;
}

enum urgency
urgency_of(const struct message *m)
{
	enum urgency urgency = URGENCY_THUONG;
	size_t i;

	if (m->subject != NULL)
		urgency = of_subject(m->subject->text);
	for (i = 0; i < m->text_count; i++)
		urgency = stronger(urgency, of_text(m->texts[i]->text));
	return urgency;
}
