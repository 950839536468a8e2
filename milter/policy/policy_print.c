/* SPDX-License-Identifier: BSD-2-Clause */
#include <stdlib.h>
#include <string.h>

#include "base/buffer.h"
#include "base/clock.h"
#include "base/source.h"

#include "policy/lexer.h"
#include "policy/policy.h"
#include "policy_internal.h"

#define INDENT 4
#define KEYWORD 8		/* columns, as in "except  " */
#define COLUMNS 78

/* In which order a rule says things; what is not named is an action, and last. */
static const char *const order[] = { "says", "basis", "if", "except", "unless",
    "during", "shadow", "on" };
#define ORDER (sizeof(order) / sizeof(order[0]))

static void
put_string(struct buffer *b, struct span text)
{
	size_t i;

	buffer_byte(b, '"');
	for (i = 0; i < text.n; i++) {
		if (text.p[i] == '\n')
			buffer_text(b, "\\n");
		else if (text.p[i] == '"' || text.p[i] == '\\')
			buffer_print(b, "\\%c", text.p[i]);
		else
			buffer_byte(b, text.p[i]);
	}
	buffer_byte(b, '"');
}

/* Flags in one order, each once. */
static void
put_regex(struct buffer *b, const struct token *t)
{
	static const char flags[] = "imsx";
	size_t i;

	buffer_byte(b, '/');
	buffer_add(b, t->text);
	buffer_byte(b, '/');
	for (i = 0; flags[i] != '\0'; i++)
		if (span_find_byte(t->flags, flags[i]) != t->flags.n)
			buffer_byte(b, flags[i]);
}

static void
put_token(struct buffer *b, const struct token *t)
{
	if (t->kind == TOKEN_STRING)
		put_string(b, t->text);
	else if (t->kind == TOKEN_REGEX)
		put_regex(b, t);
	else if (t->kind == TOKEN_LIST)
		buffer_print(b, "@%.*s", SPAN_PRINT(t->text));
	else if (t->kind == TOKEN_ADDRESS)
		buffer_print(b, "<%.*s>", SPAN_PRINT(t->text));
	else
		buffer_add(b, t->text);
}

static bool
needs_blank(const struct token *before, const struct token *t)
{
	return !token_is(t, ",") && !token_is(t, ")") && !token_is(before, "(");
}

static void
put_line_start(struct buffer *b, size_t columns)
{
	buffer_byte(b, '\n');
	while (columns-- > 0)
		buffer_byte(b, ' ');
}

/* From ${from} up to ${end}; long conditions go on in further lines. */
static void
put_tokens(struct buffer *b, const struct token *from, const struct token *end,
    bool is_split)
{
	const struct token *t;
	size_t depth = 0;

	for (t = from; t < end; t++) {
		depth += token_is(t, "(") || token_is(t, "{");
		depth -= (token_is(t, ")") || token_is(t, "}")) && depth > 0;
		if (t != from && is_split && depth == 0 &&
		    (token_is(t, "and") || token_is(t, "or")))
			put_line_start(b, INDENT + KEYWORD);
		else if (t != from && needs_blank(t - 1, t))
			buffer_byte(b, ' ');
		put_token(b, t);
	}
}

static void
put_statement(struct buffer *b, const struct token *from, const struct token *end)
{
	size_t start, n = from->text.n;

	put_line_start(b, INDENT);
	buffer_add(b, from->text);
	if (from + 1 == end)
		return;
	do
		buffer_byte(b, ' ');
	while (++n < KEYWORD);
	start = b->n;
	put_tokens(b, from + 1, end, false);
	if (b->n - start <= COLUMNS - INDENT - KEYWORD)
		return;
	b->n = start;
	put_tokens(b, from + 1, end, true);
}

static size_t
rank(const struct token *word)
{
	size_t i;

	for (i = 0; i < ORDER; i++)
		if (token_is(word, order[i]))
			break;
	return i;
}

static void
put_rule(struct buffer *b, const struct rule *r)
{
	const struct statement *s;
	size_t i;

	buffer_print(b, "\nrule %s {", r->name);
	for (i = 0; i <= ORDER; i++)
		for (s = r->statements; s != NULL; s = s->next)
			if (rank(s->from) == i)
				put_statement(b, s->from, s->end);
	buffer_text(b, "\n}\n");
}

static void
put_trial(struct buffer *b, const struct trial *t)
{
	const struct statement *s;

	buffer_text(b, "\ntest ");
	put_string(b, span_of(t->name));
	buffer_text(b, " {");
	for (s = t->statements; s != NULL; s = s->next)
		put_statement(b, s->from, s->end);
	buffer_text(b, "\n}\n");
}

static int
by_text(const void *a, const void *b)
{
	const struct ministry_entry *const *x = a, *const *y = b;
	size_t n = (*x)->text.n < (*y)->text.n ? (*x)->text.n : (*y)->text.n;
	int rc = n == 0 ? 0 : memcmp((*x)->text.p, (*y)->text.p, n);

	return rc != 0 ? rc : ((*x)->text.n > (*y)->text.n) -
	    ((*x)->text.n < (*y)->text.n);
}

static void
put_entries(struct buffer *b, const char *word, const struct ministry_entry *list)
{
	const struct ministry_entry *one, **all;
	size_t n = 0, i;

	for (one = list; one != NULL; one = one->next)
		n++;
	if (n == 0)
		return;
	all = ARENA_ARRAY(b->arena, const struct ministry_entry *, n);
	for (n = 0, one = list; one != NULL; one = one->next)
		all[n++] = one;
	qsort(all, n, sizeof(*all), by_text);
	buffer_print(b, "    %-7s", word);
	for (i = 0; i < n; i++) {
		if (i > 0 && by_text(&all[i - 1], &all[i]) == 0)
			continue;
		buffer_byte(b, ' ');
		if (lexer_is_word(all[i]->text))
			buffer_add(b, all[i]->text);
		else
			put_string(b, all[i]->text);
	}
	buffer_byte(b, '\n');
}

static void
put_ministry(struct buffer *b, const struct policy *p)
{
	buffer_text(b, "ministry {\n");
	put_entries(b, "domain", p->domains);
	put_entries(b, "network", p->networks);
	put_entries(b, "login", p->logins);
	buffer_text(b, "}\n");
}

/* The instant as the clock of Hanoi has it. */
static void
put_instant(struct buffer *b, int64_t ms)
{
	int64_t day = calendar_day(ms), rest = ms - calendar_midnight(day);
	int64_t era, doe, yoe, doy, mp, z = day + 719468;

	/* Howard Hinnant's civil_from_days */
	era = (z >= 0 ? z : z - 146096) / 146097;
	doe = z - era * 146097;
	yoe = (doe - doe / 1460 + doe / 36524 - doe / 146096) / 365;
	doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
	mp = (5 * doy + 2) / 153;
	buffer_print(b, "%04d-%02d-%02d", (int)(yoe + era * 400 + (mp >= 10)),
	    (int)(mp < 10 ? mp + 3 : mp - 9), (int)(doy - (153 * mp + 2) / 5 + 1));
	if (rest == 0)
		return;
	buffer_print(b, "T%02d:%02d:%02d", (int)(rest / 3600000),
	    (int)(rest / 60000 % 60), (int)(rest / 1000 % 60));
	if (rest % 1000 != 0)
		buffer_print(b, ".%03d", (int)(rest % 1000));
	buffer_text(b, "+07:00");
}

static void
put_phases(struct buffer *b, const struct policy *p)
{
	const struct phase *one;

	if (p->phases != NULL)
		buffer_byte(b, '\n');
	for (one = p->phases; one != NULL; one = one->next) {
		buffer_print(b, "phase %s from ", one->name);
		put_instant(b, one->from_ms);
		buffer_byte(b, '\n');
	}
}

/* ${src} as the first file of the policy would name it. */
static void
put_file(struct buffer *b, const char *word, const struct source *first,
    const struct source *src)
{
	const char *slash = strrchr(first->name, '/');
	size_t n = slash != NULL ? (size_t)(slash - first->name) + 1 : 0;

	if (src == NULL)
		return;
	if (strncmp(src->name, first->name, n) != 0)
		n = 0;
	buffer_print(b, "%s file ", word);
	put_string(b, span_of(src->name + n));
	buffer_byte(b, '\n');
}

static void
put_deadlines(struct buffer *b, const struct policy *p)
{
	static const char *const units[] = { "hour", "day", "working day" };
	const struct period *d;
	int u;

	if (p->has_deadlines)
		buffer_byte(b, '\n');
	for (u = 0; u < URGENCY_COUNT; u++) {
		d = &p->deadlines[u];
		if (d->count != 0)
			buffer_print(b, "deadline %s within %u %s%s\n",
			    urgency_names[u], d->count, units[d->unit],
			    d->count == 1 ? "" : "s");
	}
}

static void
put_list(struct buffer *b, const struct named_list *l)
{
	size_t i;

	buffer_print(b, "\nlist %s {\n", l->name);
	for (i = 0; i < l->list.count; i++) {
		buffer_text(b, "    ");
		put_string(b, l->list.raw[i]);
		buffer_byte(b, '\n');
	}
	buffer_text(b, "}\n");
}

struct span
policy_print(struct arena *a, const struct policy *p, const struct source *first)
{
	struct buffer b = { .arena = a };
	const struct named_list *l;
	const struct trial *t;
	size_t i;

	put_ministry(&b, p);
	put_phases(&b, p);
	if (p->units_source != NULL || p->calendar_source != NULL)
		buffer_byte(&b, '\n');
	put_file(&b, "units", first, p->units_source);
	put_file(&b, "calendar", first, p->calendar_source);
	put_deadlines(&b, p);
	for (l = p->lists; l != NULL; l = l->next)
		put_list(&b, l);
	for (i = 0; i < p->rule_count; i++)
		put_rule(&b, p->sorted[i]);
	for (t = p->trials; t != NULL; t = t->next)
		put_trial(&b, t);
	return buffer_span(&b);
}
