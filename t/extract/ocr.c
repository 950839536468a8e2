/* SPDX-License-Identifier: BSD-2-Clause */
#include <criterion/criterion.h>

#include <sys/wait.h>

#include <cairo-pdf.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/buffer.h"
#include "extract/client.h"
#include "extract/format.h"
#include "extract/server.h"

#include "extract/ocr.h"
#include "fixture.h"

/* A scan of A4, as bright as paper and as black as ink. */
#define WIDTH 1654
#define HEIGHT 2339
#define DPI 200

static const char *const lines[] = { "BỘ GIÁO DỤC VÀ ĐÀO TẠO", "TUYỆT MẬT",
    "Kính gửi: Giám đốc các sở" };

/* Tesseract is an option: where it is not, there is nothing to test. */
static bool
is_here(void)
{
	struct err e;

	if (ocr_open("vie", &e) == 0)
		return true;
	fprintf(stderr, "ocr: skipped, %s\n", e.text);
	return false;
}

static cairo_surface_t *
scan(bool has_text)
{
	cairo_surface_t *s = cairo_image_surface_create(CAIRO_FORMAT_RGB24, WIDTH, HEIGHT);
	cairo_t *c = cairo_create(s);
	size_t i;

	cairo_set_source_rgb(c, 0.97, 0.97, 0.95);
	cairo_paint(c);
	cairo_set_source_rgb(c, 0.8, 0.1, 0.1);	/* a stamp is red */
	cairo_select_font_face(c, "serif", CAIRO_FONT_SLANT_NORMAL, CAIRO_FONT_WEIGHT_BOLD);
	cairo_set_font_size(c, 44);
	for (i = 0; has_text && i < sizeof(lines) / sizeof(lines[0]); i++) {
		cairo_move_to(c, 200, 250 + 120 * (double)i);
		cairo_show_text(c, lines[i]);
	}
	cairo_destroy(c);
	return s;
}

static cairo_status_t
take(void *out, const unsigned char *bytes, unsigned n)
{
	buffer_add(out, (struct span){ (const char *)bytes, n });
	return CAIRO_STATUS_SUCCESS;
}

/* A PDF of one page that is nothing but the picture. */
static struct span
scanned_pdf(struct arena *a, bool has_text)
{
	struct buffer b = { .arena = a };
	cairo_surface_t *pdf = cairo_pdf_surface_create_for_stream(take, &b, 595, 842);
	cairo_surface_t *picture = scan(has_text);
	cairo_t *c = cairo_create(pdf);

	cairo_scale(c, 72.0 / DPI, 72.0 / DPI);
	cairo_set_source_surface(c, picture, 0, 0);
	cairo_paint(c);
	cairo_destroy(c);
	cairo_surface_destroy(pdf);
	cairo_surface_destroy(picture);
	return buffer_span(&b);
}

static bool
has(struct span text, const char *what)
{
	return span_find(text, span_of(what)) < text.n;
}

Test(ocr, a_library_or_a_model_that_is_missing_is_said_to_be)
{
	struct err e = { "" };

	cr_expect_eq(ocr_open("nosuchlanguage", &e), -1);
	cr_expect(has(span_of(e.text), "OCR: "), "%s", e.text);
	cr_expect(!ocr_is_open());
	cr_expect_null(ocr_read(&(struct ocr_picture){ (const unsigned char *)"", 1, 1, 70 }));
}

Test(ocr, a_scan_is_unreadable_unless_it_is_open)
{
	struct arena *a = arena_new();
	struct findings f;

	format_warm();
	f = fixture_extract(a, span_of("a.pdf"), scanned_pdf(a, true), &fixture_limits);
	cr_expect_eq(f.list[0].reason, PART_NO_TEXT);
	cr_expect(!has(f.list[0].text, "TUYỆT MẬT"));
	arena_free(a);
}

Test(ocr, a_scan_is_read)
{
	struct arena *a = arena_new();
	struct findings f;

	if (!is_here())
		return;
	format_warm();
	f = fixture_extract(a, span_of("a.pdf"), scanned_pdf(a, true), &fixture_limits);
	cr_expect_eq(f.list[0].reason, PART_READ);
	cr_expect(has(f.list[0].text, "TUYỆT MẬT\n"), "'%.*s'", SPAN_PRINT(f.list[0].text));
	ocr_close();
	arena_free(a);
}

Test(ocr, a_picture_without_text_stays_unreadable)
{
	struct arena *a = arena_new();
	struct findings f;

	if (!is_here())
		return;
	format_warm();
	f = fixture_extract(a, span_of("a.pdf"), scanned_pdf(a, false), &fixture_limits);
	cr_expect_eq(f.list[0].reason, PART_NO_TEXT);
	ocr_close();
	cr_expect(!ocr_is_open());
	arena_free(a);
}

Test(ocr, it_works_where_nothing_can_be_opened, .timeout = 120)
{
	static const struct client_limits limits = {
		.sink = { .text_bytes = 100000, .unpacked_bytes = 32 << 20, .ratio = 200,
		    .members = 10, .depth = 2 },
		.sandbox = { .memory_bytes = (size_t)256 << 20, .time_ms = 60000 },
		.message_time_ms = 60000,
		.at_once = 1,
	};
	struct arena *a = arena_new();
	struct findings f;
	struct client *c;
	struct err e;
	pid_t pid;
	int fd;

	if (!is_here())
		return;
	cr_assert_gt(pid = server_start(&fd, &e), 0, "%s", e.text);
	c = client_new(fd, &limits);
	client_extract(c, a, span_of("a.pdf"), scanned_pdf(a, true), &limits.sink,
	    INT64_MAX, &f);
	client_free(c);
	close(fd);
	cr_assert_eq(waitpid(pid, NULL, 0), pid);
	cr_expect_eq(f.list[0].reason, PART_READ, "%d", f.list[0].reason);
	cr_expect(has(f.list[0].text, "TUYỆT MẬT\n"), "'%.*s'", SPAN_PRINT(f.list[0].text));
	ocr_close();
	arena_free(a);
}
