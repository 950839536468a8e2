/* SPDX-License-Identifier: BSD-2-Clause */
#include <archive.h>
#include <archive_entry.h>
#include <locale.h>
#include <stdlib.h>

#include "base/err.h"
#include "extract/sink.h"
#include "mail/charset.h"

#include "format_internal.h"

#define BLOCK_BYTES ((size_t)16 * 1024)

struct pack {
	struct archive *archive;
	struct sink *sink;
	struct arena *arena;		/* the entry's name */
	char *bytes;			/* the entry as far as it is read */
	size_t size;
	enum part_reason reason;	/* of the last failure */
	bool is_over;			/* nothing more can be read */
};

/* No filter that runs a program, and nothing that takes any text for a list of files. */
static void
support(struct archive *r, bool is_stream)
{
	archive_read_support_filter_bzip2(r);
	archive_read_support_filter_compress(r);
	archive_read_support_filter_gzip(r);
	archive_read_support_filter_lz4(r);
	archive_read_support_filter_lzma(r);
	archive_read_support_filter_xz(r);
	archive_read_support_filter_zstd(r);
	archive_read_support_format_7zip(r);
	archive_read_support_format_cab(r);
	archive_read_support_format_cpio(r);
	archive_read_support_format_rar(r);
	archive_read_support_format_rar5(r);
	archive_read_support_format_tar(r);
	archive_read_support_format_zip(r);
	if (is_stream)
		archive_read_support_format_raw(r);
}

/* libarchive turns names into the locale's charset, and loses what that does not have. */
void
pack_warm(void)
{
	must(setlocale(LC_CTYPE, "C.UTF-8") != NULL);
}

static int
pack_fail(struct pack *p, bool is_over)
{
	p->reason = archive_read_has_encrypted_entries(p->archive) == 1 ?
	    PART_ENCRYPTED : PART_DAMAGED;
	p->is_over = is_over;
	return -1;
}

struct pack *
pack_open(struct span bytes, bool is_stream, struct sink *sink)
{
	struct pack *p = calloc(1, sizeof(*p));

	must(p != NULL);
	p->sink = sink;
	p->arena = arena_new();
	p->archive = archive_read_new();
	must(p->archive != NULL);
	support(p->archive, is_stream);
	/* Of what it cannot open, libarchive may not be asked: its format is a stray pointer. */
	if (archive_read_open_memory(p->archive, bytes.p, bytes.n) != ARCHIVE_OK) {
		p->reason = PART_DAMAGED;
		p->is_over = true;
	}
	return p;
}

/* Names are in the archive's charset; what is no UTF-8 is read as a mail's name is. */
static struct span
entry_name(struct pack *p, struct archive_entry *e)
{
	const char *name = archive_entry_pathname_utf8(e);

	if (name == NULL)
		name = archive_entry_pathname(e);
	return charset_decode(p->arena, (struct span){ NULL, 0 }, span_of(name), NULL);
}

int
pack_next(struct pack *p, struct pack_entry *e)
{
	struct archive_entry *entry;
	int rc;

	if (p->is_over)
		return -1;
	rc = archive_read_next_header(p->archive, &entry);
	if (rc == ARCHIVE_EOF)
		return 0;
	if (rc != ARCHIVE_OK && rc != ARCHIVE_WARN)
		return pack_fail(p, true);
	arena_free(p->arena);
	p->arena = arena_new();
	e->name = entry_name(p, entry);
	e->size = archive_entry_size_is_set(entry) ? (size_t)archive_entry_size(entry) : 0;
	e->is_encrypted = archive_entry_is_encrypted(entry) == 1;
	e->is_folder = archive_entry_filetype(entry) == AE_IFDIR;
	return 1;
}

/* Room for ${n} more bytes behind the ${used} ones, which the sink has granted. */
static void
pack_reserve(struct pack *p, size_t used, size_t n)
{
	size_t size = p->size != 0 ? p->size : 65536;

	while (size - used < n)
		size *= 2;
	if (size == p->size)
		return;
	p->bytes = realloc(p->bytes, size);
	must(p->bytes != NULL);
	p->size = size;
}

int
pack_read(struct pack *p, struct span *bytes)
{
	size_t used = 0;
	ssize_t n;

	*bytes = (struct span){ NULL, 0 };
	for (;;) {
		pack_reserve(p, used, BLOCK_BYTES);
		n = archive_read_data(p->archive, p->bytes + used, p->size - used);
		if (n == 0)
			break;
		if (n == ARCHIVE_RETRY)
			continue;
		if (n < 0)
			return pack_fail(p, n == ARCHIVE_FATAL);
		if (sink_unpacked(p->sink, (size_t)n) < 0) {
			p->reason = PART_SIZE;
			p->is_over = true;
			return -1;
		}
		used += (size_t)n;
	}
	*bytes = (struct span){ p->bytes, used };
	return 0;
}

enum part_reason
pack_reason(const struct pack *p)
{
	return p->reason;
}

void
pack_close(struct pack *p)
{
	if (p == NULL)
		return;
	archive_read_free(p->archive);
	arena_free(p->arena);
	free(p->bytes);
	free(p);
}
