/* SPDX-License-Identifier: BSD-2-Clause */
#include <criterion/criterion.h>

#include "policy/network.h"

static bool
has(const char *network, const char *client)
{
	struct network n;

	cr_assert_eq(network_parse(span_of(network), &n), 0, "%s", network);
	return network_has(&n, span_of(client));
}

Test(network, a_block_holds_its_addresses_and_no_neighbour)
{
	cr_assert(has("192.0.2.0/24", "192.0.2.255"));
	cr_assert_not(has("192.0.2.0/24", "192.0.3.0"));
	cr_assert(has("10.0.0.0/9", "10.127.255.255"));
	cr_assert_not(has("10.0.0.0/9", "10.128.0.0"));
	cr_assert(has("192.0.2.1", "192.0.2.1"));
	cr_assert_not(has("192.0.2.1", "192.0.2.2"));
	cr_assert(has("2001:db8::/32", "2001:db8:1::1"));
	cr_assert_not(has("2001:db8::/32", "2001:db9::1"));
	cr_assert(has("0.0.0.0/0", "203.0.113.9"));
}

Test(network, a_mapped_address_is_its_ipv4_address)
{
	cr_assert(has("192.0.2.0/24", "::ffff:192.0.2.7"));
	cr_assert(has("::ffff:192.0.2.0/120", "192.0.2.7"));
	cr_assert_not(has("::/0", "192.0.2.7"));
	cr_assert(has("::/0", "IPv6:2001:db8::1"));
	cr_assert_not(has("0.0.0.0/0", "2001:db8::1"));
}

Test(network, what_is_no_network_is_refused)
{
	struct network n;

	cr_assert_eq(network_parse(span_of("192.0.2.0/33"), &n), -1);
	cr_assert_eq(network_parse(span_of("192.0.2/24"), &n), -1);
	cr_assert_eq(network_parse(span_of("::1/129"), &n), -1);
	cr_assert_eq(network_parse(span_of("192.0.2.0/"), &n), -1);
	cr_assert_eq(network_parse(span_of("192.0.2.0/-1"), &n), -1);
	cr_assert_eq(network_parse(span_of(""), &n), -1);
	cr_assert_not(has("0.0.0.0/0", ""));
	cr_assert_not(has("0.0.0.0/0", "unknown"));
}
