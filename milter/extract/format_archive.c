/* SPDX-License-Identifier: BSD-2-Clause */
#include "extract/sink.h"

#include "format_internal.h"

static int
take_entry(struct pack *p, const struct pack_entry *e, struct sink *out)
{
	struct span bytes;

	if (e->is_folder)
		return 0;
	if (e->is_encrypted)
		return sink_member_unread(out, e->name, e->size, PART_ENCRYPTED);
	if (pack_read(p, &bytes) < 0)
		return sink_member_unread(out, e->name, e->size, pack_reason(p));
	return sink_member(out, e->name, bytes);
}

static int
read_pack(struct span bytes, bool is_stream, struct sink *out)
{
	struct pack *p = pack_open(bytes, is_stream, out);
	struct pack_entry e;
	int rc;

	while ((rc = pack_next(p, &e)) == 1)
		if (take_entry(p, &e, out) < 0)
			break;
	if (rc < 0)
		sink_reason(out, pack_reason(p));
	pack_close(p);
	return rc == 0 ? 0 : -1;
}

static int
archive_extract(struct span bytes, struct sink *out)
{
	return read_pack(bytes, false, out);
}

static int
stream_extract(struct span bytes, struct sink *out)
{
	return read_pack(bytes, true, out);
}

const struct format format_archive = { "application/zip", archive_extract, pack_warm };
const struct format format_stream = { "application/gzip", stream_extract, NULL };
