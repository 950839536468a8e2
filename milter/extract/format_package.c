/* SPDX-License-Identifier: BSD-2-Clause */
#include "extract/sink.h"

#include "format_internal.h"

#define ENTRIES_LOOKED_AT 10000

/* An office document that is an archive of XML files: OOXML, ODF. */
struct package {
	enum markup kind;
	struct sink *out;
	bool is_encrypted;	/* its manifest says so */
	bool is_damaged;
};

static bool
contains(struct span name, const char *const *places)
{
	size_t i;

	for (i = 0; places[i] != NULL; i++)
		if (span_find(name, span_of(places[i])) < name.n)
			return true;
	return false;
}

/* What programs keep for themselves, and pictures: no text that a reader sees. */
static bool
is_internal(struct span name)
{
	static const char *const places[] = { "Basic/", "Configurations2/",
	    "ObjectReplacements/", "Pictures/", "activeX/", "fonts/", "layout-cache", "manifest.rdf",
	    "/media/", "mimetype", ".odttf", "printerSettings", "thumbnail", "vbaProject", NULL };

	return contains(name, places);
}

/* Big, in every document, and without a word: not even unpacked. */
static bool
is_styling(struct span name)
{
	static const char *const names[] = { "ppt/tableStyles.xml",
	    "ppt/theme/theme1.xml", "word/fontTable.xml", "word/numbering.xml",
	    "word/settings.xml", "word/styles.xml", "word/stylesWithEffects.xml",
	    "word/theme/theme1.xml", "word/webSettings.xml", "xl/styles.xml",
	    "xl/theme/theme1.xml", NULL };
	size_t i;

	for (i = 0; names[i] != NULL; i++)
		if (span_is(name, names[i]))
			return true;
	return false;
}

/* An internal file counts only if, against its name, it is a document. */
static int
take_member(struct package *k, struct span name, struct span bytes)
{
	const char *type;

	if (is_internal(name) && format_find(bytes, name, &type) == NULL)
		return 0;
	return sink_member(k->out, name, bytes);
}

static int
take_bytes(struct package *k, struct span name, struct span bytes)
{
	static const char *const xml[] = { ".xml", NULL };
	int rc = -1;

	if (bytes.n == 0)
		return 0;
	if (markup_is_xml(bytes))
		rc = markup_read(k->kind, bytes, k->out, &k->is_encrypted);
	if (rc >= 0)
		return rc == 0 ? 0 : -1;
	if (!contains(name, xml))
		return take_member(k, name, bytes);
	k->is_damaged = true;
	return 0;
}

static int
take_entry(struct package *k, struct pack *p, const struct pack_entry *e)
{
	struct span bytes;

	if (e->is_folder || is_styling(e->name))
		return 0;
	if (e->is_encrypted || pack_read(p, &bytes) < 0) {
		sink_reason(k->out, e->is_encrypted ? PART_ENCRYPTED : pack_reason(p));
		return pack_reason(p) == PART_SIZE ? -1 : 0;
	}
	return take_bytes(k, e->name, bytes);
}

static int
package_extract(enum markup kind, struct span bytes, struct sink *out)
{
	struct package k = { .kind = kind, .out = out };
	struct pack *p = pack_open(bytes, false, out);
	struct pack_entry e;
	int rc;

	while ((rc = pack_next(p, &e)) == 1)
		if (take_entry(&k, p, &e) < 0)
			break;
	if (k.is_encrypted)
		sink_reason(out, PART_ENCRYPTED);
	else if (k.is_damaged)
		sink_reason(out, PART_DAMAGED);
	else if (rc < 0)
		sink_reason(out, pack_reason(p));
	pack_close(p);
	return rc == 0 ? 0 : -1;
}

static int
ooxml_extract(struct span bytes, struct sink *out)
{
	return package_extract(MARKUP_OOXML, bytes, out);
}

static int
odf_extract(struct span bytes, struct sink *out)
{
	return package_extract(MARKUP_ODF, bytes, out);
}

/* What the names in an archive make of it. */
static const struct format *
find_by_name(struct span name, const char **type)
{
	static const struct {
		const char *start;
		const char *type;
	} kinds[] = {
		{ "word/", "application/vnd.openxmlformats-officedocument.wordprocessingml.document" },
		{ "xl/", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet" },
		{ "ppt/", "application/vnd.openxmlformats-officedocument.presentationml.presentation" },
	};
	size_t i;

	for (i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
		if (span_starts_nocase(name, kinds[i].start)) {
			*type = kinds[i].type;
			break;
		}
	if (span_is(name, "[Content_Types].xml"))
		return &format_ooxml;
	if (span_is(name, "content.xml"))
		return &format_odf;
	return NULL;
}

/* ODF says what it is in its first entry, which is stored as it is. */
static const struct format *
find_odf(struct span bytes, const char **type)
{
	static const char *const kinds[] = { "text", "spreadsheet", "presentation",
	    "graphics", "formula", "chart" };
	static const char *const types[] = { "application/vnd.oasis.opendocument.text",
	    "application/vnd.oasis.opendocument.spreadsheet",
	    "application/vnd.oasis.opendocument.presentation",
	    "application/vnd.oasis.opendocument.graphics",
	    "application/vnd.oasis.opendocument.formula",
	    "application/vnd.oasis.opendocument.chart" };
	struct span start = span_sub(bytes, 0, 128), kind;
	struct span prefix = span_of("mimetypeapplication/vnd.oasis.opendocument.");
	size_t at = span_find(start, prefix), i;

	if (at == start.n)
		return NULL;
	kind = span_sub(start, at + prefix.n, start.n);
	for (i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
		if (span_starts_nocase(kind, kinds[i]))
			*type = types[i];
	return &format_odf;
}

const struct format *
package_find(struct span bytes, const char **type)
{
	const struct format *f = NULL, *found;
	const char *kind = NULL;
	struct pack *p;
	struct pack_entry e;
	size_t left = ENTRIES_LOOKED_AT;

	*type = format_odf.type;
	if ((found = find_odf(bytes, type)) != NULL)
		return found;
	p = pack_open(bytes, false, NULL);
	while ((f == NULL || kind == NULL) && left-- != 0 && pack_next(p, &e) == 1)
		if ((found = find_by_name(e.name, &kind)) != NULL)
			f = found;
	pack_close(p);
	if (f == NULL)
		f = &format_archive;
	*type = f == &format_ooxml && kind != NULL ? kind : f->type;
	return f;
}

const struct format format_ooxml = {
	"application/vnd.openxmlformats-officedocument", ooxml_extract, NULL
};
const struct format format_odf = {
	"application/vnd.oasis.opendocument", odf_extract, NULL
};
