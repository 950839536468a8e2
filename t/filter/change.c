/* SPDX-License-Identifier: BSD-2-Clause */
#include <criterion/criterion.h>

#include <stdio.h>
#include <string.h>

#include "base/buffer.h"
#include "filter/change.h"
#include "policy/verdict.h"

/* The edits that ${changes} make of a letter with the header ${raw}, in words. */
static const char *
plan(struct arena *a, const char *raw, const struct verdict_change *changes, size_t n)
{
	struct verdict v = { .changes = changes, .change_count = n };
	struct buffer b = { .arena = a };
	struct headers h;
	struct edits edits;
	size_t body, i;

	headers_parse(a, span_of(raw), &h, &body);
	change_plan(a, &v, &h, &edits);
	for (i = 0; i < edits.count; i++)
		if (edits.list[i].kind == EDIT_INSERT_HEADER)
			buffer_print(&b, "+%s@%zu: %s|", edits.list[i].name,
			    edits.list[i].index, edits.list[i].value);
		else
			buffer_print(&b, "-%s@%zu|", edits.list[i].name,
			    edits.list[i].index);
	return buffer_string(&b);
}

static const char *
one(struct arena *a, const char *raw, enum change_kind kind, const char *name,
    const char *value)
{
	struct verdict_change c = { kind, name, span_of(value) };

	return plan(a, raw, &c, 1);
}

Test(change, a_field_is_added_once)
{
	struct arena *a = arena_new();

	cr_assert_str_eq(one(a, "A: b\n\n", CHANGE_ADD_HEADER, "X-C", "d"), "+X-C@1: d|");
	cr_assert_str_eq(one(a, "x-c: d\n\n", CHANGE_ADD_HEADER, "X-C", "d"), "");
	cr_assert_str_eq(one(a, "X-C: e\n\n", CHANGE_ADD_HEADER, "X-C", "d"), "+X-C@1: d|");
	arena_free(a);
}

Test(change, the_new_field_is_there_before_the_old_ones_go)
{
	struct arena *a = arena_new();

	cr_assert_str_eq(one(a, "X: a\nY: c\nX: b\n\n", CHANGE_REPLACE_HEADER, "X", "n"),
	    "+X@1: n|-X@3|-X@2|");
	cr_assert_str_eq(one(a, "X: n\n\n", CHANGE_REPLACE_HEADER, "X", "n"), "");
	cr_assert_str_eq(one(a, "Y: n\n\n", CHANGE_REPLACE_HEADER, "X", "n"), "+X@1: n|");
	cr_assert_str_eq(one(a, "X: a\nX: b\n\n", CHANGE_REMOVE_HEADER, "X", ""),
	    "-X@2|-X@1|");
	cr_assert_str_eq(one(a, "Y: a\n\n", CHANGE_REMOVE_HEADER, "X", ""), "");
	arena_free(a);
}

Test(change, a_subject_is_tagged_once_and_keeps_its_bytes)
{
	struct arena *a = arena_new();

	cr_assert_str_eq(one(a, "Subject: =?utf-8?B?Q8O0bmc=?=\n\n",
	    CHANGE_TAG_SUBJECT, "Subject", "[KHAN]"),
	    "+Subject@1: [KHAN] =?utf-8?B?Q8O0bmc=?=|-Subject@2|");
	cr_assert_str_eq(one(a, "Subject: [KHAN] x\n\n", CHANGE_TAG_SUBJECT,
	    "Subject", "[KHAN]"), "");
	cr_assert_str_eq(one(a, "To: x\n\n", CHANGE_TAG_SUBJECT, "Subject", "[KHẨN]"),
	    "+Subject@1: =?UTF-8?B?W0tI4bqoTl0=?=|");
	arena_free(a);
}

Test(change, several_rules_on_one_field_add_up_in_any_order)
{
	struct verdict_change all[4] = {
		{ CHANGE_ADD_HEADER, "Subject", span_of("more") },
		{ CHANGE_TAG_SUBJECT, "Subject", span_of("[A]") },
		{ CHANGE_REMOVE_HEADER, "subject", span_of("") },
		{ CHANGE_TAG_SUBJECT, "Subject", span_of("[B]") },
	}, swapped[4] = { all[2], all[1], all[3], all[0] };
	struct arena *a = arena_new();

	cr_assert_str_eq(plan(a, "Subject: x\n\n", all, 4),
	    "+Subject@1: [A] [B]|+Subject@1: more|-Subject@3|");
	cr_assert_str_eq(plan(a, "Subject: x\n\n", swapped, 4),
	    "+subject@1: [A] [B]|+subject@1: more|-subject@3|");
	arena_free(a);
}
