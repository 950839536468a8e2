/* SPDX-License-Identifier: BSD-2-Clause */
#include "track/document.h"

static struct span
value_of(const struct headers *h, const char *name)
{
	const struct header *field = header_find(h, name, 0);

	return field != NULL ? span_trim(field->value) : (struct span){ NULL, 0 };
}

static bool
is_alphanumeric(char c)
{
	return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') ||
	    (c >= 'a' && c <= 'z');
}

/*
 * Postfix makes <date.QUEUEID@host>, anew for every attempt: such a name would
 * make two documents of one.
 */
static bool
is_made_of(struct span message_id, struct span queue_id)
{
	size_t at = span_find_byte(message_id, '@'), start;

	if (queue_id.n == 0 || at == message_id.n || at < queue_id.n)
		return false;
	start = at - queue_id.n;
	if (!span_equal(span_sub(message_id, start, queue_id.n), queue_id))
		return false;
	return start == 0 || !is_alphanumeric(message_id.p[start - 1]);
}

void
document_retry_key(struct span sender, const struct headers *h, struct span queue_id,
    const uint8_t body[DIGEST_BYTES], uint8_t key[DIGEST_BYTES])
{
	struct span digest = { (const char *)body, DIGEST_BYTES };
	struct span message_id = value_of(h, "Message-ID");

	if (message_id.n != 0 && !is_made_of(message_id, queue_id)) {
		struct span named[] = { sender, message_id, digest };

		digest_fields(named, 3, key);
	} else {
		struct span nameless[] = { sender, value_of(h, "Date"),
		    value_of(h, "From"), value_of(h, "Subject"), digest };

		digest_fields(nameless, 5, key);
	}
}
