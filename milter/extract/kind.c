/* SPDX-License-Identifier: BSD-2-Clause */
#include <string.h>

#include "extract/kind.h"

#define PDF_HEAD_BYTES 1024	/* readers look for "%PDF-" this far */

struct mark {
	const char *type;
	size_t at;
	struct span bytes;
};

#define MARK(type, at, text) { type, at, { text, sizeof(text) - 1 } }

static const struct mark opaque[] = {
	MARK("image/png", 0, "\x89PNG\r\n\x1A\n"), MARK("image/jpeg", 0, "\xFF\xD8\xFF"),
	MARK("image/gif", 0, "GIF87a"), MARK("image/gif", 0, "GIF89a"),
	MARK("image/webp", 8, "WEBP"), MARK("audio/x-wav", 8, "WAVEfmt "),
	MARK("video/x-msvideo", 8, "AVI LIST"), MARK("video/mp4", 4, "ftyp"),
	MARK("audio/mpeg", 0, "ID3"), MARK("audio/ogg", 0, "OggS\0"),
	MARK("font/woff", 0, "wOFF"), MARK("font/woff2", 0, "wOF2"),
	MARK("font/otf", 0, "OTTO\0"),
};

static const struct mark documents[] = {
	MARK("application/zip", 0, "PK\3\4"), MARK("application/zip", 0, "PK\5\6"),
	MARK("application/x-ole-storage", 0, "\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1"),
	MARK("application/pdf", 0, "%PDF-"), MARK("text/rtf", 0, "{\\rt"),
	MARK("application/x-rar", 0, "Rar!\x1A\7"),
	MARK("application/x-7z-compressed", 0, "7z\xBC\xAF\x27\x1C"),
	MARK("application/gzip", 0, "\x1F\x8B\x08"), MARK("application/x-xz", 0, "\xFD" "7zXZ"),
	MARK("application/x-bzip2", 4, "1AY&SY"),
	MARK("application/vnd.ms-tnef", 0, "\x78\x9F\x3E\x22"),
};

static const char *
find(const struct mark *list, size_t count, struct span bytes)
{
	size_t i;

	for (i = 0; i < count; i++)
		if (span_equal(span_sub(bytes, list[i].at, list[i].bytes.n),
		    list[i].bytes))
			return list[i].type;
	return NULL;
}

const char *
kind_opaque(struct span bytes)
{
	struct span head = span_sub(bytes, 0, PDF_HEAD_BYTES);

	/* A picture that is a PDF as well is what its reader opens it with. */
	if (span_find(head, span_of("%PDF-")) != head.n)
		return NULL;
	return find(opaque, sizeof(opaque) / sizeof(opaque[0]), bytes);
}

bool
kind_is_document(struct span bytes)
{
	return find(documents, sizeof(documents) / sizeof(documents[0]), bytes) != NULL;
}
