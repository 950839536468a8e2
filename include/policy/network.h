/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef POLICY_NETWORK_H
#define POLICY_NETWORK_H

#include <stdbool.h>

#include "base/span.h"

/* A CIDR block; IPv4 is kept as ::ffff:a.b.c.d (RFC 4291 2.5.5.2). */
struct network {
	unsigned char address[16];
	unsigned bits;		/* of 128 */
};

/**
 * network_parse(text, n):
 * Read "192.0.2.0/24", "::1/128" or an address alone into ${n}.  Return 0, or
 * -1 if ${text} is neither.
 */
int network_parse(struct span text, struct network *n);

/**
 * network_has(n, client):
 * Is the address ${client} (an "IPv6:" in front is skipped) in ${n}?  An
 * IPv4-mapped IPv6 address is its IPv4 address; "::/0" means IPv6 alone.
 */
bool network_has(const struct network *n, struct span client);

#endif /* !POLICY_NETWORK_H */
