/* SPDX-License-Identifier: BSD-2-Clause */
#include <string.h>

#include "mime_internal.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

const char *
part_reason_name(enum part_reason r)
{
	static const char *const names[] = {
		[PART_ENCRYPTED] = "encrypted", [PART_NO_TEXT] = "no-text",
		[PART_DAMAGED] = "damaged", [PART_DEPTH] = "depth",
		[PART_SIZE] = "size", [PART_UNSUPPORTED] = "unsupported",
		[PART_TIME] = "time", [PART_MEMORY] = "memory",
		[PART_HELPER] = "helper",
	};

	return (size_t)r < COUNT(names) ? names[r] : NULL;
}

bool
part_reason_is_transient(enum part_reason r)
{
	return r == PART_TIME || r == PART_MEMORY || r == PART_HELPER;
}

static bool
is_token(char c)
{
	return (unsigned char)c > ' ' && (unsigned char)c < 0x7F &&
	    strchr("()<>@,;:\\\"[]?=", c) == NULL;
}

const char *
part_type(struct arena *a, const struct headers *h)
{
	const struct header *field = header_find(h, "Content-Type", 0);
	struct span value;
	char *type;
	size_t n = 0, i;

	if (field == NULL)
		return "text/plain";
	value = span_trim(field->value);
	while (n < value.n && n < 128 && is_token(value.p[n]))
		n++;
	type = arena_string(a, span_sub(value, 0, n));
	for (i = 0; i < n; i++)
		if (type[i] >= 'A' && type[i] <= 'Z')
			type[i] |= 0x20;
	if (strchr(type, '/') == NULL || type[0] == '/' || type[n - 1] == '/')
		return "text/plain";
	return type;
}

static bool
type_is(const char *type, const char *const *list, size_t count)
{
	size_t i;

	for (i = 0; i < count; i++)
		if (strcmp(type, list[i]) == 0)
			return true;
	return false;
}

bool
part_type_is_container(const char *type)
{
	return strncmp(type, "multipart/", 10) == 0 ||
	    strcmp(type, "message/rfc822") == 0 || strcmp(type, "message/global") == 0;
}

static const char *const document_endings[] = { ".7z", ".bz2", ".cab", ".doc",
	".docm", ".docx", ".dot", ".dotx", ".gz", ".odp", ".ods", ".odt", ".pdf",
	".ppt", ".pptm", ".pptx", ".rar", ".rtf", ".tar", ".tgz", ".xls", ".xlsb",
	".xlsm", ".xlsx", ".xz", ".zip" };

static const char *const media_endings[] = { ".avi", ".bmp", ".gif", ".heic", ".ico",
	".jpeg", ".jpg", ".m4a", ".mov", ".mp3", ".mp4", ".png", ".ttf", ".wav",
	".webp", ".woff", ".woff2" };

static bool
name_ends(struct span name, const char *const *endings, size_t count)
{
	size_t i, n;

	for (i = 0; i < count; i++) {
		n = strlen(endings[i]);
		if (name.n >= n && span_is(span_sub(name, name.n - n, n), endings[i]))
			return true;
	}
	return false;
}

/* An application type, judged by what it declares and what it is called. */
static enum part_reason
application_reason(struct arena *a, const struct part *p)
{
	static const char *const signatures[] = { "application/pgp-signature",
		"application/pkcs7-signature", "application/x-pkcs7-signature",
		"application/pgp-keys" };
	static const char *const smime[] = { "application/pkcs7-mime",
		"application/x-pkcs7-mime" };
	const struct header *field = header_find(&p->headers, "Content-Type", 0);
	struct span kind = { NULL, 0 };

	if (type_is(p->type, signatures, COUNT(signatures)))
		return PART_READ;
	if (strcmp(p->type, "application/pgp-encrypted") == 0)
		return PART_ENCRYPTED;
	if (type_is(p->type, smime, COUNT(smime))) {
		if (field != NULL)
			kind = header_parameter(a, field->value, "smime-type");
		if (span_is(kind, "certs-only"))
			return PART_READ;
		return span_is(kind, "signed-data") ? PART_UNSUPPORTED : PART_ENCRYPTED;
	}
	if (strcmp(p->type, "application/octet-stream") == 0 &&
	    name_ends(p->name, media_endings, COUNT(media_endings)))
		return PART_READ;
	return PART_UNSUPPORTED;
}

static enum part_reason
reason_of(struct arena *a, const struct part *p)
{
	static const char *const unseen[] = { "message/partial", "message/external-body" };

	if (strcmp(p->type, "multipart/encrypted") == 0)
		return PART_ENCRYPTED;
	if (p->is_container)
		return PART_READ;
	if (strncmp(p->type, "application/", 12) == 0)
		return application_reason(a, p);
	if (name_ends(p->name, document_endings, COUNT(document_endings)))
		return PART_UNSUPPORTED;
	return type_is(p->type, unseen, COUNT(unseen)) ? PART_UNSUPPORTED : PART_READ;
}

static struct span
name_in(struct arena *a, const struct headers *h, const char *field_name,
    const char *parameter)
{
	const struct header *field = header_find(h, field_name, 0);

	return field != NULL ? header_parameter(a, field->value, parameter) :
	    (struct span){ NULL, 0 };
}

/* Of two names readers show the one or the other. */
static void
names_fill(struct arena *a, struct part *p)
{
	struct span type_name = name_in(a, &p->headers, "Content-Type", "name");

	p->name = name_in(a, &p->headers, "Content-Disposition", "filename");
	if (p->name.n == 0)
		p->name = type_name;
	else if (!span_equal(p->name, type_name))
		p->other_name = type_name;
}

void
part_fill(struct arena *a, struct part *p)
{
	const struct header *field;
	bool is_inline;

	p->is_container = part_type_is_container(p->type);
	names_fill(a, p);
	if ((field = header_find(&p->headers, "Content-Transfer-Encoding", 0)) != NULL)
		p->encoding = transfer_parse(field->value);
	is_inline = strncmp(p->type, "text/", 5) == 0 ||
	    strncmp(p->type, "multipart/", 10) == 0 || strncmp(p->type, "message/", 8) == 0;
	if (strncmp(p->type, "text/", 5) == 0 &&
	    (field = header_find(&p->headers, "Content-Type", 0)) != NULL)
		p->charset = header_parameter(a, field->value, "charset");
	p->is_attachment = p->name.n != 0 || !is_inline;
	p->reason = reason_of(a, p);
}
