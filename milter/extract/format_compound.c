/* SPDX-License-Identifier: BSD-2-Clause */
#include <string.h>

#include "extract/sink.h"
#include "mail/charset.h"

#include "format_internal.h"

/* What a stream's name makes of a compound file. */
static const struct {
	const char *stream;
	const char *type;
	int (*extract)(struct ole *o, uint32_t storage, struct sink *out);
} kinds[] = {
	{ "WordDocument", "application/msword", doc_extract },
	{ "Workbook", "application/vnd.ms-excel", xls_extract },
	{ "Book", "application/vnd.ms-excel", xls_extract },
	{ "PowerPoint Document", "application/vnd.ms-powerpoint", ppt_extract },
	{ "__properties_version1.0", "application/vnd.ms-outlook", msg_extract },
};

/* Streams that hold the encrypted document: with a password, with rights management. */
static const char *const encrypted[] = { "EncryptedPackage", "\tDRMContent" };

#define KINDS (sizeof(kinds) / sizeof(kinds[0]))

static bool
is_encrypted(struct ole *o)
{
	return ole_has(o, 0, encrypted[0]) || ole_has(o, 0, encrypted[1]);
}

const char *
ole_type(struct span bytes)
{
	struct arena *a = arena_new();
	struct ole *o = ole_open(a, bytes);
	const char *type = "application/x-ole-storage";
	size_t i;

	for (i = 0; o != NULL && i < KINDS; i++)
		if (ole_has(o, 0, kinds[i].stream)) {
			type = kinds[i].type;
			break;
		}
	if (o != NULL && is_encrypted(o))
		type = "application/x-ole-encrypted";
	arena_free(a);
	return type;
}

/* One string up to its NUL off ${rest}. */
static struct span
string_next(struct span *rest)
{
	size_t n = span_find_byte(*rest, '\0');
	struct span s = span_sub(*rest, 0, n);

	*rest = span_sub(*rest, n + 1, rest->n);
	return s;
}

bool
ole_packaged(struct span native, struct span *name, struct span *bytes)
{
	struct span rest = span_sub(native, 2, native.n), label;
	size_t n;

	if (read_16(native, 0) != 2)
		return false;
	label = string_next(&rest);
	string_next(&rest);
	n = read_32(rest, 4);
	if (n > rest.n)
		return false;
	rest = span_sub(rest, 8 + n, rest.n);
	*name = label;
	*bytes = span_sub(rest, 4, read_32(rest, 0));
	return true;
}

/* The file that an embedding is, whichever way its program kept it. */
static int
take_embedding(struct ole *o, uint32_t storage, struct arena *a, struct sink *out)
{
	static const char *const whole[] = { "Package", "CONTENTS" };
	struct span bytes, name = { NULL, 0 };
	size_t i;

	for (i = 0; i < sizeof(whole) / sizeof(whole[0]); i++) {
		bytes = ole_stream(o, storage, whole[i]);
		if (bytes.n != 0 && sink_member(out, name, bytes) < 0)
			return -1;
	}
	bytes = ole_stream(o, storage, "\1Ole10Native");
	if (bytes.n == 0)
		return 0;
	bytes = span_sub(bytes, 4, bytes.n);
	ole_packaged(bytes, &name, &bytes);
	name = charset_decode(a, (struct span){ NULL, 0 }, name, NULL);
	return sink_member(out, name, bytes);
}

/* Whatever document ${storage} holds; ${known} counts them. */
static int
take_storage(struct ole *o, uint32_t storage, struct arena *a, struct sink *out,
    size_t *known)
{
	size_t i;

	for (i = 0; i < KINDS; i++) {
		if (!ole_has(o, storage, kinds[i].stream))
			continue;
		*known += 1;
		if (kinds[i].extract(o, storage, out) < 0)
			return -1;
	}
	return take_embedding(o, storage, a, out);
}

static int
take_properties(struct ole *o, struct sink *out)
{
	static const char *const streams[] = { "\5SummaryInformation",
	    "\5DocumentSummaryInformation" };
	size_t i;

	for (i = 0; i < sizeof(streams) / sizeof(streams[0]); i++)
		if (properties_extract(ole_stream(o, 0, streams[i]), out) < 0)
			return -1;
	return 0;
}

/* A letter reads its own inner storages. */
static int
take_all(struct ole *o, struct arena *a, struct sink *out)
{
	size_t known = 0;
	uint32_t storage;

	if (take_storage(o, 0, a, out, &known) < 0 || take_properties(o, out) < 0)
		return -1;
	storage = ole_has(o, 0, "__properties_version1.0") ? 0 :
	    ole_next(o, OLE_ANYWHERE, "", 0);
	for (; storage != 0; storage = ole_next(o, OLE_ANYWHERE, "", storage))
		if (take_storage(o, storage, a, out, &known) < 0)
			return -1;
	if (known == 0 && !ole_has(o, 0, "VBA") && !ole_has(o, 0, "\1Ole10Native") &&
	    !ole_has(o, 0, "Package") && !ole_has(o, 0, "CONTENTS"))
		sink_reason(out, PART_UNSUPPORTED);
	return 0;
}

static int
ole_extract(struct span bytes, struct sink *out)
{
	struct arena *a = arena_new();
	struct ole *o = ole_open(a, bytes);
	int rc = -1;

	if (o != NULL && is_encrypted(o)) {
		sink_reason(out, PART_ENCRYPTED);
		rc = 0;
	} else if (o != NULL)
		rc = take_all(o, a, out);
	arena_free(a);
	return rc;
}

const struct format format_ole = { "application/x-ole-storage", ole_extract, NULL };
