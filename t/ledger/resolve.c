/* SPDX-License-Identifier: BSD-2-Clause */
#include <criterion/criterion.h>

#include "ledger/resolve.h"

#include "fixture.h"

static struct fixture f;
static struct docid first, second;
static char text[DOCID_TEXT_SIZE];

static struct docid
put(const char *name, int64_t at_ms, const char *address)
{
	struct addressee who = { .address = span_of(address) };
	struct entry entry = fixture_entry(&f, name, at_ms, &who, 1);
	struct entry_result result;
	struct err e = { "" };

	entry.document.message_id = span_of("<1@moet.vn>");
	entry.document.envelope_id = span_of("cua-toi");
	entry.document.queue_id = span_of("4jYYWn1QPnz1fHSK");
	entry.document.number = span_of("1234/BGD\xc4\x90T-VP");
	cr_assert_eq(writer_register(f.writer, &entry, &result, &e), 0, "%s", e.text);
	return result.id;
}

static void
begin(void)
{
	fixture_keys(&f);
	fixture_open(&f, FIXTURE_LIMIT);
	first = put("first", FIXTURE_NOW, "a@x.vn");
	second = put("second", FIXTURE_NOW + 1000, "b@x.vn");
}

static void
end(void)
{
	fixture_end(&f);
}

TestSuite(resolve, .init = begin, .fini = end);

/* 'f' or 's' for the document found, '-' for none; ${key} says by what. */
static char
find(struct claim c, enum claim_key *key)
{
	struct resolution r;
	struct err e;

	if (resolve_claim(f.store, f.keys, &c, &r, &e) != 1)
		return '-';
	*key = r.key;
	return memcmp(&r.id, &first, sizeof(first)) == 0 ? 'f' :
	    memcmp(&r.id, &second, sizeof(second)) == 0 ? 's' : '?';
}

#define CLAIM(...) ((struct claim){ __VA_ARGS__ })

Test(resolve, a_tag_is_believed_before_all_else)
{
	enum claim_key key;

	docid_print(&first, text);
	cr_assert_eq(find(CLAIM(.document_id = span_of(text),
	    .message_id = span_of("<1@moet.vn>"), .recipient = span_of("b@x.vn")),
	    &key), 'f');
	cr_assert_eq(key, CLAIM_TAG);
}

Test(resolve, each_key_finds_the_letter_of_the_recipient)
{
	const struct claim keys[] = {
		{ .message_id = span_of("<1@moet.vn>") },
		{ .references = span_of("<0@moet.vn> <1@moet.vn>") },
		{ .envelope_id = span_of("cua-toi") },
		{ .queue_id = span_of("4jYYWn1QPnz1fHSK") },
		{ .number = span_of("1234/bgd\xc4\x91t-vp") },
	};
	static const enum claim_key by[] = { CLAIM_MESSAGE_ID, CLAIM_MESSAGE_ID,
	    CLAIM_ENVELOPE_ID, CLAIM_QUEUE_ID, CLAIM_NUMBER };

	for (size_t i = 0; i < sizeof(keys) / sizeof(*keys); i++) {
		struct claim c = keys[i];
		enum claim_key key = CLAIM_TAG;

		c.recipient = span_of("a@x.vn");
		cr_assert_eq(find(c, &key), 'f', "%zu", i);
		cr_assert_eq(key, by[i], "%zu", i);
		c.recipient = span_of("b@x.vn");
		cr_assert_eq(find(c, &key), 's', "%zu", i);
		c.recipient = span_of("c@x.vn");
		cr_assert_eq(find(c, &key), 's', "%zu", i);
	}
}

Test(resolve, what_nobody_knows_is_not_found)
{
	enum claim_key key;

	cr_assert_eq(find(CLAIM(.message_id = span_of("<2@moet.vn>")), &key), '-');
	cr_assert_eq(find(CLAIM(.references = span_of("<><<>>< >")), &key), '-');
	cr_assert_eq(find(CLAIM(.envelope_id = span_of("CUA-TOI")), &key), '-');
	cr_assert_eq(find(CLAIM(.recipient = span_of("a@x.vn")), &key), '-');
}

Test(resolve, an_address_that_was_written_to_is_known)
{
	struct err e;

	cr_assert_eq(resolve_knows(f.store, span_of("a@x.vn"), &e), 1);
	cr_assert_eq(resolve_knows(f.store, span_of("c@x.vn"), &e), 0);
	cr_assert_eq(resolve_knows(f.store, span_of(""), &e), 0);
}
