/* SPDX-License-Identifier: BSD-2-Clause */
#include <arpa/inet.h>

#include <string.h>

#include "policy/network.h"

#define MAPPED_BITS 96

static const unsigned char mapped[12] = { 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff };

static bool
is_mapped(const unsigned char address[16])
{
	return memcmp(address, mapped, sizeof(mapped)) == 0;
}

static int
address_parse(struct span text, unsigned char address[16], bool *is_v4)
{
	char buf[INET6_ADDRSTRLEN + 1];

	if (text.n == 0 || text.n >= sizeof(buf))
		return -1;
	memcpy(buf, text.p, text.n);
	buf[text.n] = '\0';
	if (strlen(buf) != text.n)
		return -1;
	*is_v4 = inet_pton(AF_INET, buf, address + sizeof(mapped)) == 1;
	if (*is_v4) {
		memcpy(address, mapped, sizeof(mapped));
		return 0;
	}
	return inet_pton(AF_INET6, buf, address) == 1 ? 0 : -1;
}

static int
bits_parse(struct span text, unsigned max, unsigned *bits)
{
	size_t i;

	if (text.n == 0 || text.n > 3)
		return -1;
	for (*bits = 0, i = 0; i < text.n; i++) {
		if (text.p[i] < '0' || text.p[i] > '9')
			return -1;
		*bits = *bits * 10 + (unsigned)(text.p[i] - '0');
	}
	return *bits <= max ? 0 : -1;
}

int
network_parse(struct span text, struct network *n)
{
	size_t slash = span_find_byte(text, '/');
	bool is_v4;

	if (address_parse(span_sub(text, 0, slash), n->address, &is_v4) < 0)
		return -1;
	n->bits = is_v4 ? 32 : 128;
	if (slash != text.n && bits_parse(span_sub(text, slash + 1, text.n),
	    n->bits, &n->bits) < 0)
		return -1;
	n->bits += is_v4 ? MAPPED_BITS : 0;
	return 0;
}

static bool
starts_alike(const unsigned char *a, const unsigned char *b, unsigned bits)
{
	unsigned char mask;

	if (memcmp(a, b, bits / 8) != 0)
		return false;
	if (bits % 8 == 0)
		return true;
	mask = (unsigned char)(0xff << (8 - bits % 8));
	return ((a[bits / 8] ^ b[bits / 8]) & mask) == 0;
}

bool
network_has(const struct network *n, struct span client)
{
	unsigned char address[16];
	bool is_v4;

	if (span_starts_nocase(client, "IPv6:"))
		client = span_sub(client, 5, client.n);
	if (address_parse(client, address, &is_v4) < 0)
		return false;
	if (is_mapped(address) && n->bits < MAPPED_BITS)
		return false;
	return starts_alike(address, n->address, n->bits);
}
