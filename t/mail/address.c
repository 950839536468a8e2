/* SPDX-License-Identifier: BSD-2-Clause */
#include <criterion/criterion.h>

#include "mail/address.h"

static void
check_canonical(const char *raw, const char *want)
{
	struct arena *a = arena_new();
	struct span got = address_canonical(a, span_of(raw));

	cr_expect(span_equal(got, span_of(want)), "'%s' gave '%.*s', not '%s'", raw,
	    SPAN_PRINT(got), want);
	arena_free(a);
}

static void
check_first(const char *value, const char *want)
{
	struct arena *a = arena_new();
	struct span got = address_first(a, span_of(value));

	cr_expect(span_equal(got, span_of(want)), "'%s' gave '%.*s', not '%s'", value,
	    SPAN_PRINT(got), want);
	arena_free(a);
}

Test(address, the_domain_is_lowered_and_the_local_part_is_not)
{
	check_canonical(" <Phong.CNTT@MOET.Edu.VN> ", "Phong.CNTT@moet.edu.vn");
	check_canonical("<@a,@b:u@c.vn>", "u@c.vn");
	check_canonical("<>", "");
	check_canonical("", "");
	check_canonical("postmaster", "postmaster");
	check_canonical("<", "");
}

Test(address, a_domain_of_letters_is_an_a_label)
{
	check_canonical("a@Bộ.vn", "a@xn--b-8xm.vn");
	check_canonical("a@Bo\u0302\u0323.vn", "a@xn--b-8xm.vn");
}

Test(address, a_domain_below_another_is_in_it_and_a_longer_name_is_not)
{
	struct span d = span_of("moet.edu.vn");

	cr_expect(address_in_domain(span_of("a@moet.edu.vn"), d));
	cr_expect(address_in_domain(span_of("a@x.moet.edu.vn"), d));
	cr_expect(!address_in_domain(span_of("a@xmoet.edu.vn"), d));
	cr_expect(!address_in_domain(span_of("a@edu.vn"), d));
	cr_expect(!address_in_domain(span_of(""), d));
	cr_expect(span_equal(address_domain(span_of("\"a@b\"@c.vn")), span_of("c.vn")));
	cr_expect_eq(address_domain(span_of("a")).n, 0);
}

Test(address, all_addresses_of_a_field_are_found_one_by_one)
{
	struct span rest = span_of("\"x@y, z\" <a@B.vn>, all: c@d.vn, <>, (e@f.vn) g@h.vn;, i");
	static const char *const wanted[] = { "a@b.vn", "c@d.vn", "g@h.vn" };
	struct arena *a = arena_new();
	struct span got;

	for (size_t i = 0; i < 3; i++) {
		cr_expect(address_next(a, &rest, &got));
		cr_expect(span_equal(got, span_of(wanted[i])), "%s", wanted[i]);
	}
	cr_expect(!address_next(a, &rest, &got));
	cr_expect_eq(got.n, 0);
	arena_free(a);
}

Test(address, the_first_address_is_found_behind_names_comments_and_groups)
{
	check_first("\"x@y, z\" <a@b.vn>, c@d.vn", "a@b.vn");
	check_first("(c@d.vn) a@b.vn (x), c@d.vn", "a@b.vn");
	check_first("nhóm: a@b.vn, c@d.vn;", "a@b.vn");
	check_first("\"a b\"@c.vn", "\"a b\"@c.vn");
	check_first("Văn thư a@b.vn", "a@b.vn");
	check_first("undisclosed-recipients:;", "");
	check_first("a@b.vn\r\n", "a@b.vn");
	check_first("<> , x <c@d.vn>", "c@d.vn");
}
