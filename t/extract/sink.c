/* SPDX-License-Identifier: BSD-2-Clause */
#include <fcntl.h>

#include <criterion/criterion.h>

#include "fixture.h"
#include "trial.h"

const struct trial_order trial_more[] = { { NULL, NULL } };

static struct findings
trial(struct arena *a, const char *orders, const struct sink_limits *limits)
{
	return fixture_extract(a, span_of("outer"), span_of(orders), limits);
}

Test(sink, text_comes_whole_however_it_was_cut)
{
	struct arena *a = arena_new();
	struct findings f = trial(a, "text 40000\nbreak\nbreak\nxMẬT\ntext 40000",
	    &fixture_limits);

	cr_assert_eq(f.count, 1);
	cr_expect_eq(f.list[0].reason, PART_READ);
	cr_expect_eq(f.list[0].text.n, 80000 + strlen("\nxMẬT"));
	cr_expect_eq(span_find(f.list[0].text, span_of("a\nxMẬTa")), 39999);
	arena_free(a);
}

Test(sink, members_are_found_below_what_holds_them)
{
	struct arena *a = arena_new();
	struct findings f = trial(a, "picture\nnest 2\npicture", &fixture_limits);
	static const char *const paths[] = { "", "1", "2", "2/1", "3" };
	size_t i;

	cr_assert_eq(f.count, 5);
	for (i = 0; i < 5; i++)
		cr_expect_str_eq(f.list[i].path, paths[i]);
	cr_expect_str_eq(f.list[1].type, "image/png");
	cr_expect_eq(f.list[1].reason, PART_READ, "a picture has no text to miss");
	cr_expect_eq(f.list[1].size, strlen("picture"));
	cr_expect(span_is(f.list[3].name, "inner"));
	arena_free(a);
}

Test(sink, a_document_too_deep_is_named_and_not_read)
{
	struct arena *a = arena_new();
	struct findings f = trial(a, "nest 9", &fixture_limits);

	cr_assert_eq(f.count, fixture_limits.depth + 2);
	cr_expect_eq(f.list[fixture_limits.depth].reason, PART_READ);
	cr_expect_eq(f.list[fixture_limits.depth + 1].reason, PART_DEPTH);
	arena_free(a);
}

Test(sink, too_many_members_are_a_size)
{
	struct arena *a = arena_new();
	struct findings f = trial(a, "wide 1000", &fixture_limits);

	cr_expect_eq(f.count, fixture_limits.members + 1);
	cr_expect_eq(f.list[0].reason, PART_SIZE);
	cr_expect_eq(f.list[1].reason, PART_READ);
	arena_free(a);
}

Test(sink, text_ends_at_its_limit)
{
	struct arena *a = arena_new();
	struct sink_limits small = fixture_limits;
	struct findings f;

	small.text_bytes = 1000;
	f = trial(a, "text 600\nwide 3\ntext 600\nwide 3", &small);
	cr_expect_eq(f.list[0].reason, PART_SIZE);
	cr_expect_eq(f.list[0].text.n, 997);
	cr_expect_eq(f.count, 4);
	arena_free(a);
}

Test(sink, unpacking_ends_at_its_limit_and_at_the_ratio)
{
	struct arena *a = arena_new();
	struct sink_limits wide = fixture_limits;
	struct findings f = trial(a, "unpack 8", &wide);

	cr_expect_eq(f.list[0].reason, PART_READ, "small documents have 8 MB");
	f = trial(a, "unpack 9", &wide);
	cr_expect_eq(f.list[0].reason, PART_SIZE, "9 bytes are no 9 MB");
	wide.ratio = 10 << 20;
	f = trial(a, "unpack 32", &wide);
	cr_expect_eq(f.list[0].reason, PART_READ);
	f = trial(a, "unpack 33", &wide);
	cr_expect_eq(f.list[0].reason, PART_SIZE);
	arena_free(a);
}

Test(sink, a_failure_without_a_reason_is_damage_and_the_first_reason_stays)
{
	struct arena *a = arena_new();

	cr_expect_eq(trial(a, "fail", &fixture_limits).list[0].reason, PART_DAMAGED);
	cr_expect_eq(trial(a, "reason 1\nreason 2\nfail", &fixture_limits)
	    .list[0].reason, PART_ENCRYPTED);
	cr_expect_eq(trial(a, "mystery", &fixture_limits).list[0].reason,
	    PART_UNSUPPORTED);
	arena_free(a);
}

Test(sink, what_cannot_be_opened_inside_has_its_reason)
{
	struct arena *a = arena_new();
	struct findings f = trial(a, "locked 77\ntext 5", &fixture_limits);

	cr_assert_eq(f.count, 2);
	cr_expect_eq(f.list[0].reason, PART_READ);
	cr_expect_eq(f.list[0].text.n, 5);
	cr_expect_eq(f.list[1].reason, PART_ENCRYPTED);
	cr_expect_eq(f.list[1].size, 77);
	arena_free(a);
}

Test(sink, a_descriptor_that_takes_nothing_ends_it)
{
	int fd = open("/dev/full", O_WRONLY | O_CLOEXEC);
	struct sink *s = sink_new(fd, &fixture_limits);

	cr_expect_eq(sink_document(s, span_of("x"), span_of("nest 3")), -1);
	sink_free(s);
	close(fd);
}
