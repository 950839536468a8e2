/* SPDX-License-Identifier: BSD-2-Clause */
#include <inttypes.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "ctl/csv.h"
#include "ctl/json.h"
#include "ctl/table.h"
#include "policy/verdict.h"

#include "replay_internal.h"
#include "verb_internal.h"

#define BAR "##############################"
#define BAR_WIDTH ((int)sizeof(BAR) - 1)
#define SHOW_MS 100

/* So many letters changed in one way; there are few ways. */
struct kind {
	const char *name;
	size_t count;
	struct kind *next;
};

struct report {
	const struct context *ctx;
	struct arena *arena;
	enum report_format format;
	bool is_all;
	struct json json;
	struct csv csv;
	struct table *table;
	struct kind *kinds;	/* in order of appearance */
	size_t letters, changed, faults;
	bool has_terminal;	/* for the bar */
	bool is_shown;		/* the bar is on the line */
	int64_t shown_ms;
};

static const char *const columns[] = { "source", "message_id", "old_action",
    "old_rule", "old_track", "new_action", "new_rule", "new_track", "changed" };

#define COLUMNS (sizeof(columns) / sizeof(columns[0]))

struct report *
report_new(const struct context *ctx, struct arena *a, enum report_format format,
    bool is_all)
{
	static const char *const headings[] = { "LETTER", "MESSAGE-ID", "OLD",
	    "RULE", "NEW", "RULE" };
	struct report *r = ARENA_NEW(a, struct report);

	r->ctx = ctx;
	r->arena = a;
	r->format = format;
	r->is_all = is_all;
	r->json.out = r->csv.out = stdout;
	r->table = table_new(a, headings, 6);
	r->has_terminal = isatty(STDERR_FILENO);
	if (format != REPORT_CSV)
		return r;
	for (size_t i = 0; i < COLUMNS; i++)
		csv_field(&r->csv, span_of(columns[i]));
	csv_end(&r->csv);
	return r;
}

static void
put_verdict(struct json *j, const char *key, const struct verdict *v)
{
	json_key(j, key);
	json_begin(j, '{');
	json_key(j, "action");
	json_text(j, span_of(action_name(v->action)));
	json_key(j, "rule");
	json_text_or_null(j, span_of(v->rule));
	json_key(j, "track");
	json_text_or_null(j, span_of(v->track_rule));
	json_end(j, '}');
}

static void
put_json(struct json *j, const struct report_row *row, bool is_changed)
{
	json_begin(j, '{');
	json_key(j, "source");
	json_text(j, span_of(row->source));
	json_key(j, "message_id");
	json_text_or_null(j, row->message_id);
	put_verdict(j, "old", row->old);
	put_verdict(j, "new", row->new);
	json_key(j, "changed");
	json_bool(j, is_changed);
	json_end(j, '}');
}

static void
put_csv(struct csv *c, const struct report_row *row, bool is_changed)
{
	const struct verdict *const both[] = { row->old, row->new };

	csv_field(c, span_of(row->source));
	csv_field(c, row->message_id);
	for (size_t i = 0; i < 2; i++) {
		csv_field(c, span_of(action_name(both[i]->action)));
		csv_field(c, span_of(both[i]->rule));
		csv_field(c, span_of(both[i]->track_rule));
	}
	csv_field(c, span_of(is_changed ? "true" : "false"));
	csv_end(c);
}

static void
put_table(struct report *r, const struct report_row *row)
{
	const struct verdict *const both[] = { row->old, row->new };

	table_cell(r->table, span_of(row->source));
	table_cell(r->table, row->message_id);
	for (size_t i = 0; i < 2; i++) {
		const struct verdict *v = both[i];

		table_cell(r->table, span_of(action_name(v->action)));
		table_cell(r->table, span_of(v->rule != NULL ? v->rule :
		    v->track_rule));
	}
}

static void
hide_bar(struct report *r)
{
	if (r->is_shown)
		fputs("\r\033[K", stderr);
	r->is_shown = false;
}

static void
count_kind(struct report *r, const struct report_row *row)
{
	const char *name = outcome_change(r->arena, row->old, row->new);
	struct kind **k = &r->kinds;

	while (*k != NULL && strcmp((*k)->name, name) != 0)
		k = &(*k)->next;
	if (*k == NULL) {
		*k = ARENA_NEW(r->arena, struct kind);
		(*k)->name = name;
	}
	(*k)->count++;
}

void
report_row(struct report *r, const struct report_row *row)
{
	bool is_changed = !outcome_is_same(row->old, row->new);

	r->letters++;
	r->changed += is_changed;
	if (is_changed)
		count_kind(r, row);
	if (!is_changed && !r->is_all)
		return;
	if (r->format == REPORT_TABLE) {
		put_table(r, row);
		return;
	}
	hide_bar(r);
	if (r->format == REPORT_JSON)
		put_json(&r->json, row, is_changed);
	else
		put_csv(&r->csv, row, is_changed);
}

void
report_fault(struct report *r, const char *source, const char *why)
{
	r->letters++;
	r->faults++;
	hide_bar(r);
	fail(STATUS_NONE, "%s: %s", source, why);
}

void
report_progress(struct report *r, unsigned percent)
{
	int64_t now_ms = clock_monotonic_ms();

	if (!r->has_terminal || now_ms - r->shown_ms < SHOW_MS)
		return;
	r->shown_ms = now_ms;
	r->is_shown = true;
	fprintf(stderr, "\r[%-*.*s] %3u %% %zu letters, %zu changed\033[K", BAR_WIDTH,
	    (int)percent * BAR_WIDTH / 100, BAR, percent, r->letters, r->changed);
	fflush(stderr);
}

static void
print_summary(const struct report *r, FILE *out)
{
	const struct kind *k;

	fprintf(out, "%zu letters, %zu unchanged, %zu changed", r->letters,
	    r->letters - r->changed - r->faults, r->changed);
	if (r->faults != 0)
		fprintf(out, ", %zu could not be read", r->faults);
	putc('\n', out);
	for (k = r->kinds; k != NULL; k = k->next)
		fprintf(out, "%6zu  %s\n", k->count, k->name);
}

/* Lines for programs have the standard output for themselves. */
int
report_end(struct report *r)
{
	hide_bar(r);
	if (r->letters == 0)
		return fail(STATUS_NONE, "there is no letter");
	if (r->format != REPORT_TABLE) {
		fflush(stdout);
		print_summary(r, stderr);
	} else {
		if (r->changed != 0 || (r->is_all && r->letters != r->faults)) {
			table_print(r->table, stdout, r->ctx->width,
			    r->ctx->has_color);
			putchar('\n');
		}
		print_summary(r, stdout);
	}
	return r->faults == 0 ? STATUS_FINE : STATUS_NONE;
}
