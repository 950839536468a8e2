/* SPDX-License-Identifier: BSD-2-Clause */
#include <inttypes.h>
#include <stdlib.h>

#include "base/clock.h"
#include "base/err.h"

#include "monthly_internal.h"

#define MINUTE_MS 60000

static const char style[] =
    ":root{color-scheme:light dark;--ink:#1b1f24;--paper:#fff;--line:#c8ced6;"
    "--faint:#eef1f4;--good:#1a7f4b;--some:#2563a8;--wait:#8a6100;--bad:#b42318}\n"
    "@media (prefers-color-scheme:dark){:root{--ink:#e8eaed;--paper:#15181c;"
    "--line:#464d57;--faint:#23282e;--good:#4cc38a;--some:#6cb0f5;--wait:#e0b040;"
    "--bad:#ff8a7d}}\n"
    "@media print{:root{color-scheme:light;--ink:#000;--paper:#fff;--line:#999;"
    "--faint:#eee;--good:#1a7f4b;--some:#2563a8;--wait:#8a6100;--bad:#b42318}"
    "body{font-size:9.5pt;padding:0}section,figure,tr{break-inside:avoid}"
    "section.long{break-inside:auto}h2{break-after:avoid}"
    ".scroll{overflow:visible}*{print-color-adjust:exact}.wide{page:wide}}\n"
    "@page{size:A4;margin:14mm}@page wide{size:A4 landscape}\n"
    "body{font:16px/1.45 system-ui,\"Noto Sans\",sans-serif;color:var(--ink);"
    "background:var(--paper);max-width:62rem;margin:0 auto;padding:1.5rem}\n"
    "h1{font-size:1.7em;margin:0}h2{font-size:1.25em;margin:2em 0 .5em}"
    "figure{margin:.5em 0}svg{width:100%;height:auto;max-width:44rem}"
    "svg text{fill:currentColor;font-size:14px}svg text.s{font-size:10px}\n"
    ".good{fill:var(--good)}.some{fill:var(--some)}.wait{fill:var(--wait)}"
    ".bad{fill:var(--bad)}.none{fill:var(--faint)}\n"
    ".key{list-style:none;padding:0;display:flex;flex-wrap:wrap;gap:.2em 1.2em}"
    ".key svg{width:.9em;height:.9em;margin-right:.4em;vertical-align:-.05em}\n"
    ".scroll{overflow-x:auto}table{border-collapse:collapse;margin:.5em 0;"
    "font-variant-numeric:tabular-nums}caption{text-align:left;font-weight:600;"
    "padding:.3em 0}th,td{border-bottom:1px solid var(--line);padding:.2em .6em;"
    "text-align:right;vertical-align:top}th{font-weight:600}"
    "th[scope=row],thead th:first-child,.name{text-align:left}thead th{border-bottom-width:2px}"
    ".name{min-width:14em}.units th:nth-child(2){text-align:left}"
    ".days td,.days th{padding:.1em .25em;font-size:.72em}\n";

static void
put_number(FILE *out, uint64_t n)
{
	fprintf(out, "<td>%" PRIu64, n);
}

/* "3 d 4 h", "4 h 5 min". */
static void
put_delay(FILE *out, int64_t ms)
{
	int64_t minutes = ms / MINUTE_MS;

	if (ms < 0)
		fputs("-", out);
	else if (minutes >= 24 * 60)
		fprintf(out, "%" PRId64 " d %" PRId64 " h", minutes / (24 * 60),
		    minutes / 60 % 24);
	else
		fprintf(out, "%" PRId64 " h %" PRId64 " min", minutes / 60,
		    minutes % 60);
}

static void
begin_table(FILE *out, const char *caption, const char *class,
    const char *const *headings)
{
	fprintf(out, "<div class=\"scroll\" role=\"region\" tabindex=\"0\" "
	    "aria-label=\"%s\"><table%s%s%s><caption>%s</caption>\n<thead><tr>",
	    caption, class[0] != '\0' ? " class=\"" : "", class,
	    class[0] != '\0' ? "\"" : "", caption);
	for (; *headings != NULL; headings++)
		fprintf(out, "<th scope=\"col\">%s", *headings);
	fputs("</thead>\n<tbody>\n", out);
}

static void
end_table(FILE *out)
{
	fputs("</tbody></table></div>\n", out);
}

static void
put_row_head(FILE *out, struct span name, const char *otherwise)
{
	fputs("<tr><th scope=\"row\">", out);
	page_text(out, name.n != 0 ? name : span_of(otherwise));
}

static void
put_counts(FILE *out, const struct monthly_counts *c)
{
	put_number(out, c->receipts);
	put_number(out, c->accepted);
	put_number(out, c->refused);
	put_number(out, c->held);
	put_number(out, c->delivered);
	put_number(out, c->acknowledged);
	put_number(out, c->overdue);
	fputc('\n', out);
}

/* Each receipt once, as what is worst of it. */
static void
fill_bar(struct chart_bar *b, struct span name, const struct monthly_counts *c)
{
	uint64_t waiting = c->accepted - c->delivered - c->failed -
	    (c->late - c->late_arrived);

	*b = (struct chart_bar){ .name = name, .parts = {
	    { c->acknowledged, "good" },
	    { c->delivered - c->acknowledged - c->late_arrived, "some" },
	    { waiting, "wait" }, { c->late + c->failed, "bad" } } };
}

static void
put_key(FILE *out, const char *const (*entries)[2], size_t count)
{
	fputs("<ul class=\"key\">", out);
	for (size_t i = 0; i < count; i++)
		fprintf(out, "<li><svg viewBox=\"0 0 9 9\" aria-hidden=\"true\">"
		    "<rect class=\"%s\" width=\"9\" height=\"9\"/></svg>%s",
		    entries[i][0], entries[i][1]);
	fputs("</ul>\n", out);
}

static const char *const receipt_key[][2] = {
	{ "good", "acknowledged" }, { "some", "arrived" },
	{ "wait", "on its way" }, { "bad", "came back, or overdue without a word" },
};

static void
put_summary(const struct monthly *m, FILE *out)
{
	static const char *const headings[] = { "What", "Number", NULL };
	const struct { const char *name; uint64_t n; } rows[] = {
		{ "documents seen", m->documents },
		{ "receipts (a document at one recipient)", m->all.receipts },
		{ "accepted and sent", m->all.accepted },
		{ "refused by a rule", m->all.refused },
		{ "held", m->all.held },
		{ "came back", m->all.failed },
		{ "delivered", m->all.delivered },
		{ "acknowledged by a reader", m->all.acknowledged },
		{ "overdue now", m->all.overdue },
		{ "paper copies saved (delivered without paper)", m->all.delivered },
	};

	fputs("<section><h2>In short</h2>\n", out);
	begin_table(out, "The month in numbers", "", headings);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		put_row_head(out, span_of(rows[i].name), "");
		put_number(out, rows[i].n);
		fputc('\n', out);
	}
	fputs("<tr><th scope=\"row\">median time to the first word<td>", out);
	put_delay(out, m->median_ms);
	end_table(out);
	fputs("</section>\n", out);
}

static void
put_kinds(const struct monthly *m, FILE *out)
{
	static const char *const headings[] = { "Kind of unit", "receipts",
	    "accepted", "refused", "held", "delivered", "acknowledged", "overdue",
	    NULL };
	struct chart_bar *bars = ARENA_ARRAY(m->arena, struct chart_bar,
	    m->kind_count + 1);

	for (size_t i = 0; i < m->kind_count; i++)
		fill_bar(&bars[i], m->kinds[i].kind.n != 0 ? m->kinds[i].kind :
		    span_of("no kind"), &m->kinds[i].counts);
	fputs("<section><h2>By kind of unit</h2>\n<figure>", out);
	chart_bars(out, "kinds", "Receipts by kind of unit",
	    "A bar for each kind: acknowledged, arrived, on its way, came back or overdue. The "
	    "table below has the numbers.", bars, m->kind_count);
	put_key(out, receipt_key, 4);
	fputs("</figure>\n", out);
	begin_table(out, "Receipts by kind of unit", "", headings);
	for (size_t i = 0; i < m->kind_count; i++) {
		put_row_head(out, m->kinds[i].kind, "no kind");
		put_counts(out, &m->kinds[i].counts);
	}
	end_table(out);
	fputs("</section>\n", out);
}

static void
put_delays(const struct monthly *m, FILE *out)
{
	static const char *const headings[] = { "Time to the first word", "receipts",
	    NULL };
	struct chart_bar bars[DELAYS];

	for (size_t i = 0; i < DELAYS; i++)
		bars[i] = (struct chart_bar){ .name = span_of(monthly_delays[i].name),
		    .parts = { { m->all.delays[i], "good" } } };
	fputs("<section><h2>Time to acknowledge</h2>\n<figure>", out);
	chart_bars(out, "delays", "Time to acknowledge",
	    "How long it took until a reader said the first word. The table below "
	    "has the numbers.", bars, DELAYS);
	fputs("</figure>\n", out);
	begin_table(out, "Time to acknowledge", "", headings);
	for (size_t i = 0; i < DELAYS; i++) {
		put_row_head(out, bars[i].name, "");
		put_number(out, m->all.delays[i]);
		fputc('\n', out);
	}
	end_table(out);
	fputs("</section>\n", out);
}

static void
put_rules(const struct monthly *m, FILE *out)
{
	static const char *const headings[] = { "Rule", "documents refused", NULL };
	struct chart_bar *bars = ARENA_ARRAY(m->arena, struct chart_bar,
	    m->rule_count + 1);

	for (size_t i = 0; i < m->rule_count; i++)
		bars[i] = (struct chart_bar){ .name = m->rules[i].name,
		    .parts = { { m->rules[i].documents, "bad" } } };
	fputs("<section><h2>Refused by rule</h2>\n", out);
	if (m->rule_count == 0) {
		fputs("<p>Nothing was refused.</p></section>\n", out);
		return;
	}
	fputs("<figure>", out);
	chart_bars(out, "rules", "Documents refused by rule",
	    "A bar for each rule that refused a document. The table below has the "
	    "numbers.", bars, m->rule_count);
	fputs("</figure>\n", out);
	begin_table(out, "Documents refused by rule", "", headings);
	for (size_t i = 0; i < m->rule_count; i++) {
		put_row_head(out, m->rules[i].name, "no rule");
		put_number(out, m->rules[i].documents);
		fputc('\n', out);
	}
	end_table(out);
	fputs("</section>\n", out);
}

static void
put_units(const struct monthly *m, FILE *out)
{
	static const char *const headings[] = { "Unit", "Name", "receipts",
	    "accepted", "refused", "held", "delivered", "acknowledged", "overdue",
	    NULL };

	fputs("<section class=\"long\"><h2>By unit</h2>\n", out);
	begin_table(out, "Receipts by unit", "units", headings);
	for (size_t i = 0; i < m->unit_count; i++) {
		put_row_head(out, m->units[i].code, "no unit");
		fputs("<td class=\"name\">", out);
		page_text(out, m->units[i].name);
		put_counts(out, &m->units[i].counts);
	}
	end_table(out);
	fputs("</section>\n", out);
}

static void
put_days(const struct monthly *m, FILE *out)
{
	static const char *const headings[] = { "Day", "receipts", "accepted",
	    "refused", "held", "delivered", "acknowledged", "overdue", NULL };
	struct chart_bar bars[DAYS_MAX];
	char names[DAYS_MAX][48];

	for (size_t i = 0; i < m->days; i++) {
		snprintf(names[i], sizeof(names[i]), "%s-%02zu", m->month, i + 1);
		fill_bar(&bars[i], span_of(names[i]), &m->day[i]);
	}
	fputs("<section class=\"long\"><h2>By day</h2>\n<figure>", out);
	chart_bars(out, "days", "Receipts by day",
	    "A bar for each day of the month on which documents were sent: "
	    "acknowledged, arrived, on its way, came back or overdue by now. The table below has "
	    "the numbers.", bars, m->days);
	put_key(out, receipt_key, 4);
	fputs("</figure>\n", out);
	begin_table(out, "Receipts by day", "", headings);
	for (size_t i = 0; i < m->days; i++) {
		put_row_head(out, bars[i].name, "");
		put_counts(out, &m->day[i]);
	}
	end_table(out);
	fputs("</section>\n", out);
}

static void
put_cell(FILE *out, const struct monthly_unit *u, size_t day)
{
	if (u->sent[day] == 0)
		fputs("<td>", out);
	else
		fprintf(out, "<td>%u/<wbr>%u", u->answered[day], u->sent[day]);
}

static void
put_grid(const struct monthly *m, FILE *out)
{
	static const char *const key[][2] = {
		{ "good", "all answered" }, { "some", "some answered" },
		{ "bad", "nobody answered" }, { "none", "nothing sent" },
	};
	const char *headings[DAYS_MAX + 2] = { "Unit" };
	char days[DAYS_MAX][24];

	for (size_t i = 0; i < m->days; i++) {
		snprintf(days[i], sizeof(days[i]), "%zu", i + 1);
		headings[i + 1] = days[i];
	}
	fputs("<section class=\"long wide\"><h2>Who is silent</h2>\n"
	    "<p>Of what was accepted for a unit on a day, how much a reader has "
	    "acknowledged by now. A row that is red throughout is a mailbox that "
	    "nobody reads.</p>\n<figure>", out);
	chart_grid(out, m);
	put_key(out, key, 4);
	fputs("</figure>\n", out);
	begin_table(out, "Acknowledged of sent, by unit and day", "days", headings);
	for (size_t i = 0; i < m->unit_count; i++) {
		put_row_head(out, m->units[i].code, "no unit");
		for (size_t day = 0; day < m->days; day++)
			put_cell(out, &m->units[i], day);
		fputc('\n', out);
	}
	end_table(out);
	fputs("</section>\n", out);
}

void
monthly_html(const struct monthly *m, FILE *out)
{
	char made[CLOCK_TEXT_SIZE];

	fprintf(out, "<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">"
	    "<meta name=\"viewport\" content=\"width=device-width,initial-scale=1\">"
	    "<meta name=\"color-scheme\" content=\"light dark\">"
	    "<link rel=\"icon\" href=\"data:,\">\n"
	    "<title>Documents of %s</title>\n<style>\n%s</style></head>\n"
	    "<body><main><h1>Documents of %s</h1>\n<p>Made by Vanthu %s on "
	    "<time>%s</time>; states are those of that moment.</p>\n", m->month,
	    style, m->month, PACKAGE_VERSION, clock_print(m->made_ms, made));
	put_summary(m, out);
	put_kinds(m, out);
	put_delays(m, out);
	put_rules(m, out);
	put_units(m, out);
	put_days(m, out);
	put_grid(m, out);
	fputs("</main></body></html>\n", out);
}
