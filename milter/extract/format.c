/* SPDX-License-Identifier: BSD-2-Clause */
#include <string.h>

#include "mail/charset.h"

#include "extract/format.h"
#include "format_internal.h"

static const struct format *const formats[] = {
	&format_archive, &format_cms, &format_html, &format_mail, &format_odf,
	&format_ole, &format_ooxml, &format_pdf, &format_pgp, &format_rtf,
	&format_stream, &format_text, &format_tnef, &format_xls, &format_xml,
};

/* What libmagic calls those that need no look inside. */
static const struct {
	const char *type;
	const struct format *format;
} by_magic[] = {
	{ "application/gzip", &format_stream },
	{ "application/vnd.ms-cab-compressed", &format_archive },
	{ "application/x-7z-compressed", &format_archive },
	{ "application/x-bzip2", &format_stream },
	{ "application/x-compress", &format_stream },
	{ "application/x-cpio", &format_archive },
	{ "application/x-lz4", &format_stream },
	{ "application/x-lzma", &format_stream },
	{ "application/x-rar", &format_archive },
	{ "application/x-tar", &format_archive },
	{ "application/x-xz", &format_stream },
	{ "application/zip", &format_archive },
	{ "application/zstd", &format_stream },
	{ "image/svg+xml", &format_xml },
};

void
format_warm(void)
{
	size_t i;

	magic_warm();
	charset_warm();
	for (i = 0; i < sizeof(formats) / sizeof(formats[0]); i++)
		if (formats[i]->warm != NULL)
			formats[i]->warm();
}

static bool
starts(struct span bytes, const char *magic, size_t n)
{
	return bytes.n >= n && memcmp(bytes.p, magic, n) == 0;
}

static bool
has_early(struct span bytes, const char *text)
{
	struct span start = span_sub(bytes, 0, 1024);

	return span_find(start, span_of(text)) < start.n;
}

/* The types that are told by their first bytes. */
static const struct format *
find_by_start(struct span bytes, const char **type)
{
	if (starts(bytes, "PK\3\4", 4) || starts(bytes, "PK\5\6", 4) ||
	    starts(bytes, "PK00PK", 6))
		return package_find(bytes, type);
	if (starts(bytes, "\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1", 8)) {
		*type = ole_type(bytes);
		return &format_ole;
	}
	if (biff_is_workbook(bytes)) {
		*type = format_xls.type;
		return &format_xls;
	}
	if (has_early(bytes, "%PDF-")) {
		*type = "application/pdf";
		return &format_pdf;
	}
	if (starts(span_trim(span_sub(bytes, 0, 64)), "{\\rt", 4)) {
		*type = "text/rtf";
		return &format_rtf;
	}
	if (starts(bytes, "\x78\x9F\x3E\x22", 4)) {
		*type = "application/vnd.ms-tnef";
		return &format_tnef;
	}
	if (cms_is_message(bytes)) {
		*type = "application/pkcs7-mime";
		return &format_cms;
	}
	return NULL;
}

/* Windows' drawings, not all of which libmagic knows. */
static const char *
metafile_type(struct span bytes)
{
	struct span mark = span_sub(bytes, 40, 4);

	if (starts(bytes, "\1\0\0\0", 4) && span_equal(mark, span_of(" EMF")))
		return "image/emf";
	return starts(bytes, "\xD7\xCD\xC6\x9A", 4) ? "image/wmf" : NULL;
}

static const struct format *
find_by_magic(struct span bytes, const char **type)
{
	size_t i;

	if ((*type = metafile_type(bytes)) != NULL)
		return NULL;
	*type = magic_type(bytes);
	for (i = 0; i < sizeof(by_magic) / sizeof(by_magic[0]); i++)
		if (strcmp(*type, by_magic[i].type) == 0)
			return by_magic[i].format;
	if (strncmp(*type, "application/pgp-e", strlen("application/pgp-e")) == 0)
		return &format_pgp;
	if (strncmp(*type, "application/font", strlen("application/font")) == 0 ||
	    strcmp(*type, "application/vnd.ms-opentype") == 0 ||
	    strcmp(*type, "application/vnd.ms-fontobject") == 0)
		*type = "font/sfnt";
	return NULL;
}

const struct format *
format_find(struct span bytes, struct span name, const char **type)
{
	const struct format *f;

	if ((f = find_by_start(bytes, type)) != NULL)
		return f;
	if ((f = plain_find(bytes, name, type)) != NULL)
		return f;
	return find_by_magic(bytes, type);
}
