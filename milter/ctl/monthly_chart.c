/* SPDX-License-Identifier: BSD-2-Clause */
#include <inttypes.h>
#include <string.h>

#include "ctl/text.h"
#include "mail/unicode.h"

#include "monthly_internal.h"

/* Units of the drawing; the page scales it. */
#define NAME_WIDTH 190
#define BAR_WIDTH 430
#define NUMBER_WIDTH 80
#define LINE 26
#define CELL 16
#define CODE_WIDTH 100

void
page_text(FILE *out, struct span s)
{
	char bytes[4];
	uint32_t code;
	size_t n;

	for (size_t at = 0; (n = text_next(s, at, &code)) != 0; at += n) {
		if (code < 0x20 || (code >= 0x7f && code < 0xa0))
			code = 0xfffd;
		switch (code) {
		case '&': fputs("&amp;", out); break;
		case '<': fputs("&lt;", out); break;
		case '>': fputs("&gt;", out); break;
		case '"': fputs("&quot;", out); break;
		case '\'': fputs("&#39;", out); break;
		default: fwrite(bytes, 1, unicode_put(code, bytes), out); break;
		}
	}
}

static void
begin(FILE *out, const char *id, const char *title, const char *text,
    size_t width, size_t height)
{
	fprintf(out, "<svg role=\"img\" viewBox=\"0 0 %zu %zu\" aria-labelledby=\""
	    "%s-t %s-d\"><title id=\"%s-t\">", width, height, id, id, id);
	page_text(out, span_of(title));
	fprintf(out, "</title><desc id=\"%s-d\">", id);
	page_text(out, span_of(text));
	fprintf(out, "</desc>\n");
}

static uint64_t
total(const struct chart_bar *b)
{
	uint64_t n = 0;

	for (size_t i = 0; i < CHART_PARTS; i++)
		n += b->parts[i].n;
	return n;
}

static void
put_cut(FILE *out, struct span name, size_t columns)
{
	struct arena *a = arena_new();

	page_text(out, text_cut(a, text_visible(a, name), columns));
	arena_free(a);
}

static void
put_bar(FILE *out, const struct chart_bar *b, size_t y, uint64_t largest)
{
	uint64_t before = 0;

	fprintf(out, "<text x=\"%d\" y=\"%zu\" text-anchor=\"end\">",
	    NAME_WIDTH - 10, y + 17);
	put_cut(out, b->name, 26);
	fputs("</text>", out);
	for (size_t i = 0; i < CHART_PARTS; i++) {
		double x = (double)before / (double)largest * BAR_WIDTH;

		if (b->parts[i].n == 0)
			continue;
		fprintf(out, "<rect class=\"%s\" x=\"%.1f\" y=\"%zu\" width=\"%.1f\" "
		    "height=\"18\"/>", b->parts[i].colour, NAME_WIDTH + x, y + 3,
		    (double)b->parts[i].n / (double)largest * BAR_WIDTH);
		before += b->parts[i].n;
	}
	fprintf(out, "<text x=\"%.1f\" y=\"%zu\">%" PRIu64 "</text>\n",
	    NAME_WIDTH + (double)before / (double)largest * BAR_WIDTH + 6, y + 17,
	    total(b));
}

void
chart_bars(FILE *out, const char *id, const char *title, const char *text,
    const struct chart_bar *bars, size_t count)
{
	uint64_t largest = 1;

	for (size_t i = 0; i < count; i++)
		if (total(&bars[i]) > largest)
			largest = total(&bars[i]);
	begin(out, id, title, text, NAME_WIDTH + BAR_WIDTH + NUMBER_WIDTH,
	    count * LINE + 4);
	for (size_t i = 0; i < count; i++)
		put_bar(out, &bars[i], i * LINE + 2, largest);
	fputs("</svg>\n", out);
}

/* Nothing sent, nobody answered, some did, all did. */
static size_t
shade(const struct monthly_unit *u, size_t day)
{
	if (u->sent[day] == 0)
		return 0;
	if (u->answered[day] == 0)
		return 1;
	return u->answered[day] < u->sent[day] ? 2 : 3;
}

/* All cells of one shade are one path: the page stays small. */
static void
put_shade(FILE *out, const struct monthly *m, size_t wanted, const char *colour)
{
	fprintf(out, "<path class=\"%s\" d=\"M0 0", colour);
	for (size_t i = 0; i < m->unit_count; i++)
		for (size_t day = 0; day < m->days; day++)
			if (shade(&m->units[i], day) == wanted)
				fprintf(out, "M%zu %zuh%dv%dh-%dz",
				    CODE_WIDTH + day * CELL + 1,
				    (i + 1) * CELL + 3, CELL - 2, CELL - 2,
				    CELL - 2);
	fputs("\"/>\n", out);
}

void
chart_grid(FILE *out, const struct monthly *m)
{
	static const char *const colours[] = { "none", "bad", "some", "good" };

	begin(out, "grid", "Units by days",
	    "A square for each unit and day: faint where nothing was sent, red where "
	    "nobody answered what was sent that day, blue where some did, green "
	    "where all did. The table below has the numbers.",
	    CODE_WIDTH + m->days * CELL + 2, (m->unit_count + 1) * CELL + 6);
	for (size_t day = 0; day < m->days; day++)
		fprintf(out, "<text class=\"s\" x=\"%zu\" y=\"12\" text-anchor=\""
		    "middle\">%zu</text>", CODE_WIDTH + day * CELL + CELL / 2,
		    day + 1);
	for (size_t i = 0; i < m->unit_count; i++) {
		fprintf(out, "<text class=\"s\" x=\"%d\" y=\"%zu\" text-anchor=\"end"
		    "\">", CODE_WIDTH - 6, (i + 1) * CELL + 14);
		put_cut(out, m->units[i].code.n != 0 ? m->units[i].code :
		    span_of("no unit"), 14);
		fputs("</text>\n", out);
	}
	for (size_t i = 0; i < sizeof(colours) / sizeof(colours[0]); i++)
		put_shade(out, m, i, colours[i]);
	fputs("</svg>\n", out);
}
