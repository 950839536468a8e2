/* SPDX-License-Identifier: BSD-2-Clause */
#include <math.h>
#include <poppler.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "extract/ocr.h"
#include "extract/sink.h"

#include "format_internal.h"

#define PAGES_MAX 20000
#define BOOKMARKS_MAX 10000
#define BOOKMARK_DEPTH 20
#define OCR_PAGES 4		/* each may take seconds; a mark is on the first */
#define OCR_DPI 300		/* what Tesseract likes */
#define OCR_DOTS 12e6		/* of a page; A4 has 8.7 million */

struct reading {
	struct span bytes;
	PopplerDocument *document;
	struct sink *sink;
	size_t bookmarks;
	size_t recognised;	/* pages */
	bool has_text;
	int empty;		/* a page without text, or -1 */
};

/* One line of the document; ${text} is freed. */
static int
put_line(struct sink *out, char *text)
{
	int rc = 0;

	if (text != NULL && sink_text(out, span_of(text)) < 0)
		rc = -1;
	g_free(text);
	if (rc == 0)
		rc = sink_break(out);
	return rc;
}

static int
put_properties(struct reading *r)
{
	char *(*const get[])(PopplerDocument *) = { poppler_document_get_title,
	    poppler_document_get_subject, poppler_document_get_keywords,
	    poppler_document_get_author };
	char *metadata = poppler_document_get_metadata(r->document);
	size_t i;
	int rc = 0;

	for (i = 0; i < sizeof(get) / sizeof(get[0]) && rc == 0; i++)
		rc = put_line(r->sink, get[i](r->document));
	if (rc == 0 && metadata != NULL &&
	    markup_read(MARKUP_PLAIN, span_of(metadata), r->sink, NULL) == 1)
		rc = -1;
	g_free(metadata);
	return rc;
}

static int
put_bookmarks(struct reading *r, PopplerIndexIter *at, size_t depth)
{
	PopplerIndexIter *child;
	PopplerAction *action;
	int rc = 0;

	if (at == NULL)
		return 0;
	do {
		action = poppler_index_iter_get_action(at);
		if (action != NULL)
			rc = put_line(r->sink, g_strdup(action->any.title));
		poppler_action_free(action);
		child = rc == 0 && depth < BOOKMARK_DEPTH ?
		    poppler_index_iter_get_child(at) : NULL;
		if (child != NULL)
			rc = put_bookmarks(r, child, depth + 1);
	} while (rc == 0 && r->bookmarks++ < BOOKMARKS_MAX && poppler_index_iter_next(at));
	poppler_index_iter_free(at);
	return rc;
}

struct file {
	GByteArray *bytes;
	struct sink *sink;
};

static gboolean
take_block(const char *block, gsize n, gpointer data, GError **e)
{
	struct file *f = data;

	(void)e;
	if (sink_unpacked(f->sink, n) < 0 || n > G_MAXUINT - f->bytes->len)
		return FALSE;
	g_byte_array_append(f->bytes, (const guint8 *)block, (guint)n);
	return TRUE;
}

static int
put_file(struct reading *r, PopplerAttachment *one)
{
	struct file f = { g_byte_array_new(), r->sink };
	struct span name = span_of(poppler_attachment_get_name(one)), bytes;
	GError *e = NULL;
	int rc;

	if (poppler_attachment_save_to_callback(one, take_block, &f, &e)) {
		bytes = (struct span){ (const char *)f.bytes->data, f.bytes->len };
		rc = sink_member(r->sink, name, bytes);
	} else
		rc = sink_member_unread(r->sink, name, 0, PART_DAMAGED);
	g_clear_error(&e);
	g_byte_array_unref(f.bytes);
	return rc;
}

static int
put_files(struct reading *r)
{
	GList *all = NULL, *i;
	int rc = 0;

	if (poppler_document_has_attachments(r->document))
		all = poppler_document_get_attachments(r->document);
	for (i = all; i != NULL; i = i->next) {
		if (rc == 0)
			rc = put_file(r, i->data);
		g_object_unref(i->data);
	}
	g_list_free(all);
	return rc;
}

static int
put_field(struct sink *out, PopplerFormField *f)
{
	int i, n, rc = 0;

	switch (poppler_form_field_get_field_type(f)) {
	case POPPLER_FORM_FIELD_TEXT:
		return put_line(out, poppler_form_field_text_get_text(f));
	case POPPLER_FORM_FIELD_CHOICE:
		rc = put_line(out, poppler_form_field_choice_get_text(f));
		n = poppler_form_field_choice_get_n_items(f);
		for (i = 0; i < n && rc == 0; i++)
			if (poppler_form_field_choice_is_item_selected(f, i))
				rc = put_line(out, poppler_form_field_choice_get_item(f, i));
		return rc;
	default:
		return 0;
	}
}

/* What is laid over the page: notes, stamps, what was filled in. */
static int
put_overlay(struct reading *r, PopplerPage *page)
{
	GList *notes = poppler_page_get_annot_mapping(page), *i;
	GList *fields = poppler_page_get_form_field_mapping(page);
	PopplerAnnotMapping *note;
	PopplerFormFieldMapping *field;
	int rc = 0;

	for (i = notes; i != NULL && rc == 0; i = i->next) {
		note = i->data;
		rc = put_line(r->sink, poppler_annot_get_contents(note->annot));
	}
	for (i = fields; i != NULL && rc == 0; i = i->next) {
		field = i->data;
		rc = put_field(r->sink, field->field);
	}
	poppler_page_free_annot_mapping(notes);
	poppler_page_free_form_field_mapping(fields);
	return rc;
}

/*
 * Is the first page without text a scan among pages with text?  To tell costs as
 * much as drawing it.
 */
static bool
has_scan(struct reading *r)
{
	PopplerPage *page = r->empty >= 0 ?
	    poppler_document_get_page(r->document, r->empty) : NULL;
	GList *pictures;
	bool has;

	if (page == NULL)
		return false;
	pictures = poppler_page_get_image_mapping(page);
	has = pictures != NULL;
	poppler_page_free_image_mapping(pictures);
	g_object_unref(page);
	return has;
}

/* As bright as an eye sees it: green most, blue least. */
static unsigned char *
grey_of(cairo_surface_t *surface, const struct ocr_picture *p)
{
	const unsigned char *row = cairo_image_surface_get_data(surface);
	int stride = cairo_image_surface_get_stride(surface), x, y;
	unsigned char *grey = malloc((size_t)p->width * (size_t)p->height), *out = grey;
	uint32_t dot;

	for (y = 0; grey != NULL && y < p->height; y++, row += stride)
		for (x = 0; x < p->width; x++) {
			memcpy(&dot, row + 4 * x, sizeof(dot));
			*out++ = (unsigned char)(((dot >> 16 & 0xFF) * 77 +
			    (dot >> 8 & 0xFF) * 150 + (dot & 0xFF) * 29) >> 8);
		}
	return grey;
}

/* ${page} as shades of grey, which are the caller's to free; NULL if there is no room. */
static unsigned char *
draw(PopplerPage *page, struct ocr_picture *p)
{
	double width, height, scale = OCR_DPI / 72.0;
	cairo_surface_t *surface;
	unsigned char *grey = NULL;
	cairo_t *c;

	poppler_page_get_size(page, &width, &height);
	if (!(width >= 1 && height >= 1 && width * height <= OCR_DOTS))
		return NULL;
	if (width * height * scale * scale > OCR_DOTS)
		scale = sqrt(OCR_DOTS / (width * height));
	p->width = (int)(width * scale);
	p->height = (int)(height * scale);
	p->dots_per_inch = (int)(scale * 72);
	surface = cairo_image_surface_create(CAIRO_FORMAT_RGB24, p->width, p->height);
	c = cairo_create(surface);
	cairo_set_source_rgb(c, 1, 1, 1);
	cairo_paint(c);
	cairo_scale(c, scale, scale);
	poppler_page_render(page, c);
	cairo_surface_flush(surface);
	if (cairo_status(c) == CAIRO_STATUS_SUCCESS)
		grey = grey_of(surface, p);
	cairo_destroy(c);
	cairo_surface_destroy(surface);
	return grey;
}

/* The text of a page that is a picture; NULL if nobody asked, or there is none. */
static char *
recognise(struct reading *r, PopplerPage *page)
{
	struct ocr_picture p;
	unsigned char *dots;
	char *text = NULL;

	if (!ocr_is_open() || r->recognised++ >= OCR_PAGES)
		return NULL;
	if ((dots = draw(page, &p)) != NULL) {
		p.dots = dots;
		text = ocr_read(&p);
	}
	free(dots);
	return text;
}

static bool
is_blank(const char *text)
{
	return text == NULL || span_trim(span_of(text)).n == 0;
}

/* Recognised text goes out at once: the next page may take too long. */
static int
put_recognised(struct reading *r, PopplerPage *page, int number)
{
	char *text = recognise(r, page);
	int rc = 0;

	if (!is_blank(text)) {
		r->has_text = true;
		rc = sink_text(r->sink, span_of(text));
		if (rc == 0 && (rc = sink_break(r->sink)) == 0)
			rc = sink_flush(r->sink);
	} else if (r->empty < 0)
		r->empty = number;
	free(text);
	return rc;
}

static int
put_page(struct reading *r, int number)
{
	PopplerPage *page = poppler_document_get_page(r->document, number);
	char *text;
	int rc = 0;

	if (page == NULL) {
		sink_reason(r->sink, PART_DAMAGED);
		return 0;
	}
	text = poppler_page_get_text(page);
	if (!is_blank(text))
		r->has_text = true;
	else
		rc = put_recognised(r, page, number);
	if (put_line(r->sink, text) < 0)
		rc = -1;
	if (rc == 0)
		rc = put_overlay(r, page);
	g_object_unref(page);
	return rc;
}

/* Behind the name ${rest}: what ends one (ISO 32000-1, 7.2.2)? */
static bool
name_ends(struct span rest)
{
	return rest.n == 0 || memchr("\0\t\n\f\r ()<>[]{}/%", rest.p[0], 16) != NULL;
}

static bool
name_is_page(struct span name)
{
	size_t i;

	if (span_starts_nocase(name, "ObjStm"))		/* may hold any object */
		return true;
	if (span_starts_nocase(name, "Page"))
		return name_ends(span_sub(name, 4, name.n));
	if (span_starts_nocase(name, "Kids"))
		return !span_starts_nocase(span_trim(span_sub(name, 4, 64)), "[]");
	for (i = 0; i < name.n && !name_ends(span_sub(name, i, 1)); i++)
		if (name.p[i] == '#')	/* any letter of it may be written so */
			return true;
	return false;
}

/*
 * poppler found no page.  Might a reader that mends more find one?  None does
 * without an object that says it is a page, or a list of some.
 */
static bool
may_have_page(struct span bytes)
{
	size_t at;

	for (at = 0; at < bytes.n; at++) {
		at += span_find_byte(span_sub(bytes, at, bytes.n), '/');
		if (name_is_page(span_sub(bytes, at + 1, 128)))
			return true;
	}
	return false;
}

/* Pages without text may be scans; without pages there is nothing to read, or damage. */
static void
judge_pages(struct reading *r, int n)
{
	if (n == 0 && may_have_page(r->bytes))
		sink_reason(r->sink, PART_DAMAGED);
	else if (n != 0 && (!r->has_text || has_scan(r)))
		sink_reason(r->sink, PART_NO_TEXT);
}

/* Pages first: when a bound is reached, they were read. */
static int
put_document(struct reading *r)
{
	int n = poppler_document_get_n_pages(r->document), i;

	if (n > PAGES_MAX) {
		sink_reason(r->sink, PART_SIZE);
		n = PAGES_MAX;
	}
	for (i = 0; i < n; i++)
		if (put_page(r, i) < 0)
			return -1;
	judge_pages(r, n);
	if (put_properties(r) < 0 ||
	    put_bookmarks(r, poppler_index_iter_new(r->document), 0) < 0)
		return -1;
	return put_files(r);
}

static int
pdf_extract(struct span bytes, struct sink *out)
{
	GBytes *all = g_bytes_new_static(bytes.p, bytes.n);
	struct reading r = { .bytes = bytes, .sink = out, .empty = -1 };
	GError *e = NULL;
	int rc = -1;

	r.document = poppler_document_new_from_bytes(all, NULL, &e);
	if (r.document != NULL)
		rc = put_document(&r);
	else if (g_error_matches(e, POPPLER_ERROR, POPPLER_ERROR_ENCRYPTED))
		sink_reason(out, PART_ENCRYPTED);
	g_clear_error(&e);
	g_clear_object(&r.document);
	g_bytes_unref(all);
	return rc;
}

/* poppler sets itself up with its first document: a page with one letter. */
static void
pdf_warm(void)
{
	static const char page[] = "%PDF-1.4\n"
	    "1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n"
	    "2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj\n"
	    "3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 9 9]/Contents 4 0 R"
	    "/Resources<</Font<</F<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>>>>>>>endobj\n"
	    "4 0 obj<</Length 22>>stream\nBT /F 9 Tf (v) Tj ET  \nendstream endobj\n"
	    "trailer<</Root 1 0 R>>\n";
	GBytes *bytes = g_bytes_new_static(page, sizeof(page) - 1);
	PopplerDocument *d = poppler_document_new_from_bytes(bytes, NULL, NULL);
	PopplerPage *p = d != NULL ? poppler_document_get_page(d, 0) : NULL;

	must(p != NULL);
	g_free(poppler_page_get_text(p));
	g_object_unref(p);
	g_object_unref(d);
	g_bytes_unref(bytes);
}

const struct format format_pdf = { "application/pdf", pdf_extract, pdf_warm };
