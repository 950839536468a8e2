/* SPDX-License-Identifier: BSD-2-Clause */
#include <criterion/criterion.h>

#include <string.h>

#include "base/arena.h"
#include "track/document.h"

static bool
is_same(const char *a, const char *queue_a, const char *b, const char *queue_b)
{
	uint8_t body[DIGEST_BYTES] = { 7 }, key_a[DIGEST_BYTES], key_b[DIGEST_BYTES];
	struct arena *arena = arena_new();
	struct headers h;
	size_t end;

	headers_parse(arena, span_of(a), &h, &end);
	document_retry_key(span_of("a@x.vn"), &h, span_of(queue_a), body, key_a);
	headers_parse(arena, span_of(b), &h, &end);
	document_retry_key(span_of("a@x.vn"), &h, span_of(queue_b), body, key_b);
	arena_free(arena);
	return memcmp(key_a, key_b, DIGEST_BYTES) == 0;
}

Test(document, attempts_of_one_message_share_a_key)
{
	cr_assert(is_same("Message-ID: <1@x.vn>\nSubject: a\n\n", "4jYYA",
	    "Received: by mx\nMessage-Id:  <1@x.vn>\nSubject: b\n\n", "4jYYB"));
	cr_assert_not(is_same("Message-ID: <1@x.vn>\n\n", "4jYYA",
	    "Message-ID: <2@x.vn>\n\n", "4jYYA"));
}

Test(document, a_message_id_that_postfix_made_is_none)
{
	cr_assert(is_same(
	    "Message-ID: <20261124065449.4jYYA@mx.x.vn>\nSubject: a\n\n", "4jYYA",
	    "Message-ID: <20261124070012.4jYYB@mx.x.vn>\nSubject: a\n\n", "4jYYB"));
	cr_assert(is_same("Message-ID: <20261124065449.4jYYA@mx.x.vn>\nDate: d\n\n",
	    "4jYYA", "Date: d\n\n", "4jYYB"));
	cr_assert_not(is_same("Message-ID: <1.4jYYA@x.vn>\n\n", "",
	    "Message-ID: <1.4jYYB@x.vn>\n\n", ""));
	cr_assert_not(is_same("Message-ID: <194jYYA@x.vn>\n\n", "4jYYA",
	    "Message-ID: <184jYYB@x.vn>\n\n", "4jYYB"));
}

Test(document, without_a_message_id_date_author_and_subject_count)
{
	const char *letter = "Date: d\nFrom: a@x.vn\nSubject: s\n\n";

	cr_assert(is_same(letter, "A", letter, "B"));
	cr_assert_not(is_same(letter, "A", "Date: e\nFrom: a@x.vn\nSubject: s\n\n", "A"));
	cr_assert_not(is_same(letter, "A", "Date: d\nFrom: b@x.vn\nSubject: s\n\n", "A"));
	cr_assert_not(is_same(letter, "A", "Date: d\nFrom: a@x.vn\nSubject: t\n\n", "A"));
}

Test(document, sender_and_body_count_always)
{
	uint8_t body[DIGEST_BYTES] = { 7 }, other[DIGEST_BYTES] = { 8 };
	uint8_t a[DIGEST_BYTES], b[DIGEST_BYTES], c[DIGEST_BYTES];
	struct headers h = { NULL, 0 };

	document_retry_key(span_of("a@x.vn"), &h, span_of(NULL), body, a);
	document_retry_key(span_of("b@x.vn"), &h, span_of(NULL), body, b);
	document_retry_key(span_of("a@x.vn"), &h, span_of(NULL), other, c);
	cr_assert_neq(memcmp(a, b, DIGEST_BYTES), 0);
	cr_assert_neq(memcmp(a, c, DIGEST_BYTES), 0);
}
