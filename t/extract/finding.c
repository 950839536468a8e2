/* SPDX-License-Identifier: BSD-2-Clause */
#include <stdint.h>
#include <string.h>

#include <criterion/criterion.h>

#include "base/buffer.h"

#include "extract/finding.h"

/* As the records of a sink are; written here by hand, to be wrong at will. */
enum { OPEN = 1, TEXT, CLOSE, FATE };

static const struct finding_limits limits = { .text_bytes = 10, .members = 3, .depth = 1 };

static void
put(struct buffer *b, uint32_t kind, struct span bytes)
{
	uint32_t head[2] = { kind, (uint32_t)bytes.n };

	buffer_add(b, (struct span){ (const char *)head, sizeof(head) });
	buffer_add(b, bytes);
}

static void
put_word(struct buffer *b, uint32_t kind, uint32_t word)
{
	put(b, kind, (struct span){ (const char *)&word, sizeof(word) });
}

static void
put_open(struct buffer *b)
{
	put(b, OPEN, (struct span){ "\7\0\0\0\0\0\0\0text/plain\0a.txt", 24 });
}

static struct findings
read_back(struct buffer *b)
{
	struct findings f;

	findings_read(b->arena, buffer_span(b), &limits, &f);
	return f;
}

Test(finding, a_document_that_closes_is_as_it_says)
{
	struct buffer b = { .arena = arena_new() };
	struct findings f;

	put_open(&b);
	put(&b, TEXT, span_of("M\xE1\xBA"));
	put(&b, TEXT, span_of("\xACT"));
	put_word(&b, CLOSE, PART_READ);
	put_word(&b, FATE, PART_READ);
	f = read_back(&b);
	cr_assert_eq(f.count, 1);
	cr_expect_str_eq(f.list[0].type, "text/plain");
	cr_expect_eq(f.list[0].size, 7);
	cr_expect_eq(f.list[0].reason, PART_READ);
	cr_expect(span_is(f.list[0].text, "MẬT"));
	arena_free(b.arena);
}

Test(finding, what_is_open_at_the_end_has_the_fate_of_the_helper)
{
	struct buffer b = { .arena = arena_new() };
	struct findings f;

	put_open(&b);
	put(&b, TEXT, span_of("before"));
	put_open(&b);
	f = read_back(&b);
	cr_assert_eq(f.count, 2);
	cr_expect_eq(f.list[0].reason, PART_HELPER);
	cr_expect_eq(f.list[1].reason, PART_HELPER);
	cr_expect(span_is(f.list[0].text, "before"));
	put_word(&b, FATE, PART_TIME);
	f = read_back(&b);
	cr_expect_eq(f.list[0].reason, PART_TIME);
	arena_free(b.arena);
}

Test(finding, nothing_at_all_is_a_document_that_could_not_be_read)
{
	struct buffer b = { .arena = arena_new() };

	cr_assert_eq(read_back(&b).count, 1);
	cr_expect_eq(read_back(&b).list[0].reason, PART_HELPER);
	put_word(&b, FATE, PART_MEMORY);
	cr_expect_eq(read_back(&b).list[0].reason, PART_MEMORY);
	arena_free(b.arena);
}

Test(finding, text_that_is_no_utf8_is_made_so)
{
	struct buffer b = { .arena = arena_new() };

	put_open(&b);
	put(&b, TEXT, span_of("ậ\xFF"));
	put_word(&b, CLOSE, PART_READ);
	cr_expect(span_is(read_back(&b).list[0].text, "ậ\xEF\xBF\xBD"));
	arena_free(b.arena);
}

/* Streams that no sink writes, each after a document that was opened well. */
static void
wrong_kind(struct buffer *b)
{
	put_word(b, 9, 0);
}

static void
wrong_length(struct buffer *b)
{
	uint32_t head[2] = { TEXT, 0xFFFFFFFF };

	buffer_add(b, (struct span){ (const char *)head, sizeof(head) });
}

static void
wrong_reason(struct buffer *b)
{
	put_word(b, CLOSE, 77);
}

static void
too_much_text(struct buffer *b)
{
	put(b, TEXT, span_of("eleven byte"));
}

static void
too_deep(struct buffer *b)
{
	put_open(b);
	put_open(b);
	put_open(b);
}

static void
too_many(struct buffer *b)
{
	size_t i;

	for (i = 0; i < 4; i++) {
		put_open(b);
		put_word(b, CLOSE, PART_READ);
	}
}

static void
too_short(struct buffer *b)
{
	put(b, OPEN, span_of("1234567"));
}

static void
without_a_name(struct buffer *b)
{
	put(b, OPEN, span_of("12345678text/plain"));
}

Test(finding, a_stream_that_no_sink_writes_is_not_believed)
{
	void (*const wrongs[])(struct buffer *) = { wrong_kind, wrong_length,
	    wrong_reason, too_much_text, too_deep, too_many, too_short,
	    without_a_name };
	size_t i;

	for (i = 0; i < sizeof(wrongs) / sizeof(wrongs[0]); i++) {
		struct buffer b = { .arena = arena_new() };

		put_open(&b);
		wrongs[i](&b);
		put_word(&b, CLOSE, PART_READ);
		put_word(&b, FATE, PART_TIME);
		cr_expect_eq(read_back(&b).list[0].reason, PART_HELPER, "stream %zu", i);
		arena_free(b.arena);
	}
}

Test(finding, a_second_document_beside_the_first_is_not_believed)
{
	struct buffer b = { .arena = arena_new() };

	put_open(&b);
	put_word(&b, CLOSE, PART_READ);
	put_open(&b);
	cr_expect_eq(read_back(&b).count, 1);
	arena_free(b.arena);
}
