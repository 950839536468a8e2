/* SPDX-License-Identifier: BSD-2-Clause */
#include "base/arena.h"
#include "mail/message.h"
#include "mail/mime.h"
#include "track/ack.h"
#include "track/docid.h"

#include "fuzz.h"

#define CLAIMS_MAX 1000

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
check_claim(const struct claim *c)
{
	char text[DOCID_TEXT_SIZE];
	struct docid id, again;

	FUZZ_MUST(ack_kind_name(c->kind) != NULL);
	if (!docid_parse(c->document_id, &id))
		return;
	docid_print(&id, text);
	FUZZ_MUST(docid_parse(span_of(text), &again));
}

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
	struct arena *a = arena_new();
	const struct message *m = message_read(a, fuzz_span(bytes, n), &limits);
	struct claims claims = { 0 };

	ack_read(a, m, "Vanthu-Document-ID", &claims);
	FUZZ_MUST(claims.count <= CLAIMS_MAX);
	for (size_t i = 0; i < claims.count; i++)
		check_claim(&claims.list[i]);
	arena_free(a);
	return 0;
}
