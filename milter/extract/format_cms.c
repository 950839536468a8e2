/* SPDX-License-Identifier: BSD-2-Clause */
#include <string.h>

#include "extract/sink.h"

#include "format_internal.h"

#define DEPTH 12	/* of octet strings in octet strings */

enum { OCTETS = 0x04, OID = 0x06, SEQUENCE = 0x30, OCTETS_BUILT = 0x24, EXPLICIT = 0xA0 };

/* 1.2.840.113549.1.7, and .1.9.16.1 */
static const char pkcs7[] = "\x2A\x86\x48\x86\xF7\x0D\x01\x07";
static const char smime[] = "\x2A\x86\x48\x86\xF7\x0D\x01\x09\x10\x01";

/* The last parts of those OIDs. */
enum { SIGNED = 2, ENVELOPED = 3, SIGNED_ENVELOPED = 4, ENCRYPTED = 6,
    AUTH_ENVELOPED = 23 };

struct item {
	unsigned tag;
	struct span value;
	bool is_endless;	/* ends with two zeros, wherever they are */
};

/* Take one item of BER off ${rest}: false if there is none. */
static bool
item_next(struct span *rest, struct item *i)
{
	const unsigned char *p = (const unsigned char *)rest->p;
	size_t n, head = 2, k;

	if (rest->n < 2 || (p[0] & 0x1F) == 0x1F || (p[0] == 0 && p[1] == 0))
		return false;
	i->tag = p[0];
	n = p[1];
	i->is_endless = n == 0x80;
	if (n > 0x80) {
		head += n & 0x7F;
		if (head > rest->n || head > 2 + sizeof(size_t))
			return false;
		for (n = 0, k = 2; k < head; k++)
			n = n << 8 | p[k];
	}
	/* What is cut off is read as far as it goes. */
	if (i->is_endless || n > rest->n - head)
		n = rest->n - head;
	i->value = span_sub(*rest, head, n);
	*rest = span_sub(*rest, head + n, rest->n);
	return true;
}

/* The OID of ContentInfo ${bytes}; what follows it stays in ${rest}. */
static bool
content_info(struct span bytes, struct span *oid, struct span *rest)
{
	struct item i;

	if (!item_next(&bytes, &i) || i.tag != SEQUENCE)
		return false;
	*rest = i.value;
	if (!item_next(rest, &i) || i.tag != OID)
		return false;
	*oid = i.value;
	return true;
}

static bool
oid_is(struct span oid, const char *arc, size_t n)
{
	return oid.n == n + 1 && memcmp(oid.p, arc, n) == 0;
}

bool
cms_is_message(struct span bytes)
{
	struct span oid, rest;

	return content_info(bytes, &oid, &rest) &&
	    (oid_is(oid, pkcs7, sizeof(pkcs7) - 1) ||
	    oid_is(oid, smime, sizeof(smime) - 1));
}

/*
 * Add what octet strings ${rest} hold to ${out}.  Endless ones lie inside each
 * other, so ${rest}
 * tells where the next item begins.
 */
static struct span
gather(struct span rest, struct buffer *out, size_t depth)
{
	struct item i;
	struct span inside;

	while (item_next(&rest, &i)) {
		if (i.tag == OCTETS)
			buffer_add(out, i.value);
		else if (i.tag == OCTETS_BUILT && depth < DEPTH) {
			inside = gather(i.value, out, depth + 1);
			if (i.is_endless)
				rest = span_sub(inside, 2, inside.n);
		} else
			break;
	}
	return rest;
}

/* SignedData (RFC 5652 5.1): version, digests, then what is signed. */
static int
put_signed(struct span rest, struct sink *out)
{
	struct arena *a = arena_new();
	struct buffer content = { .arena = a };
	struct span oid, none = { NULL, 0 };
	struct item i;
	int rc = -1;

	if (item_next(&rest, &i) && i.tag == EXPLICIT && (rest = i.value).n != 0 &&
	    item_next(&rest, &i) && i.tag == SEQUENCE) {
		rest = i.value;
		if (item_next(&rest, &i) && item_next(&rest, &i) &&
		    content_info(rest, &oid, &rest)) {
			rc = 0;		/* without content the signature is detached */
			if (item_next(&rest, &i) && i.tag == EXPLICIT)
				gather(i.value, &content, 0);
		}
	}
	if (content.n != 0)
		rc = sink_member(out, none, buffer_span(&content));
	arena_free(a);
	return rc;
}

static int
cms_extract(struct span bytes, struct sink *out)
{
	struct span oid, rest;

	if (!content_info(bytes, &oid, &rest) || oid.n == 0)
		return -1;
	switch (oid.p[oid.n - 1]) {
	case SIGNED:
		return put_signed(rest, out);
	case ENVELOPED:
	case SIGNED_ENVELOPED:
	case ENCRYPTED:
	case AUTH_ENVELOPED:
		sink_reason(out, PART_ENCRYPTED);
		return 0;
	default:
		sink_reason(out, PART_UNSUPPORTED);
		return 0;
	}
}

const struct format format_cms = { "application/pkcs7-mime", cms_extract, NULL };
