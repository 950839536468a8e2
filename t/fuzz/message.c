/* SPDX-License-Identifier: BSD-2-Clause */
#include "base/arena.h"
#include "mail/charset.h"
#include "mail/message.h"
#include "mail/mime.h"

#include "fuzz.h"

static const struct message_limits limits = {
	.mime = { .parts = 100, .depth = 10, .header_bytes = 65536, .header_count = 200 },
	.text_bytes = 1 << 20,
};

int
LLVMFuzzerInitialize(int *argc, char ***argv)
{
	(void)argc, (void)argv;
	mime_init();
	return 0;
}

static void
check_view(const struct view *v)
{
	size_t offset, width;

	FUZZ_MUST(v->part != NULL);
	FUZZ_MUST(charset_is_utf8(v->text));
	view_locate(v, 0, v->text.n, &offset, &width);
	FUZZ_MUST(offset + width >= offset);
}

static void
check_text(const struct view *text)
{
	const struct view *v;

	for (enum view_name name = 0; name < VIEW_COUNT; name++)
		for (v = view_get(text, name); v != NULL; v = v->next)
			check_view(v);
}

static void
check_part(const struct part *p)
{
	FUZZ_MUST(p->path != NULL && p->type != NULL);
	FUZZ_MUST(charset_is_utf8(p->name));
}

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
	struct arena *a = arena_new();
	const struct message *m = message_read(a, fuzz_span(bytes, n), &limits);
	size_t i;

	FUZZ_MUST(m->parts.count > 0);
	for (i = 0; i < m->parts.count; i++) {
		check_part(&m->parts.list[i]);
		part_decode(a, &m->parts.list[i]);
	}
	for (i = 0; i < m->text_count; i++)
		check_text(m->texts[i]);
	for (i = 0; i < m->name_count; i++)
		check_text(m->names[i]);
	if (m->subject != NULL)
		check_text(m->subject);
	arena_free(a);
	return 0;
}
