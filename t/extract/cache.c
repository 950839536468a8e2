/* SPDX-License-Identifier: BSD-2-Clause */
#include <criterion/criterion.h>

#include <stdio.h>
#include <string.h>

#include "extract/cache.h"

static const struct sink_limits wide = { .text_bytes = 1 << 20, .members = 10 };

static struct arena *a;
static struct cache *c;

static void
begin(void)
{
	a = arena_new();
	c = cache_new(1 << 20);
}

static void
end(void)
{
	cache_free(c);
	arena_free(a);
}

TestSuite(cache, .init = begin, .fini = end);

static void
put(const char *name, const char *bytes, const char *text, enum part_reason reason)
{
	struct finding list[2] = {
		{ .path = "", .type = "application/zip", .size = 9, .reason = PART_READ },
		{ .path = "1", .name = span_of("a.txt"), .type = "text/plain",
		    .text = span_of(text), .reason = reason },
	};
	struct findings f = { list, 2 };

	cache_put(c, span_of(name), span_of(bytes), &f);
}

static bool
get(const char *name, const char *bytes, struct findings *f)
{
	return cache_get(c, a, span_of(name), span_of(bytes), &wide, f);
}

Test(cache, what_was_found_is_found_again)
{
	struct findings f;

	cr_assert(!get("x.zip", "PK", &f));
	put("x.zip", "PK", "MẬT", PART_READ);
	cr_assert(get("x.zip", "PK", &f));
	cr_assert_eq(f.count, 2);
	cr_expect_str_eq(f.list[0].type, "application/zip");
	cr_expect_str_eq(f.list[1].path, "1");
	cr_expect(span_is(f.list[1].name, "a.txt"));
	cr_expect(span_is(f.list[1].text, "MẬT"));
}

Test(cache, another_name_or_another_byte_is_another_document)
{
	struct findings f;

	put("x.zip", "PK", "MẬT", PART_READ);
	cr_expect(!get("y.zip", "PK", &f));
	cr_expect(!get("x.zip", "PL", &f));
	cr_expect(!get("x.zi", "pPK", &f));
}

Test(cache, what_another_try_may_read_is_not_remembered)
{
	struct findings f;

	put("a", "1", "x", PART_TIME);
	put("b", "2", "x", PART_HELPER);
	put("c", "3", "x", PART_SIZE);
	put("d", "4", "x", PART_ENCRYPTED);
	cr_expect(!get("a", "1", &f));
	cr_expect(!get("b", "2", &f));
	cr_expect(!get("c", "3", &f));
	cr_expect(get("d", "4", &f));
}

Test(cache, more_than_a_message_may_have_now_is_read_anew_and_cut)
{
	struct sink_limits narrow = { .text_bytes = 2, .members = 10 };
	struct findings f;

	put("x", "PK", "MẬT", PART_READ);
	cr_expect(!cache_get(c, a, span_of("x"), span_of("PK"), &narrow, &f));
	narrow = (struct sink_limits){ .text_bytes = 100, .members = 0 };
	cr_expect(!cache_get(c, a, span_of("x"), span_of("PK"), &narrow, &f));
}

Test(cache, who_was_asked_for_least_recently_goes_first)
{
	struct findings f;
	char name[16];
	int kept = 0;

	cache_free(c);
	c = cache_new(100 * 1024);
	for (int i = 0; i < 1000; i++) {
		snprintf(name, sizeof(name), "%d", i);
		put(name, "PK", "MẬT", PART_READ);
		cr_assert(i == 0 || get("0", "PK", &f), "the first is asked for each time");
	}
	for (int i = 0; i < 1000; i++) {
		snprintf(name, sizeof(name), "%d", i);
		kept += get(name, "PK", &f);
	}
	cr_expect(kept > 1 && kept < 100, "%d kept", kept);
	cr_expect(get("0", "PK", &f) && get("999", "PK", &f) && !get("1", "PK", &f));
}

Test(cache, none_is_kept_where_there_is_no_room)
{
	struct findings f;

	cache_free(c);
	c = cache_new(0);
	put("x", "PK", "MẬT", PART_READ);
	cr_expect(!get("x", "PK", &f));
}
