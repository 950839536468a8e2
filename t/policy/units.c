/* SPDX-License-Identifier: BSD-2-Clause */
#include <criterion/criterion.h>

#include "base/err.h"
#include "base/fault.h"
#include "base/source.h"
#include "policy/units.h"

static const struct units *
read_text(struct arena *a, const char *text, struct faults *f)
{
	struct source src = { .name = "units.tsv", .text = span_of(text) };

	return units_read(a, &src, f);
}

#define SAMPLE								\
	"# code\tname\tkind\troom\taddress\tfocal\tphone\n"		\
	"G03.1\tVăn phòng\tVụ\treal Văn thư\tVP@MOET.edu.vn\tpcn@moet.edu.vn\t024 1\n" \
	"H1\tSở A\tsở\treal Văn thư\tvanthu@a.edu.vn\n"			\
	"H1\tSở A\tsở\tvirtual Tuyển sinh\t*@a.edu.vn\n"		\
	"H2\tSở B\tsở\treal Văn thư\t*.edu.vn@b.vn\n"			\
	"H3\tMọi sở\tsở\tvirtual Khác\t*@*.edu.vn\n"

static const char *
code(struct arena *a, const struct units *u, const char *address)
{
	const struct unit *unit = units_find(u, span_of(address));

	return unit == NULL ? "none" : arena_string(a, unit->code);
}

Test(units, an_address_is_in_the_line_that_names_it_else_in_the_first_pattern)
{
	struct arena *a = arena_new();
	struct faults f = { 0 };
	const struct units *u = read_text(a, SAMPLE, &f);

	cr_assert_eq(f.errors, 0);
	cr_assert_eq(units_count(u), 5);
	cr_assert_str_eq(code(a, u, "vp@moet.edu.vn"), "G03.1");
	cr_assert_str_eq(code(a, u, "vanthu@a.edu.vn"), "H1");
	cr_assert_not(units_find(u, span_of("vanthu@a.edu.vn"))->is_virtual);
	cr_assert(units_find(u, span_of("thi@a.edu.vn"))->is_virtual);
	cr_assert_str_eq(code(a, u, "x.edu.vn@b.vn"), "H2");
	cr_assert_str_eq(code(a, u, "x@hanoi.edu.vn"), "H3");
	cr_assert_str_eq(code(a, u, "x@c.vn"), "none");
	cr_assert(units_has_code(u, span_of("g03.1")));
	cr_assert_not(units_has_code(u, span_of("G03")));
	arena_free(a);
}

Test(units, a_line_gives_all_its_columns)
{
	struct arena *a = arena_new();
	struct faults f = { 0 };
	const struct unit *u = units_get(read_text(a, SAMPLE, &f), 0);

	cr_assert(span_equal(u->name, span_of("Văn phòng")));
	cr_assert(span_equal(u->kind, span_of("vụ")));
	cr_assert(span_equal(u->room, span_of("Văn thư")));
	cr_assert(span_equal(u->address, span_of("vp@moet.edu.vn")));
	cr_assert(span_equal(u->focal, span_of("pcn@moet.edu.vn")));
	cr_assert(span_equal(u->phone, span_of("024 1")));
	arena_free(a);
}

static void
expect_fault(const char *text, size_t line, size_t column, const char *part)
{
	struct arena *a = arena_new();
	struct faults f = { 0 };

	read_text(a, text, &f);
	cr_assert_eq(f.errors, 1, "%s", text);
	cr_expect_eq(f.first->line, line, "%s", text);
	cr_expect_eq(f.first->column, column, "%s: %zu", text, f.first->column);
	cr_expect(span_find(span_of(f.first->message), span_of(part)) <
	    span_of(f.first->message).n, "%s", f.first->message);
	faults_end(&f);
	arena_free(a);
}

Test(units, every_fault_is_told_in_its_place)
{
	expect_fault("\nH1\tSở A\tcao đăng\treal x\ta@b.vn\n", 2, 9, "did you mean 'cao đẳng'?");
	expect_fault("H1\tSở A\tsở\tx y\ta@b.vn\n", 1, 12, "'real' or 'virtual'");
	expect_fault("H1\tSở A\tsở\treal x\tb.vn\n", 1, 19, "no address");
	expect_fault("H1\tSở A\tsở\n", 1, 1, "tabs");
	expect_fault("\tSở A\tsở\treal x\ta@b.vn\n", 1, 1, "code is missing");
	expect_fault("H1\tA\tsở\treal x\ta@b.vn\nH2\tB\tsở\treal x\tA@b.vn\n",
	    2, 1, "two units");
	expect_fault("H1\tA\tsở\treal x\ta@b.vn\tf@b.vn\t1\t2\n", 1, 32, "more than 7");
}

Test(units, the_shipped_directory_reads_without_a_fault)
{
	struct arena *a = arena_new();
	struct err e = { "" };
	struct faults f = { 0 };
	struct sources *set = sources_open(POLICY_FOLDER "/units.tsv", "", &e);

	cr_assert_not_null(set, "%s", e.text);
	cr_assert_gt(units_count(units_read(a, set->first, &f)), 5);
	cr_assert_eq(f.errors, 0);
	sources_free(set);
	arena_free(a);
}
