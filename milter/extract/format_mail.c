/* SPDX-License-Identifier: BSD-2-Clause */
#include "extract/sink.h"
#include "mail/message.h"

#include "format_internal.h"

#define TEXT_BYTES ((size_t)8 << 20)

static const struct message_limits limits = {
	.mime = { .parts = 1000, .depth = 50, .header_bytes = 262144, .header_count = 2000 },
	.text_bytes = TEXT_BYTES,
};

static int
put_line(struct sink *out, struct span utf8)
{
	if (sink_text(out, utf8) < 0)
		return -1;
	return sink_break(out);
}

static int
put_texts(struct arena *a, const struct message *m, struct sink *out)
{
	static const char *const shown[] = { "From", "To", "Cc", "Subject" };
	struct view **views;
	size_t i, k, n;

	for (i = 0; i < sizeof(shown) / sizeof(shown[0]); i++) {
		views = message_header_views(a, m, shown[i], &n);
		for (k = 0; k < n; k++)
			if (put_line(out, views[k]->text) < 0)
				return -1;
	}
	for (i = 0; i < m->text_count; i++)
		if (put_line(out, m->texts[i]->text) < 0)
			return -1;
	return 0;
}

/* What the reader of letters leaves to others is ours. */
static bool
is_document(const struct part *p)
{
	return p->is_attachment && !p->is_container && p->raw.n != 0;
}

static int
put_attachments(struct arena *a, const struct message *m, struct sink *out)
{
	const struct part *p;
	size_t i;

	for (i = 0; i < m->parts.count; i++) {
		p = &m->parts.list[i];
		if (!is_document(p)) {
			sink_reason(out, p->reason);
			continue;
		}
		if (sink_member(out, p->name, part_decode(a, p)) < 0)
			return -1;
	}
	return 0;
}

static int
mail_extract(struct span bytes, struct sink *out)
{
	struct arena *a = arena_new();
	const struct message *m = message_read(a, bytes, &limits);
	int rc = put_texts(a, m, out);

	if (rc == 0)
		rc = put_attachments(a, m, out);
	sink_reason(out, m->parts.reason);
	arena_free(a);
	return rc;
}

const struct format format_mail = { "message/rfc822", mail_extract, mime_init };
