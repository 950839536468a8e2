/* SPDX-License-Identifier: BSD-2-Clause */
#include <criterion/criterion.h>

#include <string.h>

#include "base/buffer.h"
#include "track/keyring.h"
#include "track/stamp.h"

#define NAME "Vanthu-Document-ID"

static struct arena *a;
static struct keyring *keys;
static struct docid ours, other;
static char text[DOCID_TEXT_SIZE], text_other[DOCID_TEXT_SIZE];

static void
begin(void)
{
	uint8_t secret[KEY_BYTES] = { 1 };

	a = arena_new();
	keys = keyring_new();
	keyring_add(keys, 1, 1000, secret);
	docid_mint(keys, 1795503289123, &ours);
	docid_mint(keys, 1795503289124, &other);
	docid_print(&ours, text);
	docid_print(&other, text_other);
}

static void
end(void)
{
	keyring_free(keys);
	arena_free(a);
}

TestSuite(stamp, .init = begin, .fini = end);

static struct stamp_facts
facts_of(const char *letter)
{
	struct headers *h = ARENA_NEW(a, struct headers);
	size_t body;

	headers_parse(a, span_of(letter), h, &body);
	return (struct stamp_facts){ .headers = h, .header_name = NAME, .id = &ours,
	    .sender = span_of("a@x.vn"), .raw_sender = span_of("a@X.vn"),
	    .hostname = "mx.x.vn" };
}

/* The plan in one line: "-2 -1 <a@x.vn>(ENVID=… RET=HDRS) Message-ID=… Stamp=…". */
static const char *
plan_of(const struct stamp_facts *f)
{
	struct buffer b = { .arena = a };
	struct edits edits;

	stamp_plan(a, f, &edits);
	for (size_t i = 0; i < edits.count; i++) {
		const struct edit *e = &edits.list[i];

		if (i != 0)
			buffer_byte(&b, ' ');
		if (e->kind == EDIT_DELETE_HEADER)
			buffer_print(&b, "-%zu", e->index);
		else if (e->kind == EDIT_CHANGE_SENDER)
			buffer_print(&b, "%s(%s)", e->value, e->arguments);
		else
			buffer_print(&b, "+%zu %s: %s", e->index, e->name, e->value);
	}
	return buffer_string(&b);
}

Test(stamp, a_new_letter_gets_envid_message_id_and_stamp_last)
{
	struct stamp_facts f = facts_of("Subject: a\n\n");

	cr_assert_str_eq(plan_of(&f), arena_print(a,
	    "<a@X.vn>(ENVID=%s RET=HDRS) +1 Message-ID: <%s@mx.x.vn> +1 " NAME ": %s",
	    text, text, text));
}

Test(stamp, a_message_id_that_is_there_stays)
{
	struct stamp_facts f = facts_of("Message-Id: <1@x.vn>\n\n");

	cr_assert_str_eq(plan_of(&f), arena_print(a,
	    "<a@X.vn>(ENVID=%s RET=HDRS) +1 " NAME ": %s", text, text));
}

Test(stamp, the_null_sender_keeps_its_brackets)
{
	struct stamp_facts f = facts_of("Message-Id: <1@x.vn>\n\n");

	f.raw_sender = f.sender = span_of("");
	cr_assert_eq(strncmp(plan_of(&f), "<>(ENVID=", 9), 0);
}

Test(stamp, the_clients_envid_is_kept)
{
	struct stamp_facts f = facts_of("Message-Id: <1@x.vn>\n\n");
	const char *stamped = arena_print(a, "+1 " NAME ": %s", text);

	f.envelope_id = span_of("a+b=c d");
	f.ret = span_of("FULL");
	cr_assert_str_eq(plan_of(&f), arena_print(a,
	    "<a@X.vn>(ENVID=a+2Bb+3Dc+20d RET=HDRS) %s", stamped));
	f.ret = span_of("hdrs");
	cr_assert_str_eq(plan_of(&f), stamped);
	f.envelope_id = span_of("");
	cr_assert_str_eq(plan_of(&f), arena_print(a,
	    "<a@X.vn>(ENVID=%s RET=HDRS) %s", text, stamped));
}

Test(stamp, every_other_stamp_goes_from_the_last_one_up)
{
	struct stamp_facts f = facts_of(arena_print(a,
	    NAME ": %s\nMessage-ID: <1@x.vn>\nvanthu-document-id: junk\n"
	    NAME ":\n\n", text_other));

	cr_assert_str_eq(plan_of(&f), arena_print(a,
	    "-3 -2 -1 <a@X.vn>(ENVID=%s RET=HDRS) +1 " NAME ": %s", text, text));
	f.id = NULL;
	cr_assert_str_eq(plan_of(&f), "-3 -2 -1");
}

Test(stamp, the_stamp_in_force_is_kept_once)
{
	char lower[DOCID_TEXT_SIZE];
	struct stamp_facts f;

	for (size_t i = 0; i < sizeof(lower); i++)
		lower[i] = text[i] >= 'A' ? (char)(text[i] | 0x20) : text[i];
	f = facts_of(arena_print(a, NAME ": %s\nMessage-ID: <1@x.vn>\n"
	    NAME ": %s\n" NAME ": %s\n\n", text_other, lower, text));
	f.envelope_id = span_of(text);
	f.ret = span_of("HDRS");
	cr_assert_str_eq(plan_of(&f), "-3 -1");
}

Test(stamp, an_untracked_letter_without_stamps_is_left_alone)
{
	struct stamp_facts f = facts_of("Subject: a\n\n");

	f.id = NULL;
	cr_assert_str_eq(plan_of(&f), "");
}

Test(stamp, only_a_stamp_that_verifies_is_found)
{
	struct stamp_facts f = facts_of(arena_print(a,
	    NAME ": junk\n" NAME ":\n %s\n\n", text_other));
	struct docid id;

	cr_assert(stamp_find(keys, f.headers, NAME, &id));
	cr_assert_eq(memcmp(&id, &other, sizeof(id)), 0);
	text_other[20] = text_other[20] == '0' ? '1' : '0';
	f = facts_of(arena_print(a, NAME ": %s\n\n", text_other));
	cr_assert_not(stamp_find(keys, f.headers, NAME, &id));
	f = facts_of(arena_print(a, "X-ID: %s\n\n", text));
	cr_assert_not(stamp_find(keys, f.headers, NAME, &id));
}

Test(stamp, the_examples_of_xtext_come_out)
{
	static const char *const same[] = { "+2", "+G0", "+", "a b+2B", "a\x80", "" };

	cr_assert_str_eq(stamp_xtext_encode(a, span_of("QQ314159")), "QQ314159");
	cr_assert_str_eq(stamp_xtext_encode(a, span_of("a+b=c d")), "a+2Bb+3Dc+20d");
	cr_assert_str_eq(stamp_xtext_encode(a, span_of("<x@y>")), "<x@y>");
	cr_assert_str_eq(stamp_xtext_encode(a, span_of("")), "");
	cr_assert(span_equal(stamp_xtext_decode(a, span_of("+2b")), span_of("+")));
	for (size_t i = 0; i < sizeof(same) / sizeof(*same); i++)
		cr_assert(span_equal(stamp_xtext_decode(a, span_of(same[i])),
		    span_of(same[i])), "%s", same[i]);
}

Test(stamp, xtext_carries_every_byte)
{
	char all[256];
	struct span bytes = { all, sizeof(all) };

	for (size_t i = 0; i < sizeof(all); i++)
		all[i] = (char)i;
	cr_assert(span_equal(stamp_xtext_decode(a,
	    span_of(stamp_xtext_encode(a, bytes))), bytes));
}
